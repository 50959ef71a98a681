"""The callback of ConnectWise: an owner has it registered over its API, once, and withdrawn."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.test import Client, override_settings
from tests.connectors.connectwise.fake import Mood, Tenant
from tests.connectors.connectwise.serving import serve
from tests.connectors.connectwise.world import CLIENT, COMPANY, PRIVATE, PUBLIC
from tests.web.test_connect import as_role, text_of

from beforehand.connectors.calling import private_of
from beforehand.connectors.models import Connection
from beforehand.people.models import User
from beforehand.people.roles import Role

pytestmark = pytest.mark.django_db
OPEN = "https://sla.northwind.example"


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    with serve(Tenant()) as served, override_settings(PUBLIC_URL=OPEN):
        yield served


@pytest.fixture
def row(marta: User, tenant: Tenant) -> Connection:
    said = {
        "name": "ConnectWise", "setting-site": tenant.url, "setting-company": COMPANY, "setting-public_key": PUBLIC,
        "setting-private_key": PRIVATE, "setting-client_id": CLIENT, "setting-visits": "onsite", "since": "2026-01-01",
        "share": "100", "interval": "60", "allow_private": "on",
    }  # fmt: skip
    answer = as_role(marta, Role.OWNER).post("/sources/connect/connectwise/", said)
    assert answer.status_code == 302, answer.content.decode()
    return Connection.objects.get()


@pytest.fixture
def owner(marta: User) -> Client:
    return as_role(marta, Role.OWNER)


def urls(tenant: Tenant) -> list[str]:
    return [row["url"] for row in tenant.lists["system/callbacks"]]


def press(client: Client, row: Connection, register: str = "yes") -> int:
    return client.post(f"/sources/{row.pk}/callback/", {"register": register}).status_code


def test_it_is_registered_once_and_withdrawn(owner: Client, row: Connection, tenant: Tenant) -> None:
    page = f"/sources/{row.pk}/"
    assert "has not been told to call us. It was never heard yet" in text_of(owner, page)
    assert f"{OPEN}/hooks/{row.path}" in text_of(owner, page)
    assert [press(owner, row), press(owner, row)] == [302, 302]
    assert urls(tenant) == [f"{OPEN}/hooks/{row.path}"]
    Connection.objects.update(heard=datetime(2026, 3, 10, 9, tzinfo=UTC))
    text = text_of(owner, page)
    assert "was told over its API to call us" in text
    assert "It was heard last <time" in text
    assert "Withdraw the callback" in text_of(owner, f"{page}remove/")
    assert press(owner, row, "no") == 302
    assert urls(tenant) == []
    assert Connection.objects.get().called is None


def test_another_address_is_registered_in_place_of_the_one_before(
    owner: Client, row: Connection, tenant: Tenant
) -> None:
    press(owner, row)
    owner.post(f"/sources/{row.pk}/webhook/")
    now = Connection.objects.get()
    assert now.called is None
    press(owner, now)
    assert urls(tenant) == [f"{OPEN}/hooks/{now.path}"]


def test_an_address_that_nobody_outside_can_call_is_not_registered(
    owner: Client, row: Connection, tenant: Tenant
) -> None:
    Connection.objects.update(allow_private=False)
    with override_settings(PUBLIC_URL="http://127.0.0.1:8000"):
        assert press(owner, row) == 400
        text = text_of(owner, f"/sources/{row.pk}/")
    assert "Nobody outside can call it: 127.0.0.1 is within this machine or a private network" in text
    assert "disabled>Register the callback" in text
    assert (tenant.calls, Connection.objects.get().called) == ([], None)


def test_a_refusal_is_said_and_holds_no_key(owner: Client, row: Connection, tenant: Tenant) -> None:
    tenant.forbidden = {"system/callbacks"}
    page = owner.post(f"/sources/{row.pk}/callback/", {"register": "yes"})
    assert (page.status_code, Connection.objects.get().called) == (400, None)
    assert "That could not be had: " in page.content.decode()
    tenant.forbidden = set()
    tenant.moods["callbacks"] = [Mood(400, f'{{"message": "you sent {CLIENT}"}}'.encode())]
    page = owner.post(f"/sources/{row.pk}/callback/", {"register": "yes"})
    assert "you sent …" in page.content.decode()
    assert CLIENT not in page.content.decode()


@pytest.mark.parametrize("role", [Role.MANAGER, Role.MEMBER, Role.READ_ONLY])
def test_it_is_an_owners_to_register(marta: User, row: Connection, tenant: Tenant, role: Role) -> None:
    client = as_role(marta, role)
    assert press(client, row) == 403
    assert "Register the callback" not in text_of(client, f"/sources/{row.pk}/")
    assert urls(tenant) == []


@pytest.mark.parametrize(
    ("url", "private"),
    [
        (OPEN, False), ("https://8.8.8.8", False), ("http://sla.northwind.example", True), ("https://10.1.2.3", True),
        ("https://[::1]:8000", True), ("https://[::ffff:10.0.0.1]", True), ("https://localhost", True),
        ("https://beforehand", True), ("https://sla.northwind.local", True), ("https://sla.home.arpa.", True),
        ("https://mylocal.example", False),
    ],
)  # fmt: skip
def test_what_is_within_a_private_network(url: str, private: bool) -> None:
    assert bool(private_of(url)) == private

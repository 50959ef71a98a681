"""The callback of ConnectWise and who began a ticket, in a browser: nothing for axe-core to find, and by keyboard alone."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import override_settings
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer
from tests.browser.test_connect import DESK, PHONE, Findings, inside, provider, there
from tests.connectors.connectwise.fake import Tenant
from tests.connectors.connectwise.serving import serve
from tests.connectors.connectwise.world import CLIENT, COMPANY, PRIVATE, PUBLIC

from beforehand.connectors import changes
from beforehand.connectors.connectwise import CONNECTOR, client
from beforehand.connectors.models import Connection, Written
from beforehand.connectors.sync import pull
from beforehand.kernel.due.handlers import Going
from beforehand.people.models import Provider
from beforehand.tickets.models import Ticket
from beforehand.web import moment

__all__ = ["inside", "provider", "there"]  # the fixtures are those of connecting
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    client._codebases.clear()
    with serve(Tenant()) as served, override_settings(PUBLIC_URL="https://sla.northwind.example"):
        yield served


@pytest.fixture
def row(provider: Provider, tenant: Tenant) -> Connection:
    """A ConnectWise that was read, heard, and written to with a note that failed and one that may stand twice."""
    now = moment.now()
    tenant.now = now
    tenant.open(1, "09:00")
    made = changes.new_connection(provider, CONNECTOR, None, now)
    values = {
        "site": tenant.url, "company": COMPANY, "public_key": PUBLIC, "private_key": PRIVATE, "client_id": CLIENT,
        "history": "", "visits": "onsite", "appointments": "",
    }  # fmt: skip
    changes.save_connection(
        made, changes.Asked("ConnectWise", values, 60, 100, now - timedelta(days=400), True), now
    )
    changes.set_active(provider, made.pk, True, now)
    pull(Connection.objects.select_related("source", "provider").get(), Going(lambda: now, lambda: True))
    ticket = Ticket.objects.get()
    for key, state, repeats in (("step 1", "failed", 0), ("step 2", "written", 1)):
        Written.objects.create(
            provider=provider, connection=made, ticket=ticket, key=key, text="[Beforehand] 50% reached.",
            state=state, asked=now, repeats=repeats, fault="it refuses notes to this key (403)" * (1 - repeats),
        )  # fmt: skip
    Connection.objects.update(heard=now, write_notes=True)
    return Connection.objects.get()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_callback_is_registered_by_keyboard(
    inside: Page, live_server: LiveServer, row: Connection, tenant: Tenant, size: object, scheme: str,
    axe_findings: Findings,
) -> None:  # fmt: skip
    inside.set_viewport_size(size)  # type: ignore[arg-type]
    inside.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    inside.goto(f"{live_server.url}/sources/{row.pk}/")
    inside.get_by_role("button", name="Register the callback").press("Enter")
    expect(inside.get_by_text("was told over its API to call us")).to_be_visible()
    assert [one["url"] for one in tenant.lists["system/callbacks"]] == [
        f"https://sla.northwind.example/hooks/{row.path}"
    ]
    assert axe_findings(inside) == []
    inside.goto(f"{live_server.url}/sources/{row.pk}/meaning/")
    assert axe_findings(inside) == []
    width = inside.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_check_shows_what_is_missing_of_what_is_switched_on(
    inside: Page, live_server: LiveServer, row: Connection, size: object, scheme: str, axe_findings: Findings
) -> None:
    fields = {"deadline": "Our deadline", "risk": "Our risk", "line": "Winning line"}
    Connection.objects.update(write_fields=fields, called=row.heard)
    inside.set_viewport_size(size)  # type: ignore[arg-type]
    inside.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    inside.goto(f"{live_server.url}/sources/{row.pk}/")
    inside.get_by_role("button", name="Check the connection").press("Enter")
    besides = inside.get_by_role("table", name="What is switched on besides")
    expect(besides.get_by_role("row").filter(has_text="Our deadline")).to_contain_text("Yes")
    expect(besides.get_by_role("row").filter(has_text="Winning line")).to_contain_text("▲ No")
    expect(besides.get_by_role("row").filter(has_text="Service Tickets: edit")).to_contain_text(
        "Not seen yet"
    )
    expect(inside.get_by_role("table", name="Reading")).to_be_visible()
    assert axe_findings(inside) == []
    width = inside.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0

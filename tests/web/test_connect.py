"""Connecting a source, and the page of a connection."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from tests.support.toy import HOW, KEY, WORDS, Toy, registered, toy

from beforehand.connectors.models import Connection, Proof, Remote
from beforehand.connectors.secrets import opened
from beforehand.connectors.sync import PULL, pull
from beforehand.engine.instants import to_instant
from beforehand.kernel.due.handlers import Going
from beforehand.kernel.models import Due
from beforehand.people.models import Provider, User
from beforehand.people.roles import Role
from beforehand.tickets.models import Source, SourceState, Ticket
from beforehand.web import moment

pytestmark = pytest.mark.django_db


@pytest.fixture
def there() -> Iterator[Toy]:
    with registered(), toy() as kept:
        kept.words = list(WORDS)
        yield kept


def as_role(user: User, role: Role) -> Client:
    user.role = role
    user.save()
    client = Client()
    client.force_login(user)
    return client


def days_ago(days: int) -> str:
    """A date from which a page that reads the clock reads a past."""
    return str((moment.now() - timedelta(days=days)).date())


def form(there: Toy, **more: str) -> dict[str, str]:
    said = {
        "name": "Our desk", "setting-url": there.url, "setting-key": KEY, "setting-pages": "50",
        "setting-region": "EU", "since": days_ago(12), "share": "10", "interval": "60", "allow_private": "on",
    }  # fmt: skip
    return {name: value for name, value in (said | more).items() if value}


def connect(client: Client, there: Toy, **more: str) -> Connection:
    answer = client.post("/sources/connect/toy/", form(there, **more))
    assert answer.status_code == 302, answer.content.decode()
    return Connection.objects.get()


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def read(row: Connection, now: datetime | None = None) -> Connection:
    """One turn."""
    pull(
        Connection.objects.select_related("source", "provider").get(pk=row.pk),
        Going(lambda: now or moment.now(), lambda: True),
    )
    return Connection.objects.select_related("source", "provider").get(pk=row.pk)


def test_an_owner_connects_a_source_and_nothing_is_asked_of_it_before_it_starts(
    marta: User, there: Toy
) -> None:
    client = as_role(marta, Role.OWNER)
    assert "Toy Desk" in text_of(client, "/sources/connect/")
    row = connect(client, there)
    assert (row.source.name, row.source.slug, row.source.messages) == ("Our desk", "our-desk", True)
    assert opened(row)["key"] == KEY
    assert KEY not in str(row.settings)
    assert not Due.objects.filter(kind=PULL).exists()
    assert there.calls == []
    client.post(f"/sources/{row.pk}/active/", {"active": "yes"})
    assert Due.objects.get(kind=PULL).key == row.pk


def test_secrets_never_come_out_again(marta: User, there: Toy) -> None:
    client = as_role(marta, Role.OWNER)
    row = connect(client, there)
    for address in ("", "settings/", "meaning/"):
        assert KEY not in text_of(client, f"/sources/{row.pk}/{address}")
    assert "There is one; leave this empty to keep it" in text_of(client, f"/sources/{row.pk}/settings/")
    page = client.post("/sources/connect/toy/", form(there, name="Other", interval="1"))
    assert page.status_code == 400
    assert KEY not in page.content.decode()


def test_an_empty_secret_stays_but_goes_to_nobody_else(marta: User, there: Toy) -> None:
    client = as_role(marta, Role.OWNER)
    row = connect(client, there)
    address = f"/sources/{row.pk}/settings/"
    assert client.post(address, form(there, **{"setting-key": "", "interval": "90"})).status_code == 302
    row = Connection.objects.get()
    assert (opened(row)["key"], row.interval) == (KEY, 90)
    moved = client.post(address, form(there, **{"setting-key": "", "setting-url": "https://evil.example"}))
    assert "To be entered again" in moved.content.decode()
    assert opened(Connection.objects.get())["url"] == there.url


def test_all_that_is_wrong_is_said_at_once_and_nothing_kept(marta: User, there: Toy) -> None:
    client = as_role(marta, Role.OWNER)
    page = client.post(
        "/sources/connect/toy/",
        form(there, name="", **{"setting-url": "ftp://x", "setting-key": "", "share": "200"}),
    )
    assert page.status_code == 400
    assert {"name", "setting-key", "share"} <= page.context["form"].errors.keys()
    page = client.post(
        "/sources/connect/toy/", form(there, **{"setting-url": "ftp://x", "since": "2999-01-01"})
    )
    assert {"setting-url", "since"} == page.context["form"].errors.keys()
    assert not Source.objects.exists()


def test_a_private_network_is_an_owners_to_allow(marta: User, there: Toy) -> None:
    client = as_role(marta, Role.MANAGER)
    assert client.post("/sources/connect/toy/", form(there)).status_code == 400
    row = connect(as_role(marta, Role.OWNER), there)
    client = as_role(marta, Role.MANAGER)
    client.post(f"/sources/{row.pk}/settings/", form(there, interval="70"))
    assert Connection.objects.get().allow_private
    client.post(f"/sources/{row.pk}/settings/", form(there, **{"setting-url": "https://toy.example"}))
    assert not Connection.objects.get().allow_private


def test_a_check_says_which_right_is_missing_and_how_it_is_given(marta: User, there: Toy) -> None:
    client = as_role(marta, Role.OWNER)
    row = connect(client, there)
    there.refused = {"/setup"}
    page = client.post(f"/sources/{row.pk}/check/").content.decode()
    assert "something may not be read" in page
    assert HOW.replace("'", "&#x27;") in page
    there.refused = set()
    assert "all that is needed may be read" in client.post(f"/sources/{row.pk}/check/").content.decode()


def test_a_check_that_fails_says_why_without_the_key(marta: User, there: Toy) -> None:
    client = as_role(marta, Role.OWNER)
    row = connect(client, there)
    there.key = "another"
    page = client.post(f"/sources/{row.pk}/check/").content.decode()
    assert "does not accept the key (401)" in page
    assert KEY not in page


def test_what_the_past_takes_is_worked_out_before_it_is_begun(marta: User, there: Toy) -> None:
    client = as_role(marta, Role.OWNER)
    row = connect(client, there)
    assert "has to be checked first" in text_of(client, f"/sources/{row.pk}/")
    for number in range(30):
        there.add(f"T{number}", datetime(2026, 2, 1, tzinfo=UTC), status="New")
    client.post(f"/sources/{row.pk}/check/")
    text = text_of(client, f"/sources/{row.pk}/")
    assert "30 tickets" in text
    assert "60 calls" in text
    assert "since then, once, proves that nothing is missing" in text
    # 2,000 calls, 80 an hour: a fifth of our hundred is left to what happens now.
    text = text_of(client, f"/sources/{row.pk}/?tickets=1000")
    assert "2,000 calls" in text
    assert "25 h" in text


def test_a_connection_shows_how_far_it_is(marta: User, there: Toy) -> None:
    client = as_role(marta, Role.OWNER)
    row = connect(client, there, since="2026-01-01")
    there.add("T1", datetime(2026, 2, 1, 9, tzinfo=UTC), status="Odd", board="Desk")
    there.missing = ["Its holidays may not be read."]
    client.post(f"/sources/{row.pk}/active/", {"active": "yes"})
    read(row)
    # One ticket, though it has had two such statuses.
    there.change("T1", datetime(2026, 2, 1, 10, tzinfo=UTC), status="Odder")
    row = read(row, moment.now() + timedelta(minutes=2))
    Remote.objects.create(
        provider=row.provider, connection=row, external_id="T9", updated=row.made, read=row.made,
        missed=2, fault="it is not whole JSON",
    )  # fmt: skip
    latest = Proof.objects.order_by("-day").first()
    assert latest is not None
    latest.missing, latest.gone = ["T44"], ["T55"]
    latest.save()
    text = text_of(client, f"/sources/{row.pk}/")
    assert "It is read" in text
    assert "All of it, since 1 Jan 2026: 1 ticket" in text
    assert "of 100" in text
    assert "it is not whole JSON" in text
    assert "Its holidays may not be read." in text
    assert "2 statuses that nobody mapped</strong>, on 1 ticket:" in text
    assert "Was missing here: T44" in text
    assert "Not listed there any more: T55" in text


def test_a_source_that_fails_is_said_on_every_page(marta: User, there: Toy, provider: Provider) -> None:
    client = as_role(marta, Role.OWNER)
    row = connect(client, there)
    client.post(f"/sources/{row.pk}/active/", {"active": "yes"})
    there.key = "another"
    row = read(row)
    assert "was never reached" in text_of(client, "/")
    text = text_of(client, f"/sources/{row.pk}/")
    assert "It cannot be read" in text
    assert "does not accept the key (401)" in text
    SourceState.objects.update(reached=moment.now() - timedelta(minutes=74))
    for address in ("/", "/clients/", "/alerts/", "/sources/", "/staff/"):
        assert "Figures of <a" in text_of(client, address)
        assert "are as old as 1 h 14 m" in text_of(client, address)
    there.key = KEY
    read(row)
    assert "are as old as" not in text_of(client, "/")


def test_a_webhooks_secret_is_shown_once_and_its_address_to_who_manages(marta: User, there: Toy) -> None:
    client = as_role(marta, Role.OWNER)
    row = connect(client, there)
    page = client.post(f"/sources/{row.pk}/webhook/")
    made = page.context["hook"]
    assert made.secret in page.content.decode()
    assert f"/{made.path}" in page.content.decode()
    text = text_of(client, f"/sources/{row.pk}/")
    assert made.secret not in text
    assert (
        f'Address to enter in Toy Desk</dt><dd><code class="link">{settings.PUBLIC_URL}/hooks/{made.path}'
        in text
    )
    assert made.path not in text_of(as_role(marta, Role.MEMBER), f"/sources/{row.pk}/")
    client = as_role(marta, Role.OWNER)
    before = Connection.objects.get()
    client.post(f"/sources/{row.pk}/webhook/")
    now = Connection.objects.get()
    assert before.path != now.path
    assert before.hook_secret != now.hook_secret


def test_a_removed_connection_leaves_its_source_and_another_goes_on_with_it(marta: User, there: Toy) -> None:
    client = as_role(marta, Role.OWNER)
    row = connect(client, there)
    there.add("T1", datetime(2026, 2, 1, 9, tzinfo=UTC), status="New")
    client.post(f"/sources/{row.pk}/active/", {"active": "yes"})
    read(row)
    source = Source.objects.get()
    assert "Remove the connection" in text_of(client, f"/sources/{row.pk}/remove/")
    client.post(f"/sources/{row.pk}/remove/")
    assert not Connection.objects.exists()
    assert not SourceState.objects.exists()
    assert Ticket.objects.get().source == source
    again = connect(client, there, source=str(source.pk))
    client.post(f"/sources/{again.pk}/active/", {"active": "yes"})
    read(again)
    assert (Source.objects.count(), Ticket.objects.count()) == (1, 1)


def test_further_back_than_before_reads_the_past_again(marta: User, there: Toy) -> None:
    client = as_role(marta, Role.OWNER)
    row = connect(client, there)
    client.post(f"/sources/{row.pk}/active/", {"active": "yes"})
    assert read(row).back_done is not None
    client.post(f"/sources/{row.pk}/settings/", form(there, since="2025-06-01", **{"setting-key": ""}))
    row = Connection.objects.get()
    assert row.back_done is None
    assert to_instant(row.since) == to_instant(datetime(2025, 6, 1, tzinfo=UTC))


@pytest.mark.parametrize("role", [Role.MEMBER, Role.READ_ONLY])
def test_others_see_how_it_does_and_change_nothing(marta: User, there: Toy, role: Role) -> None:
    row = connect(as_role(marta, Role.OWNER), there)
    client = as_role(marta, role)
    assert "Check the connection" not in text_of(client, f"/sources/{row.pk}/")
    assert "Confirm" not in text_of(client, f"/sources/{row.pk}/meaning/")
    for address in ("connect/", "connect/toy/", f"{row.pk}/settings/", f"{row.pk}/remove/"):
        assert client.get(f"/sources/{address}").status_code == 403
    for address in ("check/", "active/", "webhook/", "remove/", "meaning/", "callback/"):
        assert client.post(f"/sources/{row.pk}/{address}").status_code == 403


def test_another_providers_connection_is_none_of_ours(marta: User, there: Toy) -> None:
    client = as_role(marta, Role.OWNER)
    row = connect(client, there)
    other = Provider.objects.create(
        name="Other", slug="other", zone="Europe/London", created=row.provider.created
    )
    Connection.objects.update(provider=other)
    for address in ("", "settings/", "meaning/"):
        assert client.get(f"/sources/{row.pk}/{address}").status_code == 404
    client.post(f"/sources/{row.pk}/active/", {"active": "yes"})
    assert not Connection.objects.get().active

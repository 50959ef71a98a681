"""Who are a client's people, and who of them is a VIP; and which two sources mean one person."""

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client
from tests.support.contacts import tell_due
from tests.web.test_connect import as_role, text_of

from beforehand.connectors.models import Connection
from beforehand.connectors.models import Word as Told
from beforehand.engine import history as h
from beforehand.engine.instants import to_instant
from beforehand.people.models import Provider, User
from beforehand.people.roles import Role
from beforehand.promises import models as promises
from beforehand.promises.book import Book
from beforehand.promises.contacts import ContactSaid, learn
from beforehand.promises.models import Contact, ContactKey
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.ledger import append
from beforehand.tickets.models import Source, Ticket

pytestmark = pytest.mark.django_db
BOSS = ContactSaid("7", "Vera Chief", "vera@ours.test", tier="")
CLERK = ContactSaid("8", "Casey Clerk", "casey@ours.test", tier="VIP")


@pytest.fixture
def ours(provider: Provider) -> promises.Client:
    return promises.Client.objects.filter(provider=provider).order_by("pk")[0]


@pytest.fixture
def manager(marta: User) -> Client:
    return as_role(marta, Role.MANAGER)


def tell(ours: promises.Client, slug: str, now: datetime, *said: ContactSaid) -> Source:
    source, _ = Source.objects.get_or_create(
        provider=ours.provider, slug=slug, defaults={"name": slug.title()}
    )
    people = [one._replace(client=one.client or ours.name) for one in said]
    learn(ours.provider, slug, people, now, Book(ours.provider))
    return source


def ticket(source: Source, ours: promises.Client, name: str, now: datetime) -> Ticket:
    at = to_instant(now)
    events = [
        h.created(at, id="c"),
        h.changed(at, "client", ours.name, id="k"),
        h.changed(at, "contact", name, id="w"),
    ]
    append(source, [TicketEvent(f"of {name}", event) for event in events], now)
    return Ticket.objects.get(external_id=f"of {name}")


def tier_of(row: Ticket, provider: Provider, now: datetime) -> str:
    tell_due(provider, now + timedelta(hours=1))
    row.refresh_from_db()
    return row.tier


def person(name: str) -> Contact:
    return Contact.objects.get(name=name)


def test_people_are_listed_with_their_tier_and_who_says_so(
    manager: Client, ours: promises.Client, now: datetime
) -> None:
    tell(ours, "halo", now, BOSS, CLERK)
    other = promises.Client.objects.exclude(pk=ours.pk).first()
    assert other is not None
    tell(other, "halo", now, ContactSaid("9", "Nobody Else", tier=""))
    said = text_of(manager, f"/clients/{ours.pk}/contacts/")
    assert "Vera Chief" in said
    assert "Halo says so" in said
    assert "Nobody Else" not in said
    assert "Vera Chief" not in text_of(manager, f"/clients/{ours.pk}/contacts/?q=casey@")
    assert "Nobody is called that" in text_of(manager, f"/clients/{ours.pk}/contacts/?q=zzz")
    assert f"/clients/{ours.pk}/contacts/" in text_of(manager, f"/clients/{ours.pk}/")


def test_a_tier_counts_from_now_on_or_as_a_correction(
    manager: Client, ours: promises.Client, provider: Provider, now: datetime
) -> None:
    source = tell(ours, "halo", now, BOSS, CLERK)
    row, address = ticket(source, ours, "Vera Chief", now), f"/clients/{ours.pk}/contacts/"
    values = {f"tier-{person('Vera Chief').pk}": "VIP", f"tier-{person('Casey Clerk').pk}": "VIP"}
    assert "from now on" in manager.post(address, values, follow=True).content.decode()
    assert promises.ContactTier.objects.filter(source="").count() == 1
    assert tier_of(row, provider, now) == ""
    values[f"tier-{person('Vera Chief').pk}"] = "Executive"
    manager.post(address, {**values, "holds": "always"})
    assert tier_of(row, provider, now) == "Executive"
    manager.post(address, {"as_told": str(person("Vera Chief").pk)})
    assert tier_of(row, provider, now) == ""
    assert "Nothing is another" in manager.post(address, {"as_told": "x"}, follow=True).content.decode()


def test_who_is_no_vip_can_be_said_too(
    manager: Client, ours: promises.Client, provider: Provider, now: datetime
) -> None:
    row = ticket(tell(ours, "halo", now, CLERK), ours, "Casey Clerk", now)
    assert tier_of(row, provider, now) == ""
    manager.post(f"/clients/{ours.pk}/contacts/", {f"tier-{person('Casey Clerk').pk}": "", "holds": "always"})
    assert tier_of(row, provider, now) == ""
    manager.post(f"/clients/{ours.pk}/contacts/", {"as_told": str(person("Casey Clerk").pk)})
    assert tier_of(row, provider, now) == "VIP"


def test_nobody_says_it_who_does_not_manage_and_of_nobody_elses_people(
    marta: User, ours: promises.Client, now: datetime
) -> None:
    tell(ours, "halo", now, BOSS)
    values = {f"tier-{person('Vera Chief').pk}": "VIP"}
    member = as_role(marta, Role.MEMBER)
    assert member.post(f"/clients/{ours.pk}/contacts/", values).status_code == 403
    assert '<input name="tier-' not in member.get(f"/clients/{ours.pk}/contacts/").content.decode()
    other = promises.Client.objects.exclude(pk=ours.pk).first()
    assert other is not None
    as_role(marta, Role.MANAGER).post(f"/clients/{other.pk}/contacts/", values)
    assert not promises.ContactTier.objects.exists()


def test_pages_and_a_tier_that_is_too_long(manager: Client, ours: promises.Client, now: datetime) -> None:
    tell(ours, "halo", now, *(ContactSaid(str(n), f"Person {n:03}", tier="") for n in range(120)))
    address = f"/clients/{ours.pk}/contacts/"
    assert "51 to 100 of 120" in text_of(manager, f"{address}?page=2")
    values = {f"tier-{person('Person 060').pk}": "x" * 201, "page": "2"}
    answer = manager.post(address, values)
    assert answer.status_code == 400
    assert "at most 200" in answer.content.decode()


@pytest.fixture
def row(ours: promises.Client, now: datetime) -> Connection:
    """A connection whose source knows Vera, whom another source knows too."""
    tell(ours, "halo", now, BOSS._replace(tier="VIP"))
    source = tell(ours, "rt", now, ContactSaid("vera@ours.test", "V. Chief", "vera@ours.test"))
    made = Connection.objects.create(
        provider=ours.provider, source=source, connector="rt", since=now, made=now, path="p", set_up_read=now
    )
    Told.objects.create(
        provider=ours.provider, connection=made, kind="status", key="1", name="new", named="new", seen=now
    )
    return made


def test_one_address_is_proposed_and_one_person_has_one_tier(
    manager: Client, row: Connection, ours: promises.Client, now: datetime
) -> None:
    mine = ticket(row.source, ours, "V. Chief", now)
    address = f"/sources/{row.pk}/meaning/"
    said = text_of(manager, address)
    assert "the addresses are the same" in said
    name, value = re.search(
        r'<select name="(word-\d+)" aria-label="Who V. Chief is">.*?<option value="(\d+)"', said
    ).groups()  # type: ignore[union-attr]
    assert (
        "one person has one tier"
        in manager.post(address, {"what": "contacts", name: value}, follow=True).content.decode()
    )
    assert Contact.objects.count() == 1
    assert tier_of(mine, ours.provider, now) == "VIP"
    assert "the addresses are the same" not in text_of(manager, address)
    assert "V. Chief" not in text_of(manager, f"/clients/{ours.pk}/contacts/?q=nobody")


def test_somebody_else_is_not_proposed_again(manager: Client, row: Connection) -> None:
    key = ContactKey.objects.get(source="rt")
    address = f"/sources/{row.pk}/meaning/"
    manager.post(address, {"what": "contacts", f"word-{key.pk}": "other"})
    assert Contact.objects.count() == 2
    assert "V. Chief" not in text_of(manager, address)
    answer = manager.post(address, {"what": "contacts", f"word-{key.pk}": "99999999"})
    assert answer.status_code == 400


def test_the_same_name_and_address_is_one_person_without_a_question(
    ours: promises.Client, now: datetime
) -> None:
    tell(ours, "halo", now, BOSS)
    tell(ours, "rt", now, BOSS._replace(key="vera", name="vera  CHIEF", email="Vera@ours.test"))
    assert Contact.objects.count() == 1
    other = promises.Client.objects.exclude(pk=ours.pk).first()
    assert other is not None
    tell(other, "cw", now, BOSS._replace(key="1"))
    assert Contact.objects.count() == 2

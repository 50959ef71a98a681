"""The people of clients, their tier, and what it does to their tickets (clock.md 2.2)."""

from datetime import date, timedelta

import pytest
from tests.connectors.halo.conftest import Hand, at
from tests.connectors.halo.fake import Halo, stamp
from tests.support.contacts import tell_due

from beforehand.engine.codes import RESOLUTION
from beforehand.engine.instants import HOUR
from beforehand.promises import contact_changes
from beforehand.promises import models as promises
from beforehand.promises.models import Contact, ContactKey

pytestmark = pytest.mark.django_db
VERA, CASEY = 78, 77


@pytest.fixture
def vip(hand: Hand) -> None:
    """Resolved in 2 h for a VIP; in 24 h for everybody else."""
    provider = hand.connection.provider
    edition = promises.Edition.objects.get(provider=provider, since=date(2024, 1, 1))
    line = promises.Line.objects.create(provider=provider, edition=edition, tier="VIP", name="VIPs")
    promises.Target.objects.create(provider=provider, line=line, metric="resolution", amount=2 * HOUR)


def _opened(halo: Halo, id_: int, when: str, user: int, name: str, **more: object) -> None:
    halo.open(id_, at(when), user_id=user, user_name=name, **more)


def _promised(hand: Hand, ticket: int) -> int:
    return hand.clocks(ticket)[RESOLUTION].target // HOUR


def _person(name: str) -> Contact:
    return Contact.objects.get(name=name)


@pytest.mark.usefixtures("vip")
def test_a_ticket_of_an_important_contact_is_a_vips_from_its_creation(hand: Hand, halo: Halo) -> None:
    _opened(halo, 1001, "09 10:00", VERA, "Vera Chief")
    _opened(halo, 1002, "09 10:00", CASEY, "Casey Client")
    hand.pull()
    tell_due(hand.connection.provider, hand.halo.now)
    assert hand.changes(1001, "tier") == [("09 10:00", "VIP")]
    assert (hand.ticket(1001).tier, _promised(hand, 1001)) == ("VIP", 2)
    assert (hand.ticket(1002).tier, _promised(hand, 1002)) == ("", 24)
    assert not hand.changes(1002, "tier")


@pytest.mark.usefixtures("vip")
def test_the_first_look_at_a_vips_next_ticket_knows_it(hand: Hand, halo: Halo) -> None:
    hand.pull()
    _opened(halo, 1001, "10 09:10", VERA, "Vera Chief")
    hand.pull(at("10 09:12"))
    assert hand.ticket(1001).tier == "VIP"


@pytest.mark.usefixtures("vip")
def test_who_is_important_from_today_on_was_none_in_older_tickets(hand: Hand, halo: Halo) -> None:
    _opened(halo, 1001, "09 10:00", CASEY, "Casey Client")
    hand.pull()
    halo.tables["Users"][0] |= {"isimportantcontact": True, "changed": stamp(at("10 12:00"))}
    hand.pull(at("10 17:00"))
    _opened(halo, 1002, "10 17:30", CASEY, "Casey Client")
    hand.pull(at("10 17:31"))
    tell_due(hand.connection.provider, hand.halo.now)
    assert (hand.ticket(1001).tier, hand.ticket(1002).tier) == ("", "VIP")


def test_a_ticket_that_is_given_to_a_vip_has_the_tier_between_the_two_looks(hand: Hand, halo: Halo) -> None:
    hand.pull()
    _opened(halo, 1001, "10 09:10", CASEY, "Casey Client")
    hand.pull(at("10 09:12"))
    halo.change(1001, at("10 11:00"), user_id=VERA, user_name="Vera Chief")
    hand.pull(at("10 11:01"))
    (tier,) = [event for event in hand.kept(1001) if event.field == "tier"]
    contact = [event for event in hand.kept(1001) if event.field == "contact"][-1]
    assert (tier.value, tier.at, tier.until) == ("VIP", contact.at, contact.until)


@pytest.mark.usefixtures("vip")
def test_what_somebody_says_of_a_contact_holds_and_is_told_without_a_call(hand: Hand, halo: Halo) -> None:
    _opened(halo, 1001, "09 10:00", CASEY, "Casey Client")
    hand.pull()
    calls, casey = len(halo.calls), _person("Casey Client")
    assert contact_changes.set_tier(casey, "VIP", hand.halo.now, always=True)
    tell_due(hand.connection.provider, hand.halo.now, casey)
    assert (hand.ticket(1001).tier, _promised(hand, 1001), len(halo.calls)) == ("VIP", 2, calls)
    halo.change(1001, at("10 09:30"))
    hand.pull(at("10 15:30"))
    assert hand.ticket(1001).tier == "VIP"
    assert contact_changes.set_tier(casey, None, hand.halo.now, always=True)
    tell_due(hand.connection.provider, hand.halo.now, casey)
    assert (hand.ticket(1001).tier, _promised(hand, 1001)) == ("", 24)


def test_who_is_renamed_stays_who_they_were(hand: Hand, halo: Halo) -> None:
    _opened(halo, 1001, "09 10:00", VERA, "Vera Chief")
    hand.pull()
    for row in (halo.tables["Users"][1], halo.tickets[1001]):
        row |= {"name": "Vera Boss", "user_name": "Vera Boss", "changed": stamp(at("10 12:00"))}
    halo.change(1001, at("10 12:00"))
    hand.pull(at("10 17:00"))
    (key,) = ContactKey.objects.filter(key=str(VERA))
    assert (key.name, key.named, str(key.contact)) == ("Vera Chief", "Vera Boss", "Vera Boss")
    assert hand.ticket(1001).contact == "Vera Chief"
    assert len(hand.changes(1001, "contact")) == 1


def test_two_of_one_name_are_two(hand: Hand, halo: Halo) -> None:
    halo.tables["Users"].append({**halo.tables["Users"][1], "id": 79, "emailaddress": "vc@contoso.test"})
    halo.tables["Users"][-1]["isimportantcontact"] = False
    hand.pull()
    _opened(halo, 1001, "10 09:10", VERA, "Vera Chief")
    _opened(halo, 1002, "10 09:10", 79, "Vera Chief")
    hand.pull(at("10 09:12"))
    told = {number: (hand.ticket(number).contact, hand.ticket(number).tier) for number in (1001, 1002)}
    assert told == {1001: ("Vera Chief", "VIP"), 1002: ("Vera Chief, vc@contoso.test", "")}


def test_only_who_changed_is_asked_for_and_soon_where_a_ticket_names_somebody_new(
    hand: Hand, halo: Halo
) -> None:
    hand.pull()
    assert [call.query.get("lastupdatefromdate") for call in halo.asked("Users")] == [None]
    hand.pull(at("10 12:00"))
    assert len(halo.asked("Users")) == 1
    halo.tables["Users"].append({"id": 80, "name": "Nia New", "client_id": 300, "isimportantcontact": True})
    _opened(halo, 1001, "10 12:05", 80, "Nia New")
    hand.pull(at("10 12:06"))
    hand.pull(at("10 12:12"))
    assert [call.query.get("lastupdatefromdate") for call in halo.asked("Users")][1:] == [
        "2026-03-10T08:55:00"
    ]
    tell_due(hand.connection.provider, hand.halo.now)
    assert hand.ticket(1001).tier == "VIP"


def test_a_hundred_come_with_a_call_and_who_is_out_of_use_is_not_kept(hand: Hand, halo: Halo) -> None:
    halo.tables["Users"] += [{"id": 100 + n, "name": f"P {n}", "client_id": 300} for n in range(240)]
    halo.tables["Users"][-1]["inactive"] = True
    halo.tables["Users"].append({"id": 900, "name": "Alex Smith", "linked_agent_id": 150})
    hand.pull()
    assert (len(halo.asked("Users")), ContactKey.objects.count()) == (3, 241)
    assert set(ContactKey.objects.values_list("client", flat=True)) == {"Contoso"}


def test_a_place_that_is_none_any_more_is_left_and_all_are_read_again(hand: Hand, halo: Halo) -> None:
    hand.pull()
    halo.on_call = lambda call: halo.moods.append("refused") if call.path == "/api/Users" else None
    hand.pull(at("10 15:30"))
    assert (hand.connection.contacts_cursor, bool(hand.connection.contacts_missing)) == ("", True)
    halo.on_call = lambda _: None
    hand.pull(at("10 22:00"))
    assert [call.query.get("lastupdatefromdate", "") for call in halo.asked("Users")][-1] == ""
    assert (hand.connection.contacts_missing, ContactKey.objects.count()) == ("", 2)


def test_what_may_not_be_read_is_named_and_stops_nothing(hand: Hand, halo: Halo) -> None:
    halo.forbidden = {"Users"}
    _opened(halo, 1001, "09 10:00", VERA, "Vera Chief")
    hand.pull()
    assert hand.connection.contacts_missing.startswith("contacts: ")
    assert hand.ticket(1001).contact == "Vera Chief"
    halo.forbidden = set()
    hand.pull(at("10 09:00") + timedelta(hours=7))
    tell_due(hand.connection.provider, hand.halo.now)
    assert (hand.connection.contacts_missing, hand.ticket(1001).tier) == ("", "VIP")

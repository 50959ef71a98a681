"""Who asked, told by POST /api/events: known by the source's id, else by the address within the client."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.support.contacts import tell_due

from beforehand.connectors import contact_words
from beforehand.people.models import Provider
from beforehand.promises.models import Contact, ContactKey
from beforehand.tickets.models import Conflict, Event, Ticket

from .conftest import AT, Caller, created
from .test_events import places

NOW = datetime.now(UTC)
JO = {"value": "Jo Smith", "contact_id": "C-17", "contact_email": "Jo@Ashcombe.test"}


def asked(ticket: str = "1", client: str = "Ashcombe Dental", **who: object) -> list[dict[str, object]]:
    """A ticket of a client, whose contact is somebody."""
    told = {**created(ticket), "kind": "changed"}
    return [
        created(ticket),
        {**told, "id": "k", "field": "client", "value": client},
        {**told, "id": "w", "field": "contact", **who},
    ]


def changed(ticket: str, id_: str, at: str, **more: object) -> dict[str, object]:
    return {"ticket": ticket, "id": id_, "at": at, "kind": "changed", **more}


def people() -> list[tuple[str, str, str]]:
    return list(ContactKey.objects.order_by("pk").values_list("named", "email", "client"))


def ticket(name: str = "1") -> Ticket:
    return Ticket.objects.get(external_id=name)


def test_an_id_or_an_address_makes_a_contact_and_a_bare_name_makes_none(caller: Caller) -> None:
    assert caller.post(asked(**JO))[0] == 200
    assert caller.post(asked("2", value="Al Reed", contact_email="al@ashcombe.test"))[0] == 200
    assert caller.post(asked("3", value="Kim Bare"))[0] == 200
    assert people() == [
        ("Jo Smith", "jo@ashcombe.test", "Ashcombe Dental"),
        ("Al Reed", "al@ashcombe.test", "Ashcombe Dental"),
    ]
    assert [ticket(name).contact for name in "123"] == ["Jo Smith", "Al Reed", "Kim Bare"]


def test_an_address_counts_within_its_client_and_not_without_one(caller: Caller) -> None:
    caller.post(asked(value="Jo", contact_email="desk@shared.test"))
    caller.post(asked("2", client="Nobody Ltd", value="Al", contact_email="desk@shared.test"))
    caller.post(asked("3", client="", value="Kim", contact_email="kim@shared.test"))
    assert people() == [
        ("Jo", "desk@shared.test", "Ashcombe Dental"),
        ("Al", "desk@shared.test", "Nobody Ltd"),
    ]


def test_the_same_again_changes_nothing_and_what_is_told_late_takes_nobody_back(caller: Caller) -> None:
    first = asked(**JO)
    later = asked("2", value="Jo Miller", contact_id="C-17", contact_email="jo.miller@ashcombe.test")
    for one in later:
        one["at"] = "2026-11-24T12:00:00Z"
    between = asked("3", value="Jo Middle", contact_id="C-17")
    between[2]["at"] = "2026-11-24T11:00:00Z"
    caller.post(first)
    caller.post(later)
    for told in (first, between, later, between):
        status, came = caller.post(told)
        assert (status, came["conflicts"]) == (200, 0)
    assert people() == [("Jo Miller", "jo.miller@ashcombe.test", "Ashcombe Dental")]
    assert (Event.objects.count(), Conflict.objects.count()) == (9, 0)
    assert {ticket(name).contact for name in "123"} == {"Jo Smith"}


def test_two_of_one_name_stay_two_in_tickets(caller: Caller) -> None:
    caller.post(asked(**JO))
    told = asked("2", value="Jo Smith", contact_id="C-18", contact_email="other@ashcombe.test")
    assert caller.post(told)[0] == caller.post(told)[0] == 200
    assert ticket("2").contact == "Jo Smith, other@ashcombe.test"
    assert Contact.objects.count() == 2


def test_who_was_known_by_the_address_gets_the_id_that_is_told_later(caller: Caller) -> None:
    caller.post(asked(value="Jo Smith", contact_email="jo@ashcombe.test"))
    caller.post(asked("2", **JO))
    caller.post(asked("3", value="J. Smith", contact_email="jo@ashcombe.test"))
    assert list(ContactKey.objects.values_list("key", flat=True)) == ["C-17"]
    assert {ticket(name).contact for name in "123"} == {"Jo Smith"}


def test_a_contact_told_before_the_client_of_the_ticket_stays_as_it_was_told(caller: Caller) -> None:
    told = asked(value="Jo Smith", contact_email="jo@ashcombe.test")
    other = asked("0", value="Jo Smith", contact_email="first@ashcombe.test")
    caller.post(other)
    for one in (told[2], told[0], told[1]):
        assert caller.post(one)[0] == 200
    assert len(people()) == 1
    assert caller.post(told)[1]["conflicts"] == 0
    assert len(people()) == 2
    assert ticket().contact == "Jo Smith"


def test_a_tier_that_is_said_here_holds_for_tickets_told_before_and_after(
    caller: Caller, provider: Provider
) -> None:
    caller.post(asked(**JO))
    contact_words.say_tier(Contact.objects.get(), "VIP", NOW, True)
    tell_due(provider, NOW + timedelta(minutes=1))
    assert ticket().tier == "VIP"
    caller.post(asked("2", **JO))
    for one in reversed(asked("3", **JO)):
        caller.post(one)
    assert (ticket("2").tier, ticket("3").tier) == ("VIP", "VIP")
    caller.post([changed("2", "w2", "2026-11-24T12:00:00Z", field="contact", value="Al Reed")])
    assert ticket("2").tier == ""


def test_a_tier_that_the_source_tells_itself_is_the_tickets(caller: Caller, provider: Provider) -> None:
    """2.2"""
    caller.post(asked(**JO))
    contact_words.say_tier(Contact.objects.get(), "VIP", NOW, True)
    tell_due(provider, NOW + timedelta(minutes=1))
    caller.post(changed("1", "a", AT, field="tier", value="Gold"))
    caller.post([*asked("2", **JO), changed("2", "a", AT, field="tier", value="Gold")])
    assert (ticket().tier, ticket("2").tier) == ("Gold", "Gold")


@pytest.mark.parametrize(
    ("who", "place"),
    [
        ({"contact_email": "jo at home"}, "contact_email"),
        ({"contact_email": "Jo <jo@ashcombe.test>"}, "contact_email"),
        ({"contact_email": "j" * 250 + "@ashcombe.test"}, "contact_email"),
        ({"contact_email": 7}, "contact_email"),
        ({"contact_id": 17}, "contact_id"),
        ({"contact_id": "x" * 201}, "contact_id"),
        ({"contact_id": "a\x00b"}, "contact_id"),
        ({"contact_id": "\ud800"}, "contact_id"),
        ({"field": "subject", "contact_id": "C-17"}, "contact_id"),
        ({"kind": "status", "contact_email": "jo@ashcombe.test"}, "contact_email"),
        ({"contact_mail": "jo@ashcombe.test"}, "contact_mail"),
    ],
)
def test_what_is_wrong_with_a_contact_is_said_at_its_place(
    caller: Caller, who: dict[str, object], place: str
) -> None:
    told = {**asked(value="Jo")[2], **who}
    status, answer = caller.post([created(), told])
    assert (status, places(answer)) == (422, [f"events[1].{place}"])
    fault = answer["error"]["faults"][0]
    assert fault["found"]
    assert fault["expected"]
    assert fault["example"]
    assert not Event.objects.exists()


def test_nothing_said_of_a_contact_is_no_fault(caller: Caller) -> None:
    assert caller.post(asked(value="Jo", contact_id="", contact_email=None))[0] == 200
    assert caller.post(asked("2", value="", contact_id="C-17"))[0] == 200
    assert people() == []


def test_the_document_tells_of_who_asked(caller: Caller) -> None:
    told = caller.call("GET", "/api/openapi.json")[1]["components"]["schemas"]["Event"]["properties"]
    assert told["contact_email"]["format"] == "email"
    assert told["contact_id"]["maxLength"] == 200

"""Queues and people get new names in Request Tracker: here everything stays as it was."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.connectors.conftest import Hand
from tests.connectors.rt.fake import Rt
from tests.support.renaming import facts, judged

from beforehand.connectors.models import Connection, Remote
from beforehand.tickets.models import Ticket

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 3, 9, 9, tzinfo=UTC)


def test_a_queue_that_is_a_client_and_a_technician_get_new_names(rt: Rt, hand: Hand) -> None:
    """4.3, 5.4: tickets of before and after count under the same names, and the past stands."""
    Connection.objects.update(settings={**hand.connection.settings, "client": "queue"})
    rt.queues["3"] = "Contoso"
    rt.create(MORNING)
    rt.say(1, MORNING + timedelta(minutes=5), "I am on it.")
    rt.set(1, MORNING + timedelta(minutes=10), "Owner", "agent1")
    rt.set(1, MORNING + timedelta(minutes=20), "Status", "resolved")
    hand.pull()
    first, clocks, kept = facts("1"), judged("1"), hand.kept("1")
    assert (first["client_name"], first["board"]) == ("Contoso", "Contoso")

    rt.queues["3"] = "Help Desk"
    rt.people["27"] = ("agent1", "Ada Brandt", "1")
    rt.create(hand.now)
    rt.set(2, hand.now, "Owner", "agent1")
    rt.say(1, hand.now, "Still good?")
    hand.later(minutes=1)
    rt.say(1, hand.now, "And now?")
    hand.later(minutes=30)
    assert facts("2") == facts("1") == first
    assert set(clocks) <= set(judged("1"))
    assert len(hand.kept("1")["1"]) == len(kept["1"]) + 2
    assert set(Ticket.objects.values_list("assignee", flat=True)) == {"Ada Ferrant"}


def test_two_queues_that_swap_their_names_change_no_past(rt: Rt, hand: Hand) -> None:
    """4.3: RT tells by ids in which queue a ticket was, and whoever has the name now did not have it then."""
    rt.queues.update({"3": "Contoso", "4": "Fabrikam"})
    rt.create(MORNING)
    rt.set(1, MORNING + timedelta(minutes=20), "Queue", "4")
    rt.create(MORNING)
    hand.pull()
    first = [event for ticket in "12" for event in hand.told(ticket)]

    rt.queues.update({"3": "Fabrikam", "4": "Contoso"})
    for _ in range(2):
        hand.later(hours=7)
        Remote.objects.update(shallow=True)
    hand.later(minutes=5)
    assert [event for ticket in "12" for event in hand.told(ticket)] == first


def test_two_technicians_who_swap_their_names_change_no_past(rt: Rt, hand: Hand) -> None:
    """RT tells owners by logins and by numbers; whoever has the login or the name now did not have it then."""
    rt.people["28"] = ("agent2", "Bo Winter", "1")
    for owner, other in (("agent1", "agent2"), ("agent2", "agent1"), ("agent1", "agent1")):
        ticket = rt.create(MORNING)
        rt.set(ticket, MORNING + timedelta(minutes=20), "Owner", owner)
        if owner != other:
            rt.set(ticket, MORNING + timedelta(minutes=40), "Owner", other)
    hand.pull()
    first = [event for ticket in "123" for event in hand.told(ticket)]

    rt.people["27"], rt.people["28"] = ("agent2", "Bo Winter", "1"), ("agent1", "Ada Ferrant", "1")
    for ticket in rt.tickets.values():
        ticket["Owner"] = {"agent1": "agent2", "agent2": "agent1"}[ticket["Owner"]]
    rt.logins = {login: id_ for id_, (login, _, _) in rt.people.items()}
    for _ in range(2):
        hand.later(hours=7)
        Remote.objects.update(shallow=True)
    hand.later(minutes=5)
    assert [event for ticket in "123" for event in hand.told(ticket)] == first
    assert set(Ticket.objects.values_list("external_id", "assignee")) == {
        ("1", "Bo Winter"), ("2", "Ada Ferrant"), ("3", "Ada Ferrant"),
    }  # fmt: skip

"""Merged tickets, and incidents of a problem, end with the clocks of clock.md 3.9."""

from datetime import datetime, timedelta

import pytest
from tests.connectors.autotask.fake import CONTOSO, Autotask
from tests.connectors.conftest import NOW, Hand

from beforehand.engine.codes import BREACHED, MET, OPEN, RESOLUTION, RESPONSE, STOPPED, V_MERGED
from beforehand.engine.instants import HOUR, MINUTE
from beforehand.tickets.models import Clock

pytestmark = pytest.mark.django_db
NINE = NOW
FABRIKAM = 176


def after(minutes: int) -> datetime:
    return NINE + timedelta(minutes=minutes)


def look(hand: Hand, minutes: int) -> None:
    hand.now = after(minutes)
    hand.pull()


def clock(ticket: int, metric: int) -> Clock:
    return Clock.objects.get(ticket__external_id=str(ticket), metric=metric)


def merge(autotask: Autotask, part: int, whole: int, at: datetime) -> None:
    """Autotask completes the one, says so in its history, and nothing at the other."""
    autotask.set(part, at, status="Complete")
    autotask.set(part, at, detail=f"Ticket merged into {autotask.ticket(whole)['ticketNumber']}")


def test_a_merged_ticket_has_no_verdict_and_its_survivor_the_earliest_start(
    autotask: Autotask, hand: Hand
) -> None:
    part, whole = autotask.create(NINE), autotask.create(after(30))
    look(hand, 31)
    merge(autotask, part, whole, after(40))
    look(hand, 41)
    autotask.note(whole, after(60), "It works again.")
    look(hand, 61)
    assert {clock(part, metric).verdict for metric in (RESPONSE, RESOLUTION)} == {V_MERGED}
    response = clock(whole, RESPONSE)
    assert (response.start, response.verdict, response.used) == (NINE, MET, HOUR)


def test_one_that_is_reopened_after_a_merge_is_a_ticket_of_its_own_again(
    autotask: Autotask, hand: Hand
) -> None:
    """Autotask undoes no merge: its history says for ever that there was one."""
    part, whole = autotask.create(NINE), autotask.create(after(30))
    look(hand, 31)
    merge(autotask, part, whole, after(40))
    look(hand, 41)
    assert clock(whole, RESOLUTION).start == NINE
    autotask.set(part, after(50), status="In Progress")
    look(hand, 51)
    assert (clock(part, RESOLUTION).verdict, clock(part, RESOLUTION).start) == (OPEN, NINE)
    assert clock(whole, RESOLUTION).start == after(30)
    autotask.set(part, after(60), status="Complete")
    autotask.note(whole, after(60), "It works again.")
    look(hand, 61)
    assert (clock(part, RESOLUTION).verdict, clock(part, RESOLUTION).run) == (MET, STOPPED)
    assert clock(whole, RESPONSE).used == 30 * MINUTE


def test_a_survivor_older_than_what_is_read_is_asked_for(autotask: Autotask, hand: Hand) -> None:
    part, long_ago = autotask.create(NINE), NINE - timedelta(days=200)
    whole = autotask.create(long_ago, status=5, completedDate="2025-09-01T09:00:00.000Z")
    merge(autotask, part, whole, after(40))
    look(hand, 41)  # the survivor is older than what is read
    assert clock(part, RESOLUTION).verdict == V_MERGED
    assert clock(whole, RESOLUTION).start == long_ago


def test_the_start_of_another_clients_ticket_is_not_taken_and_a_breach_stays(
    autotask: Autotask, hand: Hand
) -> None:
    autotask.add("Companies", id=FABRIKAM, companyName="Fabrikam")
    part, whole = autotask.create(NINE), autotask.create(after(300), companyID=FABRIKAM)
    assert autotask.ticket(part)["companyID"] == CONTOSO
    look(hand, 301)
    merge(autotask, part, whole, after(310))
    look(hand, 311)
    assert (clock(part, RESPONSE).verdict, clock(part, RESOLUTION).verdict) == (BREACHED, V_MERGED)
    assert clock(whole, RESOLUTION).start == after(300)


def test_an_incident_has_of_its_problem_what_autotask_put_on_it_and_no_more(
    autotask: Autotask, hand: Hand
) -> None:
    problem = autotask.create(NINE, ticketType=3)
    told, untold = (autotask.create(after(10), ticketType=2, problemTicketId=problem) for _ in range(2))
    autotask.note(problem, after(20), "The line is down.")
    autotask.note(told, after(20), "The line is down.")  # appended to this one
    autotask.set(problem, after(180), status="Complete")
    autotask.set(told, after(180), status="Complete")
    look(hand, 181)
    assert (clock(told, RESPONSE).verdict, clock(told, RESPONSE).used) == (MET, 10 * MINUTE)
    assert clock(untold, RESPONSE).verdict == OPEN
    assert (clock(told, RESOLUTION).run, clock(told, RESOLUTION).stop) == (STOPPED, after(180))
    autotask.set(problem, after(200), status="In Progress")
    autotask.ticket(untold)["problemTicketId"] = None
    autotask.set(untold, after(210), status="In Progress")
    look(hand, 211)
    assert clock(told, RESOLUTION).run == STOPPED  # reopening the problem reopens it alone (3.7)
    assert clock(problem, RESOLUTION).verdict == OPEN
    assert clock(untold, RESOLUTION).verdict == OPEN

"""Bundled and merged tickets end with the clocks of clock.md 3.9."""

from typing import Any

import pytest
from tests.connectors.connectwise.conftest import Hand
from tests.connectors.connectwise.fake import Call, Mood, Tenant, when
from tests.connectors.connectwise.world import ALEX, CASEY, Row

from beforehand.engine.codes import (
    BREACHED,
    MESSAGE,
    MET,
    OPEN,
    RESOLUTION,
    RESPONSE,
    STOPPED,
    V_MERGED,
)
from beforehand.engine.instants import HOUR, MINUTE
from beforehand.tickets.models import Clock

pytestmark = pytest.mark.django_db
PARENT, CHILD, OTHER = 10, 11, 12


def bundle(tenant: Tenant, at: str, *children: int) -> None:
    """Tickets become children of the parent."""
    tenant.save(PARENT, at, hasChildTicket=True)
    for child in children:
        tenant.save(child, at, parentTicketId=PARENT)
        beside = tenant.lists.setdefault(f"service/tickets/{child}/allNotes", [])
        beside += [shown(note, False) for note in tenant.lists[f"service/tickets/{PARENT}/notes"]]


def unbundle(tenant: Tenant, child: int, at: str) -> None:
    tenant.save(child, at, parentTicketId=None)
    tenant.lists[f"service/tickets/{child}/allNotes"] = []
    tenant.save(PARENT, at, hasChildTicket=any(row.get("parentTicketId") for row in tickets(tenant)))


def shown(note: Row, applied: bool, **more: Any) -> Row:
    """A parent's note as it stands with a child."""
    of = {"id": PARENT, "summary": "The parent"}
    return {
        **note, "noteType": "TicketNote", "ticket": of, "bundledFlag": True, "createdByParentFlag": applied, **more,
    }  # fmt: skip


def tickets(tenant: Tenant) -> list[Row]:
    return tenant.lists["service/tickets"]


def answer(tenant: Tenant, at: str, applied: bool = True, **more: Any) -> None:
    """The parent is answered; its children are not saved with it, and show it in allNotes alone."""
    tenant.note(PARENT, at, "The line is down, back at two.", member=ALEX)
    note = tenant.lists[f"service/tickets/{PARENT}/notes"][-1]
    for row in tickets(tenant):
        if row.get("parentTicketId") == PARENT:
            key = f"service/tickets/{row['id']}/allNotes"
            tenant.lists.setdefault(key, []).append(shown(note, applied, **more))


def clock(ticket: int, metric: int) -> Clock:
    return Clock.objects.get(ticket__external_id=str(ticket), metric=metric)


@pytest.fixture
def outage(tenant: Tenant, hand: Hand) -> Tenant:
    """Two clients write of what a parent is opened for, and are bundled under it."""
    hand.at("08:59")
    tenant.open(PARENT, "09:00", company={"id": 1, "name": "Northwind"})
    tenant.open(CHILD, "09:05")
    tenant.open(OTHER, "09:10", company={"id": 301, "name": "Globex"})
    bundle(tenant, "09:12", CHILD, OTHER)
    hand.at("09:15")
    return tenant


def test_a_child_is_answered_through_its_parent_where_the_answer_was_put_on_it(
    outage: Tenant, hand: Hand
) -> None:
    answer(outage, "09:30")
    hand.at("09:31")
    for ticket, used in ((PARENT, 30), (CHILD, 25), (OTHER, 20)):
        response = clock(ticket, RESPONSE)
        assert (response.verdict, response.used) == (MET, used * MINUTE)


def test_time_on_a_parent_that_was_told_to_the_child_is_an_answer_too(outage: Tenant, hand: Hand) -> None:
    answer(outage, "09:30", noteType="TimeEntryNote", timeStart="2026-03-02T09:20:00Z",
           timeEnd="2026-03-02T09:35:00Z")  # fmt: skip
    hand.at("09:40")
    assert clock(CHILD, RESPONSE).used == 30 * MINUTE


def test_an_answer_that_only_stands_beside_a_child_was_none_to_its_client(outage: Tenant, hand: Hand) -> None:
    answer(outage, "09:30", applied=False)
    outage.save(CHILD, "09:40")
    hand.at("09:41")
    assert clock(PARENT, RESPONSE).verdict == MET
    assert clock(CHILD, RESPONSE).verdict == OPEN


def test_what_was_said_to_one_client_is_no_answer_to_the_parent(outage: Tenant, hand: Hand) -> None:
    outage.forbidden = {"time/entries"}  # so that allNotes of the parent are read
    outage.note(CHILD, "09:20", "We know of it.", member=ALEX)
    said = outage.lists[f"service/tickets/{CHILD}/notes"][-1]
    for more in ({"ticket": {"id": CHILD}}, {}):
        note = {**said, "id": 8000 + len(more), "noteType": "TicketNote", "bundledFlag": True, **more}
        outage.lists.setdefault(f"service/tickets/{PARENT}/allNotes", []).append(note)
    outage.save(PARENT, "09:21")
    hand.at("09:25")
    assert clock(CHILD, RESPONSE).verdict == MET
    assert clock(PARENT, RESPONSE).verdict == OPEN


@pytest.mark.parametrize("flag", [True, False, None])
def test_one_that_is_bundled_later_was_not_answered_before_it_was_there(
    tenant: Tenant, hand: Hand, flag: bool | None
) -> None:
    tenant.open(PARENT, "09:00")
    tenant.note(PARENT, "09:10", "The line is down.", member=ALEX)
    tenant.open(CHILD, "09:30")
    bundle(tenant, "09:40", CHILD)
    for note in tenant.lists[f"service/tickets/{CHILD}/allNotes"]:
        note["createdByParentFlag"] = flag
    hand.at("09:45")
    assert clock(CHILD, RESPONSE).verdict == OPEN
    answer(tenant, "10:00")
    hand.at("10:01")
    assert (clock(CHILD, RESPONSE).verdict, clock(CHILD, RESPONSE).used) == (MET, 30 * MINUTE)


def test_a_child_is_closed_through_its_parent_and_stays_so_when_that_is_reopened(
    outage: Tenant, hand: Hand
) -> None:
    answer(outage, "09:30")
    for ticket in (PARENT, CHILD, OTHER):
        outage.status(ticket, "Closed", "11:05")
    hand.at("11:06")
    outage.status(PARENT, "Re-Opened", "11:30")
    hand.at("12:00")
    child, parent = clock(CHILD, RESOLUTION), clock(PARENT, RESOLUTION)
    assert (child.verdict, child.used, child.stop) == (MET, 2 * HOUR, when("11:05"))
    assert (parent.verdict, parent.first_stop) == (OPEN, when("11:05"))  # 3.7
    outage.status(CHILD, "Re-Opened", "12:10")
    hand.at("12:11")
    assert (clock(CHILD, RESOLUTION).verdict, clock(CHILD, RESOLUTION).first_stop) == (OPEN, when("11:05"))


def test_one_that_is_unbundled_keeps_what_it_was_told_and_hears_no_more(outage: Tenant, hand: Hand) -> None:
    answer(outage, "09:30")
    hand.at("09:31")
    unbundle(outage, CHILD, "10:00")
    answer(outage, "10:30")
    for ticket in (PARENT, OTHER):
        outage.status(ticket, "Closed", "11:00")
    hand.at("11:01")
    assert (clock(CHILD, RESPONSE).verdict, clock(CHILD, RESPONSE).used) == (MET, 25 * MINUTE)
    assert [e.at for e in hand.told(str(CHILD)) if e.kind == MESSAGE] == [when("09:30").timestamp() * 1e6]
    assert clock(CHILD, RESOLUTION).verdict == OPEN
    assert clock(OTHER, RESOLUTION).run == STOPPED


def test_the_children_of_a_parent_are_read_once_for_each_time_it_was_saved(
    outage: Tenant, hand: Hand
) -> None:
    answer(outage, "09:30")
    hand.at("09:31")
    read = len(outage.asked(f"service/tickets/{CHILD}/notes"))
    for minute in (32, 33, 34):  # it comes again with each overlap
        hand.at(f"09:{minute}")
    assert len(outage.asked(f"service/tickets/{CHILD}/notes")) == read
    answer(outage, "09:35")
    hand.at("09:36")
    assert len(outage.asked(f"service/tickets/{CHILD}/notes")) == read + 1


@pytest.mark.parametrize("flag", [True, False], ids=["the survivor says so", "it does not"])
def test_a_merged_ticket_has_no_verdict_and_its_survivor_the_earliest_start(
    tenant: Tenant, hand: Hand, flag: bool
) -> None:
    tenant.open(1, "09:00")
    tenant.open(2, "09:40")
    hand.at("09:45")
    tenant.status(1, "Closed", "09:50")
    tenant.save(1, "09:50", mergedParentTicket={"id": 2, "summary": "Matter 2"})
    if flag:
        tenant.save(2, "09:50", hasMergedChildTicketFlag=True)
    hand.at("09:55")
    assert {clock(1, metric).verdict for metric in (RESPONSE, RESOLUTION)} == {V_MERGED}
    assert clock(2, RESOLUTION).start == when("09:00")
    tenant.note(2, "10:05", "It works again.", member=ALEX)
    hand.at("10:06")
    assert (clock(2, RESPONSE).verdict, clock(2, RESPONSE).used) == (BREACHED, 65 * MINUTE)


def test_one_that_is_no_longer_merged_has_its_own_clocks_and_takes_its_start_with_it(
    tenant: Tenant, hand: Hand
) -> None:
    tenant.open(1, "09:00")
    tenant.open(2, "09:40")
    hand.at("09:45")
    for minute in (50, 55):
        tenant.save(1, f"09:{minute}", mergedParentTicket={"id": 2, "summary": "Matter 2"})
        tenant.save(2, f"09:{minute}", hasMergedChildTicketFlag=True)
        hand.at(f"09:{minute + 1}")
        assert (clock(1, RESOLUTION).verdict, clock(2, RESOLUTION).start) == (V_MERGED, when("09:00"))
        tenant.save(1, f"09:{minute + 2}", mergedParentTicket=None)
        if minute == 50:
            tenant.save(2, f"09:{minute + 2}", hasMergedChildTicketFlag=False)
        hand.at(f"09:{minute + 3}")
        assert (clock(1, RESOLUTION).verdict, clock(1, RESOLUTION).start) == (OPEN, when("09:00"))
        assert clock(2, RESOLUTION).start == when("09:40")


def test_a_breach_stays_through_a_merge_and_another_clients_start_is_not_taken(
    tenant: Tenant, hand: Hand
) -> None:
    tenant.open(1, "09:00")
    tenant.open(2, "10:30", company={"id": 301, "name": "Globex"}, contact=CASEY)
    hand.at("10:45")
    tenant.status(1, "Closed", "10:50")
    tenant.save(1, "10:50", mergedParentTicket={"id": 2, "summary": "Matter 2"})
    tenant.save(2, "10:50", hasMergedChildTicketFlag=True)
    hand.at("10:55")
    assert (clock(1, RESPONSE).verdict, clock(1, RESOLUTION).verdict) == (BREACHED, V_MERGED)
    assert clock(2, RESOLUTION).start == when("10:30")


def test_children_that_cannot_be_asked_for_stop_no_other_change(tenant: Tenant, hand: Hand) -> None:
    hand.at("09:00")
    for number in (PARENT, CHILD, OTHER):
        tenant.open(number, "09:01")
    bundle(tenant, "09:02", CHILD)

    def refuse(call: Call) -> None:
        if "parentTicketId in" in call.query.get("conditions", ""):
            tenant.moods["service/tickets"] = [Mood(400, b'{"message": "no such condition"}')]

    tenant.meanwhile = refuse
    came = hand.at("09:03")
    assert (came.trouble, len(hand.told(str(OTHER))) > 0) == ("", True)

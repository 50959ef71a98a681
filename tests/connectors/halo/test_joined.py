"""Merged tickets, and children of a parent, end with the clocks of clock.md 3.9."""

from datetime import datetime

import pytest
from tests.connectors.halo.conftest import Hand, at
from tests.connectors.halo.fake import EMPTY, Halo, stamp

from beforehand.engine.codes import MET, OPEN, RESOLUTION, RESPONSE, STOPPED, V_MERGED
from beforehand.engine.instants import HOUR, MINUTE
from beforehand.tickets.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.program]


@pytest.mark.parametrize("moves", [True, False], ids=["with its actions", "without a word"])
def test_a_merged_ticket_has_no_verdict_and_its_survivor_the_earliest_start(
    hand: Hand, halo: Halo, moves: bool
) -> None:
    halo.open(1001, at("10 09:10"))
    halo.open(1002, at("10 09:30"))
    hand.pull(at("10 09:45"))
    halo.change(1001, at("10 10:00"), merged_into_id=1002, dateclosed=stamp(at("10 10:00")))
    if moves:
        came = {"merged_from_ticketid": 1001, "id": 9}
        halo.act(1002, at("10 09:10"), user=77, note="It is offline.", way="R", **came)
        halo.change(1002, at("10 10:00"))
    hand.pull(at("10 10:10"))
    assert {clock.verdict for clock in hand.clocks(1001).values()} == {V_MERGED}
    halo.act(1002, at("10 10:20"), agent=150, note="We look at it now.", way="S", status=2)
    hand.pull(at("10 10:21"))
    response = hand.clocks(1002)[RESPONSE]
    assert (response.start, response.verdict, response.used) == (at("10 09:10"), MET, 70 * MINUTE)


@pytest.mark.parametrize("goes", [True, False], ids=["its actions go with it", "its actions stay"])
@pytest.mark.parametrize("survivor", ["saved too", "not saved"])
def test_one_that_is_no_longer_merged_has_its_own_clocks_and_takes_its_start_with_it(
    hand: Hand, halo: Halo, goes: bool, survivor: str
) -> None:
    halo.open(1001, at("10 09:10"))
    halo.open(1002, at("10 09:30"))
    for hour in (10, 11):
        merge(halo, at(f"10 {hour}:00"))
        hand.pull(at(f"10 {hour}:10"))
        assert hand.clocks(1001)[RESOLUTION].verdict == V_MERGED
        assert hand.clocks(1002)[RESOLUTION].start == at("10 09:10")
        halo.change(1001, at(f"10 {hour}:20"), merged_into_id=0, dateclosed=EMPTY)
        if goes:
            halo.actions[1002] = [row for row in halo.actions[1002] if not row.get("merged_from_ticketid")]
        if survivor == "saved too":
            halo.change(1002, at(f"10 {hour}:20"))
        hand.pull(at(f"10 {hour}:30"))
        assert (hand.clocks(1001)[RESOLUTION].verdict, hand.clocks(1001)[RESOLUTION].start) == (
            OPEN,
            at("10 09:10"),
        )
        assert hand.clocks(1002)[RESOLUTION].start == at("10 09:30")
    kept = hand.kept(1001), hand.kept(1002)
    for ticket in (1001, 1002):
        halo.change(ticket, at("10 11:40"))
    hand.pull(at("10 11:41"))
    assert (hand.kept(1001), hand.kept(1002)) == kept


def merge(halo: Halo, when: datetime) -> None:
    halo.change(1001, when, merged_into_id=1002, dateclosed=stamp(when))
    came = {"merged_from_ticketid": 1001, "id": 9}
    if not any(row.get("merged_from_ticketid") for row in halo.actions[1002]):
        halo.act(1002, at("10 09:10"), user=77, note="It is offline.", way="R", **came)
    halo.change(1002, when)


def test_what_came_along_before_ids_said_so_is_one_message_and_goes_with_its_ticket(
    hand: Hand, halo: Halo
) -> None:
    halo.open(1001, at("10 09:10"))
    halo.open(1002, at("10 09:30"))
    merge(halo, at("10 10:00"))
    hand.pull(at("10 10:10"))
    # As the version before kept it.
    Event.objects.filter(event_id="from-1001-action-9").update(event_id="action-9")
    halo.change(1002, at("10 10:15"))
    hand.pull(at("10 10:16"))
    assert [id_ for _, _, id_ in hand.told(1002) if id_.endswith("action-9")] == ["from-1001-action-9"]
    halo.change(1001, at("10 10:20"), merged_into_id=0, dateclosed=EMPTY)
    hand.pull(at("10 10:30"))
    assert hand.clocks(1002)[RESOLUTION].start == at("10 09:30")


def test_the_start_of_another_clients_ticket_is_not_taken(hand: Hand, halo: Halo) -> None:
    halo.open(1001, at("10 09:10"))
    halo.open(1002, at("10 09:30"), client_id=301, client_name="Fabrikam")
    hand.pull(at("10 09:45"))
    halo.change(1001, at("10 10:00"), merged_into_id=1002, dateclosed=stamp(at("10 10:00")))
    came = {"merged_from_ticketid": 1001, "id": 9}
    halo.act(1002, at("10 09:40"), user=77, note="It is offline.", way="R", **came)
    hand.pull(at("10 10:10"))
    assert hand.clocks(1002)[RESOLUTION].start == at("10 09:30")


def test_a_child_has_of_its_parent_what_halo_put_on_it_and_no_more(hand: Hand, halo: Halo) -> None:
    halo.open(1001, at("10 09:00"))
    for child in (1002, 1003):
        halo.open(child, at("10 09:10"), parent_id=1001)
    answer = {"agent": 150, "note": "The line is down.", "way": "S"}
    halo.act(1001, at("10 09:30"), **answer, status=2)
    halo.act(1002, at("10 09:30"), **answer, status=2)  # applied to this child
    for ticket in (1001, 1002):
        halo.act(ticket, at("10 11:00"), agent=150, note="Closed with its parent", hidden=True, status=9)
    hand.pull(at("10 11:01"))
    assert (hand.clocks(1002)[RESPONSE].verdict, hand.clocks(1002)[RESPONSE].used) == (MET, 20 * MINUTE)
    assert hand.clocks(1003)[RESPONSE].verdict == OPEN
    halo.change(1003, at("10 11:10"), parent_id=0)
    halo.act(1001, at("10 11:10"), agent=150, note="Not yet", hidden=True, status=2)
    hand.pull(at("10 11:11"))
    closed = hand.clocks(1002)[RESOLUTION]
    assert (closed.run, closed.stop, closed.used) == (STOPPED, at("10 11:00"), HOUR + 50 * MINUTE)
    assert (hand.clocks(1001)[RESOLUTION].verdict, hand.clocks(1003)[RESOLUTION].verdict) == (OPEN, OPEN)

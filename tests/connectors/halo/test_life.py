"""A ticket from its first mail to its reopening, pulled in turns of a worker, with its clocks."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.connectors.halo.conftest import Hand, at
from tests.connectors.halo.fake import Called, Halo, stamp

from beforehand.connectors.models import Nudged, Remote
from beforehand.engine.codes import BREACHED, MET, OPEN, PAUSED, RESOLUTION, RESPONSE, V_DELETED, V_MERGED
from beforehand.engine.history import History
from beforehand.engine.instants import HOUR, MINUTE
from beforehand.tickets.models import PsaView

pytestmark = [pytest.mark.django_db, pytest.mark.program]


def _act(when: str, **more: Any) -> tuple[datetime, Callable[[Halo], object]]:
    return at(when), lambda halo: halo.act(1001, at(when), **more)


LIFE: list[tuple[datetime, Callable[[Halo], object]]] = [
    (at("10 09:10"), lambda halo: halo.open(1001, at("10 09:10"))),
    _act("10 09:15", agent=150, note="Assigned", hidden=True, status=1, new_agent=150),
    _act("10 09:20", agent=150, note="We look at it now.", way="S", status=2),
    _act("10 10:00", agent=150, note="Which printer is it?", way="S", status=4),
    _act("10 13:00", user=77, note="The one in accounts.", way="R", status=2),
    _act("10 13:30", agent=151, note="Raised", hidden=True, new_priority=1, new_sla_id=3),
    _act("10 15:00", agent=150, note="It prints again.", way="S", status=8),
    _act("10 15:30", agent=150, note="Closed", hidden=True, status=9),
]


def _until_waiting(halo: Halo) -> None:
    for _, act in LIFE[:4]:
        act(halo)


def _to_the_end(halo: Halo) -> None:
    for _, act in LIFE[4:]:
        act(halo)
    halo.change(1001, at("10 15:30"), dateclosed=stamp(at("10 15:30")), hasbeenclosed=True)


STATUSES = [
    ("10 09:10", "New"), ("10 09:20", "In Progress"), ("10 10:00", "With User"), ("10 13:00", "In Progress"),
    ("10 15:00", "Resolved"), ("10 15:30", "Closed"),
]  # fmt: skip


def test_a_life_that_polls_saw_piece_by_piece_has_the_instants_of_its_actions(hand: Hand, halo: Halo) -> None:
    hand.pull()
    _until_waiting(halo)
    hand.pull(at("10 10:07"))
    clocks = hand.clocks(1001)
    assert (clocks[RESPONSE].verdict, clocks[RESPONSE].used) == (MET, 10 * MINUTE)  # 3.4
    assert (clocks[RESOLUTION].run, clocks[RESOLUTION].used) == (PAUSED, 50 * MINUTE)  # 3.3
    _to_the_end(halo)
    hand.pull(at("10 16:00"))
    assert hand.changes(1001, "status") == STATUSES
    assert hand.changes(1001, "assignee") == [("10 09:15", "Alex Smith")]
    assert hand.changes(1001, "priority") == [("10 09:10", "P2"), ("10 13:30", "P1")]
    resolution = hand.clocks(1001)[RESOLUTION]
    # P1 from creation (4.1): 50 minutes, and two hours after the client's answer.
    assert (resolution.verdict, resolution.used, resolution.target) == (MET, 170 * MINUTE, 8 * HOUR)
    assert not History(hand.kept(1001)).uncertain
    halo.act(1001, at("11 09:10"), user=77, note="Offline again.", way="R", status=22)
    halo.change(1001, at("11 09:10"), dateclosed="1900-01-01T00:00:00")
    halo.act(1001, at("11 10:00"), agent=150, note="A new cable.", way="S", status=8)
    hand.pull(at("11 10:30"))
    assert hand.clocks(1001)[RESOLUTION].used == 220 * MINUTE  # 3.7


def test_a_backfill_tells_the_same_life(hand: Hand, halo: Halo) -> None:
    _until_waiting(halo)
    _to_the_end(halo)
    hand.pull(at("10 16:00"))
    assert hand.changes(1001, "status") == STATUSES
    resolution = hand.clocks(1001)[RESOLUTION]
    assert (resolution.verdict, resolution.used) == (MET, 170 * MINUTE)
    assert hand.connection.back_done is not None
    assert not Remote.objects.filter(shallow=True).exists()


@pytest.mark.parametrize("seed", range(5))
def test_any_mix_of_looks_and_nudges_ends_in_one_history(hand: Hand, halo: Halo, seed: int) -> None:
    chance = random.Random(seed)
    moments = sorted(
        at("10 09:05") + timedelta(minutes=chance.randrange(400)) for _ in range(chance.randrange(9))
    )
    halo.on_call = _only_until_now(halo)
    row = hand.connection
    for moment in moments:
        if chance.random() < 0.4:
            Nudged.objects.get_or_create(
                provider=row.provider, connection=row, external_id="1001", defaults={"at": moment}
            )
        hand.pull(moment)
    hand.pull(at("10 16:00"))
    assert hand.changes(1001, "status") == STATUSES
    assert hand.changes(1001, "assignee") == [("10 09:15", "Alex Smith")]
    resolution = hand.clocks(1001)[RESOLUTION]
    assert (resolution.verdict, resolution.used) == (MET, 170 * MINUTE)
    assert not History(hand.kept(1001)).uncertain
    assert len(halo.actions[1001]) == 8


def _only_until_now(halo: Halo) -> Callable[[Called], None]:
    """Before each call, what had happened by then."""
    done: set[int] = set()

    def come(_: Called) -> None:
        for number, (moment, act) in enumerate(LIFE):
            if moment <= halo.now and number not in done:
                done.add(number)
                act(halo)

    return come


def test_a_turn_without_changes_costs_one_call(hand: Hand, halo: Halo) -> None:
    _until_waiting(halo)
    hand.pull(at("10 10:07"))
    hand.pull(at("10 10:08"))
    before = len(halo.calls)
    hand.pull(at("10 10:10"))
    assert len(halo.calls) == before + 1


def test_a_webhooks_nudge_reads_one_ticket(hand: Hand, halo: Halo) -> None:
    hand.pull()
    _until_waiting(halo)
    row = hand.connection
    Nudged.objects.create(provider=row.provider, connection=row, external_id="1001", at=at("10 10:00"))
    hand.pull(at("10 09:00"))
    assert hand.changes(1001, "status")[-1] == ("10 10:00", "With User")


def test_a_status_that_no_action_told_is_seen_between_two_looks(hand: Hand, halo: Halo) -> None:
    _until_waiting(halo)
    hand.pull(at("10 10:07"))
    halo.change(1001, at("10 10:30"), status_id=5)
    hand.pull(at("10 10:31"))
    (seen,) = [event for event in hand.kept(1001) if event.value == "With Vendor"]
    assert seen.until is not None  # 4.4


def test_a_status_that_an_action_found_changed_lies_before_it(hand: Hand, halo: Halo) -> None:
    halo.open(1001, at("10 09:10"))
    halo.change(1001, at("10 09:30"), status_id=2)
    halo.act(1001, at("10 10:00"), agent=150, note="Waits", hidden=True, status=4)
    hand.pull(at("10 10:07"))
    (found,) = [event for event in hand.kept(1001) if event.value == "In Progress"]
    assert (found.id, found.until) == ("action-2-before", 1_773_136_800_000_000)


def test_a_priority_that_was_seen_before_its_first_change_stays(hand: Hand, halo: Halo) -> None:
    """Halo's actions tell the new priority and not the old one: P1's breach must outlive its lowering (4.1)."""
    halo.open(1001, at("10 09:10"), priority_id=1)
    hand.pull(at("10 09:12"))
    halo.act(1001, at("10 11:00"), agent=150, note="Lowered", hidden=True, new_priority=2, new_sla_id=3)
    hand.pull(at("10 11:01"))
    assert hand.changes(1001, "priority") == [("10 09:10", "P1"), ("10 11:00", "P2")]
    assert hand.clocks(1001)[RESPONSE].verdict == BREACHED


def test_assignments_without_an_action_have_their_own_instant(hand: Hand, halo: Halo) -> None:
    halo.open(1001, at("10 09:10"))
    halo.change(1001, at("10 09:30"), agent_id=150, dateassigned=stamp(at("10 09:30")))
    hand.pull(at("10 09:40"))
    halo.change(1001, at("10 10:30"), agent_id=151, dateassigned=stamp(at("10 10:30")))
    hand.pull(at("10 10:40"))
    assert hand.changes(1001, "assignee") == [("10 09:30", "Alex Smith"), ("10 10:30", "Robin Jones")]


def test_merged_deleted_and_given_back(hand: Hand, halo: Halo) -> None:
    halo.open(1001, at("10 09:10"))
    halo.open(1002, at("10 09:30"))
    halo.open(1003, at("10 09:40"))
    hand.pull(at("10 09:45"))
    halo.change(1001, at("10 10:00"), merged_into_id=1002, dateclosed=stamp(at("10 10:00")))
    came = {"merged_from_ticketid": 1001, "id": 9}
    halo.act(1002, at("10 09:10"), user=77, note="It is offline.", way="R", **came)
    halo.change(1002, at("10 10:00"))
    del halo.tickets[1003]
    row = hand.connection
    Nudged.objects.create(provider=row.provider, connection=row, external_id="1003", at=at("10 10:00"))
    hand.pull(at("10 10:10"))
    assert hand.clocks(1001)[RESOLUTION].verdict == V_MERGED  # 3.9
    assert hand.clocks(1002)[RESOLUTION].start == at("10 09:10")
    assert hand.clocks(1003)[RESOLUTION].verdict == V_DELETED
    halo.open(1003, at("10 09:40"), lastupdate=stamp(at("10 10:20")))
    halo.change(1003, at("10 10:20"))
    hand.pull(at("10 10:21"))
    assert hand.clocks(1003)[RESOLUTION].verdict == OPEN


def test_a_visit_that_took_place_and_one_that_did_not(hand: Hand, halo: Halo) -> None:
    halo.open(1001, at("10 09:10"))
    visit = {"ticket_id": 1001, "agent_id": 150, "appointment_type_name": "On-site visit"}
    halo.appointments = [
        visit | {"id": 4, "start_date": stamp(at("10 11:00")), "complete_status": 0},
        visit | {"id": 5, "start_date": stamp(at("10 14:00")), "complete_status": -1},
    ]
    hand.pull(at("10 12:00"))
    assert [told for told in hand.told(1001) if told[2].startswith("visit")] == [("10 11:00", "", "visit-4")]
    said = PsaView.objects.get(ticket=hand.ticket(1001)).said
    assert said["appointments"][1] == (
        "2026-03-10T14:00:00.000000Z to no end, agent 150, On-site visit, complete_status -1"
    )


def test_its_own_view_is_kept_as_told_with_instants(hand: Hand, halo: Halo) -> None:
    _until_waiting(halo)
    halo.change(1001, at("10 10:00"), onhold=True, slaresponsestate="I", excludefromsla=True)
    halo.act(1001, at("10 10:00"), agent=1, note="SLA Hold", hidden=True, new_slastatus=1)
    hand.pull(at("10 10:07"))
    said = PsaView.objects.get(ticket=hand.ticket(1001)).said
    assert said["fixbydate"] == "2026-03-10T17:10:00.000000Z"
    assert said["responsedate"] is None
    assert (said["onhold"], said["excludefromsla"], said["response kept"], said["sla"]) == (
        True,
        True,
        None,
        "Gold SLA",
    )
    assert said["holds"] == ["2026-03-10T10:00:00.000000Z: 1"]


@pytest.mark.parametrize("minutes", [5, -5])
def test_a_clock_five_minutes_off_loses_nothing(hand: Hand, halo: Halo, minutes: int) -> None:
    hand.skew = timedelta(minutes=minutes)
    hand.pull()
    for id_ in range(1001, 1005):
        halo.open(id_, halo.now + timedelta(seconds=10))
        hand.pull(halo.now + timedelta(minutes=2))
        assert hand.changes(id_, "status")


def test_five_thousand_actions_are_read_whole(hand: Hand, halo: Halo) -> None:
    halo.open(1001, at("10 09:10"))
    for number in range(4_999):
        when = at("10 09:11") + timedelta(seconds=number)
        halo.act(
            1001, when, agent=150, note=f"Note {number}", hidden=True, status=2 if number == 4_998 else 0
        )
    hand.pull(at("10 11:00"))
    assert len([event for event in hand.kept(1001) if event.id.startswith("action-")]) == 5_001
    assert hand.changes(1001, "status")[-1][1] == "In Progress"
    assert len(halo.asked("Actions")) < 60

"""Chapter 3 of clock.md, the rest: reopening (3.7), merges and other ways out (3.9), exclusion (3.10)."""

import pytest
from tests.engine.cast import (
    OFFICE,
    Read,
    alice_says,
    alice_turns,
    at,
    becomes,
    bob_notes,
    bob_says,
    held_to,
    line,
    opened,
    robot_turns,
    ticket,
    turns,
    whys,
)

from beforehand.engine.history import Event, absorbed, approved, deleted, excluded, included, merged
from beforehand.engine.instants import DAY, HOUR, MINUTE

TERMS = held_to(line(response="1h", resolution="4h"))

# 3.7

RESOLVED = [*opened("mon 9:00"), turns("mon 10:00", "resolved")]


def test_3_7_closing_changes_nothing_once_resolved(read: Read) -> None:
    reading = read(ticket(*RESOLVED, turns("tue 9:00", "closed")), TERMS, OFFICE)["resolution"]
    assert (reading.stop, reading.used, reading.stops) == (at("mon 10:00"), HOUR, 1)


def test_3_7_closing_stops_a_clock_that_was_never_resolved(read: Read) -> None:
    reading = read(ticket(opened("mon 9:00"), turns("mon 11:00", "closed")), TERMS, OFFICE)["resolution"]
    assert (reading.verdict, reading.used) == ("met", 2 * HOUR)


def test_3_7_a_reopening_lets_it_go_on_and_the_time_between_does_not_count(read: Read) -> None:
    history = ticket(
        *RESOLVED, turns("mon 12:00", "working"), bob_notes("mon 12:10"), turns("mon 13:00", "resolved")
    )
    reading = read(history, TERMS, OFFICE, spans=True)["resolution"]
    assert (reading.used, reading.stop, reading.first_stop, reading.stops) == (
        2 * HOUR,
        at("mon 13:00"),
        at("mon 10:00"),
        2,
    )
    assert whys(reading) == ["counted", "closed before a reopening", "counted"]
    assert reading.marks == ("reopened",)


def test_3_7_by_setting_the_time_between_counts(read: Read) -> None:
    terms = held_to(line(resolution="4h"), closed_time_counts=True)
    history = ticket(*RESOLVED, turns("mon 12:00", "working"))
    reading = read(history, terms, OFFICE, at("mon 13:00"))["resolution"]
    assert (reading.used, reading.deadline) == (4 * HOUR, at("mon 13:00"))


def test_3_7_time_between_that_counts_breaches_at_the_reopening(read: Read) -> None:
    terms = held_to(line(resolution="4h"), closed_time_counts=True)
    reading = read(ticket(*RESOLVED, turns("mon 16:00", "working")), terms, OFFICE)["resolution"]
    assert (reading.verdict, reading.breached_at, reading.used) == ("breached", at("mon 16:00"), 7 * HOUR)
    assert "breached by the change" in reading.marks


def test_3_7_time_between_that_counts_is_held_to_the_target_at_the_reopening(read: Read) -> None:
    lines = (line("P1", {"priority": "P1"}, resolution="4h"), line("P3", {"priority": "P3"}, resolution="8h"))
    terms = held_to(*lines, closed_time_counts=True)
    history = ticket(
        opened("mon 9:00", priority="P1"),
        turns("mon 10:00", "resolved"),
        becomes("mon 11:00", "priority", "P3"),
        turns("mon 16:00", "working"),
    )
    reading = read(history, terms, OFFICE)["resolution"]
    assert (reading.verdict, reading.target, reading.used) == ("none", 8 * HOUR, 7 * HOUR)


THANKS = [*RESOLVED, alice_says("mon 14:00"), robot_turns("mon 14:00", "working")]


def test_3_7_thanks_changes_no_verdict_however_long_it_lies(read: Read) -> None:
    open_again = read(ticket(*THANKS), TERMS, OFFICE, at("tue 16:00"))["resolution"]
    assert open_again.verdict == "breached"
    reading = read(ticket(*THANKS, turns("tue 16:00", "resolved")), TERMS, OFFICE, spans=True)["resolution"]
    assert (reading.verdict, reading.stop, reading.used, reading.cycle) == ("met", at("mon 10:00"), HOUR, 1)
    assert (reading.marks, whys(reading)) == (("reopened without work",), ["counted", "stopped"])


def test_3_7_work_after_the_clients_reopening_makes_it_count(read: Read) -> None:
    history = ticket(*THANKS, bob_notes("mon 15:00"), turns("mon 16:00", "resolved"))
    reading = read(history, TERMS, OFFICE)["resolution"]
    assert (reading.used, reading.stops) == (3 * HOUR, 2)


def test_3_7_a_reopening_by_the_clients_own_hand_may_be_thanks_too(read: Read) -> None:
    history = ticket(*RESOLVED, alice_turns("mon 14:00", "working"), turns("mon 16:00", "resolved"))
    assert read(history, TERMS, OFFICE)["resolution"].used == HOUR


def test_3_7_a_technicians_own_reopening_counts_without_other_work(read: Read) -> None:
    history = ticket(*RESOLVED, turns("mon 14:00", "working"), turns("mon 16:00", "resolved"))
    assert read(history, TERMS, OFFICE)["resolution"].used == 3 * HOUR


def test_3_7_the_clients_reopening_does_not_make_a_later_one_of_the_technicians_his(read: Read) -> None:
    worked = [*THANKS, bob_notes("mon 14:30"), turns("mon 15:00", "resolved")]
    history = ticket(*worked, turns("mon 16:00", "working"), turns("mon 17:00", "resolved"))
    assert read(history, TERMS, OFFICE)["resolution"].used == 3 * HOUR


def test_3_7_after_thanks_a_later_reopening_goes_on_from_the_first_stop(read: Read) -> None:
    terms = held_to(line(resolution="40h"), closed_time_counts=True)
    history = ticket(*THANKS, turns("mon 16:00", "resolved"), turns("tue 9:00", "working"))
    reading = read(history, terms, OFFICE, at("tue 10:00"), spans=True)["resolution"]
    assert reading.used == 9 * HOUR + 30 * MINUTE
    assert sum(span.end - span.start for span in reading.spans if span.why == "counted") == reading.used


def test_3_7_a_reopening_more_than_seven_days_after_starts_a_new_clock(read: Read) -> None:
    history = ticket(*RESOLVED, turns("mon+1 10:00:01", "working"))
    first, second = read(history, TERMS, OFFICE, at("mon+1 12:00"), spans=True).of("resolution")
    assert (first.verdict, first.used, first.stop) == ("met", HOUR, at("mon 10:00"))
    assert (second.number, second.start, second.verdict, second.marks) == (
        2,
        at("mon+1 10:00:01"),
        "none",
        ("restarted",),
    )
    assert whys(second) == ["set aside by a restart", "counted"]


def test_3_7_seven_days_to_the_second_is_not_more_than_seven_days(read: Read) -> None:
    history = ticket(*RESOLVED, turns("mon+1 10:00", "working"))
    assert len(read(history, TERMS, OFFICE).of("resolution")) == 1


def test_3_7_a_setting_says_after_how_long_or_never(read: Read) -> None:
    for setting, clocks in ((DAY, 2), (None, 1), (0, 2)):
        terms = held_to(line(resolution="4h"), restart_after=setting)
        assert len(read(ticket(*RESOLVED, turns("thu 9:00", "working")), terms, OFFICE)) == clocks


def test_3_7_thanks_after_eight_days_leaves_no_clock_behind(read: Read) -> None:
    late = [alice_says("tue+1 9:00"), robot_turns("tue+1 9:00", "working"), turns("tue+1 10:00", "resolved")]
    (only,) = read(ticket(*RESOLVED, *late), TERMS, OFFICE).of("resolution")
    assert (only.number, only.stop) == (1, at("mon 10:00"))


def test_3_7_a_breach_stands_through_a_reopening(read: Read) -> None:
    history = ticket(opened("mon 9:00"), turns("mon 14:00", "resolved"), turns("mon 15:00", "working"))
    reading = read(history, TERMS, OFFICE)["resolution"]
    assert (reading.verdict, reading.breached_at, reading.used) == ("breached", at("mon 13:00"), 5 * HOUR)


def test_3_7_a_reopening_does_not_undo_the_response(read: Read) -> None:
    readings = read(ticket(*RESOLVED, turns("mon 12:00", "working")), TERMS, OFFICE, at("fri 9:00"))
    assert (readings["response"].verdict, readings["response"].stop) == ("met", at("mon 10:00"))


# 3.9


def test_3_9_a_merged_ticket_has_no_verdict_of_its_own(read: Read) -> None:
    history = ticket(opened("mon 9:00"), bob_says("mon 9:30"), merged(at("mon 10:00"), "T-2"))
    readings = read(history, TERMS, OFFICE, at("fri 9:00"))
    assert {reading.verdict for reading in readings} == {"merged"}
    assert readings["resolution"].used == HOUR


def test_3_9_the_survivor_takes_the_earliest_start(read: Read) -> None:
    history = ticket(opened("mon 9:00"), absorbed(at("mon 10:00"), "T-1", at("fri 9:00") - 7 * DAY))
    reading = read(history, TERMS, OFFICE)["resolution"]
    assert (reading.start, reading.marks) == (at("fri 9:00") - 7 * DAY, ("start of a merged ticket",))
    assert (reading.used, reading.verdict) == (9 * HOUR + 30 * MINUTE, "breached")


def test_3_9_of_several_absorbed_tickets_the_earliest_start_counts(read: Read) -> None:
    others = (
        absorbed(at("mon 10:00"), "T-1", at("mon 6:00")),
        absorbed(at("mon 11:00"), "T-2", at("mon 8:00")),
    )
    assert read(ticket(opened("mon 9:00"), *others), TERMS, OFFICE)["resolution"].start == at("mon 6:00")


def test_3_9_by_setting_the_survivor_keeps_its_own_start(read: Read) -> None:
    terms = held_to(line(resolution="4h"), merge_start="own")
    history = ticket(opened("mon 9:00"), absorbed(at("mon 10:00"), "T-1", at("mon 7:00")))
    assert read(history, terms, OFFICE)["resolution"].start == at("mon 9:00")


def test_3_9_an_absorbed_ticket_that_began_later_changes_nothing(read: Read) -> None:
    history = ticket(opened("mon 9:00"), absorbed(at("mon 11:00"), "T-2", at("mon 10:00")))
    reading = read(history, TERMS, OFFICE)["resolution"]
    assert (reading.start, reading.marks) == (at("mon 9:00"), ())


WAYS_OUT = {
    "merged": merged(at("mon 16:00"), "T-2"),
    "deleted": deleted(at("mon 16:00")),
    "a project": becomes("mon 16:00", "origin", "project"),
    "noise": turns("mon 16:00", "spam"),
}


@pytest.mark.parametrize("out", WAYS_OUT.values(), ids=WAYS_OUT.keys())
def test_3_9_a_clock_already_breached_keeps_its_breach_through_every_way_out(read: Read, out: Event) -> None:
    readings = read(ticket(opened("mon 9:00"), out), TERMS, OFFICE, at("fri 9:00"))
    assert [(reading.metric, reading.verdict, reading.used) for reading in readings][:2] == [
        ("response", "breached", 7 * HOUR),
        ("resolution", "breached", 7 * HOUR),
    ]


@pytest.mark.parametrize("out", WAYS_OUT.values(), ids=WAYS_OUT.keys())
def test_3_9_what_was_within_its_target_has_no_verdict_but_keeps_its_reading(read: Read, out: Event) -> None:
    history = ticket(opened("mon 15:00"), bob_says("mon 15:30"), out)
    response = read(history, TERMS, OFFICE, at("fri 9:00"))["response"]
    assert response.verdict not in ("met", "breached", "none")
    assert (response.used, response.stop) == (30 * MINUTE, at("mon 15:30"))


def test_3_9_a_ticket_out_of_scope_for_a_while_only_runs_on(read: Read) -> None:
    history = ticket(
        opened("mon 9:00"),
        becomes("mon 9:10", "origin", "internal"),
        becomes("mon 9:20", "origin", "client-written"),
    )
    assert read(history, TERMS, OFFICE, at("mon 9:30"))["response"].used == 30 * MINUTE


def test_3_9_a_ticket_out_of_scope_from_its_creation_has_no_clocks(read: Read) -> None:
    assert list(read(ticket(opened("mon 9:00", origin="noise")), TERMS, OFFICE, at("fri 9:00"))) == []


# 3.10

LATE = [*opened("mon 9:00"), bob_says("mon 11:00")]


def test_3_10_an_excluded_ticket_keeps_its_verdict(read: Read) -> None:
    readings = read(ticket(*LATE, excluded(at("tue 9:00"), "the client's own fire drill")), TERMS, OFFICE)
    assert (readings.excluded, readings["response"].verdict) == ("yes", "breached")


def test_3_10_by_setting_a_second_person_approves(read: Read) -> None:
    terms = held_to(line(response="1h"), exclusion_needs_approval=True)
    out = excluded(at("tue 9:00"), "storm", person="Bob")
    assert read(ticket(*LATE, out), terms, OFFICE).excluded == "awaiting approval"
    assert (
        read(ticket(*LATE, out, approved(at("tue 10:00"), person="Carol")), terms, OFFICE).excluded == "yes"
    )


def test_3_10_an_exclusion_can_be_taken_back(read: Read) -> None:
    history = ticket(*LATE, excluded(at("tue 9:00"), "storm"), included(at("tue 10:00")))
    assert read(history, TERMS, OFFICE).excluded == "no"
    assert read(ticket(*LATE, approved(at("tue 9:00"))), TERMS, OFFICE).excluded == "no"

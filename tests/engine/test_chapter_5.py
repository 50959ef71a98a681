"""Chapter 5 of clock.md: what it comes to."""

from datetime import date

import pytest
from tests.engine.cast import (
    BY_PRIORITY,
    OFFICE,
    WEEKDAYS,
    Read,
    at,
    becomes,
    bob_notes,
    bob_says,
    held_to,
    line,
    opened,
    ticket,
    turns,
    whys,
)

from beforehand.engine.clock import Reading
from beforehand.engine.coverage import Coverage
from beforehand.engine.instants import HOUR, MINUTE
from beforehand.engine.weekly import Closure

FOUR = held_to(line(resolution="4h"))
ANY = held_to(*BY_PRIORITY)


def instants(reading: Reading) -> dict[int, int | None]:
    return {threshold.percent: threshold.instant for threshold in reading.thresholds}


# 5.1


@pytest.mark.parametrize(
    ("when", "run"),
    [
        ("mon 10:00", "running"),
        ("mon 18:00", "off hours"),
        ("tue 10:30", "paused"),
        ("tue 18:00", "paused"),
        ("tue 20:00", "stopped"),
    ],
)
def test_5_1_the_run_state_is_told_apart_from_the_verdict(read: Read, when: str, run: str) -> None:
    history = ticket(opened("mon 9:00"), turns("tue 10:00", "waiting"), turns("tue 19:00", "resolved"))
    assert read(history, FOUR, OFFICE, at(when))["resolution"].run == run


def test_5_1_a_breached_clock_counts_on_until_its_stop(read: Read) -> None:
    history = ticket(opened("mon 9:00"), turns("mon 15:00", "resolved"))
    reading = read(history, FOUR, OFFICE, at("fri 9:00"))["resolution"]
    assert (reading.used, reading.left, reading.deadline) == (6 * HOUR, -2 * HOUR, at("mon 13:00"))


def test_5_1_a_later_pause_stops_its_lateness_and_never_moves_its_deadline(read: Read) -> None:
    history = ticket(opened("mon 9:00"), turns("mon 14:00", "waiting"))
    reading = read(history, FOUR, OFFICE, at("mon 17:00"))["resolution"]
    assert (reading.verdict, reading.run, reading.left, reading.deadline) == (
        "breached",
        "paused",
        -HOUR,
        at("mon 13:00"),
    )


def test_5_1_a_later_target_is_shown_beside_the_one_it_broke(read: Read) -> None:
    history = ticket(opened("mon 9:00", priority="P2"), becomes("mon 14:00", "priority", "P3"))
    reading = read(history, ANY, OFFICE)["resolution"]
    assert (reading.target, reading.later_target) == (4 * HOUR, 8 * HOUR)
    assert (reading.deadline, reading.permille) == (at("mon 13:00"), 1250)


def test_5_1_there_are_no_clocks_before_the_creation(read: Read) -> None:
    assert list(read(ticket(opened("mon 9:00")), FOUR, OFFICE, at("mon 8:59"))) == []


# 5.2


def test_5_2_a_reading_gives_use_percent_time_left_and_deadline(read: Read) -> None:
    reading = read(ticket(opened("mon 9:00")), FOUR, OFFICE, at("mon 10:00"))["resolution"]
    assert (reading.used, reading.permille, reading.left, reading.deadline) == (
        HOUR,
        250,
        3 * HOUR,
        at("mon 13:00"),
    )


def test_5_2_it_gives_the_instants_of_50_75_90_and_100_percent_and_of_any_other_asked_for(read: Read) -> None:
    reading = read(ticket(opened("mon 16:30")), FOUR, OFFICE, at("tue 11:00"), thresholds=(25, 150))[
        "resolution"
    ]
    assert instants(reading) == {
        25: at("mon 17:30"),
        50: at("tue 10:00"),
        75: at("tue 11:00"),
        90: at("tue 11:36"),
        100: at("tue 12:00"),
        150: at("tue 14:00"),
    }
    assert [threshold.reached for threshold in reading.thresholds] == [True, True, True, False, False, False]


def test_5_2_a_change_that_takes_the_percent_below_begins_a_new_cycle(read: Read) -> None:
    history = ticket(opened("mon 9:00", priority="P2"), becomes("mon 12:00", "priority", "P3"))
    reading = read(history, ANY, OFFICE, at("mon 12:30"))["resolution"]
    assert reading.cycle == 2
    assert instants(reading)[50] == at("mon 13:00")
    later = read(history, ANY, OFFICE, at("mon 13:00"))["resolution"]
    assert later.thresholds[0].reached


def test_5_2_a_change_to_less_time_reaches_thresholds_at_the_change_in_the_same_cycle(read: Read) -> None:
    history = ticket(opened("mon 9:00", priority="P3"), becomes("mon 12:00", "priority", "P2"))
    reading = read(history, ANY, OFFICE)["resolution"]
    assert (reading.cycle, instants(reading)[50], instants(reading)[75]) == (
        1,
        at("mon 12:00"),
        at("mon 12:00"),
    )


def test_5_2_a_reopening_begins_a_new_cycle(read: Read) -> None:
    history = ticket(opened("mon 9:00"), turns("mon 11:00", "resolved"), turns("mon 12:00", "working"))
    reading = read(history, FOUR, OFFICE, at("mon 12:30"))["resolution"]
    assert (reading.cycle, instants(reading)[50], instants(reading)[75]) == (
        2,
        at("mon 11:00"),
        at("mon 13:00"),
    )


def test_5_2_a_stopped_clock_reaches_no_more(read: Read) -> None:
    reading = read(ticket(opened("mon 9:00"), turns("mon 11:00", "resolved")), FOUR, OFFICE, at("fri 9:00"))[
        "resolution"
    ]
    assert instants(reading) == {50: at("mon 11:00"), 75: None, 90: None, 100: None}
    assert reading.deadline == at("mon 13:00")


# 5.3


def test_5_3_spans_cover_the_life_and_say_why_time_counted_or_not(read: Read) -> None:
    tuesday = date(2026, 11, 24)
    shut = Coverage(
        "Europe/London",
        {day: [("09:00", "17:00")] for day in WEEKDAYS},
        [Closure(tuesday, tuesday, "Founders' day")],
    )
    waits = turns("wed 10:00", "waiting")
    history = ticket(
        opened("mon 16:00"),
        waits,
        turns("wed 12:00", "working"),
        turns("wed 13:00", "resolved"),
        turns("wed 15:00", "working"),
    )
    reading = read(history, held_to(line(resolution="8h")), shut, at("wed 16:00"), spans=True)["resolution"]
    assert [(span.start, span.why, span.what) for span in reading.spans] == [
        (at("mon 16:00"), "counted", ""),
        (at("mon 17:00"), "off hours", ""),
        (at("tue 9:00"), "holiday", "Founders' day"),
        (at("tue 17:00"), "off hours", ""),
        (at("wed 9:00"), "counted", ""),
        (at("wed 10:00"), "waiting", "waiting"),
        (at("wed 12:00"), "counted", ""),
        (at("wed 13:00"), "closed before a reopening", "working"),
        (at("wed 15:00"), "counted", ""),
    ]
    assert reading.spans[5].event == waits
    counted = sum(span.end - span.start for span in reading.spans if span.why == "counted")
    assert counted == reading.used == 4 * HOUR


def test_5_3_a_stopped_clock_says_so_until_now(read: Read) -> None:
    reading = read(
        ticket(opened("mon 9:00"), turns("mon 10:00", "resolved")), FOUR, OFFICE, at("tue 9:00"), spans=True
    )
    assert whys(reading["resolution"]) == ["counted", "stopped"]
    assert reading["resolution"].spans[-1].end == at("tue 9:00")


def test_5_3_spans_are_made_only_when_asked_for(read: Read) -> None:
    assert read(ticket(opened("mon 9:00")), FOUR, OFFICE, at("mon 10:00"))["resolution"].spans == ()


# 5.4


def test_5_4_what_events_decide_does_not_change_when_read_later(read: Read) -> None:
    history = ticket(opened("mon 9:00"), bob_notes("mon 10:00"), turns("mon 11:00", "waiting"))
    stored = read(history, FOUR, OFFICE)["resolution"]
    later = read(history, FOUR, OFFICE, at("fri 9:00"))["resolution"]
    assert stored._replace(as_of=0) == later._replace(as_of=0)


def test_5_4_without_an_instant_it_reads_at_the_last_event(read: Read) -> None:
    readings = read(ticket(opened("mon 9:00"), bob_notes("mon 10:00")), FOUR, OFFICE)
    assert (readings.as_of, readings["resolution"].used) == (at("mon 10:00"), HOUR)


def test_5_4_what_happened_after_the_instant_is_not_known_yet(read: Read) -> None:
    history = ticket(opened("mon 9:00"), turns("mon 10:00", "resolved"))
    assert read(history, FOUR, OFFICE, at("mon 9:59"))["resolution"].verdict == "none"


# 5.5


def test_5_5_while_paused_there_is_no_deadline_and_the_time_left_stands(read: Read) -> None:
    history = ticket(opened("mon 9:00"), turns("mon 11:48", "waiting"))
    reading = read(history, FOUR, OFFICE, at("wed 9:00"))["resolution"]
    assert (reading.deadline, reading.left, reading.run) == (None, HOUR + 12 * MINUTE, "paused")
    assert instants(reading)[100] is None


def test_5_5_a_pause_that_begins_outside_coverage_takes_nothing_twice(read: Read) -> None:
    history = ticket(opened("mon 16:30"), turns("mon 20:00", "waiting"), turns("tue 10:00", "working"))
    reading = read(history, FOUR, OFFICE)["resolution"]
    assert (reading.used, reading.deadline) == (HOUR, at("tue 13:00"))


def test_5_5_a_pause_over_a_closure_takes_nothing_twice(read: Read) -> None:
    tuesday = date(2026, 11, 24)
    shut = Coverage(
        "Europe/London", {day: [("09:00", "17:30")] for day in WEEKDAYS}, [Closure(tuesday, tuesday)]
    )
    history = ticket(opened("mon 16:30"), turns("mon 17:00", "waiting"), turns("wed 10:00", "working"))
    reading = read(history, FOUR, shut)["resolution"]
    assert (reading.used, reading.deadline) == (30 * MINUTE, at("wed 13:30"))


def test_5_5_a_clock_at_its_limit_that_is_paused_has_no_deadline(read: Read) -> None:
    history = ticket(opened("mon 9:00"), bob_says("mon 9:10"), turns("mon 13:00", "waiting"))
    reading = read(history, FOUR, OFFICE, at("mon 14:00"))["resolution"]
    assert (reading.deadline, reading.left, reading.verdict) == (None, 0, "none")

"""Chapter 1 of clock.md: time."""

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.engine.cast import (
    ALWAYS,
    DAYS,
    OFFICE,
    WEEKDAYS,
    Read,
    amount,
    at,
    bob_says,
    held_to,
    line,
    local,
    opened,
    ticket,
    turns,
)

from beforehand.engine import zones
from beforehand.engine.coverage import Coverage
from beforehand.engine.errors import Invalid
from beforehand.engine.history import Source
from beforehand.engine.instants import DAY, HOUR, MINUTE, SECOND, to_datetime, to_instant
from beforehand.engine.weekly import Closure, Opening, overlaps

FOUR_HOURS = held_to(line(response="4h", resolution="4h"))
LONDON = "Europe/London"


def open_on(zone: str, day: str, opens: str, closes: str, *closures: Closure) -> int:
    """Business time of a coverage with one window, on one day."""
    coverage = Coverage(zone, {DAYS[date.fromisoformat(day).weekday()]: [(opens, closes)]}, closures)
    noon = local(zone, f"{day} 12:00")
    return coverage.between(noon - 2 * DAY, noon + 2 * DAY)


# 1.1


def test_1_1_an_instant_is_microseconds_since_1970_exact() -> None:
    moment = datetime(2026, 11, 25, 9, 0, 0, 1, tzinfo=UTC)
    assert to_instant(moment) == 1_795_597_200_000_001
    assert to_datetime(1_795_597_200_000_001) == moment


def test_1_1_a_time_without_a_zone_is_no_instant() -> None:
    with pytest.raises(ValueError, match="needs a zone"):
        to_instant(datetime(2026, 11, 25, 9))


# 1.2


def test_1_2_several_windows_a_day_count_each() -> None:
    split = Coverage(LONDON, {"mon": [("08:00", "12:00"), ("13:00", "17:00")]})
    assert split.between(at("mon 0:00"), at("tue 0:00")) == 8 * HOUR
    assert split.add(at("mon 11:00"), 2 * HOUR) == at("mon 14:00")


def test_1_2_a_window_may_go_over_midnight() -> None:
    night = Coverage(LONDON, {"mon": [("22:00", "06:00")]})
    assert night.between(at("mon 23:00"), at("tue 5:00")) == 6 * HOUR


def test_1_2_a_holiday_shuts_a_whole_day() -> None:
    shut = Coverage(
        LONDON,
        {day: [("09:00", "17:30")] for day in WEEKDAYS},
        [Closure(date(2026, 11, 24), date(2026, 11, 24))],
    )
    assert shut.add(at("mon 16:30"), 2 * HOUR) == at("wed 10:00")


def test_1_2_a_closure_may_take_part_of_a_day() -> None:
    early = Coverage(
        LONDON,
        {"mon": [("09:00", "17:30")]},
        [Closure(date(2026, 11, 23), date(2026, 11, 23), "", 12 * 3600)],
    )
    assert early.between(at("mon 0:00"), at("tue 0:00")) == 3 * HOUR


def test_1_2_closures_on_top_of_each_other_take_nothing_twice() -> None:
    monday = date(2026, 11, 23)
    both = [
        Closure(monday, monday, "ours", 9 * 3600, 12 * 3600),
        Closure(monday, monday, "theirs", 11 * 3600, 13 * 3600),
    ]
    shut = Coverage(LONDON, {"mon": [("09:00", "17:00")]}, both)
    assert shut.between(at("mon 0:00"), at("tue 0:00")) == 4 * HOUR
    assert [(piece.name, piece.end - piece.start) for piece in shut.shut(at("mon 0:00"), at("tue 0:00"))] == [
        ("ours", 3 * HOUR),
        ("theirs", HOUR),
    ]


def test_1_2_a_staffed_saturday_opens_on_top() -> None:
    extra = Coverage(
        LONDON, {"fri": [("09:00", "17:00")]}, (), [Opening(date(2026, 11, 28), 10 * 3600, 12 * 3600)]
    )
    assert extra.add(at("fri 16:00"), 2 * HOUR) == at("sat 11:00")


def test_1_2_an_opening_wins_over_a_closure_of_the_same_time() -> None:
    monday = date(2026, 11, 23)
    hours = {"mon": [("09:00", "17:00")]}
    both = Coverage(
        LONDON, hours, [Closure(monday, monday, "holiday")], [Opening(monday, 10 * 3600, 12 * 3600)]
    )
    assert both.between(at("mon 0:00"), at("tue 0:00")) == 2 * HOUR
    assert [piece.end - piece.start for piece in both.shut(at("mon 0:00"), at("tue 0:00"))] == [
        HOUR,
        5 * HOUR,
    ]


def test_1_2_an_opening_within_another_one_gives_time_back_too() -> None:
    monday = date(2026, 11, 23)
    openings = [Opening(monday, 9 * 3600, 17 * 3600), Opening(monday, 10 * 3600, 11 * 3600)]
    both = Coverage(LONDON, {"mon": [("09:00", "17:00")]}, [Closure(monday, monday)], openings)
    assert list(both.shut(at("mon 0:00"), at("tue 0:00"))) == []


def test_1_2_time_that_a_closure_takes_from_two_windows_is_shut_once() -> None:
    monday = date(2026, 11, 23)
    both = Coverage(LONDON, {"mon": [("09:00", "12:00"), ("11:00", "13:00")]}, [Closure(monday, monday)])
    shut = list(both.shut(at("mon 0:00"), at("tue 0:00")))
    assert sum(piece.end - piece.start for piece in shut) == 4 * HOUR


def test_1_2_round_the_clock_never_shuts() -> None:
    assert ALWAYS.between(at("mon 0:00"), at("mon+1 0:00")) == 7 * DAY
    assert ALWAYS.next_change(at("mon 0:00")) is None


@pytest.mark.parametrize(
    "hours", [[("00:00", "12:00"), ("12:00", "24:00")], [("06:00", "06:30"), ("06:30", "06:00")]]
)
def test_1_2_round_the_clock_is_known_however_its_windows_are_cut(hours: list[tuple[str, str]]) -> None:
    assert Coverage("UTC", dict.fromkeys(DAYS, hours)).is_always
    assert not Coverage("UTC", dict.fromkeys(WEEKDAYS, hours)).is_always


def test_1_2_all_faults_of_a_coverage_are_said_at_once() -> None:
    monday = date(2026, 11, 23)
    with pytest.raises(Invalid) as refused:
        Coverage(
            "Europe/Londres",
            {"monday": [("09:00", "17:00")], "tue": [("09:00", "09:00"), ("9", "25:00")]},
            [Closure(monday, monday - timedelta(days=1))],
            [Opening(monday, 3600, 3600)],
        )
    places = [fault.place for fault in refused.value.faults]
    assert places == [
        "zone",
        "hours",
        "hours.tue[0]",
        "hours.tue[1].opens",
        "hours.tue[1].closes",
        "closures[0]",
        "openings[0]",
    ]


# 1.3


def test_1_3_a_window_is_half_open() -> None:
    assert OFFICE.is_open(at("mon 9:00"))
    assert not OFFICE.is_open(at("mon 17:30"))


def test_1_3_overlapping_and_adjoining_windows_are_one() -> None:
    lapped = Coverage(LONDON, {"mon": [("09:00", "12:00"), ("11:00", "13:00"), ("13:00", "14:00")]})
    assert [tuple(window) for window in lapped.windows(at("mon 0:00"), at("tue 0:00"))] == [
        (at("mon 9:00"), at("mon 14:00"))
    ]
    assert len(overlaps(lapped.weekly)) == 1


def test_1_3_an_opening_that_comes_twice_is_the_first_of_the_two() -> None:
    assert open_on(LONDON, "2026-10-25", "01:30", "06:00") == amount("5h 30m")


def test_1_3_a_closing_that_comes_twice_is_the_second_of_the_two() -> None:
    assert open_on(LONDON, "2026-10-25", "00:00", "01:30") == amount("2h 30m")


def test_1_3_an_opening_that_is_skipped_is_the_first_instant_that_exists() -> None:
    assert open_on("Europe/Paris", "2026-03-29", "02:15", "03:10") == 10 * MINUTE


def test_1_3_a_closing_that_is_skipped_is_the_first_instant_that_exists() -> None:
    assert open_on("Europe/Paris", "2026-03-29", "01:30", "02:40") == 30 * MINUTE


def test_1_3_a_window_that_is_skipped_whole_has_no_length_and_is_not_negative() -> None:
    assert open_on("Europe/Paris", "2026-03-29", "02:10", "02:50") == 0


def test_1_3_24_00_is_the_first_instant_of_the_next_local_day() -> None:
    # In Havana the clock goes from 0:59 back to 0:00, so the next day begins twice.
    assert open_on("America/Havana", "2025-11-01", "22:00", "24:00") == 2 * HOUR


def test_1_3_a_day_that_begins_at_one_o_clock_opens_then() -> None:
    # In Sao Paulo midnight was skipped.
    assert open_on("America/Sao_Paulo", "2018-11-04", "00:00", "02:00") == HOUR


def test_1_3_a_closure_starts_and_ends_by_the_same_rule() -> None:
    closure = Closure(date(2026, 10, 25), date(2026, 10, 25), "", 5400, 7200)
    assert open_on(LONDON, "2026-10-25", "00:00", "06:00", closure) == amount("5h 30m")


def test_1_3_round_the_clock_is_physical_time() -> None:
    spring, autumn = (local(LONDON, f"2026-{day} 00:00") for day in ("03-29", "10-25"))
    assert ALWAYS.between(spring, local(LONDON, "2026-03-30 00:00")) == 23 * HOUR
    assert ALWAYS.between(autumn, local(LONDON, "2026-10-26 00:00")) == 25 * HOUR


# 1.4


def test_1_4_business_time_is_exact_to_the_microsecond() -> None:
    assert OFFICE.between(at("mon 9:00") + 1, at("mon 9:01")) == MINUTE - 1
    assert OFFICE.add(at("mon 9:00"), MINUTE - 1) == at("mon 9:01") - 1


def test_1_4_a_span_that_ends_before_it_starts_holds_nothing() -> None:
    assert OFFICE.between(at("mon 12:00"), at("mon 9:00")) == 0


def test_1_4_percentages_are_cut_so_99_96_shows_as_99_9(read: Read) -> None:
    reading = read(
        ticket(opened("mon 9:00")), held_to(line(response="10000s")), OFFICE, at("mon 9:00") + 9996 * SECOND
    )
    assert reading["response"].permille == 999
    assert not reading["response"].thresholds[-1].reached


# 1.5


def test_1_5_four_hours_that_end_with_the_working_day_are_due_at_its_close(read: Read) -> None:
    assert read(ticket(opened("mon 13:30")), FOUR_HOURS, OFFICE)["response"].deadline == at("mon 17:30")


def test_1_5_a_stop_at_the_deadline_is_met_at_the_limit(read: Read) -> None:
    reading = read(ticket(opened("mon 9:00"), bob_says("mon 13:00")), FOUR_HOURS, OFFICE)["response"]
    assert (reading.verdict, reading.used, reading.marks) == ("met", 4 * HOUR, ("at the limit",))


def test_1_5_a_stop_while_coverage_is_still_shut_after_the_deadline_is_met(read: Read) -> None:
    reading = read(ticket(opened("mon 13:30"), bob_says("tue 8:59:59")), FOUR_HOURS, OFFICE)["response"]
    assert (reading.verdict, reading.used, reading.marks) == ("met", 4 * HOUR, ("at the limit",))


def test_1_5_a_clock_used_up_at_the_close_breaches_at_the_next_opening(read: Read) -> None:
    reading = read(ticket(opened("mon 13:30"), bob_says("tue 9:00:01")), FOUR_HOURS, OFFICE)["response"]
    assert (reading.verdict, reading.breached_at, reading.deadline) == (
        "breached",
        at("tue 9:00"),
        at("mon 17:30"),
    )


def test_1_5_a_clock_is_breached_once_it_exceeds_its_target_and_not_before(read: Read) -> None:
    history = ticket(opened("mon 9:00"))
    assert read(history, FOUR_HOURS, OFFICE, at("mon 13:00"))["response"].verdict == "none"
    late = read(history, FOUR_HOURS, OFFICE, at("mon 13:00") + 1)["response"]
    assert (late.verdict, late.breached_at, late.left) == ("breached", at("mon 13:00"), -1)


@pytest.mark.parametrize(("stop", "verdict"), [("mon 13:00:59", "met"), ("mon 13:01", "breached")])
def test_1_5_a_stop_over_by_less_than_the_precision_is_met_and_marked(
    read: Read, stop: str, verdict: str
) -> None:
    history = ticket(opened("mon 9:00"), bob_says(stop), source=Source(precision=MINUTE))
    reading = read(history, FOUR_HOURS, OFFICE)["response"]
    assert (reading.verdict, "within the precision" in reading.marks) == (verdict, verdict == "met")


def test_1_5_a_reopening_within_the_precision_is_breached_until_a_stop_that_is_within_it_too(
    read: Read,
) -> None:
    events = (opened("mon 9:00"), turns("mon 13:00:20", "resolved"), turns("mon 15:00", "working"))
    source = Source(precision=MINUTE)
    open_again = read(ticket(*events, source=source), FOUR_HOURS, OFFICE)["resolution"]
    assert (open_again.verdict, open_again.breached_at) == ("breached", at("mon 15:00"))
    stopped = read(ticket(*events, turns("mon 15:00:20", "resolved"), source=source), FOUR_HOURS, OFFICE)[
        "resolution"
    ]
    assert (stopped.verdict, stopped.used) == ("met", 4 * HOUR + 40 * SECOND)


# 1.6


def test_1_6_nothing_of_business_time_from_an_instant_is_that_instant() -> None:
    assert OFFICE.add(at("sat 3:00"), 0) == at("sat 3:00")


def test_1_6_a_negative_duration_is_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        OFFICE.add(at("mon 9:00"), -1)


def test_1_6_coverage_that_never_opens_again_has_no_deadline(read: Read) -> None:
    once = Coverage(LONDON, {}, (), [Opening(date(2026, 11, 23), 9 * 3600, 12 * 3600)])
    assert once.add(at("mon 9:00"), 3 * HOUR) == at("mon 12:00")
    assert once.add(at("mon 9:00"), 3 * HOUR + 1) is None
    reading = read(ticket(opened("mon 9:00")), FOUR_HOURS, once, at("fri 9:00"))["response"]
    assert (reading.deadline, reading.used, reading.verdict, reading.run) == (
        None,
        3 * HOUR,
        "none",
        "off hours",
    )


def test_1_6_coverage_without_a_window_owes_nothing() -> None:
    assert Coverage(LONDON, {}).add(at("mon 9:00"), 1) is None


def test_1_6_a_deadline_that_the_engine_cannot_see_as_far_as_is_none() -> None:
    sparse = Coverage(LONDON, {"sun": [("00:00", "00:01")]})
    assert sparse.add(at("mon 9:00"), 52 * MINUTE) is not None
    assert sparse.add(at("mon 9:00"), 20_000 * MINUTE) is None


def test_1_6_coverage_that_never_shuts_again_has_no_next_change() -> None:
    monday = date(2026, 11, 23)
    once = Coverage(LONDON, {day: [("00:00", "24:00")] for day in DAYS}, [Closure(monday, monday)])
    assert once.next_change(at("mon 9:00")) == at("tue 0:00")
    assert once.next_change(at("tue 9:00")) is None


# 1.7


def test_1_7_zone_rules_are_those_of_the_pinned_package() -> None:
    assert LONDON in zones.known_zones()
    assert zones.tzdata_version()[:2] == "20"
    with pytest.raises(KeyError):
        zones.load("Europe/Londres")

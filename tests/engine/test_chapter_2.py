"""Chapter 2 of clock.md: what is promised."""

from datetime import date
from typing import Any

import pytest
from tests.engine.cast import (
    ALWAYS,
    OFFICE,
    WEEKDAYS,
    Read,
    alice_says,
    at,
    becomes,
    bob_notes,
    bob_says,
    bob_visits,
    goes_to,
    held_to,
    line,
    opened,
    target,
    ticket,
    turns,
)

from beforehand.engine.clock import compile_terms
from beforehand.engine.coverage import Coverage
from beforehand.engine.errors import Invalid
from beforehand.engine.history import Event, planned
from beforehand.engine.instants import HOUR, MINUTE
from beforehand.engine.terms import Line, Meaning, Settings, StatusMap, Target, Terms
from beforehand.engine.weekly import Closure

# 2.2


def winner(fields: dict[str, str], *lines: Line) -> tuple[str, dict[str, str]]:
    """The line that wins, and the message that each loser gets."""
    choice = Terms(lines).choose(fields)
    assert choice.winner is not None
    return choice.winner.name, {line.name: message for line, message, _ in choice.lost}


def test_2_2_the_line_that_names_most_of_the_ticket_wins() -> None:
    lines = (line("any"), line("P1", {"priority": "P1"}), line("VIP P1", {"tier": "VIP", "priority": "P1"}))
    assert winner({"tier": "VIP", "priority": "P1"}, *lines) == (
        "VIP P1",
        {"P1": "fits-less", "any": "fits-less"},
    )


def test_2_2_of_two_that_name_as_many_the_first_differing_field_decides() -> None:
    lines = (line("by priority", {"priority": "P1"}), line("by site", {"site": "HQ"}))
    assert winner({"site": "HQ", "priority": "P1"}, *lines) == (
        "by site",
        {"by priority": "names-later-field"},
    )


def test_2_2_the_order_of_fields_is_contract_site_type_board_tier_channel_priority() -> None:
    names = ("contract", "site", "type", "board", "tier", "channel", "priority")
    lines = [line(name, {name: "x"}) for name in reversed(names)]
    assert winner(dict.fromkeys(names, "x"), *lines)[0] == "contract"
    assert [known.name for known in Terms(lines).lines] == list(names)


def test_2_2_a_clients_own_line_beats_its_plans() -> None:
    lines = (line("plan", {"priority": "P1"}), line("own", {"priority": "P1"}, own=True))
    assert winner({"priority": "P1"}, *lines) == ("own", {"plan": "plan-line"})


def test_2_2_a_line_that_names_another_value_does_not_fit_and_says_which() -> None:
    choice = Terms([line("any"), line("P1", {"priority": "P1"})]).choose({"priority": "P2"})
    ((lost, message, values),) = choice.lost
    assert (lost.name, message, values) == ("P1", "other-value", (("priority", "P2"),))


def test_2_2_two_equal_lines_are_refused() -> None:
    with pytest.raises(Invalid, match=r"line 'b': found the same tickets as line 'a'"):
        Terms([line("a", {"priority": "P1"}), line("b", {"priority": "P1"})])


def test_2_2_all_faults_of_terms_are_said_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        Terms(
            [line("a", {"colour": "red"}), Line("b", {}, (target("plan", "1h"), target("plan", "2h")))],
            settings=Settings(response_by="fax", pauses={"lunch": ("resolved",)}, restart_after=-1),  # type: ignore[arg-type]
            triage=Target("triage", days=1),
        )
    assert len(refused.value.faults) == 7


def test_2_2_a_status_that_means_no_state_is_refused() -> None:
    with pytest.raises(Invalid, match=r"statuses\.\(every board\)\.Hold: found 'paused'"):
        StatusMap({"": {"Hold": Meaning("paused")}})


def test_2_2_a_line_may_have_a_coverage_of_its_own(read: Read) -> None:
    terms = held_to(
        line("P1", {"priority": "P1"}, resolution="4h", coverage=ALWAYS), line("rest", resolution="4h")
    )
    assert read(ticket(opened("mon 17:00", priority="P1")), terms, OFFICE)["resolution"].deadline == at(
        "mon 21:00"
    )
    assert read(ticket(opened("mon 17:00", priority="P2")), terms, OFFICE)["resolution"].deadline == at(
        "tue 12:30"
    )


# 2.3

TRIAGED = held_to(line("P1", {"priority": "P1"}, resolution="1h"), triage="30m")


def test_2_3_a_ticket_that_no_line_fits_runs_the_triage_target_from_creation(read: Read) -> None:
    readings = read(ticket(opened("mon 9:00")), TRIAGED, OFFICE, at("mon 9:31"))
    assert [(reading.metric, reading.verdict, reading.line) for reading in readings] == [
        ("triage", "breached", None)
    ]


def test_2_3_once_it_is_matched_its_clocks_run_from_creation(read: Read) -> None:
    readings = read(
        ticket(opened("mon 9:00"), becomes("mon 9:45", "priority", "P1")), TRIAGED, OFFICE, at("mon 9:50")
    )
    assert (readings["resolution"].start, readings["resolution"].used) == (at("mon 9:00"), 50 * MINUTE)
    assert readings["resolution"].deadline == at("mon 10:00")


def test_2_3_a_clock_whose_target_was_used_before_the_match_is_breached_where_it_ran_out(read: Read) -> None:
    history = ticket(opened("mon 9:00"), becomes("mon 15:00", "priority", "P1"))
    assert read(history, TRIAGED, OFFICE)["resolution"].breached_at == at("mon 10:00")


def test_2_3_no_line_and_no_triage_target_gives_no_clock(read: Read) -> None:
    assert (
        list(read(ticket(opened("mon 9:00")), held_to(line("P1", {"priority": "P1"}, response="1h")), OFFICE))
        == []
    )


def test_2_3_what_came_before_the_creation_does_not_make_a_ticket_uncovered(read: Read) -> None:
    terms = held_to(
        line("P1", {"priority": "P1"}, triage="1h"),
        line("any", triage="2h"),
        triage="30m",
        retarget="keep-first",
    )
    history = ticket(alice_says("mon 9:00"), opened("mon 9:10"), becomes("mon 9:20", "priority", "P1"))
    assert read(history, terms, OFFICE)["triage"].target == 2 * HOUR


# 2.4


@pytest.mark.parametrize(
    ("metric", "stop"),
    [
        ("response", bob_says("mon 10:00")),
        ("plan", planned(at("mon 10:00"))),
        ("plan", turns("mon 10:00", "planned")),
        ("resolution", turns("mon 10:00", "resolved")),
        ("onsite", bob_visits("mon 10:00")),
        ("update", bob_says("mon 10:00")),
    ],
)
def test_2_4_each_metric_is_stopped_by_its_own(read: Read, metric: str, stop: Event) -> None:
    terms = held_to(Line("any", {}, (target(metric, "4h"),)))
    first = read(ticket(opened("mon 9:00"), bob_notes("mon 9:30"), stop), terms, OFFICE).of(metric)[0]
    assert (first.verdict, first.used, first.stop) == ("met", HOUR, at("mon 10:00"))


def test_2_4_triage_is_done_when_a_person_has_set_client_priority_and_owner_or_queue(read: Read) -> None:
    events = [
        *opened("mon 9:00"),
        becomes("mon 9:10", "client", "Acme"),
        becomes("mon 9:20", "priority", "P3"),
    ]
    terms = held_to(line(triage="1h"))
    assert read(ticket(*events), terms, OFFICE)["triage"].verdict == "none"
    assert read(ticket(*events, goes_to("mon 9:30")), terms, OFFICE)["triage"].used == 30 * MINUTE
    assert (
        read(ticket(*events, becomes("mon 9:40", "board", "East")), terms, OFFICE)["triage"].used
        == 40 * MINUTE
    )


def test_2_4_a_robot_does_no_triage(read: Read) -> None:
    robot = 4
    events = [becomes("mon 9:10", name, "x", by=robot) for name in ("client", "priority", "board")]
    assert (
        read(ticket(opened("mon 9:00"), *events), held_to(line(triage="1h")), OFFICE)["triage"].verdict
        == "none"
    )


def test_2_4_onsite_ends_without_a_verdict_when_resolved_without_a_visit(read: Read) -> None:
    terms = held_to(line(onsite="4h"))
    remote = read(ticket(opened("mon 9:00"), turns("mon 10:00", "resolved")), terms, OFFICE)["onsite"]
    assert remote.verdict == "resolved without a visit"
    late = read(ticket(opened("mon 9:00"), turns("mon 15:00", "resolved")), terms, OFFICE)["onsite"]
    assert late.verdict == "breached"


# 2.5

NEXT_DAY = held_to(line(resolution="1 days"))


def due(read: Read, when: str, days: int = 1, coverage: Coverage = OFFICE, **more: Any) -> int | None:
    """When a day target is due for a ticket opened then."""
    terms = held_to(Line("any", {}, (Target("resolution", days=days, **more),)))
    return read(ticket(opened(when)), terms, coverage)["resolution"].deadline


def test_2_5_business_hours_and_round_the_clock(read: Read) -> None:
    terms = held_to(line(response="1h 24x7", resolution="4h"))
    readings = read(ticket(opened("fri 17:00")), terms, OFFICE)
    assert readings["response"].deadline == at("fri 18:00")
    assert readings["resolution"].deadline == at("mon+1 12:30")


@pytest.mark.parametrize("when", ["fri 9:00", "fri 18:00", "sat 10:00", "sun 23:59"])
def test_2_5_friday_and_the_weekend_are_due_monday_at_the_last_close(read: Read, when: str) -> None:
    assert due(read, when) == at("mon+1 17:30")


def test_2_5_monday_morning_before_opening_is_due_tuesday(read: Read) -> None:
    assert due(read, "mon 3:00") == at("tue 17:30")


def test_2_5_three_business_days(read: Read) -> None:
    assert due(read, "thu 10:00", days=3) == at("tue+1 17:30")


def test_2_5_by_noon(read: Read) -> None:
    assert due(read, "mon 10:00", by=12 * 3600) == at("tue 12:00")


SPLIT = Coverage("Europe/London", {day: [("08:00", "12:00"), ("13:00", "17:00")] for day in WEEKDAYS})


@pytest.mark.parametrize(("by", "instant"), [("07:00", "12:00"), ("12:30", "17:00"), ("19:00", "17:00")])
def test_2_5_a_time_outside_coverage_means_the_next_close_of_the_day_else_its_last(
    read: Read, by: str, instant: str
) -> None:
    hours, minutes = map(int, by.split(":"))
    assert due(read, "mon 10:00", coverage=SPLIT, by=hours * 3600 + minutes * 60) == at(f"tue {instant}")


@pytest.mark.parametrize(
    ("when", "cut_off", "instant"),
    [
        ("fri 17:30", "close", "mon+1 17:30"),
        ("fri 17:30:01", "close", "tue+1 17:30"),
        ("sat 10:00", "close", "tue+1 17:30"),
        ("fri 12:00", 12 * 3600, "mon+1 17:30"),
        ("fri 12:01", 12 * 3600, "tue+1 17:30"),
    ],
)
def test_2_5_after_a_cut_off_the_ticket_counts_as_the_next_business_days(
    read: Read, when: str, cut_off: int | str, instant: str
) -> None:
    assert due(read, when, cut_off=cut_off) == at(instant)


def test_2_5_a_window_belongs_to_the_day_it_opens_on(read: Read) -> None:
    nights = Coverage("Europe/London", {day: [("22:00", "06:00")] for day in WEEKDAYS})
    assert due(read, "fri 21:00", coverage=nights) == at("tue+1 6:00")


def test_2_5_what_a_holiday_leaves_of_its_night_does_not_make_it_a_business_day(read: Read) -> None:
    tuesday = date(2026, 11, 24)
    nights = {day: [("22:00", "06:00")] for day in ("mon", "tue", "fri")}
    shut = Coverage("Europe/London", nights, [Closure(tuesday, tuesday)])
    # Of Tuesday's night the hours from midnight are left: they open on Wednesday.
    assert due(read, "mon 21:00", coverage=shut) == at("wed 6:00")
    assert due(read, "mon 21:00", days=2, coverage=shut) == at("sat 6:00")


def test_2_5_where_coverage_is_24x7_another_calendar_must_be_named(read: Read) -> None:
    for calendar in (None, ALWAYS):
        with pytest.raises(Invalid, match=r"resolution\.calendar"):
            due(read, "fri 18:00", coverage=ALWAYS, calendar=calendar)
    assert due(read, "fri 18:00", coverage=ALWAYS, calendar=OFFICE) == at("mon+1 17:30")


def test_2_5_a_named_calendar_that_is_24x7_is_refused_under_any_coverage(read: Read) -> None:
    with pytest.raises(Invalid, match="round the clock"):
        due(read, "fri 18:00", calendar=ALWAYS)


def test_2_5_under_24x7_a_day_target_is_counted_by_the_clock(read: Read) -> None:
    terms = held_to(line(resolution=target("resolution", "1 days", calendar=OFFICE)))
    reading = read(ticket(opened("fri 17:30")), terms, ALWAYS, at("sat 17:30"))["resolution"]
    assert (reading.target, reading.used) == (72 * HOUR, 24 * HOUR)


def test_2_5_a_day_target_is_business_time_once_fixed_so_that_percentages_and_pauses_work(read: Read) -> None:
    history = ticket(opened("mon 13:15"), turns("mon 14:15", "waiting"), turns("mon 16:15", "working"))
    reading = read(history, NEXT_DAY, OFFICE, at("tue 9:00"))["resolution"]
    assert (reading.target, reading.used) == (12 * HOUR + 45 * MINUTE, 2 * HOUR + 15 * MINUTE)
    assert reading.deadline == at("wed 11:00")


def test_2_5_a_day_target_of_no_business_time_is_given_a_microsecond(read: Read) -> None:
    assert due(read, "mon 18:00", by=9 * 3600) == at("tue 9:00") + 1


WRONG = (Target("response"), Target("response", 1, 1), Target("response", -1), Target("tea", 1))


@pytest.mark.parametrize("wrong", WRONG)
def test_2_5_a_target_is_an_amount_or_days(wrong: Target) -> None:
    with pytest.raises(Invalid):
        compile_terms(Terms([Line("any", {}, (wrong,))]), OFFICE)

"""A reading said plainly: exact sentences."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from beforehand.engine import history as h
from beforehand.engine.clock import Reading, read
from beforehand.engine.codes import BY_CLIENT, BY_PERSON, PUBLIC
from beforehand.engine.coverage import Coverage
from beforehand.engine.english import amount, hours, render
from beforehand.engine.instants import HOUR, MINUTE, SECOND, to_instant
from beforehand.engine.saying import Hours
from beforehand.engine.terms import Line, Meaning, Settings, StatusMap, Target, Terms
from beforehand.engine.weekly import Closure
from beforehand.engine.words import say, say_choice, say_target

WEEK = {day: [("09:00", "17:30")] for day in ("mon", "tue", "wed", "thu", "fri")}
LONDON = Coverage("Europe/London", WEEK, [Closure(date(2026, 12, 25), date(2026, 12, 25), "Christmas Day")])
TELLS_ALL = h.Source()
STATUSES = StatusMap(
    {
        "": {
            "New": Meaning("working"),
            "Waiting customer": Meaning("waiting-on-client"),
            "Done": Meaning("resolved"),
            "Shut": Meaning("closed"),
            "Spam": Meaning("closed", noise=True),
        }
    }
)
PROMISED = (Target("response", 4 * HOUR), Target("resolution", 16 * HOUR))
TERMS = Terms([Line("Standard", {}, PROMISED)], STATUSES, triage=Target("triage", 30 * MINUTE))


def at(text: str) -> int:
    """ "6 16:10": a day of November 2026 (the 6th is a Friday) and a time in London."""
    day, clock = text.split()
    hour, minute = map(int, clock.split(":"))
    month, number = (12, int(day[1:])) if day.startswith("D") else (11, int(day))
    local = datetime(2026, month, number, hour, minute, tzinfo=ZoneInfo("Europe/London"))
    return to_instant(local.astimezone(UTC))


def told(
    *events: h.Event,
    now: str,
    metric: str = "response",
    terms: Terms = TERMS,
    coverage: Coverage = LONDON,
    source: h.Source = TELLS_ALL,
    number: int = -1,
) -> str:
    history = h.History(events, source)
    readings = read(history, terms, coverage, at(now), spans=True)
    reading: Reading = readings.of(metric)[number]
    return " ".join(render(said) for said in say(reading, history, terms))


HOURS = "Your support hours are Mon-Fri 9:00-17:30 (London)."


def test_an_answer_after_the_weekend() -> None:
    said = told(h.created(at("6 16:10")), h.message(at("9 9:25"), person="Ada"), now="9 10:00")
    assert said == (
        f"Created Friday 16:10. {HOURS} 1 h 20 m counted on Friday, nothing over the weekend, 25 m on Monday,"
        " answered by Ada Monday 9:25: 1 h 45 m of 4 h. The promise was kept."
    )


def test_running() -> None:
    assert told(h.created(at("9 10:00")), now="9 11:30") == (
        f"Created Monday 10:00. {HOURS} 1 h 30 m counted on Monday: 1 h 30 m of 4 h so far."
        " 2 h 30 m left, due Monday 14:00."
    )


def test_off_hours_stand_still_and_say_when_it_goes_on() -> None:
    assert told(h.created(at("6 16:10")), now="7 12:00") == (
        f"Created Friday 16:10. {HOURS} 1 h 20 m counted on Friday, nothing on Saturday, outside support"
        " hours:"
        " 1 h 20 m of 4 h so far. Support is closed now: 2 h 40 m left, it goes on Monday 9:00 and is due"
        " Monday 11:40."
    )


def test_paused_by_a_wait_on_the_client() -> None:
    said = told(
        h.created(at("9 9:00")),
        h.status(at("9 11:48"), "Waiting customer"),
        now="10 10:00",
        metric="resolution",
    )
    assert said == (
        f"Created Monday 9:00. {HOURS} 2 h 48 m counted on Monday: 2 h 48 m of 16 h so far. Paused, 13 h"
        " 12 m left,"
        " waiting on you since Monday 11:48 (status “Waiting customer”); there is no deadline until it"
        " goes on."
    )


def test_a_wait_in_the_past_is_told_in_its_place() -> None:
    said = told(
        h.created(at("9 9:00")),
        h.status(at("9 10:00"), "Waiting customer"),
        h.client_message(at("10 10:00")),
        h.status(at("10 11:00"), "Done"),
        now="10 12:00",
        metric="resolution",
    )
    assert said == (
        f"Created Monday 9:00. {HOURS} 1 h counted on Monday, nothing from Monday 10:00 to Tuesday 10:00,"
        " waiting on"
        " you (status “Waiting customer”), 1 h on Tuesday, resolved Tuesday 11:00: 2 h of 16 h. The"
        " promise was kept."
    )


def test_met_at_the_limit() -> None:
    said = told(h.created(at("9 13:30")), h.message(at("9 18:00")), now="9 18:00")
    assert said.endswith(
        "4 h of 4 h. The promise was kept, at the limit: all of its time was used and no more."
    )


def test_late_and_stopped_says_how_late() -> None:
    said = told(h.created(at("9 10:00")), h.message(at("9 14:20")), now="9 15:00")
    assert said.endswith(
        "4 h 20 m of 4 h. The promise was broken: 20 m late, its time was used up Monday 14:00."
    )


def test_late_by_seconds_is_never_shown_as_in_time() -> None:
    late = h.message(at("9 14:00") + 5 * SECOND)
    assert told(h.created(at("9 10:00")), late, now="9 15:00").endswith(
        "4 h 1 m of 4 h. The promise was broken: 1 m late, its time was used up Monday 14:00."
    )


def test_late_and_still_running_off_hours() -> None:
    assert told(h.created(at("9 10:00")), now="9 20:00").endswith(
        "7 h 30 m of 4 h so far. The promise is broken: 3 h 30 m late by now, its time was used up Monday"
        " 14:00."
        " Support is closed; the lateness grows on from Tuesday 9:00."
    )


def test_used_up_at_the_close_is_not_late_before_the_opening() -> None:
    assert told(h.created(at("9 13:30")), now="9 20:00").endswith(
        "All the time promised was used up Monday 17:30 and support has closed: late from Tuesday 9:00."
    )


def test_late_and_paused() -> None:
    said = told(
        h.created(at("9 9:00")),
        h.status(at("11 11:00"), "Waiting customer"),
        now="11 12:00",
        metric="resolution",
    )
    assert said.endswith(
        "Paused, waiting on you since Wednesday 11:00 (status “Waiting customer”): the lateness does not grow"
        " meanwhile."
    )


def test_breached_by_the_change_of_priority() -> None:
    lines = [
        Line("P3", {"priority": "P3"}, (Target("response", 16 * HOUR),)),
        Line("P1", {"priority": "P1"}, (Target("response", HOUR),)),
    ]
    said = told(
        h.created(at("9 9:00")),
        h.changed(at("9 9:00"), "priority", "P3"),
        h.changed(at("9 12:00"), "priority", "P1"),
        now="9 12:30",
        terms=Terms(lines, STATUSES),
    )
    assert said.endswith(
        "The promise was broken by a change Monday 12:00: by then more than the new 1 h was used (2 h 30 m"
        " over)."
    )


def test_as_the_source_tells() -> None:
    said = told(
        h.created(at("9 9:00")),
        h.told_responded(at("9 9:40")),
        now="9 10:00",
        source=h.Source(messages=False, responded=True),
    )
    assert "40 m counted on Monday, answered Monday 9:40, as the source tells: 40 m of 4 h." in said


def test_logged_after_the_work() -> None:
    said = told(h.created(at("9 9:05")), h.message(at("9 8:45")), now="9 10:00")
    assert said == (
        f"Created Monday 9:05. {HOURS} The work was done before the ticket was opened and logged afterwards:"
        " 0 m of 4 h. The promise was kept."
    )


def test_the_resolution_counts_as_the_answer() -> None:
    said = told(h.created(at("9 9:00")), h.status(at("9 9:30"), "Done"), now="9 10:00")
    assert "resolved Monday 9:30, which counts for this too: 30 m of 4 h." in said


def test_it_says_when_it_cannot_be_judged() -> None:
    said = told(h.created(at("9 9:00")), now="9 10:00", source=h.Source(messages=False))
    assert said == (
        f"Created Monday 9:00. {HOURS} The source tells neither the messages nor when it was answered, so"
        " this"
        " cannot be judged; it counts neither as kept nor as broken."
    )


def test_an_uncovered_ticket_is_said_to_be_one() -> None:
    terms = Terms([], STATUSES, triage=Target("triage", 30 * MINUTE))
    assert told(h.created(at("9 9:00")), now="9 9:10", metric="triage", terms=terms) == (
        "Created Monday 9:00. No agreement covers this ticket. What is counted is the provider's own time for"
        f" looking at it. {HOURS} 10 m counted on Monday: 10 m of 30 m so far. 20 m left, due Monday 9:30."
    )


def test_holidays_by_name() -> None:
    said = told(h.created(at("D24 16:30")), h.message(at("D28 9:15")), now="D28 10:00")
    assert (
        "1 h counted on Thursday, nothing on Friday (Christmas Day), nothing over the weekend, 15 m on"
        " Monday,"
        " answered Monday 9:15: 1 h 15 m of 4 h."
    ) in said


def test_dates_are_said_when_they_are_long_ago() -> None:
    said = told(h.created(at("9 9:00")), h.message(at("9 9:30"), person="Ada"), now="D1 9:00")
    assert said.startswith("Created Mon 9 Nov 9:00.")
    assert "30 m counted on Mon 9 Nov, answered by Ada Mon 9 Nov 9:30" in said


def test_reopened() -> None:
    said = told(
        h.created(at("9 9:00")),
        h.status(at("9 10:00"), "Done"),
        h.status(at("10 9:00"), "New"),
        now="10 9:30",
        metric="resolution",
    )
    assert said == (
        f"Created Monday 9:00. {HOURS} 1 h counted on Monday, nothing from Monday 10:00, when it was done,"
        " to Tuesday"
        " 9:00, when it was reopened, 30 m on Tuesday: 1 h 30 m of 16 h so far. 14 h 30 m left, due"
        " Wednesday 15:30."
        " It was reopened and went on with the time used so far."
    )


def test_reopened_long_after_begins_anew() -> None:
    said = told(
        h.created(at("9 9:00")),
        h.status(at("9 10:00"), "Done"),
        h.status(at("20 9:00"), "New"),
        now="20 9:30",
        metric="resolution",
    )
    assert said.startswith(
        "The ticket was reopened Friday 9:00, so long after it was done that its time began anew (run 2)."
    )
    assert "30 m counted on Friday: 30 m of 16 h so far." in said


@pytest.mark.parametrize(
    ("event", "end"),
    [
        (
            h.merged(at("9 10:00"), "T2"),
            "The ticket was merged into another, so it has no verdict of its own.",
        ),
        (h.deleted(at("9 10:00")), "The ticket was deleted, so it has no verdict."),
        (
            h.status(at("9 10:00"), "Spam"),
            "The ticket is outside what was agreed (a project, internal work or noise): no verdict.",
        ),
    ],
)
def test_a_ticket_without_a_verdict_says_why(event: h.Event, end: str) -> None:
    assert told(h.created(at("9 9:00")), event, now="9 11:00").endswith(end)


def test_no_line_fits_any_more() -> None:
    terms = Terms([Line("P1", {"priority": "P1"}, PROMISED)], STATUSES)
    said = told(
        h.created(at("9 9:00")),
        h.changed(at("9 9:00"), "priority", "P1"),
        h.changed(at("9 10:00"), "priority", "P9"),
        now="9 11:00",
        terms=terms,
    )
    assert said.endswith("After a change no line of the agreement fits the ticket any more: no verdict.")


def test_a_day_target_says_what_was_promised() -> None:
    terms = Terms([Line("Standard", {}, (Target("response", days=1, by=12 * 3600),))], STATUSES)
    assert told(h.created(at("9 9:00")), now="9 10:00", terms=terms) == (
        f"Created Monday 9:00. {HOURS} Promised is the next business day by 12:00: 11 h 30 m of support"
        " hours."
        " 1 h counted on Monday: 1 h of 11 h 30 m so far. 10 h 30 m left, due Tuesday 12:00."
    )


def test_round_the_clock() -> None:
    terms = Terms([Line("P1", {}, (Target("response", HOUR, round_the_clock=True),))], STATUSES)
    said = told(h.created(at("7 23:30")), h.message(at("8 0:15")), now="8 1:00", terms=terms)
    assert said.startswith("Created Saturday 23:30. This is counted round the clock.")


def test_a_long_life_is_summed_by_weeks_and_its_waits_are_counted() -> None:
    said = told(
        h.created(at("2 9:00")),
        h.status(at("2 10:00"), "Waiting customer"),
        h.status(at("10 9:00"), "New"),
        h.status(at("10 11:00"), "Waiting customer"),
        h.client_message(at("23 9:00")),
        now="23 10:00",
        metric="resolution",
    )
    assert (
        "1 h counted in the week of 2 Nov, 2 h in the week of 9 Nov, 1 h in the week of 23 Nov: 4 h of 16"
        " h so far."
        " In all it was waiting on you 2 times, the longest from Tue 10 Nov 11:00 to Monday 9:00; nothing"
        " counted"
        " then."
    ) in said


def test_a_contact_before_the_ticket_starts_the_clock() -> None:
    said = told(h.client_message(at("9 9:10")), h.created(at("9 9:30")), now="9 10:00")
    assert said.startswith(
        "You made contact Monday 9:10, and the time counts from then; the ticket was created Monday 9:30."
    )


def test_thanks_changes_no_verdict() -> None:
    said = told(
        h.created(at("9 9:00")),
        h.status(at("9 10:00"), "Done"),
        h.client_message(at("9 11:00")),
        h.status(at("9 11:00"), "New", flags=BY_CLIENT),
        h.status(at("9 11:30"), "Done"),
        now="9 12:00",
        metric="resolution",
    )
    assert "resolved Monday 10:00: 1 h of 16 h. The promise was kept." in said
    assert said.endswith("The client reopened it and no work followed (“thanks!”): the verdict stands.")


def test_a_late_change_names_its_person() -> None:
    lines = [
        Line("P1", {"priority": "P1"}, (Target("response", HOUR),)),
        Line("P3", {"priority": "P3"}, (Target("response", 8 * HOUR),)),
    ]
    said = told(
        h.created(at("9 9:00")),
        h.changed(at("9 9:00"), "priority", "P1"),
        h.changed(at("9 9:50"), "priority", "P3", person="Bob"),
        now="9 10:00",
        terms=Terms(lines, STATUSES),
    )
    assert said.endswith("Its priority was changed in the last quarter of its time, by Bob.")


def test_within_the_precision_of_the_source() -> None:
    said = told(
        h.created(at("9 10:00")),
        h.message(at("9 14:00") + 20 * SECOND),
        now="9 15:00",
        source=h.Source(precision=MINUTE),
    )
    assert said.endswith(
        "It is over by less than the source's time stamps can tell, so the promise counts as kept."
    )


def test_a_machine_ticket_that_cleared_by_itself() -> None:
    said = told(
        h.created(at("9 9:00"), flags=0),
        h.changed(at("9 9:00"), "origin", "machine", flags=0),
        h.status(at("9 9:20"), "Done", flags=0),
        now="9 10:00",
        metric="resolution",
    )
    assert said.endswith("Monitoring opened it and it cleared with no human work: no verdict.")


def test_hours_that_never_open_have_no_deadline() -> None:
    said = told(h.created(at("9 9:00")), now="9 10:00", coverage=Coverage("Europe/London", {}))
    assert said.endswith("The support hours never open for that long again, so there is no deadline.")


@pytest.mark.parametrize(
    ("weekly", "words"),
    [
        (WEEK, "Mon-Fri 9:00-17:30 (London)"),
        ({**WEEK, "fri": [("09:00", "15:00")]}, "Mon-Thu 9:00-17:30, Fri 9:00-15:00 (London)"),
        ({"mon": [("08:00", "12:00"), ("13:00", "17:00")]}, "Mon 8:00-12:00 and 13:00-17:00 (London)"),
        ({"tue": [("22:00", "06:00")], "sat": [("00:00", "24:00")]}, "Tue 22:00-6:00, Sat all day (London)"),
        ({"mon": [("09:00", "13:00"), ("12:00", "17:00")]}, "Mon 9:00-17:00 (London)"),
        ({day: [("08:00", "20:00")] for day in (*WEEK, "sat", "sun")}, "every day 8:00-20:00 (London)"),
        ({"mon": [("09:00", "12:00")], "wed": [("09:00", "12:00")]}, "Mon, Wed 9:00-12:00 (London)"),
    ],
)
def test_coverage_in_words(weekly: dict[str, list[tuple[str, str]]], words: str) -> None:
    coverage = Coverage("Europe/London", weekly)
    assert hours(Hours(coverage.weekly, coverage.zone)) == words


def test_durations() -> None:
    assert [amount(n) for n in (0, 72 * MINUTE, 4 * HOUR, 12 * SECOND, -90 * MINUTE)] == [
        "0 m",
        "1 h 12 m",
        "4 h",
        "12 s",
        "-1 h 30 m",
    ]


def test_why_this_line_and_not_the_others() -> None:
    lines = [
        Line("P1 at the plant", {"site": "Plant", "priority": "P1"}, PROMISED),
        Line("P1", {"priority": "P1"}, PROMISED),
        Line("Plant", {"site": "Plant"}, PROMISED),
        Line("Own plant", {"site": "Plant"}, PROMISED, own=True),
        Line("VIP", {"tier": "VIP"}, PROMISED),
        Line("Office P2", {"site": "Office", "priority": "P2"}, PROMISED),
        Line("The rest", {}, PROMISED),
    ]
    terms = Terms(lines, STATUSES)
    winner, lost = say_choice(terms.choose({"site": "Plant", "priority": "P2"}))
    assert winner is not None
    assert render(winner) == "Own plant applies: it is for tickets with site Plant."
    assert {line.name: render(why) for line, why in lost} == {
        "P1 at the plant": "It is for priority P1 (here P2).",
        "Office P2": "It is for site Office (here Plant).",
        "Plant": "It fits too, but Own plant is the client's own and goes before the plan's.",
        "VIP": "It is for tier VIP (here none).",
        "P1": "It is for priority P1 (here P2).",
        "The rest": "It fits too, but names less of the ticket (0, against 1 in Own plant).",
    }
    assert {
        line.name: render(why) for line, why in say_choice(terms.choose({"site": "Plant", "tier": "VIP"}))[1]
    }["VIP"] == "It fits too, but Own plant names the site, which comes first."


def test_a_line_for_every_ticket() -> None:
    winner, _ = say_choice(TERMS.choose({}))
    assert winner is not None
    assert render(winner) == "Standard applies: it is for every ticket."


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (Target("response", 4 * HOUR), "4 h"),
        (Target("response", HOUR, round_the_clock=True), "1 h round the clock"),
        (Target("response", days=1), "Next business day"),
        (Target("response", days=3, by=9 * 3600), "Business day 3 after the start by 9:00"),
    ],
)
def test_promises_in_words(target: Target, words: str) -> None:
    assert render(say_target(target)) == words


def test_updates_are_numbered() -> None:
    terms = Terms([Line("Standard", {}, (Target("update", 8 * HOUR),))], STATUSES)
    said = told(
        h.created(at("9 9:00")),
        h.message(at("9 11:00"), BY_PERSON | PUBLIC),
        now="9 12:00",
        metric="update",
        terms=terms,
    )
    assert said.startswith("Update 2: the time counts from the update before it, Monday 11:00.")
    assert "1 h counted on Monday: 1 h of 8 h so far." in said


def test_a_wait_by_a_status_nobody_can_tell_on_whom() -> None:
    settings = Settings(pauses={"resolution": ("waiting-on-vendor",)})
    statuses = StatusMap({"": {"Parts": Meaning("waiting-on-vendor")}})
    said = told(
        h.created(at("9 9:00")),
        h.status(at("9 10:00"), "Parts"),
        now="9 12:00",
        metric="resolution",
        terms=Terms([Line("Standard", {}, PROMISED)], statuses, settings),
    )
    assert "waiting on a vendor since Monday 10:00 (status “Parts”)" in said

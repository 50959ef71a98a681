"""Chapter 4 of clock.md: changes on the way."""

from itertools import permutations

import pytest
from tests.engine.cast import (
    ALWAYS,
    BY_PRIORITY,
    DAYS,
    OFFICE,
    Read,
    alice_says,
    at,
    becomes,
    bob_says,
    goes_to,
    held_to,
    line,
    opened,
    ticket,
    turns,
)

from beforehand.engine.codes import BY_AUTOMATION
from beforehand.engine.coverage import Coverage
from beforehand.engine.errors import Invalid
from beforehand.engine.history import Event, History, created, message, status
from beforehand.engine.instants import HOUR, MINUTE

TERMS = held_to(*BY_PRIORITY)


def priority(when: str, value: str, **more: object) -> Event:
    return becomes(when, "priority", value, **more)  # type: ignore[arg-type]


# 4.1


def test_4_1_another_lines_target_applies_from_creation_and_time_used_stays(read: Read) -> None:
    history = ticket(opened("mon 9:00", priority="P3"), priority("mon 11:00", "P2"))
    reading = read(history, TERMS, OFFICE, at("mon 12:00"))["resolution"]
    assert (reading.target, reading.used, reading.deadline) == (4 * HOUR, 3 * HOUR, at("mon 13:00"))
    assert reading.line is not None
    assert reading.line.name == "P2"


@pytest.mark.parametrize("name", ["type", "site", "channel", "contract", "board", "tier"])
def test_4_1_any_field_that_a_line_names_may_change_it(read: Read, name: str) -> None:
    terms = held_to(line("any", resolution="8h"), line("special", {name: "x"}, resolution="2h"))
    history = ticket(opened("mon 9:00"), becomes("mon 10:00", name, "x"))
    assert read(history, terms, OFFICE)["resolution"].target == 2 * HOUR


def test_4_1_it_stays_breached_when_priority_drops_later(read: Read) -> None:
    history = ticket(opened("mon 9:00", priority="P1"), priority("mon 11:00", "P3"))
    reading = read(history, TERMS, OFFICE, at("mon 12:00"))["resolution"]
    assert (reading.verdict, reading.breached_at, reading.target) == ("breached", at("mon 10:00"), HOUR)
    assert (reading.later_target, reading.deadline) == (8 * HOUR, at("mon 10:00"))


def test_4_1_a_wait_or_a_longer_target_afterwards_never_undoes_a_breach(read: Read) -> None:
    history = ticket(
        opened("mon 9:00", priority="P1"),
        turns("mon 10:30", "waiting"),
        priority("mon 11:00", "P3"),
        turns("mon 12:00", "resolved"),
    )
    assert read(history, TERMS, OFFICE)["resolution"].verdict == "breached"


def test_4_1_a_target_that_is_used_already_breaches_at_the_change_and_is_marked(read: Read) -> None:
    history = ticket(opened("mon 9:00", priority="P3"), priority("mon 11:00", "P1"))
    reading = read(history, TERMS, OFFICE)["resolution"]
    assert (reading.verdict, reading.breached_at, reading.marks) == (
        "breached",
        at("mon 11:00"),
        ("breached by the change",),
    )
    assert (reading.target, reading.deadline) == (HOUR, at("mon 11:00"))


def test_4_1_a_target_just_used_up_by_the_change_is_not_exceeded(read: Read) -> None:
    history = ticket(
        opened("mon 9:00", priority="P3"), priority("mon 10:00", "P1"), turns("mon 10:00", "resolved")
    )
    reading = read(history, TERMS, OFFICE)["resolution"]
    assert (reading.verdict, reading.marks) == ("met", ("at the limit",))


def test_4_1_by_setting_from_change_the_new_target_begins_then(read: Read) -> None:
    terms = held_to(*BY_PRIORITY, retarget="from-change")
    sooner = ticket(opened("mon 9:00", priority="P3"), priority("mon 11:00", "P1"))
    assert read(sooner, terms, OFFICE)["resolution"].deadline == at("mon 12:00")


def test_4_1_from_change_never_ends_after_the_old_deadline(read: Read) -> None:
    terms = held_to(*BY_PRIORITY, retarget="from-change")
    for value in ("P2", "P3"):
        history = ticket(
            opened("mon 9:00", priority="P2"), priority("mon 12:00", "P3"), priority("mon 12:30", value)
        )
        assert read(history, terms, OFFICE)["resolution"].deadline == at("mon 13:00")


def test_4_1_by_setting_keep_first_the_first_target_stays(read: Read) -> None:
    terms = held_to(
        line("P1", {"priority": "P1"}, resolution="1h", coverage=ALWAYS),
        *BY_PRIORITY[1:],
        retarget="keep-first",
    )
    up = read(
        ticket(opened("mon 9:00", priority="P3"), priority("mon 11:00", "P1")), terms, OFFICE, at("mon 18:00")
    )
    assert (up["resolution"].target, up["resolution"].used) == (8 * HOUR, 8 * HOUR + 30 * MINUTE)


def test_4_1_keep_first_keeps_a_breached_clocks_coverage_too(read: Read) -> None:
    terms = held_to(
        line("P1", {"priority": "P1"}, resolution="1h", coverage=ALWAYS),
        *BY_PRIORITY[1:],
        retarget="keep-first",
    )
    history = ticket(opened("mon 9:00", priority="P2"), priority("mon 15:00", "P1"))
    reading = read(history, terms, OFFICE, at("tue 9:00"))["resolution"]
    assert (reading.used, reading.later_target) == (8 * HOUR + 30 * MINUTE, None)


def test_4_1_a_stopped_clock_keeps_the_target_it_stopped_under(read: Read) -> None:
    history = ticket(
        opened("mon 9:00", priority="P3"), turns("mon 11:00", "resolved"), priority("mon 12:00", "P1")
    )
    reading = read(history, TERMS, OFFICE)["resolution"]
    assert (reading.verdict, reading.target) == ("met", 8 * HOUR)


def test_4_1_reopened_it_takes_the_new_one_and_may_breach_by_it(read: Read) -> None:
    history = ticket(
        opened("mon 9:00", priority="P3"),
        turns("mon 11:00", "resolved"),
        priority("mon 12:00", "P1"),
        turns("mon 13:00", "working"),
    )
    reading = read(history, TERMS, OFFICE)["resolution"]
    assert (reading.verdict, reading.target, reading.breached_at) == ("breached", HOUR, at("mon 13:00"))
    assert reading.marks == ("breached by the change", "reopened")


def test_4_1_where_no_line_fits_any_more_it_ends_without_a_verdict(read: Read) -> None:
    history = ticket(opened("mon 9:00", priority="P3"), priority("mon 11:00", "P9"))
    reading = read(history, TERMS, OFFICE, at("fri 9:00"))["resolution"]
    assert (reading.verdict, reading.run, reading.used, reading.stop) == (
        "no line fits",
        "stopped",
        2 * HOUR,
        at("mon 11:00"),
    )


def test_4_1_unless_it_is_breached(read: Read) -> None:
    history = ticket(
        opened("mon 9:00", priority="P1"), priority("mon 11:00", "P9"), turns("mon 12:00", "resolved")
    )
    reading = read(history, TERMS, OFFICE)["resolution"]
    assert (reading.verdict, reading.used, reading.stop) == ("breached", 3 * HOUR, at("mon 12:00"))


def test_4_1_a_time_without_a_line_is_bridged_by_the_next_that_fits(read: Read) -> None:
    history = ticket(
        opened("mon 9:00", priority="P3"), priority("mon 10:00", "P9"), priority("mon 12:00", "P2")
    )
    reading = read(history, TERMS, OFFICE, at("mon 12:30"))["resolution"]
    assert (reading.verdict, reading.target, reading.used) == ("none", 4 * HOUR, 3 * HOUR + 30 * MINUTE)


def test_4_1_lowering_in_the_last_quarter_is_a_finding_with_the_person(read: Read) -> None:
    history = ticket(opened("mon 9:00", priority="P2"), priority("mon 12:00", "P3", person="Bob"))
    reading = read(history, TERMS, OFFICE)["resolution"]
    assert reading.finding is not None
    assert (reading.finding.person, reading.marks) == ("Bob", ("changed in the last quarter",))


@pytest.mark.parametrize(("when", "value"), [("mon 11:59:59", "P3"), ("mon 12:00", "P1")])
def test_4_1_earlier_or_to_less_time_is_none(read: Read, when: str, value: str) -> None:
    reading = read(ticket(opened("mon 9:00", priority="P2"), priority(when, value)), TERMS, OFFICE)[
        "resolution"
    ]
    assert reading.finding is None


def test_4_1_fields_that_change_together_choose_one_line_together(read: Read) -> None:
    lines = (line("any", resolution="8h"), line("VIP", {"tier": "VIP"}, resolution="30m"))
    both = line("VIP P3", {"tier": "VIP", "priority": "P3"}, resolution="6h")
    history = ticket(opened("mon 9:00"), becomes("mon 11:00", "tier", "VIP"), priority("mon 11:00", "P3"))
    assert read(history, held_to(*lines, both), OFFICE)["resolution"].verdict == "none"


# 4.2


def test_4_2_time_up_to_a_change_of_coverage_counts_under_the_old_one_and_after_under_the_new(
    read: Read,
) -> None:
    terms = held_to(line("P1", {"priority": "P1"}, resolution="40h", coverage=ALWAYS), *BY_PRIORITY[1:])
    history = ticket(opened("mon 16:30", priority="P3"), priority("mon 22:00", "P1"))
    reading = read(history, terms, OFFICE, at("tue 9:00"))["resolution"]
    assert (reading.used, reading.coverage) == (12 * HOUR, ALWAYS)


def test_4_2_a_breached_clock_counts_on_under_the_new_coverage(read: Read) -> None:
    nights = Coverage("Europe/London", {day: [("18:00", "20:00")] for day in DAYS})
    terms = held_to(BY_PRIORITY[0], line("P4", {"priority": "P4"}, resolution="8h", coverage=nights))
    history = ticket(opened("mon 9:00", priority="P1"), priority("mon 12:00", "P4"))
    assert read(history, terms, OFFICE, at("mon 19:00"))["resolution"].used == 4 * HOUR


# 4.4


def test_4_4_events_are_ordered_by_instant_then_sequence_then_kind_then_id() -> None:
    noon = at("mon 12:00")
    events = [
        created(noon, id="a"),
        Event(noon, 1, "b"),
        Event(noon, 2, "c", value="Bob"),
        Event(noon, 3, "d", field="priority", value="P1"),
        status(noon, "working", id="e"),
        message(noon, id="f"),
        Event(noon, 6, "g"),
        Event(noon, 6, "h"),
        status(noon, "waiting", id="0", seq=1),
        status(noon + 1, "new", id="00"),
    ]
    for shuffled in (events[::-1], events[5:] + events[:5]):
        assert [event.id for event in History(shuffled).events] == [event.id for event in events]


def test_4_4_order_of_arrival_does_not_matter(read: Read) -> None:
    events = [
        created(at("mon 9:00"), id="1"),
        status(at("mon 10:00"), "waiting", id="2"),
        alice_says("mon 12:00", id="3"),
        status(at("mon 14:00"), "resolved", id="4"),
    ]
    used = {read(History(order), TERMS_ANY, OFFICE)["resolution"].used for order in permutations(events)}
    assert used == {3 * HOUR}


TERMS_ANY = held_to(line(response="1h", resolution="4h"))


def test_4_4_the_same_event_twice_is_one(read: Read) -> None:
    reply = bob_says("mon 9:30", id="7")
    history = ticket(opened("mon 9:00"), reply, reply)
    assert (len(history.events), history.conflicts) == (2, ())


def test_4_4_with_other_content_the_first_stays_and_the_second_is_a_conflict(read: Read) -> None:
    first, second = bob_says("mon 9:30", id="7"), bob_says("mon 9:40", id="7")
    history = ticket(opened("mon 9:00"), first, second)
    assert history.conflicts == (second,)
    assert read(history, TERMS_ANY, OFFICE)["response"].used == 30 * MINUTE


def test_4_4_of_two_creations_the_earlier_holds_and_the_other_is_a_conflict(read: Read) -> None:
    history = ticket(opened("mon 9:00"), opened("mon 10:00"))
    assert read(history, TERMS_ANY, OFFICE)["response"].start == at("mon 9:00")
    assert len(history.conflicts) == 1


def test_4_4_a_ticket_without_a_creation_or_with_an_impossible_event_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        ticket(bob_says("mon 9:00", id="7", until=at("mon 8:00")))
    assert [fault.place for fault in refused.value.faults] == ["event 7", "history"]


def test_4_4_a_superseded_event_is_kept_and_the_last_is_read(read: Read) -> None:
    polled = turns("mon 12:00", "resolved", id="polled")
    exact = turns("mon 11:47", "resolved", id="exact", supersedes="polled")
    history = ticket(opened("mon 9:00"), polled, exact)
    assert read(history, TERMS_ANY, OFFICE)["resolution"].stop == at("mon 11:47")
    assert history.replaced == (polled,)


def test_4_4_a_retracted_event_is_kept_and_not_read(read: Read) -> None:
    wrong, retraction = turns("mon 12:00", "resolved", id="7"), turns("mon 12:30", "", id="8", retracts="7")
    history = ticket(opened("mon 9:00"), wrong, retraction)
    assert read(history, TERMS_ANY, OFFICE, at("mon 13:00"))["resolution"].verdict == "none"
    assert wrong in history.replaced


UNCERTAIN = {
    # A message may have come between 10:00 and 11:00; each is taken at the end that is worse for us.
    "a stop, late": ([], turns("mon 10:00", "resolved", until=at("mon 11:00")), 2 * HOUR),
    "a wait, late": ([], turns("mon 10:00", "waiting", until=at("mon 11:00")), 2 * HOUR),
    "the end of a wait, early": (
        [turns("mon 9:30", "waiting")],
        turns("mon 10:00", "working", until=at("mon 11:00")),
        2 * HOUR + 30 * MINUTE,
    ),
    "from one wait to none, early": (
        [turns("mon 9:30", "waiting")],
        turns("mon 10:00", "vendor", until=at("mon 11:00")),
        2 * HOUR + 30 * MINUTE,
    ),
    "the client's answer, early": (
        [turns("mon 9:30", "waiting")],
        alice_says("mon 10:00", until=at("mon 11:00")),
        2 * HOUR + 30 * MINUTE,
    ),
}


@pytest.mark.parametrize(("before", "event", "used"), UNCERTAIN.values(), ids=UNCERTAIN.keys())
def test_4_4_an_event_between_two_instants_counts_at_the_end_worse_for_us_and_says_so(
    read: Read, before: list[Event], event: Event, used: int
) -> None:
    reading = read(ticket(opened("mon 9:00"), *before, event), TERMS_ANY, OFFICE, at("mon 12:00"))[
        "resolution"
    ]
    assert reading.used == used
    assert "uncertain time counted against us" in reading.marks


def test_4_4_an_uncertain_reply_counts_late(read: Read) -> None:
    history = ticket(opened("mon 9:00"), bob_says("mon 9:30", until=at("mon 10:30")))
    assert read(history, TERMS_ANY, OFFICE)["response"].verdict == "breached"


def polled(name: str, seq: int) -> Event:
    """A status that a poll at 11:00 found, with another one, to have come since 10:00."""
    return turns("mon 10:00", name, seq=seq, until=at("mon 11:00"))


def test_4_4_uncertain_events_do_not_overtake_each_other(read: Read) -> None:
    answered = (polled("waiting", 1), alice_says("mon 10:00", seq=2, until=at("mon 11:00")))
    reopened = (polled("resolved", 1), polled("working", 2))
    for events in (answered, reopened):
        reading = read(ticket(opened("mon 9:00"), *events), TERMS_ANY, OFFICE, at("mon 12:00"))["resolution"]
        assert (reading.run, reading.used) == ("running", 3 * HOUR)


def test_4_4_an_uncertain_plan_counts_late(read: Read) -> None:
    history = ticket(opened("mon 9:00"), turns("mon 9:30", "planned", until=at("mon 10:30")))
    assert read(history, held_to(line(plan="1h")), OFFICE)["plan"].verdict == "breached"


def test_4_4_an_uncertain_change_counts_early_where_it_promises_less_time_and_late_where_more(
    read: Read,
) -> None:
    up = ticket(
        opened("mon 9:00", priority="P3"),
        priority("mon 9:30", "P1", until=at("mon 11:00")),
        goes_to("mon 12:00"),
    )
    down = ticket(
        opened("mon 9:00", priority="P1"),
        priority("mon 9:30", "P3", until=at("mon 11:00")),
        goes_to("mon 12:00"),
    )
    assert read(up, TERMS, OFFICE)["resolution"].breached_at == at("mon 10:00")
    assert read(down, TERMS, OFFICE)["resolution"].breached_at == at("mon 10:00")


def test_4_4_reading_again_from_nothing_gives_the_same(read: Read) -> None:
    events = (opened("mon 9:00"), bob_says("mon 9:30"), turns("mon 10:00", "waiting", BY_AUTOMATION))
    first, second = (read(ticket(*events), TERMS_ANY, OFFICE, at("mon 11:00"), spans=True) for _ in range(2))
    assert list(first) == list(second)

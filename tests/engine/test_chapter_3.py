"""Chapter 3 of clock.md: what starts, pauses and stops a clock."""

from typing import Any

import pytest
from tests.engine.cast import (
    OFFICE,
    SOURCE,
    Read,
    alice_says,
    at,
    bob_notes,
    bob_says,
    bob_visits,
    goes_to,
    held_to,
    line,
    opened,
    robot_says,
    robot_turns,
    ticket,
    turns,
    whys,
)

from beforehand.engine.codes import EXPECTATION, NEAR_COPY, TEMPLATE
from beforehand.engine.history import Event, Source, assigned, told_responded
from beforehand.engine.instants import HOUR, MINUTE
from beforehand.engine.terms import Meaning, StatusMap, Terms

TERMS = held_to(line(response="1h", plan="2h", resolution="4h", update="3h"))

# 3.1


def test_3_1_a_clock_starts_when_the_client_made_contact(read: Read) -> None:
    history = ticket(alice_says("mon 10:00"), alice_says("mon 10:05"), opened("mon 10:30"))
    assert read(history, TERMS, OFFICE, at("mon 11:00"))["response"].used == HOUR


def test_3_1_without_a_known_contact_it_starts_at_creation_and_not_when_somebody_looked(read: Read) -> None:
    history = ticket(opened("mon 10:00"), goes_to("mon 10:30"), bob_notes("mon 10:40"))
    assert read(history, TERMS, OFFICE)["response"].start == at("mon 10:00")


def test_3_1_work_logged_on_a_ticket_opened_afterwards_is_a_response_of_0(read: Read) -> None:
    history = ticket(bob_says("mon 8:30"), bob_says("mon 9:00"), opened("mon 9:05"))
    reading = read(history, TERMS, OFFICE)["response"]
    assert (reading.verdict, reading.used, reading.marks) == ("met", 0, ("logged after the work",))


def test_3_1_work_after_the_contact_and_before_the_creation_took_the_time_since_the_contact(
    read: Read,
) -> None:
    history = ticket(alice_says("mon 9:00"), bob_says("mon 9:20"), opened("mon 9:30"))
    reading = read(history, TERMS, OFFICE)["response"]
    assert (reading.used, reading.marks) == (20 * MINUTE, ())


# 3.2


def test_3_2_a_status_that_the_map_does_not_know_works_as_working_and_is_reported(read: Read) -> None:
    history = ticket(opened("mon 9:00"), turns("mon 9:30", "Napping"))
    readings = read(history, TERMS, OFFICE, at("mon 10:00"))
    assert (readings["resolution"].used, readings.unmapped_status) == (HOUR, True)
    assert not read(ticket(opened("mon 9:00"), turns("mon 9:30", "working")), TERMS, OFFICE).unmapped_status


def test_3_2_the_map_is_the_boards_own_where_it_has_one(read: Read) -> None:
    statuses = StatusMap(
        {"": {"Hold": Meaning("waiting-on-client")}, "East": {"Hold": Meaning("waiting-on-vendor")}}
    )
    terms = Terms([line(resolution="4h")], statuses)
    runs = [
        read(
            ticket(opened("mon 9:00", board=board), turns("mon 9:00", "Hold")), terms, OFFICE, at("mon 10:00")
        )
        for board in ("East", "West")
    ]
    assert [readings["resolution"].run for readings in runs] == ["running", "paused"]


# 3.3

WAITS = [*opened("mon 9:00"), bob_says("mon 9:30"), turns("mon 10:00", "waiting")]


@pytest.mark.parametrize("metric", ["plan", "resolution", "update"])
def test_3_3_waiting_on_the_client_pauses_plan_resolution_and_update(read: Read, metric: str) -> None:
    reading = read(ticket(*WAITS), TERMS, OFFICE, at("mon 12:00")).of(metric)[-1]
    since = at("mon 9:30") if metric == "update" else at("mon 9:00")
    assert (reading.run, reading.used) == ("paused", at("mon 10:00") - since)


@pytest.mark.parametrize(
    ("status", "run"),
    [("booked", "paused"), ("ours", "running"), ("vendor", "running"), ("waiting", "paused")],
)
def test_3_3_the_clients_appointments_pause_too_and_ours_do_not(read: Read, status: str, run: str) -> None:
    reading = read(ticket(opened("mon 9:00"), turns("mon 9:30", status)), TERMS, OFFICE, at("mon 10:00"))
    assert reading["resolution"].run == run


def test_3_3_settings_say_per_metric_and_state_what_pauses(read: Read) -> None:
    terms = held_to(line(plan="4h", resolution="4h"), pauses={"resolution": ("waiting-on-vendor",)})
    vendor, client = (ticket(opened("mon 9:00"), turns("mon 10:00", name)) for name in ("vendor", "waiting"))
    assert [reading.run for reading in read(vendor, terms, OFFICE, at("mon 11:00"))] == ["running", "paused"]
    assert [reading.run for reading in read(client, terms, OFFICE, at("mon 11:00"))] == ["running", "running"]


def test_3_3_scheduled_by_us_cannot_be_made_to_pause() -> None:
    with pytest.raises(ValueError, match="a state that may pause"):
        held_to(line(plan="4h"), pauses={"plan": ("scheduled-by-us",)})


def test_3_3_response_pauses_only_after_a_person_has_contacted_the_client(read: Read) -> None:
    terms = held_to(line(response="4h"), response_by="status")
    silent = ticket(opened("mon 9:00"), robot_says("mon 9:10"), turns("mon 10:00", "waiting"))
    spoken = ticket(opened("mon 9:00"), bob_says("mon 9:10"), turns("mon 10:00", "waiting"))
    assert read(silent, terms, OFFICE, at("mon 12:00"))["response"].used == 3 * HOUR
    assert read(spoken, terms, OFFICE, at("mon 12:00"))["response"].used == HOUR


def test_3_3_a_wait_ends_with_the_clients_next_message_whatever_the_status_says(read: Read) -> None:
    history = ticket(*WAITS, alice_says("mon 12:00"))
    assert read(history, TERMS, OFFICE, at("mon 13:00"))["resolution"].used == 2 * HOUR


def test_3_3_by_setting_a_wait_ends_with_the_status_alone(read: Read) -> None:
    terms = held_to(line(resolution="4h"), wait_ends="by-status")
    history = ticket(*WAITS, alice_says("mon 12:00"), turns("mon 14:00", "working"))
    assert read(history, terms, OFFICE, at("mon 15:00"))["resolution"].used == 2 * HOUR


def test_3_3_an_appointment_is_not_ended_by_a_message(read: Read) -> None:
    history = ticket(opened("mon 9:00"), turns("mon 10:00", "booked"), alice_says("mon 11:00"))
    assert read(history, TERMS, OFFICE, at("mon 12:00"))["resolution"].run == "paused"


def test_3_3_the_same_status_told_again_begins_no_new_wait(read: Read) -> None:
    again = ticket(*WAITS, alice_says("mon 11:00"), turns("mon 11:30", "waiting"))
    anew = ticket(
        *WAITS, alice_says("mon 11:00"), turns("mon 11:20", "working"), turns("mon 11:30", "waiting")
    )
    assert read(again, TERMS, OFFICE, at("mon 12:00"))["resolution"].run == "running"
    assert read(anew, TERMS, OFFICE, at("mon 12:00"))["resolution"].run == "paused"


# 3.4


@pytest.mark.parametrize(
    ("response_by", "used"),
    [("any reply", "9:10"), ("human contact", "9:30"), ("meaningful", "9:40"), ("status", "9:50")],
)
def test_3_4_what_stops_the_response_clock_is_what_the_agreement_says(
    read: Read, response_by: str, used: str
) -> None:
    history = ticket(
        opened("mon 9:00"),
        goes_to("mon 9:05"),
        robot_says("mon 9:10"),
        bob_notes("mon 9:20"),
        bob_says("mon 9:30"),
        bob_says("mon 9:40", EXPECTATION),
        turns("mon 9:50", "responded"),
    )
    terms = held_to(line(response="4h"), response_by=response_by)
    assert read(history, terms, OFFICE)["response"].stop == at(f"mon {used}")


def test_3_4_nothing_automatic_is_human_contact_even_under_a_persons_name(read: Read) -> None:
    automatic = 16
    history = ticket(opened("mon 9:00"), bob_says("mon 9:10", automatic))
    assert read(history, TERMS, OFFICE)["response"].verdict == "none"


def test_3_4_a_visit_reaches_the_client_though_its_note_is_not_public(read: Read) -> None:
    reading = read(ticket(opened("mon 9:00"), bob_visits("mon 9:30")), TERMS, OFFICE)["response"]
    assert (reading.verdict, reading.used) == ("met", 30 * MINUTE)


NO_MESSAGES = Source(messages=False, responded=True, texts=False)


def test_3_4_without_messages_the_sources_own_responded_at_is_taken_as_told(read: Read) -> None:
    history = ticket(opened("mon 9:00"), told_responded(at("mon 9:30")), source=NO_MESSAGES)
    reading = read(history, TERMS, OFFICE)["response"]
    assert (reading.verdict, reading.used, reading.marks) == ("met", 30 * MINUTE, ("as told",))


def test_3_4_where_a_source_gives_messages_its_own_responded_at_does_not_count(read: Read) -> None:
    history = ticket(opened("mon 9:00"), told_responded(at("mon 9:30")), source=Source(responded=True))
    assert read(history, TERMS, OFFICE)["response"].verdict == "none"


def test_3_4_a_source_that_gives_neither_cannot_be_judged_and_is_never_breached(read: Read) -> None:
    history = ticket(opened("mon 9:00"), source=Source(messages=False))
    reading = read(history, TERMS, OFFICE, at("fri 9:00"))["response"]
    assert (reading.verdict, reading.run, reading.deadline) == ("cannot be judged", "stopped", None)


def test_3_4_a_status_can_respond_where_there_are_no_messages(read: Read) -> None:
    history = ticket(opened("mon 9:00"), turns("mon 9:30", "responded"), source=NO_MESSAGES)
    reading = read(history, held_to(line(response="1h"), response_by="status"), OFFICE)["response"]
    assert (reading.verdict, reading.used) == ("met", 30 * MINUTE)


# 3.5


def meaningful(read: Read, *events: Event, source: Source = SOURCE) -> str | None:
    """When the meaningful response was reached, as "9:30"; None when not."""
    history = ticket(opened("mon 9:00"), *events, source=source)
    stop = read(history, TERMS, OFFICE, at("mon 12:00"))["meaningful"].stop
    return None if stop is None else f"9:{(stop - at('mon 9:00')) // MINUTE}"


def test_3_5_meaningful_is_reached_when_acknowledged_assigned_and_told_what_comes_next(read: Read) -> None:
    assert (
        meaningful(read, bob_says("mon 9:10"), goes_to("mon 9:20"), bob_says("mon 9:30", EXPECTATION))
        == "9:30"
    )
    assert meaningful(read, bob_says("mon 9:10", EXPECTATION), goes_to("mon 9:20")) == "9:20"
    assert meaningful(read, bob_says("mon 9:10", EXPECTATION)) is None
    assert meaningful(read, goes_to("mon 9:10"), bob_says("mon 9:20")) is None


@pytest.mark.parametrize("flag", [TEMPLATE, NEAR_COPY])
def test_3_5_a_template_or_near_copy_acknowledges_nobody(read: Read, flag: int) -> None:
    template = bob_says("mon 9:20", flag | EXPECTATION)
    assert meaningful(read, goes_to("mon 9:10"), template) is None
    assert meaningful(read, goes_to("mon 9:10"), template, bob_says("mon 9:30")) == "9:30"


def test_3_5_all_three_must_hold_at_once(read: Read) -> None:
    unassigned = assigned(at("mon 9:15"), "")
    assert meaningful(read, goes_to("mon 9:10"), unassigned, bob_says("mon 9:20", EXPECTATION)) is None


def test_3_5_without_texts_acknowledged_and_assigned_will_do(read: Read) -> None:
    told = Source(texts=False)
    assert meaningful(read, goes_to("mon 9:10"), bob_says("mon 9:20", TEMPLATE), source=told) == "9:20"


def test_3_5_the_first_reply_of_any_kind_is_a_third_figure(read: Read) -> None:
    history = ticket(opened("mon 9:00"), robot_says("mon 9:01"), bob_says("mon 9:30"))
    readings = read(history, TERMS, OFFICE)
    assert (readings["first-reply"].used, readings["response"].used) == (MINUTE, 30 * MINUTE)
    assert readings["meaningful"].target == readings["response"].target == HOUR


# 3.6


def test_3_6_a_plan_stops_the_response_clock_too(read: Read) -> None:
    readings = read(ticket(opened("mon 9:00"), turns("mon 9:30", "planned")), TERMS, OFFICE)
    assert (readings["plan"].marks, readings["response"].marks) == ((), ("by the plan",))
    assert readings["response"].verdict == "met"


@pytest.mark.parametrize("status", ["resolved", "closed"])
def test_3_6_resolving_or_closing_stops_response_and_plan_by_resolution(read: Read, status: str) -> None:
    readings = read(ticket(opened("mon 9:00"), turns("mon 9:30", status)), TERMS, OFFICE)
    assert [readings[metric].marks for metric in ("response", "plan", "resolution")] == [
        ("by resolution",),
        ("by resolution",),
        (),
    ]


def test_3_6_a_response_does_not_stop_the_plan(read: Read) -> None:
    assert (
        read(ticket(opened("mon 9:00"), turns("mon 9:30", "responded")), TERMS, OFFICE)["plan"].verdict
        == "none"
    )


def test_3_6_closing_as_noise_completes_nothing(read: Read) -> None:
    readings = read(ticket(opened("mon 9:00"), turns("mon 9:30", "spam")), TERMS, OFFICE)
    assert {reading.verdict for reading in readings} == {"out of scope"}


def test_3_6_a_ticket_taken_back_from_the_noise_runs_on(read: Read) -> None:
    history = ticket(opened("mon 9:00"), turns("mon 9:30", "spam"), turns("mon 9:40", "working"))
    assert read(history, TERMS, OFFICE, at("mon 9:50"))["response"].verdict == "met"


def test_3_6_a_robots_resolution_completes_as_a_persons_does(read: Read) -> None:
    readings = read(ticket(opened("mon 9:00"), robot_turns("mon 9:30", "resolved")), TERMS, OFFICE)
    assert readings["response"].verdict == "met"


# 3.8


def updates(
    read: Read, *events: Event, when: str = "fri 17:30", **settings: Any
) -> list[tuple[int, str, int]]:
    """Number, verdict and minutes used of each update clock."""
    terms = held_to(line(update="2h"), **settings)
    history = ticket(opened("mon 9:00"), *events)
    return [(r.number, r.verdict, r.used // MINUTE) for r in read(history, terms, OFFICE, at(when))]


def test_3_8_each_interval_between_public_messages_of_a_person_is_a_clock(read: Read) -> None:
    said = (bob_says("mon 10:00"), robot_says("mon 10:30"), bob_notes("mon 11:00"), bob_says("mon 12:30"))
    assert updates(read, *said, when="mon 13:00") == [(1, "met", 60), (2, "breached", 150), (3, "none", 30)]


def test_3_8_the_clients_messages_begin_and_end_none(read: Read) -> None:
    assert updates(read, alice_says("mon 10:00"), when="mon 10:30") == [(1, "none", 90)]


def test_3_8_resolving_ends_the_last_and_a_reopening_begins_a_new_one(read: Read) -> None:
    story = (
        bob_says("mon 10:00"),
        turns("mon 11:00", "resolved"),
        turns("tue 9:00", "working"),
        bob_says("tue 9:30"),
    )
    assert updates(read, *story, when="tue 9:45") == [
        (1, "met", 60),
        (2, "met", 60),
        (3, "met", 30),
        (4, "none", 15),
    ]


def test_3_8_a_reopening_that_comes_to_nothing_begins_none(read: Read) -> None:
    thanks = (alice_says("mon 11:00"), robot_turns("mon 11:00", "working"), turns("mon 15:00", "resolved"))
    assert updates(read, turns("mon 10:00", "resolved"), *thanks) == [(1, "met", 60)]


def test_3_8_an_update_clock_is_set_aside_until_its_own_start(read: Read) -> None:
    history = ticket(opened("mon 9:00"), bob_says("mon 10:00"))
    last = read(history, held_to(line(update="2h")), OFFICE, at("mon 11:00"), spans=True)["update"]
    assert whys(last) == ["set aside by a restart", "counted"]


def test_3_8_without_messages_updates_cannot_be_judged(read: Read) -> None:
    history = ticket(opened("mon 9:00"), source=NO_MESSAGES)
    assert (
        read(history, held_to(line(update="2h")), OFFICE, at("fri 9:00"))["update"].verdict
        == "cannot be judged"
    )

"""Chapter 2 of clock.md, the rest: who began the ticket (2.6)."""

import pytest
from tests.engine.cast import (
    OFFICE,
    Read,
    at,
    becomes,
    bob_notes,
    held_to,
    line,
    opened,
    robot_says,
    robot_turns,
    ticket,
    turns,
)

from beforehand.engine.history import Event, starts
from beforehand.engine.instants import HOUR
from beforehand.engine.terms import Terms

ALL = held_to(line(response="1h", plan="2h", resolution="4h"))


def born(
    read: Read, origin: str, *events: Event, terms: Terms = ALL, when: str = "mon 12:00"
) -> dict[str, str]:
    """The verdict of each clock of a ticket of this origin."""
    history = ticket(opened("mon 9:00", origin=origin), *events)
    return {reading.metric: reading.verdict for reading in read(history, terms, OFFICE, at(when))}


def test_2_6_a_client_who_wrote_has_every_clock(read: Read) -> None:
    expected = dict.fromkeys(("response", "plan", "meaningful", "first-reply"), "breached")
    assert born(read, "client-written") == expected | {"resolution": "none"}


def test_2_6_with_a_client_on_the_phone_response_is_met_at_creation(read: Read) -> None:
    reading = read(ticket(opened("mon 9:00", origin="client-live")), ALL, OFFICE, at("mon 12:00"))["response"]
    assert (reading.verdict, reading.used, reading.marks) == ("met", 0, ("met by live contact",))


@pytest.mark.parametrize("origin", ["provider", "machine"])
def test_2_6_what_the_provider_found_has_no_response_clock(read: Read, origin: str) -> None:
    assert born(read, origin) == {"plan": "breached", "resolution": "none"}


@pytest.mark.parametrize("origin", ["provider", "machine"])
def test_2_6_by_setting_it_has_one_until_the_first_human_touch(read: Read, origin: str) -> None:
    terms = held_to(line(response="1h"), found_by_provider="first human touch")
    assert born(read, origin, robot_says("mon 9:10"), terms=terms) == {"response": "breached"}
    assert born(read, origin, bob_notes("mon 9:30"), terms=terms) == {"response": "met"}


def test_2_6_a_machines_ticket_that_clears_with_no_human_work_has_no_verdict(read: Read) -> None:
    assert born(read, "machine", robot_turns("mon 10:00", "resolved"))["resolution"] == "cleared by itself"
    assert (
        born(read, "machine", bob_notes("mon 9:30"), robot_turns("mon 10:00", "resolved"))["resolution"]
        == "met"
    )


def test_2_6_a_machines_ticket_that_was_breached_stays_so_when_it_clears(read: Read) -> None:
    assert (
        born(read, "machine", robot_turns("mon 15:00", "resolved"), when="mon 16:00")["resolution"]
        == "breached"
    )


def test_2_6_a_recurring_ticket_starts_at_its_planned_date_without_a_response_clock(read: Read) -> None:
    history = ticket(opened("mon 9:00", origin="recurring"), starts(at("mon 9:00"), at("wed 9:00")))
    early, later = (read(history, ALL, OFFICE, at(when), spans=True) for when in ("tue 9:00", "wed 10:00"))
    assert [(reading.metric, reading.run, reading.used) for reading in early] == [
        ("plan", "not started", 0),
        ("resolution", "not started", 0),
    ]
    assert [(span.start, span.end, span.why) for span in early["resolution"].spans] == [
        (at("mon 9:00"), at("tue 9:00"), "not yet started")
    ]
    assert (later["resolution"].used, later["resolution"].deadline) == (HOUR, at("wed 13:00"))


def test_2_6_a_recurring_ticket_done_early_is_met_and_not_logged_late(read: Read) -> None:
    history = ticket(
        opened("mon 9:00", origin="recurring"),
        starts(at("mon 9:00"), at("wed 9:00")),
        turns("tue 9:00", "resolved"),
    )
    reading = read(history, ALL, OFFICE, at("thu 9:00"))["resolution"]
    assert (reading.verdict, reading.used, reading.marks) == ("met", 0, ())


@pytest.mark.parametrize("origin", ["project", "internal", "noise"])
def test_2_6_projects_internal_work_and_noise_are_out_of_scope(read: Read, origin: str) -> None:
    assert born(read, origin) == {}


def test_2_6_an_unmapped_origin_counts_as_client_written_and_is_reported(read: Read) -> None:
    readings = read(ticket(opened("mon 9:00", origin="carrier pigeon")), ALL, OFFICE)
    assert (readings.origin, readings.unmapped_origin) == ("client-written", True)
    assert not read(ticket(opened("mon 9:00", origin="machine")), ALL, OFFICE).unmapped_origin


def test_2_6_the_origin_told_last_holds_for_the_whole_life(read: Read) -> None:
    history = ticket(opened("mon 9:00"), becomes("mon 11:00", "origin", "machine"))
    assert {reading.metric for reading in read(history, ALL, OFFICE)} == {"plan", "resolution"}

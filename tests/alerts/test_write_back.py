"""What is written back to a source: notes of what rings, each once, and fields that say how a ticket stands."""

from collections.abc import Iterator

import pytest

from beforehand.alerts.dismissing import dismiss
from beforehand.connectors.handing import REPEATED
from beforehand.connectors.models import Connection, Written
from beforehand.connectors.trouble import Down, Forbidden, Limited, Odd
from beforehand.engine import history as h
from beforehand.engine.instants import to_instant
from tests.support.connected import Desk as Source
from tests.support.connected import connected, known
from tests.support.post import Post

from .conftest import ANSWER, FIRST, Desk

DAY = "2026-03-10T"
NAMES = {"deadline": "SLA due", "risk": "SLA risk", "line": "SLA line"}
pytestmark = pytest.mark.program


@pytest.fixture
def source(desk: Desk, post: Post) -> Iterator[Source]:
    """The ticket system behind the desk, to which notes are written."""
    made = Source()
    with known(made):
        connected(desk.provider, desk.now, source=desk.source, interval=3600, write_notes=True)
        yield made


def h_at(desk: Desk) -> int:
    return to_instant(desk.now)


def states() -> list[str]:
    return list(Written.objects.order_by("pk").values_list("state", flat=True))


def test_a_step_that_is_reached_and_a_chain_that_ends_are_noted_once(desk: Desk, source: Source) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.at(DAY + "09:31")
    ((ticket, note),) = source.notes
    assert (ticket, note) == (
        "48213",
        (
            "[Beforehand] 50% of the response target reached at Tue 10 Mar 09:30; due at Tue 10 Mar 10:00"
            " (Europe/London). Expected: see to it. Told: assignee or dispatcher."
        ),
    )
    desk.tell("48213", h.assigned(h_at(desk), "Ada"))
    desk.at(DAY + "09:40")
    assert source.notes[1:] == [
        ("48213", "[Beforehand] Nobody else is told of 50% of the response target: assigned to Ada.")
    ]
    desk.tell("48213", h.message(h_at(desk), ANSWER, person="Ada"))
    desk.at(DAY + "11:00")
    assert (len(source.notes), set(states())) == (2, {"written"})


def test_what_is_rehearsed_is_not_noted_and_nothing_is_where_it_is_switched_off(
    desk: Desk, source: Source
) -> None:
    desk.open("1")
    desk.at(DAY + "09:50")
    assert (source.notes, states()) == ([], [])
    desk.switch_on(FIRST)
    Connection.objects.update(write_notes=False)
    desk.open("2")
    desk.at(DAY + "10:45")
    assert (source.notes, states()) == ([], [])


def test_noise_ends_a_chain_too(desk: Desk, source: Source) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.at(DAY + "09:31")
    dismiss(desk.alert, "Marta", "a test", desk.now)
    desk.at(DAY + "10:30")
    assert [text for _, text in source.notes][1:] == [
        "[Beforehand] Nobody else is told of 50% of the response target: noise, said Marta: a test."
    ]


@pytest.mark.parametrize(
    ("mood", "came"), [("lose", ["", REPEATED]), (Down("no"), [REPEATED]), (Limited("later", 1.0), [""])]
)
def test_only_where_an_answer_was_lost_a_note_is_marked_as_a_possible_repeat(
    desk: Desk, source: Source, mood: Down | str, came: list[str]
) -> None:
    desk.switch_on(FIRST)
    source.moods = [mood]
    desk.open("48213")
    desk.at(DAY + "09:40")
    assert [text.partition("dispatcher.")[2] for _, text in source.notes] == came
    assert states() == ["written"]


def test_one_that_a_worker_had_handed_over_when_it_ended_is_written_again(desk: Desk, source: Source) -> None:
    desk.switch_on(FIRST)
    source.moods = [Limited("later", 3600.0)]
    desk.open("48213")
    desk.at(DAY + "09:31")
    Written.objects.update(state=Written.State.SENDING)
    desk.at(DAY + "10:40")
    assert source.notes[0][1].endswith(REPEATED)


def test_a_note_that_is_not_taken_stops_no_other(desk: Desk, source: Source) -> None:
    desk.switch_on(FIRST)
    source.moods = [Forbidden("it refuses notes to this key (403)")]
    desk.open("1")
    desk.at(DAY + "09:31")
    source.moods = [Odd("it answered with a page")] * 3
    desk.open("2")
    desk.at(DAY + "10:02")
    assert ("2", "written") in Written.objects.values_list("ticket__external_id", "state")
    source.moods = [Odd("it answered with a page")] * 40
    desk.at(DAY + "10:40")
    failed = Written.objects.filter(state="failed").order_by("pk").values_list("ticket__external_id", "fault")
    first, *rest = failed
    assert first == ("1", "it refuses notes to this key (403)")
    assert {fault for _, fault in rest} == {"it answered with a page"}


def test_fields_say_how_a_ticket_stands_as_time_goes_on(desk: Desk, source: Source) -> None:
    """5.2: risk follows half, nine tenths and all of the first target to come."""
    Connection.objects.update(write_notes=False, write_fields=NAMES)
    desk.open("48213")
    seen = []
    for time in ("09:00", "09:29", "09:30", "09:53", "09:54", "10:00", "10:01"):
        desk.at(DAY + time)
        seen.append(source.fields["48213"]["SLA risk"])
    assert seen == ["4 low", "4 low", "3 some", "3 some", "2 high", "2 high", "1 late"]
    assert source.fields["48213"]["SLA due"] == "2026-03-10T10:00:00Z"
    assert source.fields["48213"]["SLA line"]
    desk.tell("48213", h.assigned(h_at(desk), "Ada"), h.message(h_at(desk), ANSWER, person="Ada"))
    desk.at(DAY + "10:02")
    assert source.fields["48213"]["SLA due"] == "2026-03-10T17:00:00Z"
    desk.tell("48213", h.status(h_at(desk), "Waiting"))
    desk.at(DAY + "10:03")
    assert (source.fields["48213"]["SLA due"], source.fields["48213"]["SLA risk"]) == ("", "5 waits")
    desk.tell("48213", h.status(h_at(desk), "Resolved"))
    desk.at(DAY + "10:04")
    assert (source.fields["48213"]["SLA due"], source.fields["48213"]["SLA risk"]) == ("", "")


def test_fields_are_written_when_they_change_and_not_otherwise(desk: Desk, source: Source) -> None:
    Connection.objects.update(write_notes=False, write_fields={"deadline": "SLA due"})
    desk.open("1")
    desk.at(DAY + "09:05")
    source.fields.clear()
    desk.tell("1", h.changed(h_at(desk), "subject", "Mail server is still down"))
    desk.at(DAY + "09:50")
    assert source.fields == {}
    desk.tell("1", h.changed(h_at(desk), "priority", "P3"))
    desk.at(DAY + "09:51")
    assert source.fields == {"1": {"SLA due": "2026-03-10T13:00:00Z"}}


def test_what_was_closed_long_ago_is_not_written_to(desk: Desk, source: Source) -> None:
    Connection.objects.update(write_fields=NAMES)
    at = h_at(desk)
    desk.tell("1", h.created(at), h.changed(at, "client", "Contoso"), h.status(at, "Closed"))
    desk.at(DAY + "09:05")
    assert (source.fields, states()) == ({}, [])

"""Ladders of the provider's own, climbed."""

from datetime import UTC, datetime

from beforehand.alerts import holding
from beforehand.alerts.switching import switch_off
from beforehand.engine import history as h
from beforehand.engine.instants import MINUTE, to_instant
from beforehand.promises.ladders import Link, Step
from tests.support.post import Post

from .conftest import FIRST, Desk

DAY = "2026-03-10T"
DISPATCHER, LEAD, MANAGER = (Link(((who,),)) for who in ("dispatcher", "team lead", "service manager"))


def test_a_step_before_the_deadline_is_reached_in_business_time(desk: Desk, post: Post) -> None:
    desk.ladder(Step(None, 30 * MINUTE, (DISPATCHER,), "urgent"))
    desk.now = datetime(2026, 3, 10, 17, tzinfo=UTC)
    # An hour from 17:00 on is used up at 9:30 of the next day, half an hour before that is closing time.
    desk.open("48213")
    desk.at(DAY + "17:29")
    assert desk.told == []
    desk.at(DAY + "17:30")
    assert desk.told == [("30m before", "Dee", "sent")]
    assert "30m before the response is due; due at Wed 11 Mar 09:30." in post.letters[0].get_content()


def test_a_step_before_a_deadline_comes_later_when_the_clock_waits(desk: Desk, post: Post) -> None:
    desk.ladder(Step(None, 60 * MINUTE, (DISPATCHER,), "urgent"))
    desk.open("48213")
    at = to_instant(desk.now)
    desk.tell("48213", h.message(at, person="Ada", id="m"), h.status(at, "Waiting", id="w"))
    desk.at(DAY + "11:00")
    desk.tell("48213", h.status(to_instant(desk.now), "Working", id="g"))
    # Eight hours from 11:00 on are used up at 10:30 of the next day.
    desk.at("2026-03-11T09:29")
    assert desk.told == []
    desk.at("2026-03-11T09:30")
    assert desk.told == [("1h before", "Dee", "sent")]


def test_a_chain_in_provider_hours_goes_on_when_they_begin(desk: Desk, post: Post) -> None:
    desk.ladder(Step(150, None, (DISPATCHER, MANAGER), "urgent", every=30 * MINUTE), in_hours=True)
    desk.now = datetime(2026, 3, 10, 15, 50, tzinfo=UTC)
    desk.open("48213")
    desk.at("2026-03-11T09:19")
    assert desk.told == [("150%", "Dee", "sent")]
    desk.at("2026-03-11T09:20")
    assert desk.told[1:] == [("150%", "Cleo", "sent")]


def test_a_hold_lasts_over_a_further_step(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.at(DAY + "09:47")
    holding.hold(desk.alert, "Dee", 60, desk.now)
    desk.at(DAY + "09:59")
    assert desk.told == [("50%", "Dee", "sent"), ("75%", "Dee", "sent")]
    assert desk.alert.reached == "90%"
    desk.at(DAY + "10:00")
    assert desk.told[2:] == [("100%", "Ben", "sent")]


def test_messages_after_the_first_go_as_one_at_the_end_of_a_minute(desk: Desk, post: Post) -> None:
    desk.ladder(Step(50, None, (DISPATCHER,)))
    for number in range(6):
        desk.open(f"T{number}")
        desk.now += (5 if number else 1) * desk.step
    desk.at(DAY + "09:33")
    subjects = [subject for _, subject in desk.mail(post)]
    assert len(subjects) == 2
    assert subjects[1].startswith("5 alerts, the first: Contoso, P1")


def test_a_quiet_message_waits_for_working_hours_and_an_urgent_one_does_not(desk: Desk, post: Post) -> None:
    dee = desk.people["Dee"]
    dee.hours = {"wed": [["08:00", "16:00"]]}
    dee.save()
    desk.ladder(
        Step(50, None, (DISPATCHER,), "quiet"), Step(75, None, (DISPATCHER,), "urgent", expects="assign it")
    )
    desk.open("48213")
    desk.at(DAY + "09:44")
    assert [state for _, _, state in desk.told] == ["waiting"]
    desk.at(DAY + "09:46")
    assert [subject[:30] for _, subject in desk.mail(post)] == ["Contoso, P1, response due in 1"]
    desk.at("2026-03-11T08:00")
    assert [(said, state) for said, _, state in desk.told[:2]] == [("50%", "sent"), ("75%", "sent")]


def test_what_waits_is_not_sent_once_it_only_rehearses(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    post.refuses = True
    desk.at(DAY + "09:30")
    switch_off(desk.provider, "source", str(desk.source.pk), desk.now)
    post.refuses = False
    desk.at(DAY + "09:46")
    assert post.letters == []
    assert [state for _, _, state in desk.told] == ["dropped", "rehearsed"]


def test_an_event_that_was_on_its_way_when_a_chain_began_ends_it(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.at(DAY + "09:45")
    # It arrived a moment before the chain began, and was kept a moment after.
    began, desk.now = desk.now, desk.now - desk.step
    desk.tell("48213", h.assigned(to_instant(desk.now), "Ada", id="a"))
    desk.now = began
    desk.at(DAY + "09:53")
    assert desk.told == [("50%", "Dee", "sent"), ("75%", "Dee", "sent")]

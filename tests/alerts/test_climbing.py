"""A clock on its ladder, with real rows, a worker and a mail server."""

from datetime import timedelta

import pytest

from beforehand.alerts import holding
from beforehand.alerts.models import Alert, Attempt, Delivery, StepTaken
from beforehand.engine import history as h
from beforehand.engine.codes import BY_AUTOMATION, PUBLIC
from beforehand.engine.instants import MINUTE, to_instant
from beforehand.people.models import Absence, DutyShift
from beforehand.promises.ladders import Link, Step
from beforehand.promises.models import ProviderTerms, Target
from tests.support.post import Post

from .conftest import ANSWER, FIRST, Desk

DAY = "2026-03-10T"


def test_a_first_priority_that_nobody_touches_climbs_to_the_manager(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.at(DAY + "11:00")
    said = "Contoso, P1, response {}, unassigned: Mail server down (#48213)"
    # What goes at one instant goes side by side.
    assert sorted(desk.mail(post)) == sorted(
        [
            ("dee", said.format("due in 30 minutes")),
            ("dee", said.format("due in 15 minutes")),
            # One hour at 75% leaves a quarter of an hour for two people.
            ("ben", said.format("due in 7 minutes")),
            ("ben", said.format("due in 6 minutes")),
            ("cleo", said.format("due in 6 minutes")),
            ("ben", said.format("due now")),
            ("cleo", said.format("late since Tue 10 Mar 10:00")),
            ("cleo", said.format("late since Tue 10 Mar 10:00")),
        ]
    )
    assert (desk.alert.reached, desk.alert.ended, desk.alert.rehearsal) == ("150%", None, False)


def test_a_message_says_all_that_is_needed(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213", url="https://psa.northwind.test/48213")
    desk.at(DAY + "09:55")
    text = post.letters[2].get_content()
    assert text.splitlines()[0] == post.letters[2]["Subject"]
    assert "Told before: Dee (dispatcher) at Tue 10 Mar 09:30; Dee (dispatcher) at Tue 10 Mar 09:45." in text
    assert "75% of the response target reached at Tue 10 Mar 09:45; due at Tue 10 Mar 10:00." in text
    assert "https://psa.northwind.test/48213" in text
    assert "/alerts/hold/" in text


def test_the_letters_of_a_ticket_are_one_conversation(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.at(DAY + "09:55")
    assert len({letter["References"] for letter in post.letters}) == 1
    assert len({letter["Message-ID"] for letter in post.letters}) == len(post.letters)


def test_an_assignment_where_there_was_none_ends_a_chain(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.at(DAY + "09:46")
    desk.tell("48213", h.assigned(to_instant(desk.now), "Ada", id="a"))
    desk.at(DAY + "09:53")
    assert desk.told == [("50%", "Dee", "sent"), ("75%", "Dee", "sent")]
    assert StepTaken.objects.get(said="75%").ended_by == "assigned to Ada"


def test_the_next_step_is_reached_all_the_same(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.at(DAY + "09:46")
    desk.tell("48213", h.assigned(to_instant(desk.now), "Ada", id="a"))
    desk.at(DAY + "09:54")
    assert desk.told[2:] == [("90%", "Ben", "sent"), ("90%", "Cleo", "sent")]


def test_another_assignee_ends_nothing(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.tell("48213", h.assigned(to_instant(desk.now), "Ada", id="a"))
    desk.at(DAY + "09:46")
    desk.tell("48213", h.assigned(to_instant(desk.now), "Dee", id="b"))
    desk.at(DAY + "09:53")
    assert desk.told == [("50%", "Ada", "sent"), ("75%", "Ada", "sent"), ("75%", "Ben", "sent")]


def test_an_automatic_message_ends_nothing_and_an_answer_everything(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.tell("48213", h.assigned(to_instant(desk.now), "Ada", id="a"))
    desk.at(DAY + "09:46")
    desk.tell("48213", h.message(to_instant(desk.now), PUBLIC | BY_AUTOMATION, id="auto"))
    desk.at(DAY + "09:53")
    assert desk.told[-1] == ("75%", "Ben", "sent")
    desk.tell("48213", h.message(to_instant(desk.now), ANSWER, person="Ada", id="real"))
    desk.at(DAY + "11:00")
    assert desk.told[-1] == ("75%", "Ben", "sent")
    alert = desk.alert
    assert (alert.outcome, alert.ended_by) == (Alert.Outcome.SAVED, "the clock stopped: met")


def test_i_have_it_holds_the_chain_and_then_it_goes_on(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.at(DAY + "10:16")
    assert desk.told[-1] == ("100%", "Cleo", "sent")
    desk.open("48214")
    desk.at(DAY + "11:02")
    delivery = Delivery.objects.get(alert__ticket__external_id="48214", step=1, name="Dee")
    held = holding.hold_by_link(delivery, 120, desk.now)
    assert held is not None
    assert held.cut
    assert held.until.isoformat() == "2026-03-10T11:16:00+00:00"
    assert holding.hold_by_link(delivery, 15, desk.now) is None


def test_a_held_chain_tells_the_next_one_when_the_promise_is_over(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.at(DAY + "09:47")
    holding.hold(desk.alert, "Dee", 5, desk.now)
    desk.at(DAY + "09:51")
    assert desk.told[-1] == ("75%", "Dee", "sent")
    desk.at(DAY + "09:53")
    assert desk.told[-1] == ("75%", "Ben", "sent")
    assert desk.alert.held_until is None


def test_late_it_is_held_for_an_hour_at_most(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.at(DAY + "10:10")
    held = holding.hold(desk.alert, "Ben", 120, desk.now)
    assert held.until.isoformat() == "2026-03-10T11:10:00+00:00"
    desk.at(DAY + "10:25")
    assert ("100%", "Cleo", "sent") not in desk.told


def test_a_link_to_nobody_is_passed_at_once_and_said(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    DutyShift.objects.all().delete()
    desk.open("48213")
    desk.at(DAY + "09:45")
    assert desk.told == [("75%", "Ben", "sent")]
    assert [(row.said, row.nobody) for row in StepTaken.objects.order_by("pk")] == [
        ("50%", [0]),
        ("75%", [0]),
    ]


def test_somebody_away_is_stood_in_for(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    dee, ada = desk.people["Dee"], desk.people["Ada"]
    dee.deputy = ada
    dee.save()
    Absence.objects.create(
        provider=desk.provider, technician=dee, first=desk.now, last=desk.now.replace(hour=18)
    )
    desk.open("48213")
    desk.at(DAY + "09:30")
    assert desk.told == [("50%", "Ada", "sent")]


def test_a_new_source_only_rehearses(desk: Desk, post: Post) -> None:
    desk.open("48213")
    desk.at(DAY + "10:00")
    assert post.letters == []
    assert {state for _, _, state in desk.told} == {"rehearsed"}
    assert desk.alert.rehearsal


def test_a_client_may_ring_for_some_priorities_alone(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST, "Default for the second priority")
    from beforehand.alerts.models import Switch

    Switch.objects.filter(kind="client").update(priorities=["p1"])
    desk.open("48213")
    desk.open("48214", priority="P2")
    desk.at(DAY + "12:30")
    rung = set(Delivery.objects.filter(state="sent").values_list("alert__ticket__external_id", flat=True))
    rehearsed = set(
        Delivery.objects.filter(state="rehearsed").values_list("alert__ticket__external_id", flat=True)
    )
    assert (rung, rehearsed) == ({"48213"}, {"48214"})


def test_after_an_outage_there_is_one_summary_and_the_chain_goes_on_from_the_right_step(
    desk: Desk, post: Post
) -> None:
    desk.switch_on(FIRST)
    for number in range(20):
        desk.open(f"T{number}")
    desk.now = desk.now.replace(hour=11, minute=45)
    desk.work()
    assert [to for to, _ in desk.mail(post)] == ["cleo"]
    assert post.letters[0]["Subject"].startswith("Beforehand could not tell you in time: 20 steps were")
    assert {row.how for row in StepTaken.objects.filter(said="150%")} == {"overdue"}
    assert {row.how for row in StepTaken.objects.exclude(said="150%")} == {"passed"}


def test_what_a_late_event_makes_of_the_past_is_told_to_nobody(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213", priority="P3")
    desk.at(DAY + "10:45")
    then = to_instant(desk.now.replace(hour=9, minute=5))
    desk.tell("48213", h.changed(then, "priority", "P1", id="late"))
    desk.work()
    assert post.letters == []
    assert {row.how for row in StepTaken.objects.all()} >= {"past"}


def test_a_raised_priority_that_breaks_the_promise_at_once_is_told(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213", priority="P3")
    desk.at(DAY + "10:45")
    # It was polled two minutes after it was raised (4.1: breached by the change).
    then = to_instant(desk.now.replace(minute=43))
    desk.tell("48213", h.changed(then, "priority", "P1", id="raised"))
    desk.work()
    assert [to for to, _ in desk.mail(post)] == ["cleo"]


def test_a_corrected_agreement_tells_nobody_of_the_past(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.at(DAY + "09:22")
    Target.objects.filter(line__priority="P1", metric="response").update(amount=20 * MINUTE)
    desk.reread()
    desk.at(DAY + "09:23")
    assert post.letters == []
    assert {row.how for row in StepTaken.objects.all()} == {"past"}
    desk.at(DAY + "09:30")
    assert [row.said for row in StepTaken.objects.filter(how="live")] == ["150%"]


def test_what_a_corrected_agreement_brings_before_its_ticket_is_looked_at_is_told(
    desk: Desk, post: Post
) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.at(DAY + "09:22")
    Target.objects.filter(line__priority="P1", metric="response").update(amount=50 * MINUTE)
    ProviderTerms.objects.update(changed=desk.now)
    desk.reread()
    # Ten thousand others were looked at first.
    desk.now += timedelta(minutes=4)
    desk.work()
    assert desk.told == [("50%", "Dee", "sent")]


def test_what_was_answered_meanwhile_is_not_sent(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    post.refuses = True
    desk.at(DAY + "09:30")
    assert desk.told == [("50%", "Dee", "waiting")]
    at = to_instant(desk.now)
    desk.tell("48213", h.assigned(at, "Ada", id="a"), h.message(at, ANSWER, person="Ada", id="m"))
    post.refuses = False
    desk.at(DAY + "09:40")
    assert post.letters == []
    assert [state for _, _, state in desk.told] == ["dropped"]


def test_a_server_that_says_not_now_is_asked_again(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    post.refuses = True
    desk.at(DAY + "09:31")
    post.refuses = False
    desk.at(DAY + "09:35")
    assert [to for to, _ in desk.mail(post)] == ["dee"]
    assert [attempt.ok for attempt in Attempt.objects.order_by("pk")][-1]
    assert {attempt.answer for attempt in Attempt.objects.filter(ok=False)} == {"451 not now"}


def test_who_cannot_be_reached_keeps_nobody_waiting(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.people["Dee"].email = ""
    desk.people["Dee"].save()
    desk.open("48213")
    desk.at(DAY + "09:45")
    assert desk.told == [("75%", "Ben", "sent")]


def test_a_restart_of_the_clock_begins_the_ladder_anew(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.at(DAY + "09:31")
    desk.tell("48213", h.status(to_instant(desk.now), "Resolved", id="r", person="Ada"))
    desk.at("2026-03-20T09:00")
    desk.tell("48213", h.status(to_instant(desk.now), "Working", id="w", person="Ada"))
    desk.at("2026-03-20T13:00")
    alerts = list(Alert.objects.order_by("pk").values_list("metric", "number", "outcome"))
    assert len(alerts) == 2
    assert alerts[0][2] == Alert.Outcome.SAVED


@pytest.mark.parametrize("looks", [1, 7, 60])
def test_how_often_it_is_looked_at_changes_nothing(desk: Desk, post: Post, looks: int) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    for minute in range(46):
        desk.at(DAY + f"09:{minute:02}")
        if minute % looks == 0:
            desk.tell("48213", h.message(to_instant(desk.now), 0, id=f"note-{minute}"))
    assert desk.told == [("50%", "Dee", "sent"), ("75%", "Dee", "sent")]


def test_a_letter_that_nobody_takes_passes_the_turn_on_at_once(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    post.unknown = {"dee@northwind.test"}
    desk.at(DAY + "09:46")
    assert desk.told == [("50%", "Dee", "failed"), ("75%", "Dee", "failed"), ("75%", "Ben", "sent")]
    assert {attempt.answer for attempt in Attempt.objects.filter(ok=False)} == {"550 nobody of that name"}


def test_what_is_held_goes_on_at_the_deadline_that_a_raised_priority_makes_earlier(
    desk: Desk, post: Post
) -> None:
    desk.ladder(Step(10, None, (Link((("dispatcher",),)), Link((("team lead",),))), "urgent"))
    desk.open("48213", priority="P3")

    def names() -> list[str]:
        return list(Delivery.objects.filter(alert=desk.alert).order_by("pk").values_list("name", flat=True))

    desk.at(DAY + "09:30")
    assert names() == ["Dee"]
    held = holding.hold(desk.alert, "Dee", 60, desk.now)
    assert held.until.isoformat() == "2026-03-10T10:30:00+00:00"
    desk.at(DAY + "09:32")
    desk.tell("48213", h.changed(to_instant(desk.now), "priority", "P1", id="raised"))
    desk.at(DAY + "09:59")
    assert names() == ["Dee"]
    desk.at(DAY + "10:01")
    assert names() == ["Dee", "Ben"]


def test_a_chain_that_ends_with_its_clock_says_so(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.at(DAY + "09:46")
    desk.tell("48213", h.status(to_instant(desk.now), "Closed"))
    desk.work()
    assert desk.alert.ended is not None
    assert StepTaken.objects.get(said="75%").ended_by == desk.alert.ended_by

"""The second check: it finds what is broken, names it, and finds nothing where all is well."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beforehand.alerts import holding
from beforehand.alerts.audit import Came, check
from beforehand.alerts.audit_round import AUDIT, pause
from beforehand.alerts.dismissing import dismiss
from beforehand.alerts.heartbeat import FRESH
from beforehand.alerts.models import Alert, Attempt, Audit, Delivery, Finding, StepTaken, Switch
from beforehand.engine import history as h
from beforehand.engine.codes import BY_AUTOMATION, PUBLIC
from beforehand.engine.instants import MINUTE, to_instant
from beforehand.kernel.due import queue
from beforehand.kernel.models import Due
from beforehand.promises.models import Target
from tests.support.post import Post
from tests.support.tries import tries

from .conftest import ANSWER, FIRST, Desk

DAY = "2026-03-10T"
SOON = timedelta(minutes=3)


@pytest.fixture
def climbed(desk: Desk, post: Post) -> Desk:
    """A ticket that nobody touched, up to 150% of its response target; checked since, so that a worker was there."""
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.at(DAY + "11:00")
    look(desk)
    return desk


def look(desk: Desk) -> Audit:
    """The check looks now, by its due row."""
    desk.work()
    Due.objects.filter(kind=AUDIT).update(due_at=desk.now)
    desk.work()
    return Audit.objects.latest("pk")


def later(desk: Desk) -> Came:
    """What the check finds a little later."""
    desk.now += SOON
    return check(desk.provider, desk.now)


def found(desk: Desk, *kinds: str) -> list[str]:
    """What a little later is found, in words; the kinds are those named."""
    came = later(desk)
    assert [str(one.kind) for _, one in came.differences] == list(kinds), came.differences
    desk.finds = list(kinds)
    return [one.said for _, one in came.differences]


def test_a_chain_that_climbed_to_the_manager_is_as_it_should_be(climbed: Desk) -> None:
    came = later(climbed)
    assert (came.judged, came.explained, came.differences, came.reasons) == (5, 0, [], {})


def test_a_message_that_is_not_there_is_missed(climbed: Desk) -> None:
    Delivery.objects.filter(step=1, name="Ben").delete()
    assert found(climbed, "missing") == ["response, 75%, team lead: nobody was told"]


def test_a_step_that_is_not_there_is_missed_by_the_instant_at_which_it_was_due(climbed: Desk) -> None:
    StepTaken.objects.filter(said="90%").delete()
    came = later(climbed)
    (_, one), (_, told) = came.differences
    assert (one.kind, one.step, one.due) == (
        "missing",
        "90%",
        to_instant(climbed.now.replace(hour=9, minute=54)),
    )
    # And what was told there belongs to no step.
    assert (told.kind, told.step) == ("unwanted", "step 3")
    climbed.finds = ["missing", "unwanted"]


def test_an_alert_that_was_never_opened_is_missed_step_by_step(climbed: Desk) -> None:
    climbed.alert.delete()
    said = found(climbed, *["missing"] * 5)
    assert said[0] == "response, 50%, assignee or dispatcher: the step was not taken"


def test_a_ticket_whose_due_row_is_lost_is_missed(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.work()
    Due.objects.filter(kind="ticket").delete()
    desk.at(DAY + "09:50")
    assert look(desk).differences == 0
    desk.now += SOON
    # The check before has shown that a worker was there.
    audit = look(desk)
    assert [(row.kind, row.step, row.ticket.external_id) for row in audit.findings.order_by("pk")] == [
        ("missing", "50%", "48213"),
        ("missing", "75%", "48213"),
    ]
    desk.finds = ["missing", "missing"]


def test_a_step_that_was_told_late_is_found(climbed: Desk) -> None:
    at = climbed.now.replace(hour=9, minute=47)
    StepTaken.objects.filter(said="75%").update(taken=at)
    Delivery.objects.filter(step=1, place=0).update(created=at, sent=at)
    assert found(climbed, "late")[0] == "response, 75%, assignee or dispatcher: the step was taken late"


def test_a_link_that_was_told_late_is_found(climbed: Desk) -> None:
    at = climbed.now.replace(hour=10, minute=25)
    Delivery.objects.filter(step=3, place=1).update(created=at, sent=at)
    assert found(climbed, "late") == ["response, 100%, service manager: it was told late"]


def test_a_link_that_was_told_before_its_time_is_found(climbed: Desk) -> None:
    at = climbed.now.replace(hour=10, minute=5)
    Delivery.objects.filter(step=3, place=1).update(created=at, sent=at)
    assert found(climbed, "unwanted") == ["response, 100%, service manager: it was told before its time"]


def test_what_nothing_called_for_is_found(climbed: Desk, post: Post) -> None:
    row = Delivery.objects.get(step=4)
    row.pk, row.key, row.place, row.role = None, "other", 1, "team lead"
    row.save()
    assert found(climbed, "unwanted") == ["response, 150%, team lead: nothing called for it"]


def test_a_message_after_an_action_is_found(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.at(DAY + "09:48")
    desk.tell("48213", h.assigned(to_instant(desk.now), "Ada", id="a"))
    desk.at(DAY + "09:53")
    row = Delivery.objects.get(step=1)
    row.pk, row.key, row.place, row.created = (
        None,
        "1.0-1.1.1.t0.mail",
        1,
        desk.now.replace(minute=52, second=30),
    )
    row.save()
    desk.at(DAY + "10:00")
    look(desk)
    assert found(desk, "unwanted") == ["response, 75%, dispatcher: nothing called for it"]


def test_a_step_that_was_taken_for_one_of_the_past_is_missed(climbed: Desk) -> None:
    StepTaken.objects.filter(said="100%").update(how="past")
    Delivery.objects.filter(step=3).delete()
    assert found(climbed, "missing")[0].endswith("passed over, and no later step was told in its stead")


def test_a_step_that_was_passed_over_while_a_worker_worked_is_missed(climbed: Desk) -> None:
    StepTaken.objects.filter(said="90%").update(how="passed", taken=climbed.now.replace(hour=10, minute=30))
    Delivery.objects.filter(step=2).delete()
    assert found(climbed, "missing")


def test_a_summary_is_believed_where_nobody_is_known_to_have_worked(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.work()
    desk.now = desk.now.replace(hour=11, minute=45)
    desk.work()
    look(desk)
    came = later(desk)
    assert (came.judged, came.explained, came.differences) == (5, 5, [])


def test_a_summary_is_not_believed_where_others_were_served_meanwhile(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.work()
    row = Due.objects.get(kind="ticket")
    row.delete()
    for minute in (10, 20, 30, 40, 50):
        desk.now = desk.now.replace(hour=10, minute=minute)
        look(desk)
    queue.ask("ticket", desk.provider.pk, [row.key], to_instant(row.due_at))
    desk.now = desk.now.replace(hour=11, minute=45)
    desk.work()
    look(desk)
    kinds = {str(one.kind) for _, one in later(desk).differences}
    assert kinds == {"missing", "late"}
    desk.finds = [str(one.kind) for _, one in check(desk.provider, desk.now).differences]


def test_what_cannot_be_delivered_to_the_last_of_a_chain_is_found(desk: Desk, post: Post) -> None:
    post.unknown = {"cleo@northwind.test", "ben@northwind.test"}
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.at(DAY + "10:40")
    look(desk)
    said = found(desk, *["unheard"] * 4)
    assert said[-1].endswith("could not be delivered, and nobody was told after")
    assert Attempt.objects.filter(ok=False).exists()


def test_a_message_that_waits_for_no_reason_is_found(climbed: Desk) -> None:
    Delivery.objects.filter(step=4).update(state="waiting", sent=None)
    assert found(climbed, "waiting")[0].endswith("the message still waits, and nothing says why")


def test_a_mail_server_that_refuses_says_why_a_message_went_late(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    post.refuses = True
    desk.open("48213")
    desk.at(DAY + "09:33")
    post.refuses = False
    desk.at(DAY + "09:40")
    look(desk)
    assert later(desk).differences == []
    Attempt.objects.all().delete()
    assert found(desk, "late") == ["response, 50%, dispatcher: the message went late, and nothing says why"]


def test_what_only_rehearsed_though_it_was_switched_on_is_found(climbed: Desk) -> None:
    Delivery.objects.filter(step=0).update(state="rehearsed", sent=None)
    assert found(climbed, "missing")[0].endswith("it only rehearsed, though everything was switched on")


def test_rehearsal_is_as_it_should_be_until_it_is_switched_on(desk: Desk, post: Post) -> None:
    desk.open("48213")
    desk.at(DAY + "09:50")
    desk.switch_on(FIRST)
    assert Switch.objects.count() == 4
    desk.at(DAY + "11:00")
    look(desk)
    came = later(desk)
    assert (came.judged, came.differences) == (5, [])


def test_a_hold_explains_why_the_next_one_is_told_later(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.at(DAY + "10:05")
    holding.hold(desk.alert, "Ben", 20, desk.now)
    desk.at(DAY + "11:00")
    look(desk)
    assert later(desk).differences == []
    desk.alert.holds.all().delete()
    assert found(desk, "late") == ["response, 100%, service manager: it was told late"]


def test_noise_ends_all_that_should_be_told(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.at(DAY + "09:50")
    dismiss(desk.alert, "Cleo", "the client is on holiday", desk.now)
    desk.at(DAY + "11:00")
    look(desk)
    came = later(desk)
    assert (came.judged, came.differences) == (2, [])


def test_what_was_before_an_agreement_was_corrected_is_not_judged_and_said(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.at(DAY + "10:02")
    look(desk)
    Target.objects.filter(line__priority="P1", metric="response").update(amount=90 * MINUTE)
    desk.reread()
    desk.at(DAY + "11:30")
    look(desk)
    came = later(desk)
    assert came.differences == []
    assert came.reasons == {"the agreements changed meanwhile": 4}


def test_a_ticket_that_cannot_be_read_is_never_called_clean(
    climbed: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    from beforehand.tickets.models import Event

    Event.objects.filter(kind=0).update(until=climbed.now - timedelta(days=9), at=climbed.now)
    came = later(climbed)
    assert (came.failed, came.differences) == (1, [])
    assert "could not be checked" in caplog.text
    Event.objects.filter(kind=0).update(until=None, at=climbed.now.replace(hour=9, minute=0, second=0))


def test_a_difference_is_kept_once_and_the_last_check_that_found_it_is_named(climbed: Desk) -> None:
    Delivery.objects.filter(step=1, name="Ben").delete()
    climbed.now += SOON
    first = look(climbed)
    climbed.now += SOON
    second = look(climbed)
    row = Finding.objects.get()
    assert (row.audit, row.first, row.alert) == (second, first.at, climbed.alert)
    climbed.finds = ["missing"]


def test_checks_older_than_a_week_go_with_what_they_found(climbed: Desk) -> None:
    Delivery.objects.filter(step=1, name="Ben").delete()
    climbed.now += SOON
    look(climbed)
    climbed.now += timedelta(days=8)
    look(climbed)
    assert not Audit.objects.filter(at__lt=climbed.now - timedelta(days=7)).exists()
    assert not Finding.objects.exists()


def test_every_provider_has_a_check_that_comes_again_by_itself(desk: Desk) -> None:
    desk.work()
    row = Due.objects.get(kind=AUDIT)
    assert (row.key, row.due_at - desk.now) == (desk.provider.pk, timedelta(minutes=10))
    row.delete()
    desk.worker.look_anew()
    desk.work()
    assert Due.objects.filter(kind=AUDIT).exists()


DOES = st.sampled_from(
    ["assign", "unassign", "answer", "auto", "wait", "work", "resolve", "P1", "P3", "hold", "late", "away"]
)


@settings(
    max_examples=tries(8),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.tuples(st.integers(1, 40), DOES), max_size=7))
def test_whatever_happens_the_alerts_are_found_right(
    desk: Desk, post: Post, happens: list[tuple[int, str]]
) -> None:
    desk.switch_on(FIRST)
    desk.now += timedelta(days=7)
    ticket = str(desk.now.date())
    desk.open(ticket)
    for minutes, what in happens:
        go_on(desk, minutes)
        do(desk, ticket, what)
    go_on(desk, 180)
    look(desk)
    came = later(desk)
    assert ([one.said for _, one in came.differences], came.failed) == ([], 0)
    desk.tell(ticket, h.status(to_instant(desk.now), "Resolved", id="end"))
    desk.now = desk.now.replace(hour=9, minute=0, second=0)


def go_on(desk: Desk, minutes: int) -> None:
    desk.at((desk.now + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S"))


def do(desk: Desk, ticket: str, what: str) -> None:
    """Something happens to the ticket, or to those who see to it."""
    at = to_instant(desk.now)
    name = f"{what}-{at}"
    events = {
        "assign": h.assigned(at, "Ada", id=name),
        "unassign": h.assigned(at, "", id=name),
        "answer": h.message(at, ANSWER, person="Ada", id=name),
        "auto": h.message(at, PUBLIC | BY_AUTOMATION, id=name),
        "wait": h.status(at, "Waiting", id=name),
        "work": h.status(at, "Working", id=name),
        "resolve": h.status(at, "Resolved", id=name),
        "P1": h.changed(at, "priority", "P1", id=name),
        "P3": h.changed(at, "priority", "P3", id=name),
        "late": h.changed(at - 4 * MINUTE, "priority", "P1", id=name),
    }
    if what in events:
        desk.tell(ticket, events[what])
    elif what == "away":
        desk.now += timedelta(minutes=47)
    else:
        for alert in Alert.objects.filter(ended=None):
            holding.hold(alert, "Ben", 20, desk.now)
    desk.work()


def test_a_check_that_takes_long_comes_less_often_but_while_the_last_still_counts() -> None:
    assert [pause(took) // MINUTE for took in (0, 4_000, 7_500, 60_000)] == [10, 10, 15, 20]
    assert timedelta(microseconds=pause(10**9)) < FRESH

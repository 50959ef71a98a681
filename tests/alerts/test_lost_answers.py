"""Nobody knows whether it was taken: the answer was lost, or the machine's clock was wrong meanwhile."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.test import override_settings

from beforehand.alerts.channel_changes import save_channel
from beforehand.alerts.models import Channel, DayList, Delivery
from beforehand.alerts.post import Letter, send_mail
from beforehand.engine import history as h
from beforehand.engine.instants import to_instant
from beforehand.kernel import outward
from beforehand.kernel.due import queue
from beforehand.people.days import ask_for_list
from beforehand.promises.ladders import Link, Step
from beforehand.tickets.models import Ticket
from beforehand.tickets.watching import TICKET
from tests.support.moody import Moody, moody
from tests.support.post import Post
from tests.support.receiver import receiver

from .conftest import FIRST, Desk

DAY = "2026-03-10T"
DEE = "dee@northwind.test"


@pytest.fixture
def rude() -> Iterator[Moody]:
    with moody() as server, override_settings(
        SENDS_MAIL=True, EMAIL_HOST="127.0.0.1", EMAIL_PORT=server.port, EMAIL_HOST_USER="",
        EMAIL_USE_SSL=False, EMAIL_USE_TLS=False, DEFAULT_FROM_EMAIL="Beforehand <b@northwind.test>",
    ):  # fmt: skip
        yield server


@pytest.mark.parametrize(
    ("mood", "unsure", "permanent"),
    [("lose", True, False), ("drop", True, False), ("later", False, False), ("never", False, True)],
)
def test_only_a_letter_without_an_answer_may_have_been_taken(
    rude: Moody, mood: str, unsure: bool, permanent: bool
) -> None:
    rude.moods[DEE] = [mood]
    answer = send_mail(Letter(DEE, "Subject", "Text\n", "1@northwind.test", "1@northwind.test", 0))
    assert (answer.ok, answer.unsure, answer.permanent) == (False, unsure, permanent)


def test_a_server_that_is_not_there_has_surely_taken_nothing(rude: Moody) -> None:
    with override_settings(EMAIL_PORT=1):
        answer = send_mail(Letter(DEE, "Subject", "Text\n", "1@northwind.test", "1@northwind.test", 0))
    assert (answer.ok, answer.unsure) == (False, False)
    reply = outward.post("http://127.0.0.1:1/", b"{}", {}, allow_private=True)
    assert (reply.status, reply.unsure) == (0, False)


def test_a_post_without_an_answer_may_have_been_taken() -> None:
    with receiver() as hook:
        hook.silent = 1
        reply = outward.post(hook.url, b"{}", {}, allow_private=True, within=2)
        assert len(hook.posted) == 1
    assert (reply.status, reply.unsure, reply.final) == (0, True, False)


def test_what_may_have_been_taken_is_told_again_and_counted(desk: Desk, rude: Moody) -> None:
    desk.switch_on(FIRST)
    rude.moods[DEE] = ["lose", "later"]
    desk.open("48213")
    desk.at(DAY + "09:31")
    row = Delivery.objects.get()
    assert (row.state, row.repeats, row.tries, len(rude.letters)) == ("sent", 1, 3, 2)
    assert len({letter["Message-ID"] for letter in rude.letters}) == 1


def test_what_a_web_server_refuses_for_now_is_told_again_and_not_counted(desk: Desk, post: Post) -> None:
    with receiver() as hook:
        row = Channel(provider=desk.provider, name="Hook", kind="webhook", allow_private=True)
        save_channel(row, hook.url, "a-secret-that-nobody-can-guess")
        desk.ladder(Step(50, None, (Link((("channel Hook",),)),), "urgent"))
        hook.answers = [503]
        desk.open("48213")
        desk.at(DAY + "09:31")
        assert len(hook.posted) == 2
    assert [(one.state, one.repeats) for one in Delivery.objects.all()] == [("sent", 0)]


def test_a_days_list_that_may_have_been_taken_is_counted_too(desk: Desk, rude: Moody) -> None:
    rude.moods["cleo@northwind.test"] = ["lose"]
    ask_for_list(desk.provider.pk, [desk.people["Cleo"].pk])
    desk.at(DAY + "09:31")
    row = DayList.objects.get()
    assert (row.state, row.repeats, len(rude.letters)) == ("sent", 1, 2)


def test_after_the_machines_clock_was_set_back_steps_are_told_when_they_are_reached(
    desk: Desk, post: Post
) -> None:
    desk.switch_on(FIRST)
    desk.open("48213", "P3")
    desk.now = datetime(2026, 3, 10, 10, tzinfo=UTC)
    queue.ask(TICKET, desk.provider.pk, [Ticket.objects.get().pk], to_instant(desk.now))
    desk.work()
    desk.now = datetime(2026, 3, 10, 9, 10, tzinfo=UTC)
    desk.tell("48213", h.changed(to_instant(desk.now), "priority", "P1", id="worse"))
    desk.at(DAY + "09:40")
    assert desk.told == [("50%", "Dee", "sent")]

"""Many messages at once, over few connections to a real mail server."""

from collections.abc import Iterator

import pytest
from django.test import override_settings

from beforehand.alerts import sessions
from beforehand.alerts.models import Attempt, Delivery
from beforehand.alerts.visits import AT_ONCE
from beforehand.engine import history as h
from beforehand.engine.instants import to_instant
from beforehand.kernel.due.errands import AT_A_TIME
from beforehand.promises.ladders import Link, Step
from tests.support.post import Post

from .conftest import FIRST, Desk

COUNT = 3 * AT_ONCE


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    sessions.end_all()
    yield
    sessions.end_all()


def _open_many(desk: Desk) -> None:
    desk.switch_on(FIRST)
    for number in range(COUNT):
        desk.open(f"T{number}")


def test_urgent_messages_to_one_go_each_by_itself_over_one_connection(desk: Desk, post: Post) -> None:
    _open_many(desk)
    desk.at("2026-03-10T09:30")
    assert [who for who, _ in desk.mail(post)] == ["dee"] * COUNT
    assert {row.state for row in Delivery.objects.all()} == {"sent"}
    assert post.calls == 1


def test_of_those_that_wait_behind_a_refusal_none_has_been_tried(desk: Desk, post: Post) -> None:
    _open_many(desk)
    post.refuses = True
    desk.at("2026-03-10T09:30")
    assert Attempt.objects.count() == COUNT
    assert set(Delivery.objects.values_list("state", "tries", "repeats")) == {("waiting", 1, 0)}
    post.refuses = False
    desk.at("2026-03-10T09:31")
    assert len(post.letters) == COUNT
    assert set(Delivery.objects.values_list("state", "tries", "repeats")) == {("sent", 2, 0)}


def test_a_connection_that_the_server_has_ended_is_made_anew(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.at("2026-03-10T09:30")
    assert len(sessions._idle) == 1
    for held in sessions._idle:
        held.server.close()
    desk.at("2026-03-10T09:45")
    assert set(Attempt.objects.values_list("ok", flat=True)) == {True}


def test_no_more_connections_are_open_than_the_strictest_server_takes(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    for name in ("Ada", "Ben", "Cleo", "Dee"):
        desk.open(name)
        desk.tell(name, h.assigned(to_instant(desk.now), name))
    desk.at("2026-03-10T09:30")
    assert {who for who, _ in desk.mail(post)} == {"ada", "ben", "cleo", "dee"}
    assert post.calls <= AT_A_TIME


def test_a_subject_that_reads_as_encoded_words_writes_no_header_of_its_own(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213", subject="=?utf-8?q?down=0D=0AReply-To=3A_evil=40x.test=0D=0A=0D=0APay_here?=")
    desk.at("2026-03-10T09:30")
    (letter,) = post.letters
    assert letter["Reply-To"] is None
    assert "Contoso, P1, response due" in letter["Subject"]
    assert "utf-8?q?down=0D=0AReply-To" in letter["Subject"]
    assert "You are the first to be told." in letter.get_content()


def test_a_letter_that_cannot_be_made_keeps_no_other_waiting(desk: Desk, post: Post) -> None:
    ada = desk.people["Ada"]
    ada.email = "ada@[northwind.test"  # Python's email fails on it
    ada.save()
    desk.ladder(Step(50, None, (Link((("assignee",),)), Link((("team lead",),))), "urgent"))
    desk.open("48213", assignee="Ada")
    desk.tell("48213", h.assigned(to_instant(desk.now), "Ada", id="to Ada"))
    desk.at("2026-03-10T09:30")
    first, second = Delivery.objects.order_by("pk")
    assert (first.name, first.state, first.tries) == ("Ada", "failed", 1)
    assert first.why == "it could not be made: AttributeError"
    assert (second.name, second.state) == ("Ben", "sent")


def test_the_name_of_a_message_fits_its_row_however_long_our_host_is(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    with override_settings(PUBLIC_URL=f"https://beforehand.{'operations.' * 6}northwind.test"):
        desk.at("2026-03-10T09:30")
    assert len(Delivery.objects.get().message) <= 80
    assert Delivery.objects.get().message == Attempt.objects.get().message

"""The preview of a ladder: what it says is what the engine then does, at the same instants, and it keeps nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from beforehand.alerts.models import Delivery, StepTaken
from beforehand.alerts.preview import Asked, Preview, preview
from beforehand.engine.codes import METRICS
from beforehand.engine.instants import MINUTE, to_instant
from beforehand.kernel.fields import from_micros
from beforehand.people.models import Absence, DutyShift, Team, Technician
from beforehand.promises.book import current
from beforehand.promises.ladders import Ladder, Link, Match, Step
from beforehand.promises.models import Coverage
from beforehand.promises.revisions import renew
from tests.support.post import Post

from .conftest import FIRST, Desk

Row = tuple[str, str, str, str, str, datetime]
"""Metric, step, name, role, channel, instant."""
ASSIGNEE = Link((("assignee", "dispatcher"),))
LEAD, MANAGER = Link((("team lead",),)), Link((("service manager",), ("person Ada",)))


@contextmanager
def nothing_written() -> Iterator[None]:
    def watch(execute: Callable[..., Any], sql: str, *more: Any) -> Any:
        assert sql.lstrip().split()[0].upper() in ("SELECT", "SAVEPOINT", "RELEASE", "BEGIN"), sql
        return execute(sql, *more)

    with connection.execute_wrapper(watch):
        yield


def of_contoso(desk: Desk, priority: str = "P1", **more: str) -> Preview:
    book = current(desk.provider)
    client = book.client("Contoso")
    asked = Asked(to_instant(desk.now), client, priority, source=desk.source, **{"team": "Desk", **more})
    with nothing_written():
        return preview(desk.provider, book, asked)


def foreseen(seen: Preview) -> list[Row]:
    return sorted(
        (clock.metric, step.said, one.name, one.role, one.channel, from_micros(turn.at))
        for clock in seen.clocks
        for step in clock.steps
        for turn in step.turns
        for one in turn.told
    )


def happened() -> list[Row]:
    said = {(row.alert_id, row.step): row.said for row in StepTaken.objects.all()}
    rows = Delivery.objects.select_related("alert", "mailbox")
    return sorted(
        (METRICS[row.alert.metric], said[row.alert_id, row.step], row.name, row.role,
         row.mailbox.channel if row.mailbox else "", row.created)
        for row in rows
    )  # fmt: skip


def passed(seen: Preview) -> list[tuple[str, str, list[str]]]:
    return sorted(
        (clock.metric, step.said, [str(k) for k, turn in enumerate(step.turns) if not turn.told])
        for clock in seen.clocks
        for step in clock.steps
    )


def were_passed() -> list[tuple[str, str, list[str]]]:
    rows = StepTaken.objects.select_related("alert")
    return sorted((METRICS[row.alert.metric], row.said, list(map(str, row.nobody))) for row in rows)


def lives(desk: Desk, until: str, priority: str = "P1", **more: str) -> None:
    desk.open("48213", priority, **more)
    desk.at(until)


@pytest.mark.parametrize("priority", ["P1", "P2", "P3", "P4"])
@pytest.mark.parametrize("hour", [9, 16])
def test_what_is_foreseen_of_the_ladders_built_in_is_what_happens(
    desk: Desk, post: Post, priority: str, hour: int
) -> None:
    desk.now = desk.now.replace(hour=hour, minute=17)
    seen = of_contoso(desk, priority)
    lives(desk, "2026-03-31T09:00", priority)
    assert foreseen(seen) == happened()
    assert passed(seen) == were_passed()
    assert foreseen(seen)


@pytest.mark.parametrize("in_hours", [False, True])
def test_what_is_foreseen_of_a_ladder_of_ones_own_is_what_happens(
    desk: Desk, post: Post, in_hours: bool
) -> None:
    desk.ladder(
        Step(20, None, ()),
        Step(40, None, (ASSIGNEE, LEAD, MANAGER), every=40 * MINUTE),
        Step(None, 20 * MINUTE, (MANAGER, LEAD), "urgent"),
        Step(400, None, (Link((("person Nobody",),)), ASSIGNEE)),
        in_hours=in_hours,
    )
    seen = of_contoso(desk, "P3")
    lives(desk, "2026-03-31T09:00", "P3")
    assert foreseen(seen) == happened()
    assert passed(seen) == were_passed()


def test_who_is_away_at_that_instant_is_stood_in_for_and_nobody_is_said(desk: Desk, post: Post) -> None:
    dee, ada = desk.people["Dee"], desk.people["Ada"]
    Technician.objects.filter(pk=dee.pk).update(deputy=ada)
    away = desk.now.replace(minute=40), desk.now.replace(minute=50)
    Absence.objects.create(provider=desk.provider, technician=dee, first=away[0], last=away[1])
    Team.objects.update(lead=None)
    seen = of_contoso(desk)
    rows = [(step, name) for metric, step, name, *_ in foreseen(seen) if metric == "response"]
    assert ("50%", "Dee") in rows
    assert ("75%", "Ada") in rows
    lives(desk, "2026-03-31T09:00")
    assert foreseen(seen) == happened()
    assert passed(seen) == were_passed()
    assert ("response", "75%", ["1"]) in passed(seen)


def test_a_ticket_that_no_agreement_covers_is_foreseen_too(desk: Desk, post: Post) -> None:
    seen = preview(
        desk.provider,
        current(desk.provider),
        Asked(to_instant(desk.now), None, "P1", team="Desk", source=desk.source),
    )
    assert [clock.metric for clock in seen.clocks] == ["triage"]
    desk.open("48213", client="Whoever")
    desk.at("2026-03-20T09:00")
    assert foreseen(seen) == happened()


def test_an_assigned_ticket_is_its_assignees(desk: Desk) -> None:
    names = {name for _, step, name, *_ in foreseen(of_contoso(desk, assignee="Ada")) if step == "50%"}
    assert names == {"Ada"}


def test_a_shrunk_chain_says_so(desk: Desk) -> None:
    steps = {step.said: step for step in of_contoso(desk).clocks[0].steps}
    assert (steps["75%"].shrunk, steps["75%"].apart) == (True, 15 * MINUTE // 2)
    assert not steps["50%"].shrunk


def test_what_waits_for_the_morning_says_until_when(desk: Desk) -> None:
    Technician.objects.update(
        hours={day: [["08:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    )
    desk.ladder(
        Step(50, None, (ASSIGNEE,), "normal"), Step(75, None, (ASSIGNEE,), "quiet"), Step(90, None, (ASSIGNEE,), "urgent")
    )  # fmt: skip
    desk.now = desk.now.replace(hour=21, minute=50)
    week = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    Coverage.objects.filter(name="Office").update(hours={day: [["00:00", "24:00"]] for day in week})
    renew("default")
    waits = [step.turns[0].told[0].waits_until for step in of_contoso(desk).clocks[0].steps]
    assert [at and f"{from_micros(at):%d %H:%M}" for at in waits] == ["11 07:00", "11 08:00", None]


def test_it_says_what_keeps_it_in_rehearsal(desk: Desk) -> None:
    assert of_contoso(desk).clocks[0].off == ("source", "ladder", "client")
    desk.switch_on(FIRST)
    assert of_contoso(desk).clocks[0].off == ()


def test_it_shows_a_ladder_that_is_not_kept_yet(desk: Desk) -> None:
    book = current(desk.provider)
    ladder = Ladder("Mine", (Step(10, None, (LEAD,)),), (Match(priority="P1"),))
    asked = Asked(to_instant(desk.now), book.client("Contoso"), "P1", team="Desk", source=desk.source)
    with nothing_written():
        seen = preview(desk.provider, book.with_ladders([ladder]), asked)
    assert {name for _, step, name, *_ in foreseen(seen)} == {"Ben"}
    assert book.ladders.own == ()


def test_without_anybody_on_the_roster_the_chain_moves_on_at_once(desk: Desk) -> None:
    DutyShift.objects.all().delete()
    step = next(step for step in of_contoso(desk).clocks[0].steps if step.said == "75%")
    assert [turn.at - step.at for turn in step.turns] == [0, 0]
    assert [bool(turn.told) for turn in step.turns] == [False, True]

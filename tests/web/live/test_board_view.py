"""A live board sends what is different, and nothing else."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from beforehand.engine.history import assigned
from beforehand.engine.instants import to_instant
from beforehand.people.models import Provider
from beforehand.promises.book import current
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.ledger import append
from beforehand.tickets.models import Clock, Ticket
from beforehand.web.board import Asked, passed
from beforehand.web.board_shown import Viewed
from beforehand.web.live.board_view import BoardView
from beforehand.web.live.view import Tick

Tickets = Callable[[str], Ticket]


@pytest.fixture
def view(provider: Provider, tickets: Tickets) -> BoardView:
    return BoardView(Viewed(provider.pk, Asked(), "Europe/London"))


def read(view: BoardView, provider: Provider, now: datetime) -> dict[str, Any] | None:
    return said(view.read(Tick(now, provider, current(provider), {})))


def said(message: bytes | None) -> dict[str, Any] | None:
    if message is None:
        return None
    kind, data = message.decode().removeprefix("event: ").split("\ndata: ")
    return {"kind": kind, **json.loads(data)}


def assign(ticket: Ticket, person: str, now: datetime) -> None:
    append(
        ticket.source, [TicketEvent(ticket.external_id, assigned(to_instant(now), person, id=person))], now
    )


def test_time_alone_changes_no_row(view: BoardView, provider: Provider, now: datetime) -> None:
    """The browser counts by itself; only figures that a passed deadline moves are sent."""
    first = read(view, provider, now)
    assert first is not None
    assert first["kind"] == "whole"
    later = read(view, provider, now + timedelta(seconds=5)) or {}
    assert "rows" not in later
    assert "order" not in later


def test_a_changed_ticket_sends_its_rows_alone(
    view: BoardView, provider: Provider, tickets: Tickets, now: datetime
) -> None:
    read(view, provider, now)
    ticket = tickets("T48219")
    assign(ticket, "Nadia Brooks", now)
    change = read(view, provider, now)
    assert change is not None
    assert change["kind"] == "change"
    assert {int(clock) >> 19 for clock in change["rows"]} == {ticket.pk}
    assert all("Nadia Brooks" in html for html in change["rows"].values())
    assert "order" not in change
    assert "unassigned" in change["parts"]["figures"]


def test_who_has_the_rows_already_gets_the_rest_only(
    view: BoardView, provider: Provider, now: datetime
) -> None:
    first = read(view, provider, now)
    assert first is not None
    again = said(view.whole(first["rev"], now))
    assert again is not None
    assert (again["rows"], again["order"]) == ({}, first["order"])
    assert len(first["rows"]) == len(first["order"]) > 10


def test_a_new_day_of_the_viewer_says_everything_anew(
    view: BoardView, provider: Provider, now: datetime
) -> None:
    read(view, provider, now)
    assert view.due is not None
    tomorrow = read(view, provider, view.due)
    assert tomorrow is not None
    assert tomorrow["kind"] == "whole"
    assert len(tomorrow["rows"]) == len(tomorrow["order"])


def test_a_deadline_that_passes_and_one_that_comes_within_the_hour_are_noticed(
    provider: Provider, tickets: Tickets, now: datetime
) -> None:
    clock = Clock.objects.filter(deadline__gt=now + timedelta(hours=2)).exclude(run=4).order_by("deadline")[0]
    assert clock.deadline is not None
    for moment in (clock.deadline, clock.deadline - timedelta(hours=1)):
        just = timedelta(microseconds=1)
        assert clock.ticket_id not in passed(provider.pk, moment - just, moment)
        assert clock.ticket_id in passed(provider.pk, moment, moment + just)

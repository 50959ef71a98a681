"""One alert: its steps, who was told of each, and what the other side answered, word for word."""

from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from beforehand.alerts import decide, holding
from beforehand.alerts.dismissing import NOISE
from beforehand.alerts.ladders import in_words
from beforehand.alerts.models import Alert, Delivery, StepTaken
from beforehand.engine.instants import to_instant
from beforehand.engine.saying import Moment, Saying
from beforehand.people.models import Provider
from beforehand.promises.book import Book, current
from beforehand.promises.file.ladders import read_link, say_at
from beforehand.promises.ladders import Ladder, Link
from beforehand.promises.ladders import Step as LadderStep
from beforehand.tickets.models import Ticket

from . import moment
from .access import zone_of
from .alert_history import SAID
from .alerts import Line, Lines
from .alerts_page import around, one_of
from .tries import STATES, Try, tries_of

HOW = {
    decide.LIVE: "told when it was reached",
    decide.OVERDUE: "found long after it was reached: told in a summary",
    decide.PASSED: "not told: a later step was reached as well",
    decide.PAST: "not told: it lies in a time that had been decided on",
}
QUIET = "no one is told at this step: the ticket shows on the board"


class Message(NamedTuple):
    """A delivery, with each try to make it."""

    row: Delivery
    said: str
    at: Moment
    tries: list[Try]


class Step(NamedTuple):
    """A step that was taken; `nobody`: the links of its chain that were nobody, in words."""

    row: StepTaken
    how: str
    at: Moment
    ended: Moment | None
    nobody: list[str]
    messages: list[Message]


class Shown(NamedTuple):
    """An alert with its steps; `ended`: when it was over, `outcome`: what it led to."""

    line: Line
    steps: list[Step]
    ended: Moment | None
    outcome: str


def alert(request: HttpRequest, pk: int) -> HttpResponse:
    """An alert of the viewer's provider; 404 for any other."""
    now, zone, row = moment.now(), zone_of(request), one_of(request, pk)
    shown = _shown([row], Lines(row.provider, current(row.provider), now, zone))[0]
    return render(
        request,
        "web/alert.html",
        {
            **shown._asdict(),
            "opened": Saying(to_instant(now), zone, 0, 1).at(to_instant(row.opened)),
            "choices": holding.CHOICES,
            **around(row.provider, now, zone),
        },
    )


def of_ticket(ticket: Ticket, provider: Provider, book: Book, now: datetime, zone: str) -> list[Shown]:
    """The alerts of a ticket, in the order in which they came; none costs one query."""
    rows = list(Alert.objects.filter(provider=provider, ticket=ticket).order_by("pk"))
    for row in rows:
        row.ticket, row.provider = ticket, provider
    return _shown(rows, Lines(provider, book, now, zone)) if rows else []


def _shown(rows: list[Alert], lines: Lines) -> list[Shown]:
    return [
        Shown(
            line,
            _steps(line.alert, lines),
            lines.how.at(to_instant(line.alert.ended)) if line.alert.ended else None,
            SAID.get(Alert.Outcome(line.alert.outcome), "") if line.alert.outcome else "",
        )
        for line in lines.of(rows)
    ]


def _steps(row: Alert, lines: Lines) -> list[Step]:
    """The steps of an alert as they were taken, each with those told of it."""
    ladder, how = lines.ladders.get(row.ladder), lines.how
    messages = _messages(row, how)
    taken = (
        StepTaken.objects.filter(provider=row.provider, alert=row).exclude(how=NOISE).order_by("at", "step")
    )
    return [_step(step, ladder, how, messages[step.step]) for step in taken]


def _step(row: StepTaken, ladder: Ladder | None, how: Saying, messages: list[Message]) -> Step:
    now = next((one for one in ladder.steps if say_at(one) == row.said), None) if ladder is not None else None
    chain = _told_as(row, now)
    nobody = [in_words(chain[place]) for place in row.nobody if place < len(chain)]
    quiet = now is not None and not chain and row.how in (decide.LIVE, decide.OVERDUE)
    said = QUIET if quiet else HOW.get(row.how, row.how)
    ended = None if row.ended is None else how.at(to_instant(row.ended))
    return Step(row, said, how.at(to_instant(row.at)), ended, nobody, messages)


def _told_as(row: StepTaken, now: LadderStep | None) -> list[Link]:
    """The chain of a step that was taken, as it was told; before links were kept, as it is `now`."""
    if row.links:
        return [link for link in map(read_link, row.links) if link is not None]
    return [] if now is None else list(now.chain)


def _messages(row: Alert, how: Saying) -> dict[int, list[Message]]:
    """What was told of an alert, by step."""
    deliveries = list(
        Delivery.objects.filter(provider=row.provider, alert=row).select_related("mailbox").order_by("pk")
    )
    tries = tries_of(row.provider, deliveries, how)
    found: dict[int, list[Message]] = defaultdict(list)
    for one in deliveries:
        at = how.at(to_instant(one.sent or one.created))
        said = STATES[Delivery.State(one.state)]
        found[one.step].append(Message(one, said, at, tries.get((one.mailbox_id, one.message), [])))
    return found

"""Rows and readings into the shapes of the API."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from beforehand.engine import english
from beforehand.engine.codes import BREACHED, METRICS, ORIGINS, RUNS, STATES, STOPPED, VERDICTS
from beforehand.engine.instants import to_datetime
from beforehand.engine.readings import Reading
from beforehand.engine.record import UNREACHABLE
from beforehand.engine.words import say
from beforehand.promises.book import Book
from beforehand.tickets.models import Clock, Ticket

from ..standing import coverage_of, stand
from ..ticket_reading import Read
from .shapes import SECOND

_EXCLUDED = ("no", "awaiting approval", "yes")
_TEXTS = (
    "external_id",
    "number",
    "subject",
    "client_name",
    "priority",
    "type",
    "board",
    "site",
    "team",
    "assignee",
)


def ticket_of(ticket: Ticket) -> dict[str, Any]:
    """A ticket, with its source and client at hand."""
    client = ticket.client
    return {
        "id": ticket.pk,
        "source": ticket.source.slug,
        **{name: getattr(ticket, name) for name in _TEXTS},
        "client": None if client is None else {"id": client.pk, "name": client.name},
        "status": ticket.status,
        "state": STATES[ticket.state],
        "origin": ORIGINS[ticket.origin],
        "created": ticket.created,
        "covered": ticket.covered,
        "excluded": _EXCLUDED[ticket.excluded],
        "link": settings.PUBLIC_URL + reverse("ticket", args=[ticket.pk]),
    }


def clock_of(clock: Clock, book: Book, now: int) -> dict[str, Any]:
    """A stored clock brought up to now, with its ticket and client at hand."""
    used, run, target = clock.used, clock.run, clock.target
    left: int | None = None if target >= UNREACHABLE else target - used
    if run != STOPPED:
        at = stand(clock, coverage_of(clock, book), now)
        used, run, left = at.used, at.run, at.left
    late = clock.verdict == BREACHED or (run != STOPPED and left is not None and left < 0)
    return {
        "metric": METRICS[clock.metric],
        "number": clock.number,
        "verdict": VERDICTS[BREACHED] if late else VERDICTS[clock.verdict],
        "run": RUNS[run],
        "late": late,
        "start": clock.start,
        "deadline": clock.deadline,
        "breached_at": clock.breached_at or (clock.late_at if late else None),
        "stop": clock.stop,
        **_times(used, target, left),
    }


def reading_of(found: Read, reading: Reading) -> dict[str, Any]:
    """A reading, with its reasons."""
    terms = found.held.terms.terms
    at = reading.breached_at
    return {
        "metric": reading.metric,
        "number": reading.number,
        "verdict": reading.verdict,
        "run": reading.run,
        "late": reading.verdict == VERDICTS[BREACHED],
        "start": to_datetime(reading.start),
        "deadline": None if reading.deadline is None else to_datetime(reading.deadline),
        "breached_at": None if at is None else to_datetime(at),
        "stop": None if reading.stop is None else to_datetime(reading.stop),
        **_times(reading.used, reading.target, reading.left),
        "line": reading.line.name if reading.line is not None else "",
        "thresholds": [
            {
                "percent": one.percent,
                "at": None if one.instant is None else to_datetime(one.instant),
                "reached": one.reached,
            }
            for one in reading.thresholds
        ],
        "marks": list(reading.marks),
        "spans": [
            {
                "start": to_datetime(span.start),
                "end": to_datetime(span.end),
                "why": span.why,
                "what": span.what,
            }
            for span in reading.spans
        ],
        "sentences": [english.render(said) for said in say(reading, found.history, terms)],
    }


def _times(used: int, target: int, left: int | None) -> dict[str, float | None]:
    return {
        "target_seconds": None if target >= UNREACHABLE else target / SECOND,
        "used_seconds": used / SECOND,
        "left_seconds": None if left is None else left / SECOND,
    }

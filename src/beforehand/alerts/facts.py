"""What the clocks of a ticket are as of an instant, with the instants of their ladder's steps."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from beforehand.engine.clock import Reading, Readings, read
from beforehand.engine.codes import BESIDE, CREATED, METRICS
from beforehand.engine.history import Event, History
from beforehand.engine.instants import NEVER
from beforehand.engine.spans import COUNTED
from beforehand.promises.book import Book
from beforehand.promises.ladders import Ladder, Step
from beforehand.tickets.models import Ticket
from beforehand.tickets.reading import Held, tells, terms_of
from beforehand.tickets.rows import standing

from .decide import WALL, Pace, Rung

_BESIDE = frozenset(METRICS[m] for m in BESIDE)


class ClockFacts(NamedTuple):
    """A clock of a promise, and the ladder it is on."""

    reading: Reading
    ladder: Ladder
    rungs: tuple[Rung, ...]

    @property
    def key(self) -> tuple[int, int, int]:
        """Metric, number and cycle: what an alert is about, within its ticket."""
        return METRICS.index(self.reading.metric), self.reading.number, self.reading.cycle

    @property
    def running(self) -> bool:
        """Whether steps can be reached: the clock goes on, be it late."""
        return self.reading.is_open and self.reading.verdict in ("none", "breached")

    @property
    def waits(self) -> bool:
        """Whether it is paused, within its target."""
        return self.reading.run == "paused" and self.reading.verdict == "none"

    def pace(self, held: Held) -> Pace:
        """How the time of its chains passes."""
        hours = held.terms.coverage
        return Pace(hours.add, hours.between) if self.ladder.in_hours else WALL


class TicketFacts(NamedTuple):
    """A ticket read as of an instant."""

    ticket: Ticket
    held: Held
    clocks: tuple[ClockFacts, ...]
    history: History
    arrived: Sequence[Event]
    """The events in the order in which they arrived; none is ever taken out of it."""


def facts_of(ticket: Ticket, events: Sequence[Event], book: Book, now: int) -> TicketFacts | None:
    """The clocks of a ticket's promises as of `now`, from its events; None while its creation is not known."""
    if not any(event.kind == CREATED for event in events):
        return None
    history = History(events, tells(ticket.source))
    held = terms_of(book, standing(history.events))
    ladders = {metric: ladder_of(ticket, held, book, metric) for metric in METRICS if metric not in _BESIDE}
    percents = {s.percent for ladder in ladders.values() for s in ladder.steps if s.percent is not None}
    before = any(step.before is not None for ladder in ladders.values() for step in ladder.steps)
    readings = read(
        history, held.terms.terms, held.terms.coverage, now, thresholds=sorted(percents), spans=before
    )
    return TicketFacts(ticket, held, tuple(_clocks(readings, ladders)), history, events)


def ladder_of(ticket: Ticket, held: Held, book: Book, metric: str) -> Ladder:
    """The ladder on which a clock of a metric of this ticket is."""
    client = "" if held.client is None else held.client.name
    terms = held.terms
    return book.ladders.of(client, terms.name, terms.terms.name, ticket.priority, metric)


def _clocks(readings: Readings, ladders: dict[str, Ladder]) -> Iterator[ClockFacts]:
    for reading in readings:
        ladder = ladders.get(reading.metric)
        if ladder is not None:
            rungs = tuple(Rung(n, instant(reading, step)) for n, step in enumerate(ladder.steps))
            yield ClockFacts(reading, ladder, rungs)


def instant(reading: Reading, step: Step) -> int | None:
    """When the clock reaches a step, if it runs on, or when it did. None while it does not run, or never will."""
    if step.percent is not None:
        place = reading.percents.index(step.percent)
        at = reading.instants[place]
        return None if at == NEVER else at
    assert step.before is not None
    need = reading.target - step.before
    if need <= 0:
        return None
    if reading.used < need:
        # A clock that waits has no deadline, and nothing before one.
        return None if reading.deadline is None else reading.coverage.add(reading.as_of, need - reading.used)
    return _crossed(reading, need)


def _crossed(reading: Reading, need: int) -> int:
    """The instant at which the time used first came to `need`, out of the spans that add up to it (5.3)."""
    total = 0
    for span in reading.spans:
        if span.why == COUNTED:
            if total + span.end - span.start >= need:
                return span.start + need - total
            total += span.end - span.start
    return reading.as_of

"""What was known of a ticket, and when: its clocks by the events that had arrived, and not by those that came later.

Part of the second check (audit.py): nothing here, or in what it imports, takes part in deciding who is told.
"""

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from beforehand.engine.clock import Reading, read
from beforehand.engine.codes import (
    ASSIGNED,
    AUTOMATIC,
    BESIDE,
    BY_PERSON,
    CREATED,
    EXPECTATION,
    MESSAGE,
    METRICS,
    NEAR_COPY,
    PUBLIC,
    STATUS,
    TEMPLATE,
)
from beforehand.engine.coverage import Coverage
from beforehand.engine.history import Event, History
from beforehand.engine.instants import NEVER
from beforehand.engine.spans import COUNTED
from beforehand.promises.book import Book
from beforehand.promises.ladders import Ladder
from beforehand.tickets.models import Ticket
from beforehand.tickets.reading import Held, tells, terms_of
from beforehand.tickets.rows import Standing, standing

Key = tuple[int, int, int]
"""A clock of a ticket in one of its cycles: metric, number, cycle."""
_PROMISED = tuple(metric for code, metric in enumerate(METRICS) if code not in BESIDE)
_DONE = frozenset({"resolved", "closed", "scheduled-by-client"})


class Stand(NamedTuple):
    """A clock at an instant, by what was known. `waits`: paused, within its target. `instants`: when each step of its
    ladder is reached or was, None while it is not to be. `hours` are the provider's own.
    """

    key: Key
    running: bool
    waits: bool
    deadline: int | None
    ladder: Ladder
    instants: tuple[int | None, ...]
    hours: Coverage


class _Told(NamedTuple):
    """What some of the events come to."""

    history: History
    now: Standing
    held: Held
    ladders: Mapping[str, Ladder]


class Known:
    """A ticket by its events, each with the instant at which it arrived, in the order in which they did."""

    def __init__(self, ticket: Ticket, heard: Sequence[tuple[Event, int]], book: Book) -> None:
        self.ticket, self._book = ticket, book
        self._events = [event for event, _ in heard]
        # Should a clock of a machine have been set back, what came later still came later.
        self._heard = list(accumulate((at for _, at in heard), max))
        self.arrivals = sorted(set(self._heard))
        self._told: dict[int, _Told | None] = {}
        self._stands: dict[tuple[int, int], dict[Key, Stand]] = {}

    def count(self, at: int) -> int:
        """How many events had arrived."""
        return bisect_right(self._heard, at)

    def stands(self, at: int, by: int | None = None) -> dict[Key, Stand]:
        """The clocks of promises as of `at`, by what had arrived `by` then (None: by `at`)."""
        known = self.count(at if by is None else by)
        if (known, at) not in self._stands:
            self._stands[known, at] = self._read(known, at)
        return self._stands[known, at]

    def held_to(self, at: int) -> tuple[int | None, str, str]:
        """Client, priority and type, by what had arrived."""
        told = self._of(self.count(at))
        if told is None:
            return None, "", ""
        client, fields = told.held.client, told.now.fields
        return None if client is None else client.id, fields.get("priority", ""), fields.get("type", "")

    def acted(self, since: int, by: int, moves: Collection[str]) -> bool:
        """Whether something that arrived after `since`, and `by` then, was done for the client: an assignment where
        there was none, a meaningful response (3.5), an appointment, a solution, or a move to one of the states `moves`.
        """
        first, last = self.count(since), self.count(by)
        told = self._of(last) if first < last else None
        if told is None:
            return False
        fresh = {event.id for event in self._events[first:last]}
        board, statuses = told.now.fields.get("board", ""), told.held.terms.terms.statuses
        assignee = ""
        for event in told.history.events:
            is_new = event.id in fresh
            if event.kind == ASSIGNED:
                if is_new and event.value and not assignee:
                    return True
                assignee = event.value
            elif is_new and event.kind == MESSAGE:
                if assignee and self._answers(event):
                    return True
            elif is_new and event.kind == STATUS:
                meaning = statuses.meaning(board, event.value)
                if meaning is not None and (meaning.state in _DONE or meaning.state in moves):
                    return True
        return False

    def _answers(self, event: Event) -> bool:
        by_us = event.flags & BY_PERSON and event.flags & PUBLIC
        empty = event.flags & AUTOMATIC or event.flags & TEMPLATE or event.flags & NEAR_COPY
        return bool(by_us) and not empty and bool(event.flags & EXPECTATION or not self.ticket.source.texts)

    def _of(self, known: int) -> _Told | None:
        if known not in self._told:
            self._told[known] = self._tell(self._events[:known])
        return self._told[known]

    def _tell(self, events: Sequence[Event]) -> _Told | None:
        if all(event.kind != CREATED for event in events):
            return None
        history = History(events, tells(self.ticket.source))
        now = standing(history.events)
        held = terms_of(self._book, now)
        client = "" if held.client is None else held.client.name
        agreement, plan = held.terms.name, held.terms.terms.name
        priority = now.fields.get("priority", "")
        of = self._book.ladders.of
        return _Told(history, now, held, {m: of(client, agreement, plan, priority, m) for m in _PROMISED})

    def _read(self, known: int, at: int) -> dict[Key, Stand]:
        told = self._of(known)
        if told is None:
            return {}
        steps = [step for ladder in told.ladders.values() for step in ladder.steps]
        percents = sorted({step.percent for step in steps if step.percent is not None})
        spans = any(step.before is not None for step in steps)
        terms = told.held.terms
        readings = read(told.history, terms.terms, terms.coverage, at, thresholds=percents, spans=spans)
        found = {}
        for reading in readings:
            ladder = told.ladders.get(reading.metric)
            if ladder is not None:
                stand = _stand(reading, ladder, terms.coverage)
                found[stand.key] = stand
        return found


def _stand(reading: Reading, ladder: Ladder, hours: Coverage) -> Stand:
    goes_on = reading.is_open and reading.verdict in ("none", "breached")
    crossed = dict(zip(reading.percents, reading.instants, strict=True))
    instants = tuple(
        _at_percent(crossed[step.percent])
        if step.percent is not None
        else _at_use(reading, reading.target - (step.before or 0))
        for step in ladder.steps
    )
    waits = reading.run == "paused" and reading.verdict == "none"
    key = METRICS.index(reading.metric), reading.number, reading.cycle
    return Stand(key, goes_on, waits, reading.deadline, ladder, instants, hours)


def _at_percent(instant: int) -> int | None:
    return None if instant == NEVER else instant


def _at_use(reading: Reading, use: int) -> int | None:
    """When so much of the target is used or was, in microseconds of business time; None where that is not to be."""
    if use <= 0:
        return None
    ahead = use - reading.used
    if ahead > 0:
        return None if reading.deadline is None else reading.coverage.add(reading.as_of, ahead)
    counted = [span for span in reading.spans if span.why == COUNTED]
    ends = list(accumulate(span.end - span.start for span in counted))
    place = next((k for k, end in enumerate(ends) if end >= use), None)
    return reading.as_of if place is None else counted[place].end - (ends[place] - use)

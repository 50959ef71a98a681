"""What the ticket page shows, put together from the ticket's events and the agreement of its day."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from beforehand.engine.clock import Reading, Readings, read
from beforehand.engine.codes import BESIDE, CREATED, METRICS
from beforehand.engine.english import amount
from beforehand.engine.history import Event, History, order
from beforehand.engine.record import UNREACHABLE
from beforehand.engine.saying import Amount, Moment, Said, Saying
from beforehand.engine.spans import COUNTED, HOLIDAY, OFF_HOURS, Span
from beforehand.engine.terms import Line
from beforehand.engine.words import say, say_choice, say_mark, say_target, target_of
from beforehand.promises.book import Book
from beforehand.tickets.models import Ticket
from beforehand.tickets.reading import Held, tells, terms_of
from beforehand.tickets.rows import Standing, standing
from beforehand.tickets.store import events_of

from .standing import named

METRIC_NAMES = {
    "response": "Response",
    "plan": "Plan",
    "resolution": "Resolution",
    "update": "Update",
    "onsite": "On site",
    "triage": "Triage",
    "meaningful": "Answer in earnest",
    "first-reply": "First reply of any kind",
}
_ONE_WORD = {"met": "kept", "breached": "broken"}
SUM_LINES = 60
_BESIDE = frozenset(METRICS[m] for m in BESIDE)


class Read(NamedTuple):
    """A ticket's events read as of an instant: what the page is made of."""

    history: History
    now: Standing
    held: Held
    readings: Readings


class SumRow(NamedTuple):
    """A line of the sum: from when until when, why it counted or not, what it gives, and the total so far."""

    since: Moment
    until: Moment
    why: str
    counted: Amount | None
    total: Amount


class ClockView(NamedTuple):
    """A clock on the ticket page."""

    reading: Reading
    title: str
    line: str
    target: Said | None
    risk: str
    verdict: str
    used: Amount
    promised: Amount | None
    percent: str
    sentences: tuple[Said, ...]
    rows: tuple[SumRow, ...]
    marks: tuple[tuple[str, Said], ...]

    @property
    def counts(self) -> bool:
        """Whether a script can count it on: it is open, and what became of it is not settled otherwise."""
        return self.reading.is_open and self.reading.verdict in ("none", "breached")

    @property
    def used_at(self) -> int:
        """The instant to which its time used holds: now, or the start that is still to come."""
        return max(self.reading.as_of, self.reading.start)

    @property
    def hours(self) -> str:
        """The name of its coverage among those that a script is given."""
        return named(self.reading.coverage)


class ClockGroup(NamedTuple):
    """The clocks of one metric: the one that runs or ran last, and those before it with what came of them."""

    last: ClockView
    earlier: tuple[ClockView, ...]
    outcome: str


class LineView(NamedTuple):
    """A line of the agreement: what it promises, and why it applies or not."""

    name: str
    targets: tuple[tuple[str, Said], ...]
    why: Said
    own: bool


def read_ticket(ticket: Ticket, book: Book, as_of: int) -> tuple[Sequence[Event], Read | None]:
    """All events as they arrived, and what they come to; None as long as the ticket's creation has not arrived."""
    events = events_of([ticket.pk], ticket.provider_id)[ticket.pk]
    if not any(event.kind == CREATED and event.at <= as_of for event in events):
        return sorted(events, key=order), None
    history = History(events, tells(ticket.source))
    now = standing(history.events)
    held = terms_of(book, now)
    readings = read(history, held.terms.terms, held.terms.coverage, as_of, spans=True)
    return events, Read(history, now, held, readings)


def clocks_of(found: Read, zone: str) -> tuple[list[ClockView], list[ClockView]]:
    """The clocks of promises, and the figures that are computed beside them (3.5)."""
    views = [_view(found, reading, zone) for reading in found.readings]
    beside = [view for view in views if view.reading.metric in _BESIDE]
    return [view for view in views if view not in beside], beside


def grouped(clocks: Sequence[ClockView]) -> list[ClockGroup]:
    """Clocks by metric, of which updates and restarts make several."""
    groups = []
    for _, members in groupby(clocks, key=lambda clock: clock.reading.metric):
        *earlier, last = members
        verdicts = Counter(_ONE_WORD.get(clock.reading.verdict, clock.reading.verdict) for clock in earlier)
        outcome = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common())
        groups.append(ClockGroup(last, tuple(earlier), outcome))
    return groups


def _view(found: Read, reading: Reading, zone: str) -> ClockView:
    terms = found.held.terms.terms
    how = Saying(reading.as_of, zone, reading.used, reading.target)
    target = target_of(reading, terms)
    several = len(found.readings.of(reading.metric)) > 1
    return ClockView(
        reading,
        METRIC_NAMES[reading.metric] + (f" {reading.number}" if several else ""),
        reading.line.name if reading.line is not None else "",
        None if target is None else say_target(target),
        _risk(reading),
        _verdict(reading, how),
        how.used(reading.used),
        None if reading.target >= UNREACHABLE else how.left(reading.target),
        f"{reading.permille // 10}.{reading.permille % 10}",
        say(reading, found.history, terms),
        tuple(_sum(reading, how)),
        tuple((mark, say_mark(mark, reading)) for mark in reading.marks),
    )


def _risk(reading: Reading) -> str:
    if reading.verdict == "breached":
        return "late"
    if reading.is_open and reading.verdict == "none" and reading.permille >= 500:
        return "amber" if reading.permille < 900 else "high"
    return ""


def _verdict(reading: Reading, how: Saying) -> str:
    """The clock's state in a few words, for its heading."""
    if reading.verdict == "breached":
        over = amount(how.used(max(reading.used - reading.target, 0)).micros)
        if not reading.is_open:
            return f"broken, {over} late"
        return f"late by {over}, paused" if reading.run == "paused" else f"late by {over}"
    if reading.verdict == "met":
        return "kept, at the limit" if "at the limit" in reading.marks else "kept"
    if reading.verdict != "none":
        return reading.verdict
    if reading.left is None:
        return f"{reading.run}, no deadline"
    left = amount(how.left(reading.left).micros)
    return f"{left} left" if reading.run == "running" else f"{reading.run}, {left} left"


def _sum(reading: Reading, how: Saying) -> Iterator[SumRow]:
    """The spans as lines whose counted ones add up, exactly; of a long life, what ran in one week is one line."""
    total = 0
    weekly = len(reading.spans) > SUM_LINES
    keys = [_joins(number, span, how, weekly) for number, span in enumerate(reading.spans)]
    for (_, runs), group in groupby(zip(keys, reading.spans, strict=True), key=lambda pair: pair[0]):
        spans = [span for _, span in group]
        counted = sum(span.end - span.start for span in spans if span.why == COUNTED)
        total += counted
        why = spans[0].why if len(spans) == 1 or not runs else "counted in support hours"
        if len(spans) == 1 and spans[0].what:
            why = f"{why}: {spans[0].what}"
        shown = Amount(counted) if counted or spans[0].why == COUNTED else None
        yield SumRow(how.at(spans[0].start), how.at(spans[-1].end), why, shown, Amount(total))


def _joins(number: int, span: Span, how: Saying, weekly: bool) -> tuple[int, bool]:
    """By what spans of a sum are joined: nothing, or the local week of those in which the clock could run."""
    runs = span.why in (COUNTED, OFF_HOURS, HOLIDAY)
    return (how.day(span.start).toordinal() // 7, True) if weekly and runs else (-number, runs)


def choice_of(found: Read) -> tuple[LineView | None, list[LineView]]:
    """The agreement line that fits the ticket as it is now, and each other one with the reason why it does not."""
    chosen = found.held.terms.terms.choose(found.now.fields)
    why, lost = say_choice(chosen)
    winner = None if chosen.winner is None or why is None else _line(chosen.winner, why)
    return winner, [_line(line, reason) for line, reason in lost]


def _line(line: Line, why: Said) -> LineView:
    return LineView(
        line.name, tuple((METRIC_NAMES[t.metric], say_target(t)) for t in line.targets), why, line.own
    )

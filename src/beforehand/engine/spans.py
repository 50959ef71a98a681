"""The explanation a client sees: spans that cover the ticket's life, each with why it counted or not (clock.md 5.3)."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .codes import STATUS, W_CLOSED, W_ENDED, W_NOT_STARTED, W_RUNNING, W_SET_ASIDE, W_STOPPED, W_WAITING
from .coverage import Coverage
from .history import Event
from .spanlog import SPAN_COVER, SPAN_EVENT, SPAN_FROM, SPAN_NUMBER, SPAN_OF, SPAN_TO, SPAN_WHY

COUNTED, OFF_HOURS, HOLIDAY, WAITING = "counted", "off hours", "holiday", "waiting"
NOT_STARTED, STOPPED, CLOSED, SET_ASIDE, ENDED = (
    "not yet started",
    "stopped",
    "closed before a reopening",
    "set aside by a restart",
    "ended",
)
_WORDS = {
    W_WAITING: WAITING,
    W_STOPPED: STOPPED,
    W_CLOSED: CLOSED,
    W_NOT_STARTED: NOT_STARTED,
    W_SET_ASIDE: SET_ASIDE,
    W_ENDED: ENDED,
}


class Span(NamedTuple):
    """[start, end) in microseconds, why it counted or not, which holiday or status, and the event that began it."""

    start: int
    end: int
    why: str
    what: str = ""
    event: Event | None = None


def explain(
    coverages: Sequence[Coverage],
    events: Sequence[Event],
    raw: Sequence[Sequence[int]],
    metric: int,
    number: int,
) -> tuple[Span, ...]:
    """The spans of one clock out of the raw ones of spanlog.py, in order, without gap or overlap."""
    spans: list[Span] = []
    for row in raw:
        if not row[SPAN_OF] >> metric & 1 or row[SPAN_NUMBER] != number:
            continue
        event = events[row[SPAN_EVENT]] if row[SPAN_EVENT] >= 0 else None
        if row[SPAN_WHY] == W_RUNNING:
            spans += _running(coverages[row[SPAN_COVER]], row[SPAN_FROM], row[SPAN_TO])
        else:
            what = event.value if event is not None and event.kind == STATUS else ""
            spans.append(Span(row[SPAN_FROM], row[SPAN_TO], _WORDS[row[SPAN_WHY]], what, event))
    return tuple(_joined(sorted(spans, key=lambda span: span.start)))


def _running(coverage: Coverage, start: int, end: int) -> Iterator[Span]:
    """Counted inside coverage; outside, a holiday where a closure took covered time, else off hours."""
    at = start
    for window in coverage.windows(start, end):
        yield from _shut(coverage, at, window.start)
        yield Span(window.start, window.end, COUNTED)
        at = window.end
    yield from _shut(coverage, at, end)


def _shut(coverage: Coverage, start: int, end: int) -> Iterator[Span]:
    at = start
    for piece in coverage.shut(start, end) if start < end else ():
        if at < piece.start:
            yield Span(at, piece.start, OFF_HOURS)
        yield Span(piece.start, piece.end, HOLIDAY, piece.name)
        at = piece.end
    if at < end:
        yield Span(at, end, OFF_HOURS)


def _joined(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for span in spans:
        last = joined[-1] if joined else None
        if last is not None and last.end == span.start and last[2:] == span[2:]:
            joined[-1] = last._replace(end=span.end)
        else:
            joined.append(span)
    return joined

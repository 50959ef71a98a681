"""Where the time used came from, part by part: in order while life is short, else summed by calendar."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple

from .clock import Reading
from .codes import CHANGED, STATUS
from .history import Event, History
from .instants import DAY, EPOCH
from .saying import Amount, Period, Said, Saying, Unit, round_up, said
from .spans import CLOSED, COUNTED, HOLIDAY, OFF_HOURS, WAITING, Span
from .terms import Terms
from .zones import Stretches, load

RUNNING = frozenset((COUNTED, OFF_HOURS, HOLIDAY))
TOLD_DAYS, TOLD_PARTS, SUMMED_PARTS = 14, 12, 16
_ONE_DAY = timedelta(days=1)
_EPOCH_DAY = EPOCH.toordinal()


class Ledger(NamedTuple):
    """A reading with what it was read from, and how it is said."""

    reading: Reading
    history: History
    terms: Terms
    how: Saying

    def waiting(self, at: int) -> tuple[str, str]:
        """The status that stands at an instant, and the state it means ("waiting" where nobody mapped it)."""
        status, board = "", ""
        for event in self.history.events:
            if event.at > at:
                break
            if event.kind == STATUS:
                status = event.value
            elif event.kind == CHANGED and event.field == "board":
                board = event.value
        meaning = self.terms.statuses.meaning(board, status)
        waits = meaning is not None and meaning.state in (
            "waiting-on-client",
            "waiting-on-vendor",
            "scheduled-by-client",
        )
        return status, meaning.state if meaning is not None and waits else "waiting"

    def state_after(self, event: Event) -> str:
        """The state that a status event leads to, by its own board's map."""
        boards = [
            e.value
            for e in self.history.events
            if e.kind == CHANGED and e.field == "board" and e.at <= event.at
        ]
        meaning = self.terms.statuses.meaning(boards[-1] if boards else "", event.value)
        return "" if meaning is None else meaning.state


class Bucket(NamedTuple):
    """What one local day (or week, month, year) of running gave: time counted, the holidays in it."""

    first: date
    counted: int
    holidays: tuple[str, ...]


def counted(book: Ledger) -> tuple[tuple[Said, ...], tuple[Said, ...]]:
    """The parts of the time used, and sentences on waits where the parts do not tell them.

    The parts' amounts add up to the time used as said: each is the difference of two rounded-up totals.
    """
    spans = _lived(book.reading)
    if not spans:
        return (), ()
    days = (book.how.day(spans[-1].end - 1) - book.how.day(spans[0].start)).days + 1
    if days <= TOLD_DAYS:
        parts = _numbered(book, _in_order(book, spans))
        if len(parts) <= TOLD_PARTS:
            return parts, ()
    return _numbered(book, _summed(book, spans, days)), tuple(_waits(book, spans))


def _lived(reading: Reading) -> list[Span]:
    """The spans in which the clock could run; not the wait that still holds, of which the outcome tells."""
    spans = [s for s in reading.spans if s.why in RUNNING or s.why in (WAITING, CLOSED)]
    if spans and spans[-1].why == WAITING and reading.run == "paused":
        spans.pop()
    return spans


def _numbered(book: Ledger, parts: Iterable[Said]) -> tuple[Said, ...]:
    """Exact amounts turned into shown ones whose sum is the shown total; the first that counted says so."""
    total, done, unit = 0, [], book.how.unit
    for part in parts:
        amount = part.values.get("amount")
        if isinstance(amount, Amount):
            before, total = total, total + amount.micros
            shown = Amount(round_up(total, unit) - round_up(before, unit))
            name = f"{part.id}.first" if before == 0 else part.id
            part = Said(name, {**part.values, "amount": shown})
        done.append(part)
    return tuple(done)


def _in_order(book: Ledger, spans: list[Span]) -> Iterator[Said]:
    for running, group in groupby(spans, key=lambda span: span.why in RUNNING):
        if running:
            yield from _days(book, _buckets(book, list(group), "day"))
            continue
        for span in group:
            values = {"since": book.how.at(span.start), "until": book.how.at(span.end)}
            if span.why == CLOSED:
                yield said("part.closed", **values)
                continue
            status, whom = book.waiting(span.start)
            name = "part.waiting.status" if status else "part.waiting"
            yield said(name, status=status, whom=said(f"whom.{whom}"), **values)


def _days(book: Ledger, buckets: list[Bucket]) -> Iterator[Said]:
    position = 0
    while position < len(buckets):
        day = buckets[position]
        position += 1
        period = Period("day", day.first, book.how.style(day.first))
        if day.counted:
            name = "part.day.holiday" if day.holidays else "part.day"
            yield said(name, amount=Amount(day.counted), period=period, holiday=" / ".join(day.holidays))
        elif day.holidays:
            yield said("part.holiday", period=period, holiday=" / ".join(day.holidays))
        elif day.first.weekday() == 5 and position < len(buckets) and _is_bare(buckets[position]):
            position += 1
            yield said("part.weekend")
        else:
            yield said("part.off-hours", period=period)


def _is_bare(bucket: Bucket) -> bool:
    return not bucket.counted and not bucket.holidays


def _summed(book: Ledger, spans: list[Span], days: int) -> Iterator[Said]:
    units: tuple[tuple[Unit, int], ...] = (("day", 1), ("week", 7), ("month", 30), ("year", 365))
    unit = next((name for name, length in units if days <= SUMMED_PARTS * length), None)
    if unit is None:
        how = book.how
        total = sum(s.end - s.start for s in spans if s.why == COUNTED)
        yield said(
            "part.all", amount=Amount(total), since=how.at(spans[0].start), until=how.at(spans[-1].end)
        )
        return
    running = [span for span in spans if span.why in RUNNING]
    for bucket in _buckets(book, running, unit):
        period = Period(unit, bucket.first, book.how.style(bucket.first))
        if bucket.counted:
            yield said("part.day", amount=Amount(bucket.counted), period=period, holiday="")


def _buckets(book: Ledger, spans: list[Span], unit: Unit) -> list[Bucket]:
    """Running spans cut at local midnights and gathered by day, week, month or year."""
    found: dict[date, tuple[int, list[str]]] = {}
    if not spans:
        return []
    zone = Stretches(load(book.how.zone), spans[0].start - 2 * DAY, spans[-1].end + 2 * DAY)
    for span in spans:
        for day, length in _by_day(zone, span, book.how.day(span.start)):
            key = _first_of(day, unit)
            total, holidays = found.get(key, (0, []))
            if span.why == HOLIDAY and span.what and span.what not in holidays:
                holidays.append(span.what)
            found[key] = (total + (length if span.why == COUNTED else 0), holidays)
    return [Bucket(day, total, tuple(names)) for day, (total, names) in sorted(found.items())]


def _by_day(zone: Stretches, span: Span, first: date) -> Iterator[tuple[date, int]]:
    """A span that begins on a local day, cut at local midnights: (local day, microseconds)."""
    at, day = span.start, first
    while at < span.end:
        end = min(span.end, zone.opening((day.toordinal() + 1 - _EPOCH_DAY) * DAY))
        if end > at:
            yield day, end - at
        at, day = max(end, at), day + _ONE_DAY


def _first_of(day: date, unit: Unit) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    return day.replace(month=1, day=1) if unit == "year" else day


def _waits(book: Ledger, spans: list[Span]) -> Iterator[Said]:
    """Waits and closed times of a long life: how many, and the longest."""
    waits = [span for span in spans if span.why == WAITING]
    for whom, group in groupby(
        sorted(waits, key=lambda s: book.waiting(s.start)[1]), key=lambda s: book.waiting(s.start)[1]
    ):
        found = list(group)
        longest = max(found, key=lambda span: span.end - span.start)
        yield said(
            "waits",
            count=len(found),
            whom=said(f"whom.{whom}"),
            since=book.how.at(longest.start),
            until=book.how.at(longest.end),
        )
    closed = [span for span in spans if span.why == CLOSED]
    if closed:
        yield said(
            "closings",
            count=len(closed),
            since=book.how.at(closed[-1].start),
            until=book.how.at(closed[-1].end),
        )

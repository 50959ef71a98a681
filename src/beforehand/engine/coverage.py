"""When work is owed: weekly hours in a zone, minus closures, plus extra openings (clock.md 1.2 to 1.7)."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from .errors import Fault, Invalid
from .instants import DAY, FIRST, LAST
from .table import DayWindow, Shut, Table, day_number, lay_out
from .weekly import (
    DAYS,
    Closure,
    Opening,
    Window,
    check_closures,
    check_openings,
    covers_the_week,
    wall_text,
    weekly_windows,
)
from .zones import known_zones, stretches

YEAR = 366 * DAY
MARGIN = 4 * DAY


class Segment(NamedTuple):
    """A half-open stretch of time [start, end) in instants."""

    start: int
    end: int


class Coverage:
    """Immutable; valid or not constructible (Invalid lists every fault). Equal parts make equal coverages.

    `hours` is {"mon": [("09:00", "17:30")], ...}: several windows a day, over midnight, "24:00" for the day's end;
    a day that is not named is shut. Instants and durations are integers in microseconds (1.1).
    """

    __slots__ = ("_always", "_hash", "_key", "_table", "closures", "name", "openings", "weekly", "zone")

    def __init__(
        self,
        zone: str,
        hours: Mapping[str, Sequence[tuple[str, str]]],
        closures: Iterable[Closure] = (),
        openings: Iterable[Opening] = (),
        name: str = "",
    ) -> None:
        weekly, faults = weekly_windows(hours)
        self.zone, self.name = zone, name
        self.weekly: tuple[Window, ...] = tuple(weekly)
        self.closures: tuple[Closure, ...] = tuple(sorted(closures))
        self.openings: tuple[Opening, ...] = tuple(sorted(openings))
        if zone not in known_zones():
            faults.insert(0, Fault("zone", repr(zone), "a zone of the IANA database", '"Europe/London"'))
        faults += check_closures(self.closures) + check_openings(self.openings)
        if faults:
            raise Invalid(faults)
        self._always = not self.closures and covers_the_week(self.weekly)
        self._key = (zone, self.weekly, self.closures, self.openings)
        self._hash = hash(self._key)
        self._table: Table = Table(0, 0, [], [])

    @classmethod
    def always(cls, zone: str = "UTC", name: str = "24x7") -> "Coverage":
        """Round the clock: physical time; it knows no closures (1.2, 1.3)."""
        return cls(
            zone,
            {day: [("00:00", "24:00")] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
            name=name,
        )

    @property
    def is_always(self) -> bool:
        """True when coverage never shuts, however its windows are cut: adjoining ones are one (1.3)."""
        return self._always

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Coverage) and self._key == other._key)

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self.zone, self.weekly, self.closures, self.openings, self.name)

    def __repr__(self) -> str:
        return (
            f"Coverage({self.name or self.zone!r}, {len(self.weekly)} windows, {len(self.closures)} closures)"
        )

    def between(self, start: int, end: int) -> int:
        """Business time from start to end, exact (1.4); 0 when end is not after start."""
        if end <= start:
            return 0
        table = self._table
        if start < table.first or end >= table.last:
            table = self.table(start, end)
        opens, closes, sums = table.opens, table.closes, table.sums
        i = bisect_right(opens, start) - 1
        j = bisect_right(opens, end, i) - 1
        close_i, close_j = closes[i], closes[j]
        return (
            sums[j]
            - sums[i]
            + (end if end < close_j else close_j)
            - opens[j]
            - (start if start < close_i else close_i)
            + opens[i]
        )

    def add(self, start: int, amount: int) -> int | None:
        """The earliest instant by which `amount` of business time has passed (1.5, 1.6); start itself for 0.

        None when coverage never opens for that long again (before 2200). Raises ValueError for a negative amount.
        """
        if amount <= 0:
            if amount < 0:
                raise ValueError(f"found {amount} microseconds, expected a duration that is not negative")
            return start
        table = self._table
        if start < table.first or start >= table.last:
            table = self.table(start, start)
        while True:
            opens, sums = table.opens, table.sums
            i = bisect_right(opens, start) - 1
            close = table.closes[i]
            need = amount + sums[i] + (start if start < close else close) - opens[i]
            j = bisect_left(sums, need, i)
            if j < len(sums):
                return opens[j - 1] + need - sums[j - 1]
            if table.last >= LAST:
                return None
            table = self.table(table.first, min(2 * table.last - table.first, LAST - 1))

    def is_open(self, instant: int) -> bool:
        """Whether work is owed at that instant; a window is half open (1.3)."""
        table = self.table(instant, instant)
        return instant < table.closes[bisect_right(table.opens, instant) - 1]

    def windows(self, start: int, end: int) -> Iterator[Segment]:
        """The open stretches within [start, end), merged, in order."""
        table = self.table(start, end)
        for i in range(max(bisect_right(table.opens, start) - 1, 0), len(table.opens)):
            opens, closes = max(table.opens[i], start), min(table.closes[i], end)
            if table.opens[i] >= end:
                return
            if opens < closes:
                yield Segment(opens, closes)

    def shut(self, start: int, end: int) -> Iterator[Shut]:
        """What closures took from the weekly hours within [start, end), each with the closure's name."""
        table = self.table(start, end)
        for i in range(max(bisect_right(table.shut, (start,)) - 1, 0), len(table.shut)):
            piece = table.shut[i]
            if piece.start >= end:
                return
            if piece.end > start:
                yield Shut(max(piece.start, start), min(piece.end, end), piece.name)

    def next_change(self, instant: int) -> int | None:
        """The first instant after this one at which coverage opens or closes; None if it never does again."""
        table = self.table(instant, instant)
        while True:
            i = bisect_right(table.opens, instant) - 1
            edges = (table.closes[i], *table.opens[i + 1 : i + 2])
            found = min((edge for edge in edges if instant < edge < table.last), default=None)
            if found is not None or table.last >= LAST:
                return found
            table = self.table(table.first, min(2 * table.last - table.first, LAST - 1))

    def next_open(self, instant: int) -> int | None:
        """The instant itself while open, else the next opening; None if coverage never opens again."""
        if self.is_open(instant):
            return instant
        return self.next_change(instant)

    def table(self, start: int, end: int) -> Table:
        """The laid-out windows, reaching past both instants. Raises ValueError for one outside 1900 to 2200."""
        table = self._table
        if table.first <= start and end < table.last:
            return table
        if not FIRST <= start <= end < LAST:
            raise ValueError(f"instants {start} to {end}: found one outside the years 1900 to 2199")
        known = table.last > table.first
        first = min(max(start - YEAR, FIRST), table.first) if known else max(start - YEAR, FIRST)
        last = max(min(end + 2 * YEAR, LAST), table.last if known else FIRST)
        self._table = self._lay_out(first, last)
        return self._table

    @property
    def laid_out(self) -> Table:
        """The table as far as it has been laid out so far."""
        return self._table

    def _lay_out(self, first: int, last: int) -> Table:
        if self.is_always:
            return Table(FIRST, LAST, [DayWindow(FIRST, LAST, 0)], [])
        if self.weekly:
            zone = stretches(self.zone, first - MARGIN, last + MARGIN)
            return lay_out(zone, self.weekly, self.closures, self.openings, first, last)
        days = [day_number(o.date) * DAY for o in self.openings] or [0]
        zone = stretches(self.zone, min(days) - MARGIN, max(days) + MARGIN)
        return lay_out(zone, (), (), self.openings, FIRST, LAST)


def _rebuild(
    zone: str, weekly: Iterable[Window], closures: Iterable[Closure], openings: Iterable[Opening], name: str
) -> Coverage:
    hours: dict[str, list[tuple[str, str]]] = {}
    for day, opens, closes in weekly:
        hours.setdefault(DAYS[day], []).append((wall_text(opens), wall_text(closes)))
    return Coverage(zone, hours, closures, openings, name)

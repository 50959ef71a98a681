"""A coverage laid out on the line of time: sorted, disjoint windows in instants, and what closures took away."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from .instants import DAY, EPOCH, SECOND
from .weekly import DAY_S, Closure, Opening, Window
from .zones import Stretches

_EPOCH_DAY = EPOCH.toordinal()


def _day(window: "DayWindow") -> int:
    return window.day


class DayWindow(NamedTuple):
    """A window before merging; it belongs to the local day (days since 1970-01-01) on which it opens (2.5).

    What a closure leaves of a window is a window of its own, and so opens on the day on which the closure ends.
    """

    opens: int
    closes: int
    day: int


class Shut(NamedTuple):
    """Covered time that a closure took away, with the closure's name."""

    start: int
    end: int
    name: str


class Table:
    """Windows from `first` to `last` (instants). Entry 0 and the last entry are empty sentinels at those ends.

    `sums[i]` is the business time before window i; `sums[-1]` all of it. `total` is exact within the range.
    """

    __slots__ = ("closes", "day_windows", "first", "last", "opens", "shut", "sums")

    def __init__(self, first: int, last: int, windows: list[DayWindow], shut: list[Shut]) -> None:
        self.first, self.last = first, last
        self.day_windows = sorted(windows, key=_day)
        self.shut = shut
        opens, closes = [first], [first]
        for window in windows:
            start, end = max(window.opens, first), min(window.closes, last)
            if start >= end:
                continue
            if start <= closes[-1] and len(opens) > 1:
                closes[-1] = max(closes[-1], end)
            else:
                opens.append(start)
                closes.append(end)
        opens.append(last)
        closes.append(last)
        sums, total = [], 0
        for start, end in zip(opens, closes, strict=True):
            sums.append(total)
            total += end - start
        self.opens, self.closes, self.sums = opens, closes, sums

    def elapsed(self, instant: int) -> int:
        """Business time from `first` to the instant, which lies in the table's range."""
        i = bisect_right(self.opens, instant) - 1
        closes = self.closes[i]
        return self.sums[i] + (instant if instant < closes else closes) - self.opens[i]

    def instant(self, elapsed: int) -> int | None:
        """The earliest instant by which `elapsed` (more than 0) has passed; None when the table is too short."""
        i = bisect_left(self.sums, elapsed)
        if i == len(self.sums):
            return None
        return self.opens[i - 1] + elapsed - self.sums[i - 1]

    def days_after(self, instant: int) -> int:
        """On how many local days coverage opens after the instant, as far as the table reaches."""
        return len({window.day for window in self.day_windows if window.opens > instant})


def lay_out(
    stretches: Stretches,
    weekly: Iterable[Window],
    closures: Iterable[Closure],
    openings: Iterable[Opening],
    first: int,
    last: int,
) -> Table:
    """The table of a coverage between two instants (1.2, 1.3): weekly hours minus closures plus openings."""
    holes = _merged_closures(stretches, closures, first, last)
    kept, shut = _subtract(_expand(stretches, weekly, first, last), holes)
    if holes:
        kept = [w._replace(day=stretches.local(w.opens) // DAY) for w in kept]
    extra = [_day_window(stretches, day_number(o.date), o.opens, o.closes) for o in openings]
    windows = sorted(kept + [w for w in extra if w.opens < w.closes and w.closes > first and w.opens < last])
    table = Table(first, last, windows, shut)
    if extra:
        table.shut = _without(shut, table)
    return table


def day_number(value: date) -> int:
    """Days since 1970-01-01."""
    return value.toordinal() - _EPOCH_DAY


def _edges(stretches: Stretches, day: int, opens: int, closes: int) -> tuple[int, int]:
    base = day * DAY
    start = stretches.opening(base + opens * SECOND)
    wall = base + closes * SECOND
    return start, stretches.opening(wall) if closes == DAY_S else stretches.closing(wall)


def _day_window(stretches: Stretches, day: int, opens: int, closes: int) -> DayWindow:
    start, end = _edges(stretches, day, opens, closes)
    return DayWindow(start, end, stretches.local(start) // DAY)


def _expand(stretches: Stretches, weekly: Iterable[Window], first: int, last: int) -> list[DayWindow]:
    by_day: list[list[Window]] = [[] for _ in range(7)]
    for window in weekly:
        by_day[window.day].append(window)
    windows = []
    for day in range(first // DAY - 2, last // DAY + 3):
        todays = by_day[(day + 3) % 7]  # 1970-01-01 was a Thursday
        if not todays:
            continue
        base = day * DAY
        offset = stretches.steady(base, base + 2 * DAY)
        for _, opens, closes in todays:
            if offset is not None:
                windows.append(
                    DayWindow(base + opens * SECOND - offset, base + closes * SECOND - offset, day)
                )
            else:
                windows.append(_day_window(stretches, day, opens, closes))
    return sorted(w for w in windows if w.opens < w.closes and w.closes > first and w.opens < last)


def _merged_closures(stretches: Stretches, closures: Iterable[Closure], first: int, last: int) -> list[Shut]:
    """Closures as disjoint intervals; where two overlap, the one that begins first gives the name."""
    found: list[Shut] = []
    low, high = first // DAY - 3, last // DAY + 3
    for closure in closures:
        days = range(max(day_number(closure.first), low), min(day_number(closure.last), high) + 1)
        if not days:
            continue
        if closure.begins == 0 and closure.ends == DAY_S:
            edges = [(stretches.opening(days[0] * DAY), stretches.opening((days[-1] + 1) * DAY))]
        else:
            edges = [_edges(stretches, day, closure.begins, closure.ends) for day in days]
        found += [Shut(start, end, closure.name) for start, end in edges if start < end]
    merged: list[Shut] = []
    for shut in sorted(found):
        if merged and shut.start < merged[-1].end:
            if shut.end <= merged[-1].end:
                continue
            shut = Shut(merged[-1].end, shut.end, shut.name)
        merged.append(shut)
    return merged


def _subtract(windows: list[DayWindow], holes: list[Shut]) -> tuple[list[DayWindow], list[Shut]]:
    if not holes:
        return windows, []
    kept, shut = [], []
    for opens, closes, day in windows:
        i = max(bisect_right(holes, (opens,)) - 1, 0)
        while i < len(holes) and holes[i].start < closes:
            start, end, name = max(holes[i].start, opens), min(holes[i].end, closes), holes[i].name
            if start < end:
                if opens < start:
                    kept.append(DayWindow(opens, start, day))
                shut.append(Shut(start, end, name))
                opens = end
            i += 1
        if opens < closes:
            kept.append(DayWindow(opens, closes, day))
    return kept, _once(shut)


def _once(shut: list[Shut]) -> list[Shut]:
    """Time that a closure took from two windows which overlap is shut once (5.3)."""
    found: list[Shut] = []
    for piece in sorted(shut):
        start = max(piece.start, found[-1].end) if found else piece.start
        if start < piece.end:
            found.append(piece._replace(start=start))
    return found


def _without(shut: list[Shut], table: Table) -> list[Shut]:
    """Shut time that an extra opening gave back is not shut."""
    back = [Shut(start, end, "") for start, end in zip(table.opens, table.closes, strict=True)]
    left, _ = _subtract([DayWindow(s.start, s.end, n) for n, s in enumerate(shut)], back)
    return [Shut(w.opens, w.closes, shut[w.day].name) for w in left]

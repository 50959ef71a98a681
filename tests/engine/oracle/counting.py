"""Business time by counting steps of time, each of them open or shut (clock.md 1.2, 1.3). Times in seconds.

A step is as long as the caller says (a minute, a second); every edge of the calendars and zones it is used with must
fall on one.
"""

import importlib.resources
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = 86_400
MICRO = 1_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Calendar:
    """Weekly windows (day 0 is Monday; seconds after midnight, closing past 86400 when over midnight), closures of
    dates (first, last, begins, ends, name) and openings (date, opens, closes)."""

    zone: str
    weekly: tuple[tuple[int, int, int], ...]
    closures: tuple[tuple[date, date, int, int, str], ...] = ()
    openings: tuple[tuple[date, int, int], ...] = ()


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo:
    """The zone from the tzdata package (1.7)."""
    with importlib.resources.files("tzdata.zoneinfo").joinpath(*name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def day_number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


@lru_cache(maxsize=64)
def local_clock(zone: str, first: int, steps: int, step: int) -> list[int]:
    """What the local clock shows at each step."""
    where, start, length = zone_of(zone), EPOCH + timedelta(seconds=first), timedelta(seconds=step)
    shown = [(start + n * length).astimezone(where).utcoffset() for n in range(steps)]
    return [
        first + n * step + offset.days * DAY + offset.seconds
        for n, offset in enumerate(shown)
        if offset is not None
    ]


def _bits(mask: bytes) -> int:
    return int.from_bytes(mask, "little")


def _bytes(bits: int, length: int) -> bytes:
    return bits.to_bytes(length, "little")


class Counted:
    """A calendar between two instants, step by step."""

    def __init__(self, calendar: Calendar, first: int, last: int, step: int = 60) -> None:
        self.first, self.last, self.step = first, last, step
        self.steps = (last - first) // step
        self.local = local_clock(calendar.zone, first, self.steps, step)
        owed, closed = self._weekly(calendar), self._mask(self._closed(calendar))
        openings = [self._window(day_number(day), opens, closes) for day, opens, closes in calendar.openings]
        weekly, extra = self._mask(owed), self._mask(openings)
        self.open = _bytes((_bits(weekly) & ~_bits(closed)) | _bits(extra), self.steps)
        self.holiday = _bytes(_bits(weekly) & _bits(closed) & ~_bits(extra), self.steps)
        self.always = not calendar.closures and all(self.open)
        self.pieces = self._pieces(owed, closed) + [window for window in openings if window[0] < window[1]]

    def _mask(self, stretches: list[tuple[int, int]]) -> bytes:
        mask = bytearray(self.steps)
        for start, end in stretches:
            mask[start:end] = b"\1" * (end - start)
        return bytes(mask)

    def _weekly(self, calendar: Calendar) -> list[tuple[int, int]]:
        found = []
        for day in range(self.first // DAY - 2, self.last // DAY + 3):
            weekday = (date(1970, 1, 1) + timedelta(days=day)).weekday()
            found += [
                self._window(day, opens, closes) for d, opens, closes in calendar.weekly if d == weekday
            ]
        return found

    def _closed(self, calendar: Calendar) -> list[tuple[int, int]]:
        found = []
        for first, last, begins, ends, _ in calendar.closures:
            if (begins, ends) == (0, DAY):
                start = self.first_showing(day_number(first) * DAY)
                found.append((start, self.first_showing((day_number(last) + 1) * DAY)))
            else:
                days = range(day_number(first), day_number(last) + 1)
                found += [self._window(day, begins, ends) for day in days]
        return found

    def _window(self, day: int, opens: int, closes: int) -> tuple[int, int]:
        """Steps of a window by rule 1.3; an empty range where DST leaves nothing of it."""
        start = self.first_showing(day * DAY + opens)
        wall = day * DAY + closes
        end = self.first_showing(wall) if closes == DAY else self.last_not_showing(wall)
        return start, max(start, end)

    def first_showing(self, wall: int) -> int:
        """The first step at which the local clock shows this or later: skipped times move forward, of two the first."""
        n = min(max((wall - self.first - 15 * 3600) // self.step, 0), self.steps)
        while n < self.steps and self.local[n] < wall:
            n += 1
        return n

    def last_not_showing(self, wall: int) -> int:
        """The step from which on the clock never again shows less: skipped times move forward, of two the second."""
        n = max(min((wall - self.first + 15 * 3600) // self.step, self.steps), 0)
        while n > 0 and self.local[n - 1] >= wall:
            n -= 1
        return n

    def _pieces(self, windows: list[tuple[int, int]], closed: bytes) -> list[tuple[int, int]]:
        """What closures leave of each window."""
        found = []
        for start, end in windows:
            at = start
            while at < end:
                stop = at
                while stop < end and not closed[stop]:
                    stop += 1
                if at < stop:
                    found.append((at, stop))
                at = stop + 1
        return found

    def business_days(self) -> dict[int, list[tuple[int, int]]]:
        """Windows as (opens, closes) by the local day on which they open (2.5), in order."""
        days: dict[int, list[tuple[int, int]]] = {}
        for start, end in sorted(self.pieces):
            if start > 0 and end < self.steps:
                edges = (self.first + start * self.step, self.first + end * self.step)
                days.setdefault(self.local[start] // DAY, []).append(edges)
        return days

    def is_open(self, micros: int) -> bool:
        return bool(self.open[(micros // MICRO - self.first) // self.step])

    def between(self, start: int, end: int) -> int:
        """Microseconds of business time between two instants in microseconds, counted step by step."""
        total, length = 0, self.step * MICRO
        n = (start - self.first * MICRO) // length
        while (left := self.first * MICRO + n * length) < end:
            if self.open[n]:
                total += min(left + length, end) - max(left, start)
            n += 1
        return total

    def add(self, start: int, amount: int) -> int | None:
        """The earliest instant by which so much has passed; None when the steps end before."""
        length = self.step * MICRO
        n, at = (start - self.first * MICRO) // length, start
        while amount and n < self.steps:
            right = self.first * MICRO + (n + 1) * length
            if self.open[n]:
                if amount <= right - at:
                    return at + amount
                amount -= right - at
            at, n = right, n + 1
        return None if amount else start

    def next_open(self, micros: int) -> int | None:
        n = (micros // MICRO - self.first) // self.step
        if self.open[n]:
            return micros
        while n < self.steps and not self.open[n]:
            n += 1
        return None if n == self.steps else (self.first + n * self.step) * MICRO

    def runs(self, mask: bytes) -> list[tuple[int, int]]:
        """The stretches of set steps, in microseconds."""
        found, n = [], 0
        while n < self.steps:
            start = n
            while n < self.steps and mask[n]:
                n += 1
            if start < n:
                found.append(((self.first + start * self.step) * MICRO, (self.first + n * self.step) * MICRO))
            n += 1
        return found

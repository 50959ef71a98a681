"""The timeline's axis: instants to pixels. Nights and weekends, in which no clock runs, are drawn narrower."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from beforehand.engine.instants import DAY, HOUR, MINUTE, to_instant
from beforehand.engine.zones import load, local_datetime

NARROW = 0.14
"""How wide a stretch in which nothing runs is drawn, against one in which something does."""
HOURS, YEAR = 36 * HOUR, 400 * DAY
"""Up to which lengths the axis shows hours, and its dates do without a year."""
NARROWED_DAYS = 32
"""Longer lives are drawn true to the calendar: there nights are too thin to matter."""


class Tick(NamedTuple):
    """A mark on the axis."""

    x: float
    label: str


class Scale:
    """From `start` to `end` over `width` pixels; `dead` are the stretches to be drawn narrower, in order."""

    def __init__(self, start: int, end: int, width: float, dead: Sequence[tuple[int, int]] = ()) -> None:
        self.start, self.end, self.width = start, max(end, start + 1), width
        edges: list[tuple[int, float]] = [(start, 0.0)]
        at, total = start, 0.0
        for begins, ends in dead if self.end - start <= NARROWED_DAYS * DAY else ():
            begins, ends = max(begins, at), min(ends, self.end)
            if begins >= ends:
                continue
            total += begins - at
            edges.append((begins, total))
            total += (ends - begins) * NARROW
            edges.append((ends, total))
            at = ends
        total += self.end - at
        edges.append((self.end, total))
        self._at = [instant for instant, _ in edges]
        self._weight = [weight for _, weight in edges]
        self._total = total or 1.0

    def x(self, instant: int) -> float:
        """Where an instant stands, in pixels; at an end when it lies outside."""
        instant = min(max(instant, self.start), self.end)
        k = min(bisect_right(self._at, instant), len(self._at) - 1)
        low, high = self._at[k - 1], self._at[k]
        share = (instant - low) / (high - low) if high > low else 0.0
        weight = self._weight[k - 1] + share * (self._weight[k] - self._weight[k - 1])
        return weight / self._total * self.width

    def ticks(self, zone: str, room: float) -> list[Tick]:
        """Marks at whole hours, days, weeks, months or years of the zone's calendar, each at least `room` apart.

        The day of the start is written at the start where the first mark leaves room; before hours, always.
        """
        first = local_datetime(zone, self.start).date()
        length = self.end - self.start
        begins = Tick(0.0, _day_name(first) if length <= YEAR else f"{_day_name(first)} {first.year}")
        ticks = [begins] if length <= HOURS else []
        for instant, label in _steps(zone, self.start, self.end):
            at = self.x(instant)
            if at <= self.width - room and (not ticks or at - ticks[-1].x >= room):
                ticks.append(Tick(at, label))
        return ticks if ticks and ticks[0].x < room else [begins, *ticks]


def _day_name(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def _steps(zone: str, start: int, end: int) -> list[tuple[int, str]]:
    """Candidates for marks, from whole hours to years, by the length of what is shown."""
    length = end - start
    if length <= HOURS:
        step = next((h for h in (0.25, 0.5, 1, 2, 3, 6) if length <= h * 10 * HOUR), 12)
        return _hours(zone, start, end, step)
    first, last = local_datetime(zone, start).date(), local_datetime(zone, end).date()
    days = (last - first).days
    if days <= 60:
        return _at_midnights(zone, start, [(day, _day_name(day)) for day in _days(first, days)])
    if days <= 400:
        mondays = [day for day in _days(first, days) if day.weekday() == 0]
        return _at_midnights(zone, start, [(day, f"{day.day} {day:%b}") for day in mondays])
    firsts = [day for day in _days(first, days) if day.day == 1 and (days <= 1100 or day.month == 1)]
    return _at_midnights(
        zone, start, [(day, f"{day:%b %Y}" if days <= 1100 else f"{day:%Y}") for day in firsts]
    )


def _days(first: date, count: int) -> list[date]:
    return [first + timedelta(number) for number in range(count + 1)]


def _at_midnights(zone: str, start: int, days: list[tuple[date, str]]) -> list[tuple[int, str]]:
    found = [(_midnight(zone, day), label) for day, label in days]
    return [(instant, label) for instant, label in found if instant >= start]


def _hours(zone: str, start: int, end: int, step: float) -> list[tuple[int, str]]:
    width = int(step * 60) * MINUTE
    local = local_datetime(zone, start)
    midnight = _midnight(zone, local.date())
    steps = range(midnight + -(-(start - midnight) // width) * width, end + 1, width)
    found = []
    for instant in steps:
        local = local_datetime(zone, instant)
        clock = f"{local.hour}:{local.minute:02d}"
        found.append((instant, _day_name(local.date()) if clock == "0:00" else clock))
    return found


def _midnight(zone: str, day: date) -> int:
    return to_instant(datetime(day.year, day.month, day.day, tzinfo=load(zone)))

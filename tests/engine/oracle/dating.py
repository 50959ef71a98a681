"""Business time over long spans, date by date: the edges of each date's windows by zoneinfo's fold (clock.md 1.3).

A second method beside `counting`, for spans of which nobody can count the minutes. Times in seconds.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from .counting import DAY, Calendar, zone_of

ONE = timedelta(seconds=1)


@lru_cache(maxsize=200_000)
def edge(zone: str, day: date, seconds: int, closing: bool) -> int:
    """The instant of a wall time: of two the first for an opening and the second for a closing; a skipped one is the
    change that skips it."""
    wall = datetime(day.year, day.month, day.day) + timedelta(seconds=seconds)
    where = zone_of(zone)
    fold = 1 if closing and seconds != DAY else 0
    instant = wall.replace(tzinfo=where, fold=fold).astimezone(UTC)
    if instant.astimezone(where).replace(tzinfo=None) == wall:
        return int(instant.timestamp())
    # Skipped. By the rules before the change the clock would show it after, by those after it before: it lies between.
    early, late = sorted(int(wall.replace(tzinfo=where, fold=f).astimezone(UTC).timestamp()) for f in (0, 1))
    while late - early > 1:
        middle = (early + late) // 2
        shown = datetime.fromtimestamp(middle, where).replace(tzinfo=None)
        early, late = (early, middle) if shown >= wall else (middle, late)
    return late


def open_stretches(calendar: Calendar, first: date, last: date) -> Iterator[tuple[int, int]]:
    """The open stretches of all dates from first to last, merged and in order."""
    found: list[tuple[int, int]] = []
    weekly: list[list[tuple[int, int]]] = [[] for _ in range(7)]
    for weekday, opens, closes in calendar.weekly:
        weekly[weekday].append((opens, closes))
    day = first
    while day <= last:
        for opens, closes in weekly[day.weekday()]:
            found.append((edge(calendar.zone, day, opens, False), edge(calendar.zone, day, closes, True)))
        day += timedelta(days=1)
    reach = 0
    for start, end in sorted(found):
        start = max(start, reach)
        if start < end:
            yield start, end
            reach = end


def between(calendar: Calendar, start: int, end: int) -> int:
    """Seconds of business time between two instants; the calendar knows no closures."""
    dates = [datetime.fromtimestamp(instant, UTC).date() for instant in (start, end)]
    margin = timedelta(days=3)
    stretches = open_stretches(calendar, dates[0] - margin, dates[1] + margin)
    return sum(max(min(b, end) - max(a, start), 0) for a, b in stretches)

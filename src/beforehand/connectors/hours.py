"""Hours of work and dates as sources write them, in the words of promises/psa.py. What cannot be read stays out."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from beforehand.promises.psa import DAYS

WEEK = 7
_TIME = re.compile(r"(?:^|[T ])(\d\d):(\d\d)(?::(\d\d))?")
_LAST = ("23", "59", "59")
_WHOLE = ("00:00", "24:00")

Spells = tuple[tuple[str, str], ...]


def wall(said: Any) -> str:
    """The time of day in `09:00:00`, or in a stamp whose date means nothing; "" where there is none."""
    found = _TIME.search(said) if isinstance(said, str) else None
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        return ""
    return "24:00" if found.groups() == _LAST else f"{found[1]}:{found[2]}"


def spell(start: Any, end: Any) -> Spells:
    """Hours from one time of day to a later one; () where they are not known to be any.

    An end at midnight is the day's end. Two ends that are the same may be a day or nothing, and are neither here.
    """
    first, last = wall(start), wall(end)
    if last == "00:00" and first != "00:00":
        last = "24:00"
    return ((first, last),) if first and last and first < last else ()


def week(ends: Mapping[str, tuple[Any, Any]]) -> tuple[dict[str, Spells], list[str]]:
    """The hours of a week by the ends of each day, and the days whose ends are told and say nothing."""
    found = {day: spell(*ends[day]) for day in DAYS if day in ends}
    odd = [day for day, spells in found.items() if not spells and any(wall(end) for end in ends[day])]
    return {day: spells for day, spells in found.items() if spells}, odd


def day_length(hours: Mapping[str, Spells]) -> float | None:
    """How many minutes a day of work has, where all of them have as many."""
    lengths = {sum(_minute(end) - _minute(start) for start, end in spells) for spells in hours.values()}
    return float(lengths.pop()) if len(lengths) == 1 else None


def is_whole_week(hours: Mapping[str, Spells]) -> bool:
    """Whether there is work at every hour of the week."""
    return len(hours) == WEEK and all(spells == (_WHOLE,) for spells in hours.values())


def date_of(said: Any) -> str:
    """The date in a stamp, as `2026-12-25`; "" where there is none. Years before 1971 stand for none."""
    found = _date(said)
    return found.isoformat() if found is not None and found.year > 1970 else ""


def dates(first: Any, last: Any) -> Sequence[str]:
    """All dates from one to another; the first alone where the other is none, or so far off that it cannot be one."""
    start, end = _date(first), _date(last)
    if start is None or start.year < 1971:
        return ()
    days = (end - start).days if end is not None and end > start else 0
    return [(start + timedelta(days=n)).isoformat() for n in range(days + 1 if days <= 366 else 1)]


def listed(names: Iterable[str], most: int = 5) -> str:
    """Names as words of a sentence."""
    some = list(dict.fromkeys(names))
    shown = ", ".join(f"“{name}”" for name in some[:most])
    return shown + (f" and {len(some) - most} more" if len(some) > most else "")


def _date(said: Any) -> date | None:
    try:
        return date.fromisoformat(said[:10]) if isinstance(said, str) else None
    except ValueError:
        return None


def _minute(wall_time: str) -> int:
    hour, _, minute = wall_time.partition(":")
    return int(hour) * 60 + int(minute)

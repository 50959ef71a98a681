"""Closures from elsewhere: public holidays of the holidays library, and iCalendar files (clock.md 1.2)."""

import importlib.metadata
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING

from beforehand.engine.weekly import DAY_S, Closure
from beforehand.engine.zones import load as load_zone
from beforehand.promises.file.notation import Misread

if TYPE_CHECKING:
    from holidays import HolidayBase
    from icalendar import Component

YEARS_AHEAD = 3


@cache
def library_version() -> str:
    """The version of the holidays library, kept with every closure that it gave."""
    return importlib.metadata.version("holidays")


def read_region(text: str) -> str:
    """A country or its subdivision as the library names it: "GB", "GB-ENG". Misread where it knows none."""
    _region(text, ())
    return text


def public_holidays(region: str, years: Iterable[int]) -> list[Closure]:
    """The public holidays of a region in these years, whole days with their names, in order.

    Names are English where the library has them so. Raises Misread for a region that it does not know.
    """
    return [Closure(day, day, name) for day, name in sorted(_region(region, years).items())]


def _region(text: str, years: Iterable[int]) -> "HolidayBase":
    import holidays  # here, since it takes a fifth of a second

    country, _, subdivision = text.partition("-")
    try:
        known = holidays.country_holidays(country)
    except NotImplementedError as error:
        expected = "a country by its two letters, with its subdivision where their holidays differ"
        raise Misread(expected, '"GB-ENG" or "DE-BY"') from error
    if subdivision and subdivision not in known.subdivisions:
        some = ", ".join(known.subdivisions[:60])
        raise Misread(
            f"a subdivision of {country}" + (f": {some}" if some else ", which has none"), f'"{country}"'
        )
    language = next((name for name in ("en_GB", "en_US") if name in known.supported_languages), None)
    return holidays.country_holidays(country, subdivision or None, years=list(years), language=language)


def read_calendar(content: bytes, zone: str, first: date, last: date) -> list[Closure]:
    """The events of an iCalendar file between two dates as closures in `zone`, recurrences and all.

    All-day events are whole days; one with times is cut at midnight into parts of days. Cancelled events and
    those without length say nothing. Misread where the file is no iCalendar.
    """
    import icalendar
    import recurring_ical_events

    try:
        calendar = icalendar.Calendar.from_ical(content)
        _refuse_frequent(calendar)
        events = recurring_ical_events.of(calendar).between(
            first - timedelta(days=1), last + timedelta(days=2)
        )
    except Misread:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise Misread("an iCalendar file", "a file that begins with BEGIN:VCALENDAR") from error
    parts: dict[tuple[date, date, int, int], str] = {}
    for event in sorted(events, key=lambda event: str(event.get("SUMMARY", ""))):
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            continue
        name = " ".join(str(event.get("SUMMARY", "")).split())[:200]
        for part in _parts(event.start, event.end, zone):
            if part[0] <= last and part[1] >= first:
                parts.setdefault(part, name)
    return [Closure(a, b, name, begins, ends) for (a, b, begins, ends), name in sorted(parts.items())]


def _refuse_frequent(calendar: "Component") -> None:
    """An event every second, minute or hour is no closure, and would be followed for ever."""
    for event in calendar.walk("VEVENT"):
        rules = event.get("RRULE", [])
        for rule in rules if isinstance(rules, list) else [rules]:
            often = [str(name).upper() for name in rule.get("FREQ", [])]
            if {"SECONDLY", "MINUTELY", "HOURLY"} & {*often} or "BYSECOND" in rule or "BYMINUTE" in rule:
                raise Misread("events that recur daily or more seldom", "RRULE:FREQ=YEARLY")


def _parts(start: date | datetime, end: date | datetime, zone: str) -> Iterator[tuple[date, date, int, int]]:
    """(first, last, begins, ends) of an event: days together, parts of days one by one."""
    if not isinstance(start, datetime):
        last = end - timedelta(days=1) if end > start else start
        yield start, last, 0, DAY_S
        return
    ends_at = end if isinstance(end, datetime) else datetime.combine(end, time())
    begins, ends = _local(start, zone), _local(ends_at, zone)
    day = begins.date()
    while day <= ends.date():
        opens = _second(begins) if day == begins.date() else 0
        closes = _second(ends) if day == ends.date() else DAY_S
        if opens < closes:
            yield day, day, opens, closes
        day += timedelta(days=1)


def _local(moment: datetime, zone: str) -> datetime:
    """What the clocks of `zone` show; a time without a zone of its own is already that."""
    if moment.tzinfo is None:
        return moment
    return moment.astimezone(UTC).astimezone(load_zone(zone)).replace(tzinfo=None)


def _second(moment: datetime) -> int:
    return moment.hour * 3600 + moment.minute * 60 + moment.second


def years_needed(earliest: date | None, today: date) -> range:
    """The years for which closures are kept: from the first version in force to three years ahead."""
    first = min(earliest.year if earliest else today.year, today.year)
    return range(first, today.year + YEARS_AHEAD + 1)

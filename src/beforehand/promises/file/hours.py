"""How people write weekly hours: "Mon-Fri 9:00-12:30, 13:00-17:30; Sat 22:00-6:00", "24x7" or "never"."""

import re
from collections.abc import Mapping

from beforehand.engine.weekly import DAYS, wall_seconds, wall_text, weekly_windows
from beforehand.promises.file.notation import Misread

Hours = dict[str, list[list[str]]]
"""{"mon": [["09:00", "17:30"]], ...}, days and windows in order, as rows hold it."""

ALWAYS: Hours = {day: [["00:00", "24:00"]] for day in DAYS}
_NAMES = {
    name: number
    for number, day in enumerate(
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    )
    for name in (day, day[:3], *{"tuesday": ["tues"], "thursday": ["thur", "thurs"]}.get(day, []))
}
_DAY = "(?:" + "|".join(sorted(_NAMES, key=len, reverse=True)) + "|daily)"
_SPEC = re.compile(rf"(?P<days>{_DAY}(?:\s*[-,]\s*{_DAY})*)\s+(?P<windows>\S.*)", re.IGNORECASE)
_WINDOW = re.compile(r"([\d:]+)\s*-\s*([\d:]+)", re.ASCII)
_EXAMPLE = '"Mon-Fri 9:00-17:30; Sat 22:00-6:00" or "24x7"'


def read_hours(text: str) -> Hours:
    """The weekly hours of one text; groups of days are set apart by semicolons."""
    if text.strip().lower() in ("24x7", "24/7"):
        return _copy(ALWAYS)
    if text.strip().lower() == "never":
        return {}
    groups = []
    for group in text.split(";"):
        found = _SPEC.fullmatch(group.strip())
        if found is None:
            raise Misread("days and times", _EXAMPLE)
        groups.append((read_days(found["days"]), read_windows(found["windows"])))
    return collect(groups)


def collect(groups: list[tuple[list[str], list[list[str]]]]) -> Hours:
    """The week of some groups of days and their windows; a day may stand in several groups."""
    week: Hours = {}
    for days, windows in groups:
        for day in days:
            week.setdefault(day, []).extend(windows)
    return {day: sorted(week[day]) for day in DAYS if day in week}


def read_days(text: str) -> list[str]:
    """ "mon-fri", "Sat, Sun", "daily": the days as the engine names them; a range may pass the week's end."""
    days = []
    for part in text.split(","):
        ends = [end.strip().lower() for end in part.split("-")]
        if ends == ["daily"]:
            days += list(DAYS)
            continue
        numbers = [_NAMES.get(end) for end in ends]
        first, last = numbers[0], numbers[-1]
        if first is None or last is None or len(numbers) > 2:
            raise Misread("weekdays", '"mon-fri", "sat, sun" or "daily"')
        days += [DAYS[(first + step) % 7] for step in range((last - first) % 7 + 1)]
    return days


def read_windows(text: str) -> list[list[str]]:
    """ "9:00-12:30, 13:00-17:30": the windows of a day; Misread where one is none or has no length."""
    windows = []
    for part in text.split(","):
        found = _WINDOW.fullmatch(part.strip())
        if found is None:
            raise Misread("times from-to, with minutes, set apart by commas", '"9:00-12:30, 13:00-17:30"')
        _, faults = weekly_windows({"mon": [(found[1], found[2])]})
        if faults:
            raise Misread(faults[0].expected, '"9:00-17:30"')
        closes = _wall(found[2])
        windows.append([_wall(found[1]), "24:00" if closes == "00:00" else closes])
    return windows


def say_hours(hours: Mapping[str, list[list[str]]]) -> str:
    """The week as it is written: runs of days with the same windows together."""
    if hours == ALWAYS:
        return "24x7"
    if not hours:
        return "never"
    groups: list[tuple[list[str], str]] = []
    for day in DAYS:
        windows = ", ".join(f"{_short(opens)}-{_short(closes)}" for opens, closes in hours.get(day, ()))
        if groups and groups[-1][1] == windows:
            groups[-1][0].append(day)
        else:
            groups.append(([day], windows))
    return "; ".join(f"{_range(days)} {windows}" for days, windows in groups if windows)


def _range(days: list[str]) -> str:
    first, last = days[0].title(), days[-1].title()
    return first if len(days) == 1 else f"{first}, {last}" if len(days) == 2 else f"{first}-{last}"


def _wall(text: str) -> str:
    return wall_text(wall_seconds(text) or 0)


def _short(text: str) -> str:
    return text.removeprefix("0")


def _copy(hours: Hours) -> Hours:
    return {day: [list(window) for window in windows] for day, windows in hours.items()}

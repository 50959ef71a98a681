"""The parts a coverage is made of: weekly windows, closures, extra openings; and the check that they can be."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from .errors import Fault

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_S = 86_400


class Window(NamedTuple):
    """Weekly hours in seconds after local midnight of `day` (0 is Monday); over midnight `closes` exceeds 86400."""

    day: int
    opens: int
    closes: int


class Closure(NamedTuple):
    """Local dates (first to last, both shut) or, with `opens`/`closes` in seconds, that part of one date."""

    first: date
    last: date
    name: str = ""
    begins: int = 0
    ends: int = DAY_S


class Opening(NamedTuple):
    """An extra opening on one local date, seconds after midnight; over midnight `closes` exceeds 86400."""

    date: date
    opens: int
    closes: int
    name: str = ""


def wall_seconds(text: str) -> int | None:
    """Seconds after midnight of "HH:MM" or "HH:MM:SS" up to "24:00"; None if it is no such time."""
    parts = text.strip().split(":")
    if len(parts) not in (2, 3) or not all(
        part.isascii() and part.isdigit() and len(part) <= 2 for part in parts
    ):
        return None
    hours, minutes, seconds = (*map(int, parts), 0)[:3]
    if minutes > 59 or seconds > 59:
        return None
    total = hours * 3600 + minutes * 60 + seconds
    return total if total <= DAY_S else None


def wall_text(seconds: int) -> str:
    """ "9:00" style text of seconds after midnight; a time after midnight of the next day shows as that day's."""
    seconds = seconds if seconds <= DAY_S else seconds - DAY_S
    hours, rest = divmod(seconds, 3600)
    minutes, secs = divmod(rest, 60)
    return f"{hours:02d}:{minutes:02d}" + (f":{secs:02d}" if secs else "")


def span_of(opens: object, closes: object, place: str) -> tuple[tuple[int, int] | None, list[Fault]]:
    """(opens, closes) in seconds, `closes` past 86400 when over midnight; or the faults."""
    faults = []
    found = []
    for part, text in (("opens", opens), ("closes", closes)):
        seconds = wall_seconds(text) if isinstance(text, str) else None
        if seconds is None:
            faults.append(
                Fault(f"{place}.{part}", repr(text), "a time of day from 00:00 to 24:00", '"09:00"')
            )
        else:
            found.append(seconds)
    if faults:
        return None, faults
    start, end = found
    if start == end or (start == DAY_S and end == 0):
        return None, [Fault(place, f"{opens}-{closes}", "a window with a length", '"09:00"-"17:30"')]
    if start == DAY_S:
        return None, [Fault(f"{place}.opens", "24:00", "an opening before 24:00", '"00:00" of the next day')]
    return (start, end if end > start else end + DAY_S), []


def weekly_windows(
    hours: Mapping[str, Sequence[tuple[str, str]]], place: str = "hours"
) -> tuple[list[Window], list[Fault]]:
    """The windows of {"mon": [("09:00", "17:30")], ...}; every fault, none only the first."""
    windows: list[Window] = []
    faults: list[Fault] = []
    for name, spans in hours.items():
        day = DAYS.index(name) if name in DAYS else None
        if day is None:
            faults.append(Fault(place, repr(name), "a weekday", ", ".join(DAYS)))
        for number, span in enumerate(spans):
            where = f"{place}.{name}[{number}]"
            if len(span) != 2:
                faults.append(Fault(where, repr(span), "an opening and a closing time", '["09:00", "17:30"]'))
                continue
            times, wrong = span_of(span[0], span[1], where)
            faults += wrong
            if times is not None and day is not None:
                windows.append(Window(day, *times))
    return sorted(windows), faults


def overlaps(windows: Iterable[Window]) -> list[tuple[Window, Window]]:
    """Pairs of weekly windows that share time: counted once by the engine, worth a warning to whoever wrote them."""
    week = sorted((w.day * DAY_S + w.opens, w.day * DAY_S + w.closes, w) for w in windows)
    pairs = [(a[2], b[2]) for a, b in pairwise(week) if b[0] < a[1]]
    if len(week) > 1 and week[0][0] + 7 * DAY_S < week[-1][1]:
        pairs.append((week[-1][2], week[0][2]))
    return pairs


def covers_the_week(windows: Iterable[Window]) -> bool:
    """Whether the windows leave no second of the week out."""
    spans = [(w.day * DAY_S + w.opens, w.day * DAY_S + w.closes) for w in windows]
    reach = 0
    for opens, closes in sorted(spans + [(opens - 7 * DAY_S, closes - 7 * DAY_S) for opens, closes in spans]):
        if opens > reach:
            return False
        reach = max(reach, closes)
    return reach >= 7 * DAY_S


def check_closures(closures: Sequence[Closure]) -> list[Fault]:
    """The faults of closures: a last day before the first, a part without length."""
    faults = []
    for number, closure in enumerate(closures):
        where = f"closures[{number}]"
        if closure.last < closure.first:
            faults.append(
                Fault(where, f"{closure.first} to {closure.last}", "a last day not before the first")
            )
        if not 0 <= closure.begins < closure.ends <= DAY_S:
            found = f"{wall_text(closure.begins)}-{wall_text(closure.ends)}"
            faults.append(Fault(where, found, "a part of a day with a length", '"12:00"-"24:00"'))
    return faults


def check_openings(openings: Sequence[Opening]) -> list[Fault]:
    """The faults of extra openings: one without length."""
    return [
        Fault(
            f"openings[{n}]",
            f"{o.opens}-{o.closes} s",
            "an opening with a length of at most a day",
            '"09:00"-"12:00"',
        )
        for n, o in enumerate(openings)
        if not (0 <= o.opens < DAY_S and o.opens < o.closes <= o.opens + DAY_S)
    ]

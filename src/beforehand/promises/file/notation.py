"""How people write times: durations, targets, dates, and the dates on which coverage is shut or open besides.

Each `read_x` takes a text and raises Misread when it is no x; each `say_x` writes one, and read(say(x)) is x.
"""

import re
from datetime import date
from typing import NamedTuple

from beforehand.engine.instants import DAY, HOUR, MINUTE, SECOND
from beforehand.engine.weekly import DAY_S, Closure, Opening, wall_seconds, wall_text

MILLISECOND = 1_000
LONGEST = 2**55
_UNITS = (("h", HOUR), ("m", MINUTE), ("s", SECOND), ("ms", MILLISECOND), ("us", 1))
_WORDS = {
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), HOUR),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), MINUTE),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), SECOND),
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), MILLISECOND),
    **dict.fromkeys(("us", "microsecond", "microseconds"), 1),
}
_DAY_WORDS = dict.fromkeys(("d", "day", "days"), DAY)
_PART = re.compile(r"\s*(\d{1,12})(?:\.(\d{1,9}))?\s*([a-z]+)\s*(?:,|and\b)?", re.ASCII | re.IGNORECASE)
_CLOCK = re.compile(r"(?:\s*,|\s)\s*(?:24x7|24/7|round the clock)$", re.IGNORECASE)
_DAYS = re.compile(
    r"(?:in\s+)?(?P<n>\d{1,3}|next)\s+business\s+days?"
    r"(?:\s+by\s+(?P<by>[\d:]+))?"
    r"(?:(?:\s*,\s*|\s+)cut-off\s+(?P<cut>close|[\d:]+))?"
    r"(?:(?:\s*,\s*|\s+)calendar\s+(?P<calendar>\S.*))?",
    re.ASCII | re.IGNORECASE,
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DATES = re.compile(
    r"(?P<first>\S+)(?:\s+to\s+(?P<last>\S+)|\s+(?P<opens>[\d:]+)\s*-\s*(?P<closes>[\d:]+))?", re.ASCII
)


class Misread(ValueError):
    """The text is not what it should be: what was expected, and an example."""

    def __init__(self, expected: str, example: str) -> None:
        super().__init__(expected)
        self.expected, self.example = expected, example


class Time(NamedTuple):
    """A target in business time, or round the clock, in microseconds (2.5)."""

    amount: int
    round_the_clock: bool = False


class Days(NamedTuple):
    """A target in business days (2.5): `by` and `cut_off` in seconds after midnight, `cut_off` -1 at close.

    `calendar` names the coverage whose days count, where the line's own is round the clock.
    """

    days: int
    by: int | None = None
    cut_off: int | None = None
    calendar: str = ""


AT_CLOSE = -1
Promise = Time | Days


def read_duration(text: str, days: bool = False) -> int:
    """Microseconds of "4h", "1 h 30 m", "90 minutes", "1.5h"; with `days` also "7 days" of 24 hours each."""
    words = _WORDS | _DAY_WORDS if days else _WORDS
    wrong = Misread("a duration", '"7 days"' if days else '"4h", "30m" or "1h 30m"')
    total, position = 0, 0
    while position < len(text.rstrip()):
        part = _PART.match(text, position)
        if part is None or part[3].lower() not in words:
            raise wrong
        unit, digits = words[part[3].lower()], part[2] or ""
        fraction, rest = divmod(int(digits or 0) * unit, 10 ** len(digits))
        if rest:
            raise Misread("a duration of whole microseconds", '"90m"')
        total += int(part[1]) * unit + fraction
        position = part.end()
    if not 0 < total < LONGEST:
        raise wrong if total == 0 else Misread("a duration under a thousand years", '"4h"')
    return total


def say_duration(amount: int, days: bool = False) -> str:
    """ "1h 30m" of microseconds; with `days` a whole number of days as "7 days"."""
    if days and amount % DAY == 0:
        return f"{amount // DAY} day{'s' if amount != DAY else ''}"
    parts = []
    for unit, size in _UNITS:
        count, amount = divmod(amount, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts)


def read_promise(text: str) -> Promise:
    """A target: "4h", "1h 24x7", "next business day by 12:00, cut-off 16:00", "2 business days"."""
    days = _DAYS.fullmatch(text.strip())
    if days is not None:
        return _days(days)
    clock = _CLOCK.search(text.rstrip())
    try:
        return Time(read_duration(text[: clock.start()] if clock else text), clock is not None)
    except Misread as wrong:
        if wrong.expected != "a duration":
            raise
        example = '"4h", "1h 24x7", "next business day" or "3 business days by 12:00, cut-off 16:00"'
        raise Misread("a time to be held to", example) from wrong


def say_promise(promise: Promise) -> str:
    """The target as it is written."""
    if isinstance(promise, Time):
        return say_duration(promise.amount) + (" 24x7" if promise.round_the_clock else "")
    text = "next business day" if promise.days == 1 else f"{promise.days} business days"
    if promise.by is not None:
        text += f" by {say_time(promise.by)}"
    if promise.cut_off is not None:
        text += f", cut-off {'close' if promise.cut_off == AT_CLOSE else say_time(promise.cut_off)}"
    return text + (f", calendar {promise.calendar}" if promise.calendar else "")


def _days(found: re.Match[str]) -> Days:
    count = 1 if found["n"].lower() == "next" else int(found["n"])
    if count < 1:
        raise Misread("at least one business day", '"next business day"')
    cut = found["cut"]
    return Days(
        count,
        None if found["by"] is None else read_time(found["by"]),
        None if cut is None else AT_CLOSE if cut.lower() == "close" else read_time(cut),
        (found["calendar"] or "").strip(),
    )


def read_time(text: str) -> int:
    """Seconds after midnight of "9:00", "17:30:15" or "24:00"."""
    seconds = wall_seconds(text)
    if seconds is None:
        raise Misread("a time of day from 0:00 to 24:00", '"16:00"')
    return seconds


def say_time(seconds: int) -> str:
    """ "9:00" of seconds after midnight; past midnight as that day's clock shows it."""
    return wall_text(seconds).removeprefix("0")


def read_date(text: str) -> date:
    """The date of "2026-12-24"."""
    wrong = Misread("a date as year-month-day", "2026-12-24")
    if not _DATE.fullmatch(text):
        raise wrong
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise wrong from error


def read_closure(text: str, name: str) -> Closure:
    """When coverage is shut: "2026-12-25", "2026-12-27 to 2026-12-31", "2026-12-24 12:00-24:00"."""
    found = _DATES.fullmatch(text.strip())
    if found is None:
        example = '"2026-12-25", "2026-12-27 to 2026-12-31" or "2026-12-24 12:00-24:00"'
        raise Misread("a date, two dates, or part of a day", example)
    first = read_date(found["first"])
    last = read_date(found["last"]) if found["last"] else first
    if last < first:
        raise Misread("a last day that is not before the first", f'"{last} to {first}"')
    if found["opens"] is None:
        return Closure(first, last, name)
    begins, ends = read_time(found["opens"]), read_time(found["closes"])
    if begins >= ends:
        raise Misread(
            "a part of one day with a length (write the next day's part apart)", f'"{first} 12:00-24:00"'
        )
    return Closure(first, first, name, begins, ends)


def say_closure(closure: Closure) -> str:
    """The dates of a closure as they are written; its name stands apart."""
    if (closure.begins, closure.ends) != (0, DAY_S):
        return f"{closure.first} {say_time(closure.begins)}-{say_time(closure.ends)}"
    return str(closure.first) if closure.first == closure.last else f"{closure.first} to {closure.last}"


def read_opening(text: str, name: str) -> Opening:
    """An extra opening: "2026-12-19 10:00-14:00"; over midnight the closing time is the next day's."""
    found = _DATES.fullmatch(text.strip())
    if found is None or found["opens"] is None:
        raise Misread("a date with an opening and a closing time", '"2026-12-19 10:00-14:00"')
    opens, closes = read_time(found["opens"]), read_time(found["closes"])
    if opens in (closes, DAY_S):
        raise Misread("an opening with a length", f'"{found["first"]} 10:00-14:00"')
    return Opening(read_date(found["first"]), opens, closes if closes > opens else closes + DAY_S, name)


def say_opening(opening: Opening) -> str:
    """The date and times of an extra opening as they are written."""
    return f"{opening.date} {say_time(opening.opens)}-{say_time(opening.closes)}"

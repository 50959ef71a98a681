"""A source's calendars as coverages (clock.md 1.2): hours, zone and closures, as far as they can be read."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from beforehand.engine import weekly
from beforehand.engine.weekly import DAY_S, Closure, covers_the_week, wall_seconds, wall_text, weekly_windows
from beforehand.engine.zones import known_zones
from beforehand.promises.draft.words import (
    BY_HAND,
    NOT_TOLD,
    Notes,
    is_called,
    listed,
    name_of,
    short,
    unique,
    unmarked,
)
from beforehand.promises.file.document import BUILT_IN, CoveragePart, Dates
from beforehand.promises.file.hours import Hours
from beforehand.promises.file.notation import Misread, read_date
from beforehand.promises.psa import DAYS, Calendar, HolidayList, in_years

HOLIDAY = "Holiday"
ENTERED = "entered by you"
"""How an answer is known that somebody gave."""
UNNEEDED = f"{ENTERED}; nothing in the draft is in these hours"
UNKNOWN, CLOSED = "Not known: leave out what needs them", "Closed on these days"


class Question(NamedTuple):
    """What a source does not tell, with the answer that the draft goes by; `assumed` until somebody has given one.

    `how` it is known, or why it is not, "" for an assumption without a ground; `kind`: zone, time or days. `choices`:
    what it can be answered with, none where that is any time zone or time.
    """

    key: str
    text: str
    answer: str
    assumed: bool
    how: str = ""
    kind: str = "zone"
    choices: tuple[str, ...] = ()


class Ground(NamedTuple):
    """What a draft stands on: the source's title, the provider's zone and day, the years of closures, and answers.

    `zones`: those that due dates tell, by the keys of calendars, each with words for it (untold.py).
    """

    title: str
    zone: str
    today: date
    years: range
    answers: Mapping[str, str]
    zones: Mapping[str, tuple[str, str]] = {}


class Calendars:
    """The source's calendars, each made a coverage when it is first asked for.

    `fresh` are the coverages to be added; one that is stored in the very same words serves as it is. `odd` says which
    answers cannot be read.
    """

    def __init__(
        self,
        calendars: Iterable[Calendar],
        holidays: Iterable[HolidayList],
        stored: Mapping[str, CoveragePart],
        ground: Ground,
        notes: Notes,
    ) -> None:
        self.calendars: dict[str, Calendar] = {}
        for calendar in calendars:
            self.calendars.setdefault(calendar.key, calendar)
        self.holidays = {one.key: one for one in reversed(list(holidays))}
        self.stored, self.ground, self.notes, self.odd = stored, ground, notes, Notes()
        self.fresh: dict[str, CoveragePart] = {}
        self.questions: list[Question] = []
        self._names: dict[str, str] = {}

    def of(self, key: str) -> str:
        """The name of the coverage of a calendar; "" where there is none, or none that can be read."""
        if key not in self._names:
            self._names[key] = self._made(key)
        return self._names[key]

    def standard(self) -> str:
        """The coverage of whoever has no calendar: the source's default, or its only one; "" where it has neither."""
        default = [one.key for one in self.calendars.values() if one.default]
        only = list(self.calendars) if len(self.calendars) == 1 else []
        return next((name for key in (*default, *only) if (name := self.of(key))), "")

    def names(self) -> set[str]:
        """The coverages that calendars were made into so far."""
        return {name for name in self._names.values() if name}

    def part(self, name: str) -> CoveragePart | None:
        """The coverage of that name, stored or to be added; None for the one that is built in."""
        return self.fresh.get(name) or self.stored.get(name)

    def week(self, key: str) -> tuple[Hours, tuple[Closure, ...]] | None:
        """The hours of a calendar and when it is shut; None where they cannot be read, and nobody said that a day which
        cannot is closed.
        """
        calendar = self.calendars[key]
        if calendar.unread and not self._are_closed(calendar):
            return None
        hours = self._hours(calendar)
        if not hours:
            self.notes.say("no hours that can be read; what needs them is left out.", calendar.name)
            return None
        closures = self._closures(calendar)
        if closures and _is_always(hours):
            self.notes.say("open round the clock, where holidays do not count.", calendar.name)
            closures = ()
        return hours, closures

    def entered(self, calendar: Calendar) -> str:
        """The zone that somebody entered for a calendar whose source tells none; "" where nobody did, or no zone."""
        answer = self.ground.answers.get(_asked(calendar.key), "").strip()
        return answer if answer in known_zones() and calendar.zone not in known_zones() else ""

    def ask_what_was_said(self) -> None:
        """Asks of calendars too that nothing needs any more, if somebody said something of them: due dates may give
        other times because of it, and it is theirs to take back.
        """
        for key in [key for key in self.calendars if key not in self._names]:
            calendar, begun = self.calendars[key], len(self.questions)
            if calendar.unread and self._is_said_closed(calendar):
                self._are_closed(calendar)
            if self.entered(calendar):
                self._zone(calendar)
            said = [one for one in self.questions[begun:] if not one.assumed]
            self.questions[begun:] = [one._replace(how=UNNEEDED) for one in said]

    def _made(self, key: str) -> str:
        calendar = self.calendars.get(key)
        week = None if calendar is None else self.week(key)
        if calendar is None or week is None:
            return ""
        zone, mark = self._zone(calendar)
        part = CoveragePart(zone, week[0], Dates(closures=week[1]))
        name = unmarked(name_of(calendar.name)) or "Hours"
        alike = [other for other, stored in self.stored.items() if stored == part]
        for other in sorted(alike, key=lambda other: len(unmarked(other))):
            # From more due dates a zone may be inferred by now, or somebody took the mark of it away.
            if is_called(other, name, self.ground.title):
                return other
        taken = [*self.stored, *self.fresh, BUILT_IN]
        name = unique(name, [*taken, *map(unmarked, taken)], self.ground.title, mark)
        self.fresh[name] = part
        return name

    def _are_closed(self, calendar: Calendar) -> bool:
        """Whether somebody said that there is no work on the days that cannot be read: in hours that lack a day every
        deadline is too late.
        """
        key, days = _asked_of_days(calendar.key), listed([day.capitalize() for day in calendar.unread])
        closed = self._is_said_closed(calendar)
        given = CLOSED if closed else UNKNOWN
        text = f"{self.ground.title} has hours of {short(calendar.name)} on {days} that cannot be read. What are they?"
        choices = (UNKNOWN, CLOSED)
        self.questions.append(
            Question(key, text, given, not closed, ENTERED if closed else "", "days", choices)
        )
        if not closed:
            self.notes.say(
                f"its hours on {days} cannot be read, so that what needs it is left out until you say that it is "
                "closed then.",
                calendar.name,
            )
        return closed

    def _is_said_closed(self, calendar: Calendar) -> bool:
        answer = self.ground.answers.get(_asked_of_days(calendar.key), "").strip()
        return answer.casefold() == CLOSED.casefold()

    def _zone(self, calendar: Calendar) -> tuple[str, str]:
        """The zone of a calendar, and what its name says of it: nothing where the source tells it."""
        if calendar.zone in known_zones():
            return calendar.zone, ""
        key, entered = _asked(calendar.key), self.entered(calendar)
        answer = self.ground.answers.get(key, "").strip()
        if answer and not entered:
            self.odd.say("no time zone of the IANA database; an example is Europe/London.", answer)
        hint = name_of(calendar.zone_hint or calendar.zone)
        told = f"It has {hint!r}." if hint else f"{self.ground.title} does not say it."
        text = f"In which time zone are the hours of {short(calendar.name)}? {told}"
        inferred, how = self.ground.zones.get(calendar.key, (self.ground.zone, ""))
        if entered and not (how and entered == inferred):
            self.questions.append(Question(key, text, entered, False, ENTERED))
            return entered, f"zone {BY_HAND}"
        self.questions.append(Question(key, text, inferred, True, how))
        return inferred, f"zone {how or NOT_TOLD}"

    def _hours(self, calendar: Calendar) -> Hours:
        week: Hours = {}
        for day, ours in zip(DAYS, weekly.DAYS, strict=True):
            windows: set[tuple[str, str]] = set()
            for opens, closes in calendar.hours.get(day, ()):
                window = _window(opens, closes)
                if window is None:
                    spell = f"{day} {name_of(opens) or '?'}-{name_of(closes) or '?'}"
                    self.notes.say(f"{spell} is no spell of a day, and is left out.", calendar.name)
                else:
                    windows.add(window)
            if windows:
                week[ours] = [list(window) for window in sorted(windows)]
        return week

    def _closures(self, calendar: Calendar) -> tuple[Closure, ...]:
        """The days of its lists in the years that count; what comes every year is written down for each of them."""
        found: dict[date, str] = {}
        for key in dict.fromkeys(calendar.holidays):
            days = self.holidays.get(key)
            if days is None:
                self.notes.say("a list of holidays of theirs is not told.", calendar.name)
                continue
            for text, name, yearly in days.days:
                for day in self._days(text, yearly, days.name):
                    found.setdefault(day, name_of(name) or HOLIDAY)
        return tuple(sorted(Closure(day, day, name) for day, name in found.items()))

    def _days(self, text: str, yearly: bool, whose: str) -> list[date]:
        years = self.ground.years
        try:
            day = read_date(text)
        except Misread:
            self.notes.say(f"{short(text)} is no date, and is left out.", whose)
            return []
        if not yearly:
            return [day] if day.year in years else []
        self.notes.say(f"what comes every year is written down until {years[-1]}.", whose)
        return in_years(day, yearly, years)


def _asked(key: str) -> str:
    """The key of the question where a calendar's hours are."""
    return f"zone of {key}"


def _asked_of_days(key: str) -> str:
    """The key of the question what a calendar's days are that cannot be read."""
    return f"days of {key}"


def _window(opens: str, closes: str) -> tuple[str, str] | None:
    """A spell as the file has it; past midnight it may be told as "26:00" or as "02:00"."""
    begins, ends = wall_seconds(opens), wall_seconds(closes)
    if ends is None and (late := _next_day(closes)) is not None:
        ends = late if begins is not None and late <= begins else None
    if begins is None or ends is None or begins in (ends, DAY_S):
        return None
    return wall_text(begins), wall_text(ends or DAY_S)


def _next_day(text: str) -> int | None:
    """Seconds of "26:00" after the midnight before 2:00."""
    hour, _, rest = text.strip().partition(":")
    if len(hour) != 2 or not (hour.isascii() and hour.isdigit()) or not 24 <= int(hour) < 48:
        return None
    return wall_seconds(f"{int(hour) - 24}:{rest}")


def _is_always(hours: Hours) -> bool:
    windows, _ = weekly_windows({day: [(a, b) for a, b in spells] for day, spells in hours.items()})
    return covers_the_week(windows)

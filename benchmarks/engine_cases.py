"""Twenty calendars, pairs of instants over four years, and their answers counted minute by minute over zoneinfo."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from beforehand.engine.coverage import Coverage
from beforehand.engine.weekly import DAYS, Closure

ZONES = ("Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Sydney")
WEEKS: dict[str, tuple[int, tuple[tuple[str, str], ...]]] = {
    "9-17": (5, (("09:00", "17:00"),)),
    "split days": (5, (("08:00", "12:00"), ("13:00", "17:00"))),
    "six days": (6, (("07:00", "20:00"),)),
    "over midnight": (5, (("22:00", "06:00"),)),
    "24x7": (7, (("00:00", "24:00"),)),
}
YEARS = range(2023, 2027)
HOLIDAYS = tuple(date(year, month, 1 + 2 * month) for year in range(2022, 2028) for month in range(1, 13))
FIRST, LAST = datetime(2022, 11, 1, tzinfo=UTC), datetime(2027, 9, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


@dataclass(frozen=True)
class Case:
    """From `start`, so much time is added, or counted to `end`; all in whole minutes."""

    start: datetime
    amount: timedelta
    end: datetime


@dataclass(frozen=True)
class Calendar:
    """The first `days` days of the week, windows on each, and no holidays round the clock."""

    name: str
    zone: str
    days: int
    windows: tuple[tuple[str, str], ...]

    @property
    def holidays(self) -> tuple[date, ...]:
        return () if self.name == "24x7" else HOLIDAYS

    @cached_property
    def coverage(self) -> Coverage:
        week = {day: list(self.windows) for day in DAYS[: self.days]}
        return Coverage(self.zone, week, [Closure(day, day) for day in self.holidays])

    @cached_property
    def open_before(self) -> npt.NDArray[np.int64]:
        """How many minutes were open before each minute since FIRST: what everybody's answers are held against."""
        offsets = _offsets(self.zone)
        epoch_day = (FIRST - datetime(1970, 1, 1, tzinfo=UTC)).days
        local = np.arange(len(offsets) * 15) + np.repeat(offsets, 15)
        day, minute = epoch_day + local // 1440, local % 1440
        shut = np.array([d.toordinal() - date(1970, 1, 1).toordinal() for d in self.holidays], np.int64)
        is_open = np.zeros(len(local), bool)
        for opens, closes in self.windows:
            begin, end = (int(text[:2]) * 60 + int(text[3:]) for text in (opens, closes))
            if end > begin:
                is_open |= ((day + 3) % 7 < self.days) & (minute >= begin) & (minute < end)
            else:
                is_open |= ((day + 3) % 7 < self.days) & (minute >= begin)
                is_open |= ((day + 2) % 7 < self.days) & (minute < end)
        is_open &= ~np.isin(day, shut)
        return np.concatenate([[0], np.cumsum(is_open)])

    def counted(self, moment: datetime) -> tuple[int, bool]:
        """Minutes open before an instant, and whether it lies on a whole minute, as each case's answer must."""
        minutes, rest = divmod(moment - FIRST, timedelta(minutes=1))
        return int(self.open_before[minutes]), not rest

    def is_added(self, case: Case, found: object) -> bool:
        """Whether it is where the amount is used up, or from there to the next opening: conventions differ."""
        if not isinstance(found, datetime) or not FIRST < found < LAST:
            return False
        before, after = self.counted(case.start)[0], self.counted(found)
        return after == (before + case.amount // timedelta(minutes=1), True)

    def is_between(self, case: Case, found: object) -> bool:
        """Whether it is the time open between the case's two instants."""
        counted = self.counted(case.end)[0] - self.counted(case.start)[0]
        return found == timedelta(minutes=counted)


@lru_cache
def _offsets(name: str) -> list[int]:
    """A zone's offset from UTC, in minutes, at every quarter of an hour from FIRST."""
    zone, moment, found = ZoneInfo(name), FIRST, []
    while moment < LAST:
        offset = moment.astimezone(zone).utcoffset() or timedelta()
        found.append(offset // timedelta(minutes=1))
        moment += QUARTER
    return found


def calendars() -> Iterator[Calendar]:
    """The twenty: five weeks in four zones."""
    for name, (days, windows) in WEEKS.items():
        for zone in ZONES:
            yield Calendar(name, zone, days, windows)


def cases(count: int, seed: int = 7) -> list[Case]:
    """Starts over four years, up to 40 hours to add, up to two weeks to count."""
    random = np.random.default_rng(seed)
    begin = datetime(YEARS[0], 1, 1, tzinfo=UTC)
    minutes = (datetime(YEARS[-1] + 1, 1, 1, tzinfo=UTC) - begin) // timedelta(minutes=1)
    starts, amounts, spans = (random.integers(1, top, count) for top in (minutes, 40 * 60, 14 * 1440))
    return [
        Case(
            start := begin + timedelta(minutes=int(s)),
            timedelta(minutes=int(a)),
            start + timedelta(minutes=int(e)),
        )
        for s, a, e in zip(starts, amounts, spans, strict=True)
    ]

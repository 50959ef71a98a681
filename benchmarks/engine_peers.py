"""The peers, each taught a calendar in its own words. Datetimes in and out, aware, in UTC."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any, NamedTuple

from beforehand.engine.instants import to_datetime, to_duration, to_instant
from benchmarks.engine_cases import Calendar

Add = Callable[[datetime, timedelta], Any]
Between = Callable[[datetime, datetime], Any]


class Peer(NamedTuple):
    """How to make a peer's two functions for a calendar; of how many of the cases it is asked, as it is slow."""

    name: str
    teach: Callable[[Calendar], tuple[Add, Between | None] | None]
    every: int = 1
    whole_hours: bool = False


def _time(text: str) -> time:
    return time(int(text[:2]) % 24, int(text[3:]))


def beforehand(calendar: Calendar) -> tuple[Add, Between]:
    coverage = calendar.coverage

    def add(start: datetime, amount: timedelta) -> datetime | None:
        due = coverage.add(to_instant(start), to_duration(amount))
        return None if due is None else to_datetime(due)

    def between(start: datetime, end: datetime) -> timedelta:
        return timedelta(0, 0, coverage.between(to_instant(start), to_instant(end)))

    return add, between


def workclock(calendar: Calendar) -> tuple[Add, Between]:
    from workclock import Holidays, Schedule, WorkDay

    rules: list[Any] = [WorkDay(_time(a), _time(b), range(calendar.days)) for a, b in calendar.windows]
    if calendar.holidays:
        rules.append(Holidays(calendar.holidays))
    schedule = Schedule(rules, time_zone=calendar.zone)
    return schedule.add, schedule.between


def businesstimedelta(calendar: Calendar) -> tuple[Add, Between] | None:
    import pytz
    from businesstimedelta import BusinessTimeDelta, HolidayRule, Rules, WorkDayRule

    if calendar.name == "24x7":
        return None  # it does not return
    zone = pytz.timezone(calendar.zone)
    days = list(range(calendar.days))
    hours = [
        WorkDayRule(start_time=_time(a), end_time=_time(b), working_days=days, tz=zone)
        for a, b in calendar.windows
    ]
    rules = Rules([*hours, HolidayRule(dict.fromkeys(calendar.holidays, "shut"), tz=zone)])

    def add(start: datetime, amount: timedelta) -> datetime:
        found: datetime = start + BusinessTimeDelta(rules, timedelta=amount)
        return found.astimezone(UTC)

    def between(start: datetime, end: datetime) -> timedelta:
        counted: timedelta = rules.difference(start, end).timedelta
        return counted

    return add, between


def pandas(calendar: Calendar) -> tuple[Add, None] | None:
    import pandas as pd

    if calendar.name == "24x7":
        return None  # it takes no hours that touch

    starts, ends = zip(*calendar.windows, strict=True)
    week = "1" * calendar.days + "0" * (7 - calendar.days)
    holidays = [day.isoformat() for day in calendar.holidays]
    hour = pd.offsets.CustomBusinessHour(start=list(starts), end=list(ends), weekmask=week, holidays=holidays)

    def add(start: datetime, amount: timedelta) -> datetime:
        local = pd.Timestamp(start).tz_convert(calendar.zone)
        found: datetime = (local + hour * (amount // timedelta(hours=1))).to_pydatetime()
        return found.astimezone(UTC)

    return add, None


PEERS = (
    Peer("Beforehand", beforehand),
    Peer("workclock", workclock),
    Peer("businesstimedelta", businesstimedelta, every=50),
    Peer("pandas CustomBusinessHour", pandas, every=20, whole_hours=True),
)

"""When somebody's working day begins and ends, by their own clocks; and that a day's list is asked for then."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from beforehand.engine.weekly import DAY_S
from beforehand.engine.zones import local_datetime
from beforehand.kernel.due import queue

from .roster_calendar import instant_of
from .staff import Person, Staff

DAY_LIST = "day_list"
"""The kind of due row, by technician, of those who may want the day's list: the room above says when the next is."""
AT_ONCE = 0
_DAY, _WEEK = timedelta(days=1), 7
_ROUND_THE_CLOCK = (8 * 3600, 18 * 3600)
"""The day of somebody who works all of it, in seconds after local midnight."""


class WorkingDay(NamedTuple):
    """A local day on which somebody works: the instants at which their work of it begins and ends, and the day does."""

    date: date
    starts: int
    ends: int
    over: int


def ask_for_list(provider: int, technicians: Iterable[int]) -> None:
    """Have it looked at when these get their next list, if they want one: they are new, or were changed."""
    queue.ask(DAY_LIST, provider, list(technicians), AT_ONCE)


def working_day(staff: Staff, person: Person, day: date) -> WorkingDay | None:
    """Somebody's work of a day of their own; None where they have none. Work over midnight is of the day it begins."""
    zone, hours = staff.zone_of(person), staff.hours_of(person)
    spans = [_ROUND_THE_CLOCK]
    if hours is not None:
        spans = [
            _ROUND_THE_CLOCK if (one.opens, one.closes) == (0, DAY_S) else (one.opens, one.closes)
            for one in hours.weekly
            if one.day == day.weekday()
        ]
    if not spans:
        return None
    midnight = datetime.combine(day, time())
    opens = midnight + timedelta(seconds=min(opens for opens, _ in spans))
    closes = midnight + timedelta(seconds=max(closes for _, closes in spans))
    starts, ends = instant_of(opens, zone, ends=False), instant_of(closes, zone, ends=True)
    return WorkingDay(day, starts, ends, midnight_of(zone, day + _DAY))


def today(staff: Staff, person: Person, at: int) -> date:
    """The day it is where somebody works."""
    return local_datetime(staff.zone_of(person), at).date()


def midnight_of(zone: str, day: date) -> int:
    """The instant at which a day begins in a zone."""
    return instant_of(day, zone, ends=False)


def before(staff: Staff, person: Person, day: date) -> WorkingDay | None:
    """Somebody's last working day before that one."""
    days = (working_day(staff, person, day - _DAY * n) for n in range(1, _WEEK + 1))
    return next((one for one in days if one is not None), None)


def next_start(staff: Staff, person: Person, at: int) -> int | None:
    """When somebody's next working day after an instant begins; None for never."""
    first = today(staff, person, at)
    days = (working_day(staff, person, first + _DAY * n) for n in range(_WEEK + 1))
    return next((one.starts for one in days if one is not None and one.starts > at), None)

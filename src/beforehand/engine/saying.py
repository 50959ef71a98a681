"""The values that a saying is made of: durations already rounded, instants already in their zone."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal, NamedTuple

from .instants import MINUTE, SECOND
from .weekly import Window
from .zones import local_datetime

Style = Literal["weekday", "date", "year"]
Unit = Literal["day", "week", "month", "year"]
_UNITS = (MINUTE, SECOND, 1000, 1)
NEAR_DAYS = 6
"""So near to `as_of` a weekday's name alone says which day is meant."""


class Amount(NamedTuple):
    """A duration in microseconds, rounded to what is to be shown."""

    micros: int


class Moment(NamedTuple):
    """An instant on its zone's clock, and how much of its date must be said to know it."""

    local: datetime
    style: Style


class Period(NamedTuple):
    """A local day, week, month or year by its first day, and how much of the date must be said."""

    unit: Unit
    first: date
    style: Style


class Hours(NamedTuple):
    """Weekly opening hours and their zone."""

    weekly: tuple[Window, ...]
    zone: str


class Said(NamedTuple):
    """A message id of a catalogue and the values that its sentence wants."""

    id: str
    values: Mapping[str, "Value"]


Value = str | int | Amount | Moment | Period | Hours | Said | tuple[Said, ...]


def said(name: str, /, **values: Value) -> Said:
    """A message id with values."""
    return Said(name, values)


class Saying:
    """How the durations and instants of one reading are said: in one zone, seen from `as_of`, in one unit.

    The unit is the coarsest, from minutes down, in which a clock within its target does not look late.
    """

    __slots__ = ("as_of", "today", "unit", "zone")

    def __init__(self, as_of: int, zone: str, used: int, target: int) -> None:
        self.as_of, self.zone = as_of, zone
        self.today = local_datetime(zone, as_of).date()
        self.unit = unit_of(used, target)

    def used(self, micros: int) -> Amount:
        """Time used, rounded up (1.4)."""
        return Amount(round_up(micros, self.unit))

    def left(self, micros: int) -> Amount:
        """Time left or promised, rounded down (1.4)."""
        return Amount(micros // self.unit * self.unit)

    def day(self, instant: int) -> date:
        """The local day of an instant."""
        return local_datetime(self.zone, instant).date()

    def at(self, instant: int) -> Moment:
        """An instant as it is to be said."""
        local = local_datetime(self.zone, instant)
        return Moment(local, self.style(local.date()))

    def style(self, day: date) -> Style:
        """How much of a date must be said to know it from `as_of`."""
        if abs((day - self.today).days) <= NEAR_DAYS:
            return "weekday"
        return "date" if day.year == self.today.year else "year"


def round_up(micros: int, unit: int) -> int:
    """The least multiple of the unit that is not less."""
    return -(-micros // unit) * unit


def unit_of(used: int, target: int) -> int:
    """The coarsest of minute, second, millisecond, microsecond in which no kept promise looks broken."""
    for unit in _UNITS:
        if unit <= target and (used > target or round_up(used, unit) <= target // unit * unit):
            return unit
    return 1

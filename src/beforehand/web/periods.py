"""Periods over which figures are taken: a month or a quarter, in the zone of the client (clock.md 6.1)."""

import re
from calendar import month_abbr, month_name
from datetime import UTC, datetime
from typing import NamedTuple

from beforehand.engine.zones import load

_MONTH, _QUARTER = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])"), re.compile(r"([0-9]{4})-Q([1-4])")
_FIRST, _LAST = 1970, 9000


class Period(NamedTuple):
    """So many months from `month` of `year` on: one, or the three of a quarter."""

    year: int
    month: int
    months: int = 1

    @classmethod
    def read(cls, text: str) -> "Period | None":
        """A period as it stands in an address, "2026-11" or "2026-Q3"; None for anything else."""
        if found := _MONTH.fullmatch(text):
            period = cls(int(found[1]), int(found[2]))
        elif found := _QUARTER.fullmatch(text):
            period = cls(int(found[1]), int(found[2]) * 3 - 2, 3)
        else:
            return None
        return period if _FIRST <= period.year <= _LAST else None

    @classmethod
    def of(cls, now: datetime, zone: str) -> "Period":
        """The month that it is there."""
        local = now.astimezone(load(zone))
        return cls(local.year, local.month)

    @property
    def before(self) -> "Period":
        """The period of the same length that ends where this one begins."""
        return self._replace(**_shifted(self.year, self.month, -self.months))

    @property
    def quarter(self) -> "Period":
        """The quarter in which it begins."""
        return Period(self.year, self.month - (self.month - 1) % 3, 3)

    @property
    def keys(self) -> list[int]:
        """Its months as roll-ups have them: 202611."""
        shifted = (_shifted(self.year, self.month, number) for number in range(self.months))
        return [one["year"] * 100 + one["month"] for one in shifted]

    @property
    def name(self) -> str:
        """As an address has it."""
        if self.months == 3:
            return f"{self.year}-Q{(self.month + 2) // 3}"
        return f"{self.year}-{self.month:02}"

    @property
    def words(self) -> str:
        """As a sentence has it: "November 2026", "July to September 2026"."""
        if self.months == 1:
            return f"{month_name[self.month]} {self.year}"
        return f"{month_name[self.month]} to {month_name[self.month + self.months - 1]} {self.year}"

    @property
    def short(self) -> str:
        """As a column's heading has it: "Nov 2026", "Jul-Sep 2026"."""
        if self.months == 1:
            return f"{month_abbr[self.month]} {self.year}"
        return f"{month_abbr[self.month]}–{month_abbr[self.month + self.months - 1]} {self.year}"

    def ends(self, zone: str) -> tuple[datetime, datetime]:
        """Its first instant there, and the first after it."""
        after = _shifted(self.year, self.month, self.months)
        there = load(zone)
        return (
            datetime(self.year, self.month, 1, tzinfo=there).astimezone(UTC),
            datetime(after["year"], after["month"], 1, tzinfo=there).astimezone(UTC),
        )


def _shifted(year: int, month: int, by: int) -> dict[str, int]:
    years, months = divmod(year * 12 + month - 1 + by, 12)
    return {"year": years, "month": months + 1}

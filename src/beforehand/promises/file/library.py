"""Which rows the holidays library gives, and which of those that are there already stay (clock.md 1.2).

A row once written stays: another release of the library must not change the past. Days to come follow the
release that is installed. Years that no version needed yet are added.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from beforehand.engine.weekly import Closure
from beforehand.promises.holidays import public_holidays

Key = tuple[str, str]
"""The client ("" for the provider) and the region."""


class Expanded(NamedTuple):
    """What the library's rows are to be, by client and region, and whether that is not what is stored."""

    closures: Mapping[Key, tuple[Closure, ...]]
    changed: bool

    def of(self, client: str) -> list[Closure]:
        """All those of a client, or of the provider's list for ""."""
        return [row for (owner, _), rows in self.closures.items() if owner == client for row in rows]


def expand(
    stored: Mapping[Key, Iterable[Closure]],
    wanted: Iterable[Key],
    years: range,
    today: date,
    correct: bool = False,
) -> Expanded:
    """The rows of the regions wanted. With `correct` the past follows the installed release as well."""
    asked: dict[tuple[str, int], list[Closure]] = {}
    result: dict[Key, tuple[Closure, ...]] = {}
    for key in wanted:
        kept = defaultdict(list)
        for row in stored.get(key, ()):
            kept[row.first.year].append(row)
        for year in years:
            old = kept[year]
            if old and year < today.year and not correct:
                continue
            if (key[1], year) not in asked:
                found = public_holidays(key[1], [year])
                asked[key[1], year] = [row for row in found if row.first.year == year]
            fresh = asked[key[1], year]
            if not old or correct:
                kept[year] = fresh
            else:
                past = [row for row in old if row.first <= today]
                kept[year] = [*past, *(row for row in fresh if row.first > today)]
        result[key] = tuple(sorted(row for rows in kept.values() for row in rows))
    before = {key: tuple(sorted(rows)) for key, rows in stored.items()}
    return Expanded(result, {k: v for k, v in before.items() if v} != {k: v for k, v in result.items() if v})

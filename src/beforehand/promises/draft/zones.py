"""The zones in which a calendar's hours may be, where its source does not say it. Pure."""

import importlib.resources
import re
from collections.abc import Collection, Iterable
from datetime import timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from beforehand.engine.instants import DAY, MINUTE, to_datetime
from beforehand.engine.zones import known_zones, load

_STEP = 7 * DAY
_YEAR = 366 * DAY
AHEAD = 2
"""Years: zones count as one where they also go alike for so long after the last due date."""
_COUNTRIES = ("Brazil", "Canada", "Chile", "Mexico", "US")
Group = tuple[str, ...]


def alike(first: int, last: int) -> tuple[Group, ...]:
    """All zones, those together whose clocks show the same between these instants and for some time after."""
    return _groups(first // _YEAR, last // _YEAR + 1 + AHEAD)


@lru_cache(maxsize=8)
def _groups(first: int, last: int) -> tuple[Group, ...]:
    found: dict[tuple[tuple[int, timedelta | None], ...], list[str]] = {}
    for name in sorted(known_zones()):
        found.setdefault(_changes(load(name), first * _YEAR, last * _YEAR), []).append(name)
    return tuple(map(tuple, found.values()))


def _changes(zone: ZoneInfo, first: int, last: int) -> tuple[tuple[int, timedelta | None], ...]:
    """The offset at first, and each that follows with its instant. No zone changes twice within a week."""
    found = [(first, _offset(zone, first))]
    for probe in range(first + _STEP, last + _STEP, _STEP):
        if (offset := _offset(zone, probe)) != found[-1][1]:
            low, high = probe - _STEP, probe
            while high - low > MINUTE:
                middle = (low + high) // 2
                low, high = (low, middle) if _offset(zone, middle) == offset else (middle, high)
            found.append((high // MINUTE, offset))
    return tuple(found)


def _offset(zone: ZoneInfo, instant: int) -> timedelta | None:
    return to_datetime(instant).astimezone(zone).utcoffset()


def hinted(hint: str) -> set[str]:
    """Zones that a source's own words for one may mean: "(GMT+01:00) Amsterdam, Berlin" names two, "Eastern Time" some
    of that name."""
    words = {word.strip().casefold().removesuffix(" time") for word in re.split(r"[,;()&]| and ", hint)}
    places = {name for name in known_zones() if "/" in name and not name.startswith("Etc/")}
    named = {name for name in places if name.rpartition("/")[2].replace("_", " ").casefold() in words}
    return named | ({hint.strip()} & known_zones())


def named(group: Iterable[str], meant: Collection[str], own: str) -> str:
    """Of zones that go alike the one to name: the provider's own, else a city that the source's words have, else the
    one by which the zone database itself names all of them."""
    group = list(group)
    if own in group:
        return own
    cities = [name for name in group if name in meant and name.partition("/")[0] not in _COUNTRIES]
    return min(cities or group, key=lambda name: (name not in _usual(), "/" not in name, name))


@lru_cache(maxsize=1)
def _usual() -> frozenset[str]:
    table = importlib.resources.files("tzdata.zoneinfo").joinpath("zonenow.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return frozenset(row[2].strip() for row in rows if len(row) > 2)

"""Local wall time to instants, by the rules of the pinned tzdata package (clock.md 1.3 and 1.7).

A zone is a list of stretches with one offset each. Of a wall time w the opening instant is the first at which
the local clock shows w or later, the closing instant the last before which it showed less than w. Both fall on
the change where DST skips w; where w comes twice the first is the first of them and the second the second.
"""

import importlib.metadata
import importlib.resources
from bisect import bisect_right
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from .instants import DAY, EPOCH, FIRST, LAST, SECOND, to_datetime

_ONE = timedelta(microseconds=1)


@lru_cache(maxsize=1)
def tzdata_version() -> str:
    """The version of the pinned time-zone rules, kept with every reading (1.7)."""
    return importlib.metadata.version("tzdata")


@lru_cache(maxsize=1)
def known_zones() -> frozenset[str]:
    """The zone names that tzdata knows."""
    listing = importlib.resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8")
    return frozenset(listing.split())


@lru_cache(maxsize=1024)
def load(name: str) -> ZoneInfo:
    """The zone, from the tzdata package and never from the machine (1.7). Raises KeyError if unknown."""
    if name not in known_zones():
        raise KeyError(name)
    *folders, leaf = name.split("/")
    package = ".".join(["tzdata.zoneinfo", *folders])
    with importlib.resources.files(package).joinpath(leaf).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


class Stretches:
    """The offsets of a zone between two instants: `starts[k]` to `starts[k + 1]` has `offsets[k]` (microseconds)."""

    __slots__ = ("ends", "offsets", "starts")

    def __init__(self, zone: ZoneInfo, first: int, last: int) -> None:
        self.starts = [first]
        self.offsets = [_offset(zone, first)]
        step = DAY
        for probe in range(first + step, last + step, step):
            offset = _offset(zone, probe)
            if offset != self.offsets[-1]:
                self.starts.append(_change(zone, probe - step, probe))
                self.offsets.append(offset)
        self.ends = [*self.starts[1:], last + step]

    def opening(self, wall: int) -> int:
        """First instant at which the local clock shows `wall` (local microseconds) or later."""
        k = max(bisect_right(self.starts, wall - 2 * DAY) - 1, 0)
        while k + 1 < len(self.ends) and self.ends[k] + self.offsets[k] <= wall:
            k += 1
        return max(self.starts[k], wall - self.offsets[k])

    def closing(self, wall: int) -> int:
        """Last instant before which the local clock showed less than `wall` (local microseconds)."""
        k = bisect_right(self.starts, wall + 2 * DAY) - 1
        while k > 0 and self.starts[k] + self.offsets[k] >= wall:
            k -= 1
        return min(self.ends[k], wall - self.offsets[k])

    def local(self, instant: int) -> int:
        """What the local clock shows at an instant, as microseconds since local 1970-01-01T00:00."""
        return instant + self.offsets[max(bisect_right(self.starts, instant) - 1, 0)]

    def steady(self, first: int, last: int) -> int | None:
        """The offset that holds for every wall time from first to last, or None if a change is near."""
        k = max(bisect_right(self.starts, first - DAY) - 1, 0)
        return self.offsets[k] if self.ends[k] > last + DAY else None


def _offset(zone: ZoneInfo, instant: int) -> int:
    local = to_datetime(instant).astimezone(zone).replace(tzinfo=None)
    return (local - EPOCH.replace(tzinfo=None)) // _ONE - instant


def _change(zone: ZoneInfo, low: int, high: int) -> int:
    """The whole second in (low, high] at which the offset of `low` ends."""
    before = _offset(zone, low)
    low_s, high_s = low // SECOND, high // SECOND
    while high_s - low_s > 1:
        middle = (low_s + high_s) // 2
        if _offset(zone, middle * SECOND) == before:
            low_s = middle
        else:
            high_s = middle
    return high_s * SECOND


@lru_cache(maxsize=256)
def stretches(name: str, first: int = FIRST, last: int = LAST) -> Stretches:
    """The stretches of a zone, built once per zone and range."""
    return Stretches(load(name), first, last)


def local_datetime(name: str, instant: int) -> datetime:
    """The instant as an aware datetime in the zone, for words and pages."""
    return to_datetime(instant).astimezone(load(name))

"""Which times of an SLA, in which of its source's hours, and where these are: out of the due dates that it told. Pure.

What fits as well in two ways is said as such, and is neither.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from threading import Lock
from typing import NamedTuple

from beforehand.engine.coverage import Coverage
from beforehand.engine.weekly import Closure
from beforehand.kernel.zones import known_zones
from beforehand.promises.draft.due_dates import CLEARLY, ENOUGH, Due, Fit, beats, fit
from beforehand.promises.draft.zones import Group, alike, hinted, named
from beforehand.promises.file.hours import Hours
from beforehand.promises.psa import Calendar

ALWAYS = ""
"""In place of a calendar's key: round the clock."""
EVERYWHERE = 4
"""So many calendars without a zone are tried in every one there is: it takes a quarter of a second each."""

KEPT = 8
_known: "dict[int, Inferred]" = {}
_lock = Lock()


class Cell(NamedTuple):
    """What one time is promised for."""

    sla: str
    priority: str
    metric: str


class Week(NamedTuple):
    """A calendar's hours without their zone."""

    calendar: Calendar
    hours: Hours
    closures: Sequence[Closure]


class Found(NamedTuple):
    """A time that was inferred: in the hours of a calendar (ALWAYS: none), of so many tickets, of which `differ`."""

    amount: int
    calendar: str
    of: int
    differ: int


class Zone(NamedTuple):
    """A zone that was inferred: from so many due dates, of which `differ`; `others` fit them as well."""

    name: str
    of: int
    differ: int
    others: int


class Open(NamedTuple):
    """What was not: how many tickets there are to tell it, and the times that fit alike, by the keys of their hours."""

    of: int
    alike: tuple[tuple[int, str], ...] = ()


class Inferred(NamedTuple):
    """All of it. Each cell that has a due date is in one of the two; `hours`: by SLA the calendar of its hours."""

    found: Mapping[Cell, Found]
    open: Mapping[Cell, Open]
    hours: Mapping[str, str]
    zones: Mapping[str, Zone]


Fits = Mapping[Coverage, Fit]


def infer(dues: Iterable[Due], weeks: Sequence[Week], own: str) -> Inferred:
    """What due dates tell. `own` is the provider's zone: of zones that fit alike it is the one, else that which the
    source's own words mean."""
    cells: dict[Cell, list[Due]] = {}
    for due in dues:
        steady = cells.setdefault(Cell(due.sla, due.priority, due.metric), [])
        if due.steady and due.start < due.due:
            steady.append(due)
    enough = {cell: some for cell, some in cells.items() if len(some) >= ENOUGH}
    if not enough:
        return Inferred({}, {cell: Open(len(some)) for cell, some in cells.items()}, {}, {})
    first = min(one.start for some in enough.values() for one in some)
    last = max(one.due for some in enough.values() for one in some)
    places = _Places(weeks, alike(first, last), own)
    fits = _fits(places.coverages, enough)
    places.choose(fits)
    left = {cell: places.by_key(some) for cell, some in fits.items()}
    known = {*places.keys.values()}
    hours = _hours_of(left, [week.calendar.key for week in weeks if week.calendar.key in known])
    found: dict[Cell, Found] = {}
    unknown: dict[Cell, Open] = {}
    for cell, some in cells.items():
        which = _settled(left.get(cell, {}), hours.get(cell.sla))
        if len(which) == 1 and known >= which.keys():
            ((key, one),) = which.items()
            found[cell] = Found(one.amount, key, one.of, one.of - one.right)
        else:
            unknown[cell] = Open(len(some), tuple((one.amount, key) for key, one in which.items()))
    return Inferred(found, unknown, hours, places.zones)


def remembered(dues: Sequence[Due], weeks: Sequence[Week], own: str) -> Inferred:
    """The same: worked out once while nothing changes, since a page is asked for again and again."""
    key = hash((tuple(dues), repr(weeks), own))
    with _lock:
        if key not in _known:
            while len(_known) >= KEPT:
                _known.pop(next(iter(_known)))
            _known[key] = infer(dues, weeks, own)
        return _known[key]


def _fits(coverages: Iterable[Coverage], cells: Mapping[Cell, Sequence[Due]]) -> dict[Cell, Fits]:
    """By cell the hours in which a time fits, without those that others beat."""
    found: dict[Cell, dict[Coverage, Fit]] = {cell: {} for cell in cells}
    for coverage in coverages:
        tried = copy(coverage)  # what is laid out of it goes with it: there may be a thousand
        for cell, some in cells.items():
            if one := fit(tried, some):
                found[cell][coverage] = one
    return {cell: _unbeaten(some) for cell, some in found.items()}


def _unbeaten(some: Fits) -> Fits:
    return {
        hours: one for hours, one in some.items() if not any(beats(other, one) for other in some.values())
    }


def _hours_of(left: Mapping[Cell, Mapping[str, Fit]], order: Sequence[str]) -> dict[str, str]:
    """By SLA the calendar in which most of its tickets are that run in one and no other."""
    tickets: dict[str, dict[str, int]] = {}
    for cell, some in left.items():
        if len(some) == 1 and some.keys() <= {*order}:
            ((key, one),) = some.items()
            counts = tickets.setdefault(cell.sla, {})
            counts[key] = counts.get(key, 0) + one.right
    return {sla: min(counts, key=lambda k: (-counts[k], order.index(k))) for sla, counts in tickets.items()}


def _settled(some: Mapping[str, Fit], usual: str | None) -> Mapping[str, Fit]:
    """Of hours that fit alike those of the SLA's other times, since it has one calendar; none where it is another."""
    if ALWAYS in some or usual is None:
        return some
    return {usual: some[usual]} if usual in some else {}


class _Places:
    """Every calendar in every zone in which it may be. `keys`: by hours that count the calendar whose they are."""

    def __init__(self, weeks: Sequence[Week], groups: Sequence[Group], own: str) -> None:
        self.own, self.groups, self.zones = own, groups, dict[str, Zone]()
        self._always = Coverage.always()
        self.keys = {self._always: ALWAYS}
        self._asked: list[tuple[Calendar, dict[Coverage, Group]]] = []
        for week in sorted(weeks, key=lambda week: not week.calendar.default):
            zone = week.calendar.zone
            if zone in known_zones():
                self.keys.setdefault(_laid(week, zone), week.calendar.key)
            else:
                self._asked.append((week.calendar, self._tried(week, groups)))

    def _tried(self, week: Week, groups: Sequence[Group]) -> dict[Coverage, Group]:
        """A calendar in every zone; from the fifth on in the provider's own and in those that its words may mean."""
        if len(self._asked) >= EVERYWHERE:
            meant = {self.own, *hinted(week.calendar.zone_hint or week.calendar.zone)}
            groups = [group for group in groups if meant & {*group}]
        return {_laid(week, group[0]): group for group in groups}

    @property
    def coverages(self) -> Iterator[Coverage]:
        """Each once."""
        return iter(dict.fromkeys([*self.keys, *(one for _, some in self._asked for one in some)]))

    def choose(self, fits: Mapping[Cell, Fits]) -> None:
        """Gives calendars their zones, as far as the due dates that do not run round the clock tell them.

        First those that are where they are likely to be. Another's due dates may fit one in a zone an hour away as
        well: elsewhere a calendar is put only by those that fit no other.
        """
        telling = [some for some in fits.values() if self._always not in some]
        for likely in (True, False):
            for calendar, places in self._asked:
                if calendar.key not in self.zones:
                    own = telling if likely else [some for some in telling if self._alone(places, some)]
                    self._choose(calendar, places, own, likely)

    def _alone(self, places: Mapping[Coverage, Group], some: Fits) -> bool:
        """Whether nothing fits in the hours of another calendar."""
        return all(hours in places and hours not in self.keys for hours in some)

    def _choose(
        self, calendar: Calendar, places: Mapping[Coverage, Group], telling: Sequence[Fits], likely: bool
    ) -> None:
        tickets = {
            hours: sum(some[hours].right for some in telling if hours in some)
            for hours in places
            if hours not in self.keys and any(hours in some for some in telling)
        }
        meant = hinted(calendar.zone_hint or calendar.zone)
        said = {hours: count for hours, count in tickets.items() if meant & {*places[hours]}}
        hours = self._one(said or tickets, places)
        if hours is None or (likely and not {self.own, *meant} & {*places[hours]}):
            return
        among = [some[hours] for some in telling if hours in some]
        of, count = sum(one.of for one in among), tickets[hours]
        others = sum(count - other < CLEARLY for other in tickets.values()) - 1
        self.keys[hours] = calendar.key
        self.zones[calendar.key] = Zone(named(places[hours], meant, self.own), of, of - count, others)

    def by_key(self, some: Fits) -> dict[str, Fit]:
        """Fits by their calendars; those of one without a zone too, since hours of it may be those that are meant."""
        found = {self.keys[hours]: one for hours, one in some.items() if hours in self.keys}
        for calendar, places in self._asked:
            if calendar.key not in self.zones:
                own = (one for hours, one in some.items() if hours in places and hours not in self.keys)
                if one := max(own, key=lambda one: one.right, default=None):
                    found[calendar.key] = one
        return found

    def _one(self, tickets: Mapping[Coverage, int], places: Mapping[Coverage, Group]) -> Coverage | None:
        best = max(tickets.values(), default=0)
        near = [hours for hours, count in tickets.items() if best - count < CLEARLY]
        if len(near) > 1:
            near = [hours for hours in near if self.own in places[hours]]
        return near[0] if len(near) == 1 else None


def _laid(week: Week, zone: str) -> Coverage:
    hours = {day: [(a, b) for a, b in spells] for day, spells in week.hours.items()}
    return Coverage(zone, hours, week.closures)

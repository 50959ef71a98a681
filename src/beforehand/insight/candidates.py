"""The settings by which a ticket system and the agreements may differ, each as terms that are made like the former's.

Those that the source tells of its own set-up come first; what no source tells (when a wait ends, what a change of
priority does) is tried too, and marked as found from its verdicts alone.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from beforehand.engine.codes import METRICS, RESOLUTION, RESPONSE
from beforehand.engine.instants import MINUTE, to_datetime
from beforehand.engine.terms import Target, Terms
from beforehand.engine.weekly import Closure
from beforehand.promises.psa import Calendar, SetUpPlain, Sla, Status
from beforehand.promises.psa import Target as TheirTarget

from . import varied
from .eras import Era
from .subjects import Names, Subject
from .verdicts import WHOLE

HOLDS, RUNS, ENDS, GOES_ON, HOURS, HOLIDAYS, TARGET, RESPONSE_BY, WAIT, RETARGET, RESTART, CLOSED_TIME = (
    "holds", "runs", "ends", "goes on", "hours", "holidays", "target", "response by", "wait", "retarget", "restart",
    "closed time",
)  # fmt: skip
RESPONDS = ("human contact", "any reply", "meaningful", "status")
_TOUCHES = {
    RESPONSE_BY: frozenset((RESPONSE, WHOLE)),
    RESTART: frozenset((RESOLUTION, WHOLE)),
    CLOSED_TIME: frozenset((RESOLUTION, WHOLE)),
}
_OURS_FIRST = ("response", "plan", "resolution")


class Setting(NamedTuple):
    """A setting by which they differ. `told`: the source tells it, else its verdicts do. `name`: of what it is one (a
    status, an SLA, a calendar), `boards` and `priority` where it is of some; `theirs` and `ours` as plain values."""

    kind: str
    told: bool
    name: str = ""
    boards: tuple[str, ...] = ()
    priority: str = ""
    metric: str = ""
    theirs: object = None
    ours: object = None


@dataclass(frozen=True, eq=False)
class Candidate:
    """A setting, the tickets that it can touch, and terms made as it is there: the same ones where they are so.

    `made_of`: all that the change is made of, beside the setting. `eras`: in which of its source's eras it is so, for
    tickets of these alone; None where the source does not tell it.
    """

    setting: Setting
    touches: Callable[[Subject], bool]
    change: Callable[[Terms], Terms]
    made_of: object = None
    eras: frozenset[int] | None = None

    def fits(self, one: Subject) -> bool:
        """Whether a ticket is of its time, and can be touched."""
        return (self.eras is None or one.era.number in self.eras) and self.touches(one)

    @property
    def metrics(self) -> frozenset[int]:
        """All that it can change the verdict of; none where that is everything."""
        if self.setting.metric:
            return frozenset((METRICS.index(self.setting.metric), WHOLE))
        return _TOUCHES.get(self.setting.kind, frozenset())


def candidates(now: Era, names: Names, some: Sequence[Subject]) -> list[Candidate]:
    """All settings that may be why these tickets differ: of the eras of these, and of the one that holds now."""
    found: dict[tuple[str, str, str, str], list[Candidate]] = {}
    eras = {era.number: era for era in (now, *(one.era for one in some))}
    for number in sorted(eras, reverse=True):
        for one in _told(eras[number].set_up, names, some):
            setting = one.setting
            same = found.setdefault((setting.kind, setting.name, setting.priority, setting.metric), [])
            had = next((other for other in same if _is_same(one, other)), None)
            if had is not None:
                same.remove(had)
            before = frozenset[int]() if had is None or had.eras is None else had.eras
            same.append(replace(one, eras=before | {number}))
    told = [one for same in found.values() for one in same]
    every = [*told, *_untold(any(one.setting.kind == RESPONSE_BY for one in told), some)]
    return [one for one in every if any(one.fits(subject) for subject in some)]


def _is_same(one: Candidate, other: Candidate) -> bool:
    return one.setting == other.setting and one.made_of == other.made_of


def _told(set_up: SetUpPlain, names: Names, some: Sequence[Subject]) -> Iterator[Candidate]:
    yield from _statuses(set_up.statuses, names)
    yield from _hours(set_up.calendars)
    yield from _holidays(set_up, some)
    yield from _targets(set_up.slas, names)
    yield from _responses(set_up.statuses, names)


def _statuses(statuses: Iterable[Status], names: Names) -> Iterator[Candidate]:
    """Of boards that have a status of the same name and meaning it is one setting."""
    boards: dict[tuple[str, str, bool], list[str]] = {}
    for one in statuses:
        name = names.get(("status", one.name), one.name)
        if one.holds is not None:
            boards.setdefault((HOLDS if one.holds else RUNS, name, one.holds), []).append(one.board)
        if one.resolves is not None:
            boards.setdefault((ENDS if one.resolves else GOES_ON, name, one.resolves), []).append(one.board)
    for (kind, name, value), on in boards.items():
        make = varied.holding if kind in (HOLDS, RUNS) else varied.ending
        change = _bound(make, sorted(set(on)), name, value)
        named = () if "" in on else tuple(sorted(set(on)))
        yield Candidate(Setting(kind, True, name, named), _had(name), change, set(on))


def _had(status: str) -> Callable[[Subject], bool]:
    return lambda one: status in one.statuses


def _bound(
    make: Callable[[Terms, str, str, bool], Terms], boards: Iterable[str], name: str, value: bool
) -> Callable[[Terms], Terms]:
    def change(terms: Terms) -> Terms:
        for board in boards:
            terms = make(terms, board, name, value)
        return terms

    return change


def _hours(calendars: Iterable[Calendar]) -> Iterator[Candidate]:
    yield _of_hours(None)
    # Without hours that could be read it says nothing: taken as never open, all would be kept by it.
    yield from (_of_hours(one) for one in calendars if any(one.hours.values()))


def _of_hours(calendar: Calendar | None) -> Candidate:
    setting = Setting(HOURS, True, calendar.name if calendar else "", theirs=calendar)
    return Candidate(setting, _in(calendar), lambda terms: varied.with_hours(terms, calendar))


def _in(calendar: Calendar | None) -> Callable[[Subject], bool]:
    key = calendar and calendar.key
    return lambda one: (
        one.served.round_the_clock
        if key is None
        else one.served.calendar is not None and one.served.calendar.key == key
    )


def _holidays(set_up: SetUpPlain, some: Sequence[Subject]) -> Iterator[Candidate]:
    lists = {one.key: one for one in set_up.holidays}
    years = _years(some)
    for calendar in set_up.calendars:
        if not lists.keys() >= set(calendar.holidays):
            continue  # A list that is not told is not an empty one.
        days = [day for key in calendar.holidays for day in lists[key].days]
        closures = varied.dates(days, years)
        ours = {day for one in some if _in(calendar)(one) for day in _closures(one.held.terms)}
        theirs = {closure.first for closure in closures}
        shut = {day for closure in ours for day in _days(closure)}
        setting = Setting(
            HOLIDAYS,
            True,
            calendar.name,
            theirs=sorted(day for day in theirs - shut if day.year in years),
            ours=sorted(day for day in shut - theirs if day.year in years),
        )
        if setting.theirs or setting.ours:
            yield Candidate(setting, _in(calendar), _shutting(closures), closures)


def _shutting(closures: Sequence[Closure]) -> Callable[[Terms], Terms]:
    return lambda terms: varied.with_closures(terms, closures)


def _years(some: Iterable[Subject]) -> range:
    instants = [end.at for one in some for end in (one.history.events[0], one.history.events[-1])]
    if not instants:
        return range(0)
    return range(to_datetime(min(instants)).year, to_datetime(max(instants)).year + 1)


def _closures(terms: Terms) -> set[Closure]:
    return {day for line in terms.lines if line.coverage for day in line.coverage.closures}


def _days(closure: Closure) -> Iterator[date]:
    for number in range(closure.first.toordinal(), closure.last.toordinal() + 1):
        yield date.fromordinal(number)


def _targets(slas: Iterable[Sla], names: Names) -> Iterator[Candidate]:
    for sla in slas:
        for metric in _OURS_FIRST:
            targets = [one for one in sla.targets or () if one.metric == metric]
            own = {names.get(("priority", one.priority), one.priority) for one in targets if one.priority}
            for target in targets:
                yield _of_target(sla, target, names.get(("priority", target.priority), target.priority), own)


def _of_target(sla: Sla, target: TheirTarget, priority: str, own: set[str]) -> Candidate:
    made = Target(target.metric, round(target.minutes * MINUTE), round_the_clock=target.round_the_clock)

    def fits(one: Subject) -> bool:
        if one.served.sla is None or one.served.sla.key != sla.key or not _is_of(one, target.metric):
            return False
        return priority in one.priorities if priority else not one.priorities or bool(one.priorities - own)

    setting = Setting(TARGET, True, sla.name, (), priority, target.metric, target)
    return Candidate(setting, fits, lambda terms: varied.with_target(terms, made, priority, own), own)


def _is_of(one: Subject, metric: str) -> bool:
    return WHOLE in one.theirs or METRICS.index(metric) in one.theirs


def _responses(statuses: Iterable[Status], names: Names) -> Iterator[Candidate]:
    """What ends a response, by the source's flags of statuses, where it tells them."""
    says = {
        (one.board, names.get(("status", one.name), one.name)): one.responds
        for one in statuses
        if one.responds is not None
    }
    flagged = tuple(sorted({name for (_, name), responds in says.items() if responds}))
    if flagged:
        yield Candidate(
            Setting(RESPONSE_BY, True, theirs="status", ours=flagged),
            _responded,
            lambda terms: varied.responding(terms, says),
            says,
        )


def _responded(one: Subject) -> bool:
    return RESPONSE in one.theirs or WHOLE in one.theirs


def _untold(by_status: bool, some: Sequence[Subject]) -> Iterator[Candidate]:
    """What no source tells of itself; `by_status`: this one tells that a status ends its responses."""
    for way in RESPONDS:
        if way != "status" or not by_status:
            yield _other_setting(RESPONSE_BY, some, _responded, response_by=way)
    for wait in ("by-status", "client message"):
        yield _other_setting(WAIT, some, lambda one: one.answered, wait_ends=wait)
    for retarget in ("from-creation", "from-change", "keep-first"):
        yield _other_setting(RETARGET, some, lambda one: one.changed, retarget=retarget)
    for after in (None, 0):
        yield _other_setting(RESTART, some, _reopened, restart_after=after)
    for counts in (True, False):
        yield _other_setting(CLOSED_TIME, some, _reopened, closed_time_counts=counts)


def _reopened(one: Subject) -> bool:
    return one.base.reopened


def _other_setting(
    kind: str, some: Sequence[Subject], fits: Callable[[Subject], bool], **setting: object
) -> Candidate:
    ((name, value),) = setting.items()

    def change(terms: Terms) -> Terms:
        if getattr(terms.settings, name) == value:
            return terms
        return varied.with_settings(terms, **setting)

    ours = {getattr(one.held.terms.settings, name) for one in some}
    return Candidate(Setting(kind, False, theirs=value, ours=tuple(sorted(ours, key=str))), fits, change)

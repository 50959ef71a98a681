"""A case of a file: what is asked and what its source expects. Instants and durations in microseconds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from beforehand.engine.coverage import Coverage

from .calendars import calendar
from .given import Place, count, duration, has_keys, instant, items, text, truth

GOALS = ("response_s", "resolution_s", "update_s")
KINDS = (
    "status",
    "agent_reply",
    "client_reply",
    "internal_note",
    "resolved",
    "closed",
    "reopened",
    "priority",
    "sla_change",
    "calendar_change",
)
DUES = ("response_due", "resolution_due", "update_due", "keep_in_loop_due")
AMOUNTS = ("response_elapsed_s", "resolution_elapsed_s", "update_elapsed_s", "paused_s")
METS = ("response_met", "resolution_met", "update_met")
COUNTS = ("escalation_events",)

Value = int | bool | None
"""An instant or a duration in microseconds, a yes or no, a count, or none."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """When `amount` of business time from `start` has passed."""

    coverage: Coverage
    start: int
    amount: int


@dataclass(frozen=True, slots=True)
class Elapsed:
    """The business time from `start` to `end`."""

    coverage: Coverage
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Goals:
    """What a ticket is held to: a duration or none per metric, and the statuses that pause."""

    response: int | None
    resolution: int | None
    update: int | None
    pauses: frozenset[str]


@dataclass(frozen=True, slots=True)
class Happening:
    """An event of a case; `goals` and `coverage` where it changes them."""

    at: int
    kind: str
    value: str = ""
    goals: Goals | None = None
    coverage: Coverage | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """A ticket, and what its clocks show at `as_of` (None: after the last event)."""

    coverage: Coverage
    goals: Goals
    created: int
    initial: str
    events: tuple[Happening, ...]
    as_of: int | None


@dataclass(frozen=True, slots=True)
class Case:
    """A question with the answers its source gives, by name. `wrapped` asks the same of unsplit windows."""

    id: str
    op: str
    portable: bool
    semantics: str
    asked: Deadline | Elapsed | Clock
    wrapped: Deadline | Elapsed | Clock | None
    expect: Mapping[str, Value]


def case(value: object, place: Place) -> Case | None:
    """The case, or None and every fault in it."""
    if not isinstance(value, dict):
        place.refuse(
            value, "an object with id, op, portable, calendar and what the op asks", '{"id": "a-1", ...}'
        )
        return None
    before = len(place.faults)
    for key in [key for key in ("id", "op", "portable", "calendar") if key not in value]:
        place.at(key).missing()
    op = value.get("op")
    if "op" in value and (not isinstance(op, str) or op not in _OPS):
        place.at("op").refuse(op, "an op", ", ".join(_OPS))
    portable = truth(value["portable"], place.at("portable")) if "portable" in value else None
    semantics = ""
    if portable is False:
        if "semantics" in value:
            semantics = text(value["semantics"], place.at("semantics"), '"boundary_end"') or ""
        else:
            place.at("semantics").missing()
    coverage = calendar(value["calendar"], place.at("calendar")) if "calendar" in value else None
    wrapped = (
        calendar(value["calendar_wrapped"], place.at("calendar_wrapped"))
        if "calendar_wrapped" in value
        else None
    )
    asked = _OPS[op](value, place) if isinstance(op, str) and op in _OPS else None
    if len(place.faults) > before or asked is None or coverage is None or portable is None:
        return None
    ask, expect = asked
    again = ask(wrapped) if wrapped else None
    return Case(str(value["id"]), str(op), portable, semantics, ask(coverage), again, expect)


Asked = tuple[Callable[[Coverage], Any], Mapping[str, Value]]


def _deadline(value: dict[str, Any], place: Place) -> Asked | None:
    if not _has(value, ("start", "seconds", "expect"), place):
        return None
    start = instant(value["start"], place.at("start"))
    amount = duration(value["seconds"], place.at("seconds"))
    expect = None if value["expect"] is None else instant(value["expect"], place.at("expect"))
    if start is None or amount is None:
        return None
    return (lambda coverage: Deadline(coverage, start, amount)), {"deadline": expect}


def _elapsed(value: dict[str, Any], place: Place) -> Asked | None:
    if not _has(value, ("start", "end", "expect_seconds"), place):
        return None
    start, end = (instant(value[key], place.at(key)) for key in ("start", "end"))
    expect = duration(value["expect_seconds"], place.at("expect_seconds"), negative=True)
    if start is None or end is None:
        return None
    return (lambda coverage: Elapsed(coverage, start, end)), {"elapsed": expect}


def _clock(value: dict[str, Any], place: Place) -> Asked | None:
    if not _has(value, ("terms", "created", "events", "expect"), place):
        return None
    goals = _goals(value["terms"], place.at("terms"), None)
    created = instant(value["created"], place.at("created"))
    initial = value.get("initial_status")
    if initial is not None:
        initial = text(initial, place.at("initial_status"), '"open"')
    events, current = [], goals
    for n, given in enumerate(items(value["events"], place.at("events"))):
        event = _event(given, place.at("events").at(n), current)
        if event is not None:
            events.append(event)
            current = event.goals or current
    as_of = value.get("as_of")
    as_of = None if as_of is None else instant(as_of, place.at("as_of"))
    expect = _expect(value["expect"], place.at("expect"))
    if goals is None or created is None:
        return None
    return (lambda coverage: Clock(coverage, goals, created, initial or "", tuple(events), as_of)), expect


_OPS: Mapping[str, Callable[[dict[str, Any], Place], Asked | None]] = {
    "deadline": _deadline,
    "elapsed": _elapsed,
    "clock": _clock,
}


def _has(value: dict[str, Any], keys: tuple[str, ...], place: Place) -> bool:
    """Whether the keys that the op needs are there; others (note, tags, basis) say things to people."""
    missing = [key for key in keys if key not in value]
    for key in missing:
        place.at(key).missing()
    return not missing


def _goals(value: object, place: Place, before: Goals | None) -> Goals | None:
    """Goals in full, or those of before with the changed ones put in."""
    keys = (*GOALS, "pause_statuses")
    if not has_keys(value, () if before else keys, keys, place):
        return None
    assert isinstance(value, dict)
    found = [getattr(before, goal[:-2], None) for goal in GOALS]
    for n, goal in enumerate(GOALS):
        if goal in value:
            found[n] = None if value[goal] is None else _goal(value[goal], place.at(goal))
    pauses = before.pauses if before else frozenset()
    if "pause_statuses" in value:
        at = place.at("pause_statuses")
        given = enumerate(items(value["pause_statuses"], at))
        pauses = frozenset(status for n, name in given if (status := text(name, at.at(n), '"on hold"')))
    return Goals(found[0], found[1], found[2], pauses)


def _goal(value: object, place: Place) -> int | None:
    amount = duration(value, place)
    if amount == 0:
        place.refuse(value, "more than 0 seconds, or null for no goal", "3600")
    return amount


def _event(value: object, place: Place, goals: Goals | None) -> Happening | None:
    if not has_keys(value, ("at", "kind"), ("value", "terms", "calendar"), place):
        return None
    assert isinstance(value, dict)
    kind, at = value["kind"], instant(value["at"], place.at("at"))
    if not isinstance(kind, str) or kind not in KINDS:
        place.at("kind").refuse(kind, "a kind of event", ", ".join(KINDS))
        return None
    needed = {"status": "value", "sla_change": "terms", "calendar_change": "calendar"}.get(kind)
    if needed and needed not in value:
        place.at(needed).missing()
        return None
    name = text(value["value"], place.at("value"), '"on hold"') if "value" in value else ""
    changed = _goals(value["terms"], place.at("terms"), goals) if "terms" in value and goals else None
    coverage = calendar(value["calendar"], place.at("calendar")) if "calendar" in value else None
    return None if at is None else Happening(at, kind, name or "", changed, coverage)


def _expect(value: object, place: Place) -> dict[str, Value]:
    if not has_keys(value, (), (*DUES, *AMOUNTS, *METS, *COUNTS), place):
        return {}
    assert isinstance(value, dict)
    if not value:
        place.refuse(value, "at least one figure", '{"resolution_due": "2026-11-25T09:00:00Z"}')
    found: dict[str, Value] = {}
    for key, given in value.items():
        at = place.at(key)
        if key in DUES:
            found[key] = None if given is None else instant(given, at)
        elif key in AMOUNTS:
            found[key] = None if given is None else duration(given, at, negative=True)
        elif key in METS:
            found[key] = None if given is None else truth(given, at)
        elif key in COUNTS:
            found[key] = count(given, at)
    return found

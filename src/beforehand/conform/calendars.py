"""A calendar of the case format as a coverage: breaks and holidays are closures, shifts are openings."""

from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

from beforehand.engine.coverage import Coverage
from beforehand.engine.errors import Invalid
from beforehand.engine.weekly import DAYS, Closure, Opening, span_of

from .given import Place, has_keys, items, local_date

Span = tuple[int, int]
T = TypeVar("T")


def calendar(value: object, place: Place) -> Coverage | None:
    """The coverage, or None and its faults: every one of them, not the first."""
    if not has_keys(value, ("timezone", "hours", "holidays"), ("breaks", "shifts"), place):
        return None
    assert isinstance(value, dict)
    before = len(place.faults)
    hours = _hours(value["hours"], place.at("hours"))
    holidays = _all(value, "holidays", local_date, place)
    breaks = _all(value, "breaks", _break, place)
    shifts = _all(value, "shifts", _shift, place)
    zone = value["timezone"]
    try:
        coverage = Coverage(
            zone if isinstance(zone, str) else str(zone), hours, *_dated(holidays, breaks, shifts)
        )
    except Invalid as invalid:
        for fault in invalid.faults:
            place.at("timezone" if fault.place == "zone" else fault.place).refuse(
                zone, fault.expected, fault.example
            )
        return None
    return _one(coverage) if len(place.faults) == before else None


@lru_cache(maxsize=4096)
def _one(coverage: Coverage) -> Coverage:
    """The same object for equal coverages, so that its windows are laid out once for all cases."""
    return coverage


def _all(value: dict[str, Any], key: str, one: Callable[[object, Place], T | None], place: Place) -> list[T]:
    at = place.at(key)
    found = (one(given, at.at(n)) for n, given in enumerate(items(value.get(key, []), at)))
    return [item for item in found if item is not None]


def _spans(value: object, place: Place) -> list[Span]:
    """Windows of a day, in seconds after its midnight."""
    found = []
    for n, given in enumerate(items(value, place)):
        if not isinstance(given, list) or len(given) != 2:
            place.at(n).refuse(given, "an opening and a closing time", '["09:00", "17:30"]')
            continue
        span, faults = span_of(given[0], given[1], "")
        for fault in faults:
            place.at(n).refuse(given, fault.expected, fault.example)
        if span is not None:
            found.append(span)
    return found


def _hours(value: object, place: Place) -> dict[str, list[tuple[str, str]]]:
    if not has_keys(value, DAYS, (), place):
        return {}
    assert isinstance(value, dict)
    sound = {day: _spans(value[day], place.at(day)) for day in DAYS}
    return {day: [(a, b) for a, b in value[day]] for day in DAYS if len(sound[day]) == len(value[day])}


def _break(value: object, place: Place) -> Closure | None:
    if not has_keys(value, ("date", "from", "to"), (), place):
        return None
    assert isinstance(value, dict)
    day = local_date(value["date"], place.at("date"))
    spans = _spans([[value["from"], value["to"]]], place)
    if day is None or not spans:
        return None
    if spans[0][1] > 86_400:
        place.refuse([value["from"], value["to"]], "a break that ends on its date", '"12:00" to "13:00"')
        return None
    return Closure(day, day, "break", *spans[0])


def _shift(value: object, place: Place) -> tuple[date, list[Span]] | None:
    if not has_keys(value, ("date", "hours"), (), place):
        return None
    assert isinstance(value, dict)
    day, spans = local_date(value["date"], place.at("date")), _spans(value["hours"], place.at("hours"))
    return None if day is None else (day, spans)


def _dated(
    holidays: Iterable[date], breaks: list[Closure], shifts: list[tuple[date, list[Span]]]
) -> tuple[list[Closure], list[Opening]]:
    """A shift closes the date's weekly hours and opens its own, less the breaks; a holiday beats both."""
    closures = [*(Closure(day, day, "holiday") for day in set(holidays)), *breaks]
    openings = []
    for day, spans in shifts:
        if day in holidays:
            continue
        closures.append(Closure(day, day, "shift"))
        for pause in (b for b in breaks if b.first == day):
            spans = [
                part
                for opens, closes in spans
                for part in ((opens, min(closes, pause.begins)), (max(opens, pause.ends), closes))
                if part[0] < part[1]
            ]
        openings += [Opening(day, opens, closes, "shift") for opens, closes in spans]
    return closures, openings

"""The values that a file of cases is made of: a reader gives the value, or notes a fault and gives None."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from beforehand.engine.errors import Fault
from beforehand.engine.instants import FIRST, LAST, SECOND, to_instant

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_LONGEST = 2**55  # microseconds, over a thousand years: more than the engine takes for a target


class Place(NamedTuple):
    """Where a value stands ("biz.json, case biz-017"; "calendar.hours"), and the list its faults go to."""

    case: str
    field: str
    faults: list[Fault]

    def at(self, part: str | int) -> "Place":
        """The place of a part of the value at this one."""
        step = f"[{part}]" if isinstance(part, int) else f".{part}" if self.field else part
        return self._replace(field=self.field + step)

    def refuse(self, found: object, expected: str, example: str = "") -> None:
        """Notes a fault here."""
        where = ", ".join(part for part in (self.case, self.field) if part)
        self.faults.append(Fault(where, shown(found), expected, example))

    def missing(self) -> None:
        """Notes that nothing stands here."""
        where = ", ".join(part for part in (self.case, self.field) if part)
        self.faults.append(Fault(where, "nothing", "this key", f'"{self.field.rpartition(".")[2]}": ...'))


def shown(value: object) -> str:
    """A value as a fault names it, cut where it is long."""
    text = str(value) if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def has_keys(value: object, needed: Iterable[str], known: Iterable[str], place: Place) -> bool:
    """Whether the value is an object with the needed keys and none that could be a slip for another."""
    if not isinstance(value, dict):
        place.refuse(value, "an object", '{"at": "2026-11-25T09:00:00Z", "kind": "agent_reply"}')
        return False
    known = {*needed, *known, "note"}
    for key in value:
        if key not in known:
            place.at(key).refuse(key, "a known key", ", ".join(sorted(known)))
    missing = [key for key in needed if key not in value]
    for key in missing:
        place.at(key).missing()
    return not missing


def items(value: object, place: Place) -> list[Any]:
    """The items of a list."""
    if isinstance(value, list):
        return value
    place.refuse(value, "a list", "[]")
    return []


def text(value: object, place: Place, example: str) -> str | None:
    """A text that says something."""
    if isinstance(value, str) and value.strip():
        return value
    place.refuse(value, "a text", example)
    return None


def truth(value: object, place: Place) -> bool | None:
    """true or false."""
    if isinstance(value, bool):
        return value
    place.refuse(value, "true or false", "true")
    return None


def instant(value: object, place: Place) -> int | None:
    """An instant, in microseconds."""
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        try:
            found = to_instant(datetime.fromisoformat(value).astimezone(UTC))
        except (ValueError, OverflowError):
            found = LAST
        if FIRST <= found < LAST:
            return found
    place.refuse(value, "an instant that exists, with its zone, from 1900 to 2199", '"2026-11-25T09:00:00Z"')
    return None


def local_date(value: object, place: Place) -> date | None:
    """A date of the calendar's zone."""
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    place.refuse(value, "a date that exists", '"2026-12-25"')
    return None


def duration(value: object, place: Place, *, negative: bool = False) -> int | None:
    """A number of seconds, in microseconds; negative ones where a span may be reversed."""
    number = value if isinstance(value, Decimal) else Decimal(value) if type(value) is int else None
    if number is not None:
        amount = round(number * SECOND) if abs(number) < _LONGEST // SECOND else _LONGEST
        if abs(amount) < _LONGEST and (negative or amount >= 0):
            return amount
    place.refuse(value, "a number of seconds" + ("" if negative else ", not negative"), "5400")
    return None


def count(value: object, place: Place) -> int | None:
    """How many."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    place.refuse(value, "a whole number, not negative", "0")
    return None

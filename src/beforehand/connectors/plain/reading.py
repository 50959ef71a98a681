"""JSON into events, with every fault at its place."""

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from beforehand.engine.codes import PUBLIC
from beforehand.engine.history import Event
from beforehand.engine.instants import FIRST, LAST, to_instant
from beforehand.kernel.faults import Fault
from beforehand.promises.addressee import ADDRESS, address_in
from beforehand.tickets.events import TicketEvent, Written, faults_of, text_faults

from .fields import FIELDS, JUDGED, KINDS, MESSAGES, NEEDED, NEVER_EMPTY, WHO, Field

_BY_NAME = {field.name: field for field in FIELDS}
_OF_CONTACTS = ("contact_id", "contact_email")
_REQUIRED = [field.name for field in FIELDS if field.required]


class Asked(TicketEvent):
    """That a ticket's contact is somebody of whom more is told than the name (connectors/requesters.py)."""

    email: str
    key: str

    def __new__(cls, ticket: str, event: Event, email: str, key: str) -> "Asked":
        """A TicketEvent in every other respect."""
        made = super().__new__(cls, ticket, event)
        made.email, made.key = email, key
        return made


class _Bad(Exception):
    """(found, expected) of a value that cannot be read."""


def read_events(told: Sequence[object], place: str = "events") -> tuple[list[TicketEvent], list[Fault]]:
    """The events of a list, and everything that is wrong with any; of no use where there are faults."""
    events: list[TicketEvent] = []
    faults: list[Fault] = []
    for number, one in enumerate(told):
        found = read_event(one, f"{place}[{number}]")
        if isinstance(found, TicketEvent):
            events.append(found)
        else:
            faults += found
    return events, faults


def read_event(told: object, place: str) -> TicketEvent | list[Fault]:
    """One event, or all that is wrong with it."""
    if not isinstance(told, dict):
        return [Fault(place, _said(told), "an object with ticket, id, at and kind", _EXAMPLE)]
    faults = list(_unknown(told, place))
    values: dict[str, Any] = {}
    for name, raw in told.items():
        field = _BY_NAME.get(name)
        if field is None or raw is None:
            continue
        try:
            values[name] = _READERS[field.kind](raw, field)
        except _Bad as bad:
            found, expected = bad.args
            faults.append(Fault(f"{place}.{name}", found, expected, _shown(field)))
    faults += _missing(told, values, place)
    faults += _out_of_place(told, values, place)
    if faults:
        return faults
    ticket, event = values["ticket"], _event(values)
    faults = [
        Fault(f"{place}.{fault.place}", fault.found, fault.expected, fault.example)
        for fault in faults_of(ticket, event)
    ]
    text = values.get("text")
    if text is None:
        email, key = values.get("contact_email", ""), values.get("contact_id", "")
        return faults or (Asked(ticket, event, email, key) if email or key else TicketEvent(ticket, event))
    faults += [Fault(f"{place}.text", fault.found, fault.expected) for fault in text_faults(text)]
    return faults or Written(ticket, event, text)


def _event(values: Mapping[str, Any]) -> Event:
    get, kind = values.get, values["kind"]
    says = kind in MESSAGES
    by = get("by", WHO["client"] if kind == KINDS["client-message"] else WHO["person"])
    flags = by | (PUBLIC if get("public", says) else 0) | get("judged", 0)
    return Event(
        values["at"], kind, values["id"], get("seq", 0), get("value", ""), get("field", ""), flags,
        get("person", ""), get("until"), get("since"), get("supersedes", ""), get("retracts", ""),
    )  # fmt: skip


def _unknown(told: Mapping[str, object], place: str) -> Iterator[Fault]:
    for name in told:
        if name not in _BY_NAME:
            like = difflib.get_close_matches(name, _BY_NAME, n=1)
            expected = f"one of {', '.join(_BY_NAME)}"
            yield Fault(f"{place}.{name[:60]}", "a part that no event has", expected, like[0] if like else "")


def _missing(told: Mapping[str, object], values: Mapping[str, Any], place: str) -> Iterator[Fault]:
    kind = values.get("kind", -1)
    for name in (*_REQUIRED, *NEEDED.get(kind, ())):
        if told.get(name) is None:
            yield Fault(f"{place}.{name}", "nothing", _BY_NAME[name].help, _shown(_BY_NAME[name]))
    if told.get("text") is not None and kind >= 0 and kind not in MESSAGES:
        yield Fault(f"{place}.text", "a text", "none but of a message", _shown(_BY_NAME["kind"]))
    never_empty = NEVER_EMPTY.get(kind)
    if never_empty and values.get(never_empty) == "":
        field = _BY_NAME[never_empty]
        yield Fault(f"{place}.{never_empty}", "an empty text", field.help, _shown(field))


def _out_of_place(told: Mapping[str, object], values: Mapping[str, Any], place: str) -> Iterator[Fault]:
    """Who it is can be said of a contact alone."""
    changed = KINDS["changed"]
    if values.get("kind", changed) == changed and values.get("field", "contact") == "contact":
        return
    for name in _OF_CONTACTS:
        if told.get(name) is not None:
            expected = "none but of a change of the contact"
            yield Fault(f"{place}.{name}", _said(told[name]), expected, '"field": "contact"')


def _text(raw: object, _: Field) -> str:
    if not isinstance(raw, str):
        raise _Bad(_said(raw), "a text")
    return raw


def _key(raw: object, field: Field) -> str:
    text = _text(raw, field).strip()
    if len(text) > field.longest:
        raise _Bad(f"{_said(text)}, {len(text)} characters", f"a text of at most {field.longest} characters")
    for fault in text_faults(text):
        raise _Bad(fault.found, fault.expected)
    return text


def _mail(raw: object, field: Field) -> str:
    text = _text(raw, field).strip()
    found = address_in(text)
    if text and not found:
        raise _Bad(_said(raw), ADDRESS)
    return found


def _whole(raw: object, _: Field) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise _Bad(_said(raw), "a whole number")
    return raw


def _flag(raw: object, _: Field) -> bool:
    if not isinstance(raw, bool):
        raise _Bad(_said(raw), "true or false")
    return raw


def _choice(raw: object, field: Field) -> int:
    if not isinstance(raw, str) or raw not in field.choices:
        raise _Bad(_said(raw), f"one of {', '.join(field.choices)}")
    return _CODES[field.name][raw]


def _choices(raw: object, field: Field) -> int:
    if not isinstance(raw, list):
        raise _Bad(_said(raw), f"a list of some of {', '.join(field.choices)}")
    found = 0
    for one in raw:
        found |= _choice(one, field)
    return found


def _instant(raw: object, _: Field) -> int:
    if not isinstance(raw, str):
        raise _Bad(_said(raw), "an instant as a text, in ISO 8601 with a zone")
    try:
        moment = datetime.fromisoformat(raw)
        if moment.tzinfo is None:
            raise _Bad(_said(raw), "an instant with its zone, such as Z or +01:00 at its end")
        instant = to_instant(moment)
    except (ValueError, OverflowError):
        raise _Bad(_said(raw), "an instant in ISO 8601 with a zone") from None
    if not FIRST <= instant < LAST:
        raise _Bad(_said(raw), "an instant of the years 1900 to 2199")
    return instant


def _said(raw: object) -> str:
    """A value as JSON says it, short."""
    if isinstance(raw, str):
        return repr(raw[:60])
    if raw is None or isinstance(raw, bool):
        return {None: "null", True: "true", False: "false"}[raw]
    if isinstance(raw, int | float):
        return str(raw) if abs(raw) < 1e18 else "a huge number"
    return "a list" if isinstance(raw, list) else "an object"


def _shown(field: Field) -> str:
    return f'"{field.name}": {_EXAMPLES[field.name]}'


_EXAMPLES = {field.name: json.dumps(field.example) for field in FIELDS}
_EXAMPLE = json.dumps({field.name: field.example for field in FIELDS if field.required})
_CODES = {"kind": KINDS, "by": WHO, "judged": JUDGED}
_READERS = {
    "text": _text, "key": _key, "mail": _mail,
    "instant": _instant, "whole": _whole, "flag": _flag, "choice": _choice, "choices": _choices,
}  # fmt: skip

"""What a connector hands to the ledger, and the check that it can be kept."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from beforehand.engine.codes import ABSORBED, KINDS, STARTS
from beforehand.engine.history import Event
from beforehand.engine.instants import FIRST, LAST
from beforehand.kernel.faults import Fault

LONGEST_ID = 200


class TicketEvent(NamedTuple):
    """An event and the source's own id of the ticket it happened to. `event.id` is unique within the ticket."""

    ticket: str
    event: Event


def faults(events: Iterable[TicketEvent]) -> Iterator[Fault]:
    """Everything for which an event cannot be kept."""
    for ticket, event in events:
        place = f"ticket {ticket or '(none)'}, event {event.id or '(none)'}"
        for name, text in (("ticket", ticket), ("id", event.id)):
            if not 0 < len(text) <= LONGEST_ID:
                expected = f"a text of 1 to {LONGEST_ID} characters"
                yield Fault(f"{place}, {name}", repr(text[:60]), expected, "'48213' or 'audit-991'")
        if not 0 <= event.kind < len(KINDS):
            yield Fault(f"{place}, kind", str(event.kind), "a kind of event", ", ".join(KINDS))
        yield from _instant_faults(event, place)
        for name, text in (("value", event.value), ("person", event.person), ("field", event.field)):
            if "\x00" in text:
                yield Fault(f"{place}, {name}", "a NUL character", "text without NUL characters")


def _instant_faults(event: Event, place: str) -> Iterator[Fault]:
    for name, instant in (("at", event.at), ("until", event.until), ("since", event.since)):
        if instant is not None and not FIRST <= instant < LAST:
            yield Fault(f"{place}, {name}", f"{instant} microseconds", "an instant of the years 1900 to 2199")
    if event.until is not None and event.until < event.at:
        yield Fault(f"{place}, until", str(event.until), f"an instant not before `at`, {event.at}")
    if event.kind in (ABSORBED, STARTS) and event.since is None:
        yield Fault(f"{place}, since", "none", "the start of the absorbed ticket, or the planned start")


def content(event: Event) -> str:
    """An event as one line of JSON, the same for the same content."""
    return json.dumps(event._asdict(), sort_keys=True, ensure_ascii=False)


def digest(event: Event) -> str:
    """A fingerprint of the content."""
    return hashlib.sha256(content(event).encode()).hexdigest()

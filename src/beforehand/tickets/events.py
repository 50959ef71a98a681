"""What a connector hands to the ledger, and the check that it can be kept."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from beforehand.engine.codes import ABSORBED, KINDS, STARTS
from beforehand.engine.history import Event
from beforehand.engine.instants import FIRST, LAST
from beforehand.kernel.faults import Fault

LONGEST_ID = 200
LONGEST_FIELD = 40
LONGEST_TEXT = 10_000
LONGEST_MESSAGE = 200_000
_SURROGATE = re.compile("[\ud800-\udfff]")


class TicketEvent(NamedTuple):
    """An event and the source's own id of the ticket it happened to. `event.id` is unique within the ticket."""

    ticket: str
    event: Event


class Written(TicketEvent):
    """A message with its text, which is judged when it is kept, and then let go."""

    text: str

    def __new__(cls, ticket: str, event: Event, text: str) -> "Written":
        """A TicketEvent in every other respect."""
        made = super().__new__(cls, ticket, event)
        made.text = text
        return made


def text_faults(text: str) -> Iterator[Fault]:
    """What is wrong with the text of a message."""
    if len(text) > LONGEST_MESSAGE:
        yield Fault("text", f"{len(text):,} characters", f"at most {LONGEST_MESSAGE:,}")
    if "\x00" in text:
        yield Fault("text", "a NUL character", "text without NUL characters")
    if not text.isascii() and _SURROGATE.search(text):
        yield Fault("text", "half of a surrogate pair", "text that can be written as UTF-8")


def faults(events: Iterable[TicketEvent]) -> Iterator[Fault]:
    """Everything for which an event cannot be kept."""
    for ticket, event in events:
        for fault in faults_of(ticket, event):
            place = f"ticket {ticket[:60] or '(none)'}, event {event.id[:60] or '(none)'}, {fault.place}"
            yield Fault(place, fault.found, fault.expected, fault.example)


def faults_of(ticket: str, event: Event) -> Iterable[Fault]:
    """The same of one event; the place of a fault is the name of what is at fault."""
    if _is_plain(ticket, event):
        return ()
    return [*_text_faults(ticket, event), *_number_faults(event), *_instant_faults(event)]


def _is_plain(ticket: str, event: Event) -> bool:
    """Whether nothing can be wrong with an event: nearly all are so, and an import looks at millions."""
    at, kind, id_, seq, value, field, _, person, until, since, supersedes, retracts = event
    text = f"{ticket}{id_}{value}{field}{person}{supersedes}{retracts}"
    return (
        until is None
        and since is None
        and FIRST <= at < LAST
        and 0 <= kind < len(KINDS)
        and kind not in (ABSORBED, STARTS)
        and -(2**63) <= seq < 2**63
        and len(text) <= LONGEST_ID
        and len(field) <= LONGEST_FIELD
        and bool(ticket and id_)
        and text.isascii()
        and "\x00" not in text
    )


def _text_faults(ticket: str, event: Event) -> Iterator[Fault]:
    for name, text, least, most in (
        ("ticket", ticket, 1, LONGEST_ID),
        ("id", event.id, 1, LONGEST_ID),
        ("field", event.field, 0, LONGEST_FIELD),
        ("value", event.value, 0, LONGEST_TEXT),
        ("person", event.person, 0, LONGEST_TEXT),
        ("supersedes", event.supersedes, 0, LONGEST_ID),
        ("retracts", event.retracts, 0, LONGEST_ID),
    ):
        if not least <= len(text) <= most:
            found = f"{text[:60]!r}, {len(text)} characters" if text else "nothing"
            yield Fault(name, found, f"a text of {least} to {most} characters", "'48213' or 'audit-991'")
        if "\x00" in text:
            yield Fault(name, "a NUL character", "text without NUL characters")
        if not text.isascii() and _SURROGATE.search(text):
            yield Fault(name, "half of a surrogate pair", "text that can be written as UTF-8")


def _number_faults(event: Event) -> Iterator[Fault]:
    if not 0 <= event.kind < len(KINDS):
        yield Fault("kind", str(event.kind), "a kind of event", ", ".join(KINDS))
    if not -(2**63) <= event.seq < 2**63:
        yield Fault("seq", str(event.seq), "a whole number of at most 63 bits", "991")


def _instant_faults(event: Event) -> Iterator[Fault]:
    for name, instant in (("at", event.at), ("until", event.until), ("since", event.since)):
        if instant is not None and not FIRST <= instant < LAST:
            yield Fault(name, f"{instant} microseconds", "an instant of the years 1900 to 2199")
    if event.until is not None and event.until < event.at:
        yield Fault("until", str(event.until), f"an instant not before `at`, {event.at}")
    if event.kind in (ABSORBED, STARTS) and event.since is None:
        yield Fault("since", "none", "the start of the absorbed ticket, or the planned start")


def content(event: Event) -> str:
    """An event as one line of JSON, the same for the same content."""
    return json.dumps(event._asdict(), sort_keys=True, ensure_ascii=False)


def digest(event: Event) -> str:
    """A fingerprint of the content."""
    return hashlib.sha256(content(event).encode()).hexdigest()

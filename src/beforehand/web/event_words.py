"""What an event says, in words: for the list of events and the marks on the timeline."""

from typing import NamedTuple

from beforehand.engine.codes import (
    ABSORBED,
    APPROVED,
    ASSIGNED,
    AUTOMATIC,
    BY_AUTOMATION,
    BY_CLIENT,
    BY_PERSON,
    CHANGED,
    CLIENT_MESSAGE,
    CREATED,
    DELETED,
    EXCLUDED,
    EXPECTATION,
    INCLUDED,
    MERGED,
    MESSAGE,
    NEAR_COPY,
    PLAN,
    PUBLIC,
    STARTS,
    STATUS,
    TEMPLATE,
    TOLD,
    VISIT,
)
from beforehand.engine.history import Event
from beforehand.engine.terms import StatusMap
from beforehand.tickets.texts import length_of

_PLAIN = {
    CREATED: "Ticket created",
    CLIENT_MESSAGE: "The client wrote or called",
    PLAN: "A plan was given to the client",
    TOLD: "The source's own “responded at”",
    DELETED: "Deleted in the source",
    STARTS: "Planned to start later",
    APPROVED: "The exclusion was approved",
    INCLUDED: "The exclusion was taken back",
}
_WITH_VALUE = {MERGED: "Merged into", ABSORBED: "Took in", EXCLUDED: "Taken out of the figures:"}
_JUDGED = (
    (AUTOMATIC, "automatic"),
    (TEMPLATE, "template"),
    (NEAR_COPY, "near copy"),
    (EXPECTATION, "next step set"),
)


class EventWords(NamedTuple):
    """An event in words: what, by whom, and what was judged of it. `lane` says how the timeline draws it."""

    what: str
    by: str
    notes: tuple[str, ...]
    lane: str


def words_of(event: Event, statuses: StatusMap, board: str) -> EventWords:
    """An event in words; `board` is the ticket's at that time, by which its status is understood."""
    notes = tuple(word for bit, word in _JUDGED if event.flags & bit) if event.kind == MESSAGE else ()
    length = length_of(event.value) if event.kind in (MESSAGE, CLIENT_MESSAGE) else None
    if length is not None:
        notes = (f"{length:,} character{'' if length == 1 else 's'}", *notes)
    return EventWords(_what(event, statuses, board), _by(event), notes, _lane(event))


def _what(event: Event, statuses: StatusMap, board: str) -> str:
    if event.kind == STATUS:
        meaning = statuses.meaning(board, event.value)
        state = "not mapped, works as working" if meaning is None else meaning.state.replace("-", " ")
        return f"Status “{event.value}” ({state})"
    if event.kind == CHANGED:
        return f"{event.field.capitalize()}: {event.value or 'none'}"
    if event.kind == ASSIGNED:
        return f"Assigned to {event.value}" if event.value else "Assigned to nobody"
    if event.kind == MESSAGE:
        if event.flags & VISIT:
            return "Visit at the client"
        return "Message to the client" if event.flags & PUBLIC else "Internal note"
    if event.kind in _WITH_VALUE:
        return f"{_WITH_VALUE[event.kind]} {event.value}"
    return _PLAIN[event.kind]


def _by(event: Event) -> str:
    if event.flags & BY_CLIENT:
        return f"{event.person} (client)" if event.person else "client"
    if event.flags & BY_PERSON:
        return event.person or "a technician"
    return event.person or ("automation" if event.flags & BY_AUTOMATION else "the system")


def _lane(event: Event) -> str:
    if event.kind in (CREATED, CLIENT_MESSAGE) or event.flags & BY_CLIENT:
        return "client"
    if event.kind == MESSAGE and event.flags & PUBLIC:
        return "public"
    return "status" if event.kind == STATUS else "other"

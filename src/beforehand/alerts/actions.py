"""What ends a chain: something done for the client, and never a click."""

from collections.abc import Collection, Sequence

from beforehand.engine.codes import (
    ASSIGNED,
    AUTOMATIC,
    BY_PERSON,
    EXPECTATION,
    MESSAGE,
    NEAR_COPY,
    PUBLIC,
    STATUS,
    TEMPLATE,
)
from beforehand.engine.history import Event
from beforehand.engine.terms import StatusMap

_ENDS = ("resolved", "closed", "scheduled-by-client")
"""States to which a move always ends a chain: it is done, or the client has an appointment."""


def action(
    events: Sequence[Event],
    fresh: Collection[str],
    statuses: StatusMap,
    board: str,
    moves: Collection[str],
    texts: bool,
) -> str:
    """What was done since a chain began that ends it, in words; "" where nothing was.

    `events` are all of the ticket in effective order, `fresh` the ids of those that were kept since. An assignment
    counts where there was no assignee; a message where it is a meaningful response (3.5); a move to a state that the
    step waits for, or that ends the matter.
    """
    owner = ""
    for event in events:
        new = event.id in fresh
        who = f" by {event.person}" if event.person else ""
        if event.kind == ASSIGNED:
            if new and event.value and not owner:
                return f"assigned to {event.value}"
            owner = event.value
        elif new and event.kind == MESSAGE and owner and _meaningful(event, texts):
            return f"answered{who}"
        elif new and event.kind == STATUS:
            meaning = statuses.meaning(board, event.value)
            if meaning is not None and (meaning.state in _ENDS or meaning.state in moves):
                return f"moved to {event.value}{who}"
    return ""


def _meaningful(event: Event, texts: bool) -> bool:
    if event.flags & (BY_PERSON | PUBLIC) != BY_PERSON | PUBLIC:
        return False
    if event.flags & (AUTOMATIC | TEMPLATE | NEAR_COPY):
        return False
    return not texts or bool(event.flags & EXPECTATION)

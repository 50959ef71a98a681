"""Rows that are each a message on a ticket; where no status tells who waits for whom, the messages do."""

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from beforehand.connectors.requesters import Asker
from beforehand.engine.codes import (
    AUTOMATIC,
    BY_AUTOMATION,
    BY_CLIENT,
    BY_PERSON,
    CHANGED,
    CLIENT_MESSAGE,
    CREATED,
    MESSAGE,
    PUBLIC,
    STATUS,
)
from beforehand.engine.history import Event

from .cells import Cells
from .lines import Row
from .mapping import Shape
from .telling import Outcome, who_of
from .told import Memory, Told

DESCRIPTION, NOTE = "description", "note"
"""Fields of the events that a ticket's first message leaves, and a client's message that clients do not see."""
_DERIVED = " (derived)"


class Message(NamedTuple):
    """A row read."""

    row: Row
    ticket: str
    at: int
    sequence: int
    id: str
    person: str
    flags: int
    asker: Asker | None = None


class MessageTeller:
    """Tells messages, and the waits between them."""

    names: tuple[str, ...] = ()

    def __init__(self, shape: Shape, cells: Cells) -> None:
        self._ticket = cells.required(shape.columns["ticket"])
        self._id = cells.required(shape.columns["message"])
        self._at = cells.required_instant(shape.columns["at"])
        self._sequence = cells.whole(shape.columns.get("sequence"))
        self._who = who_of(cells, shape.author)
        self._private = cells.value(shape.private.column) if shape.private else None
        self._yes = shape.private.yes if shape.private else frozenset()
        self._description, self._waits = shape.description, shape.waits

    def read(self, row: Row) -> Message:
        """The row read; Unusable if it cannot be."""
        cells = row.cells
        person, flags = self._who(cells)
        if self._private is None or self._private(cells) not in self._yes:
            flags |= PUBLIC
        sequence = 0 if self._sequence is None else self._sequence(cells)
        return Message(row, self._ticket(cells), self._at(cells)[0], sequence, self._id(cells), person, flags)

    def named(self, item: Message, _name: str) -> Message:
        """A message says nothing of who asked."""
        return item

    def tell(self, ticket: str, items: Sequence[Message], told: Told, memory: Memory) -> Iterator[Outcome]:
        """What the messages of one ticket tell, in the order of their time."""
        if told.known is None:
            memory.recall(ticket, told, self.names)
        known = told.known or {}
        if not any(event.kind == CREATED for event in known.values()):
            reason = f"ticket {ticket} is not known: expected its own row to come first, in a file of tickets"
            yield from (Outcome(message.row, (), reason) for message in items)
            return
        statuses = _Statuses(known)
        first = self._first(items, known)
        for message in sorted(items, key=lambda message: (message.at, message.sequence, message.id)):
            if message.id == first:
                yield Outcome(message.row, [self._changed(message, DESCRIPTION)])
            else:
                yield Outcome(message.row, [self._said(message), *self._wait(message, statuses)])

    def _first(self, items: Sequence[Message], known: dict[str, Event]) -> str:
        """The id of the message that is the ticket's description; "" where the log does not say that there is one."""
        if not self._description:
            return ""
        ours = [event for event in known.values() if event.id.endswith(("/message", "/" + DESCRIPTION))]
        places = [(event.at, event.seq, event.id.partition("/")[0]) for event in ours]
        return min(places + [(message.at, message.sequence, message.id) for message in items])[2]

    def _changed(self, message: Message, name: str) -> Event:
        return Event(
            message.at,
            CHANGED,
            f"{message.id}/{name}",
            message.sequence,
            "",
            name,
            message.flags,
            message.person,
        )

    def _said(self, message: Message) -> Event:
        kind, flags = MESSAGE, message.flags
        if flags & BY_CLIENT:
            if not flags & PUBLIC:
                return self._changed(message, NOTE)
            kind = CLIENT_MESSAGE
        elif flags & BY_AUTOMATION:
            flags |= AUTOMATIC
        return Event(
            message.at, kind, f"{message.id}/message", message.sequence, "", "", flags, message.person
        )

    def _wait(self, message: Message, statuses: "_Statuses") -> Iterator[Event]:
        """The status that a public message leaves the ticket in: an answer waits for the client, who ends the wait."""
        if self._waits is None or not message.flags & PUBLIC:
            return
        now = statuses.at(message)
        if message.flags & BY_PERSON and now == self._waits.back:
            name, status = "waits", self._waits.status
        elif message.flags & BY_CLIENT and now == self._waits.status:
            name, status = "goes on", self._waits.back
        else:
            return
        event = Event(
            message.at, STATUS, f"{message.id}/{name}{_DERIVED}", message.sequence, status, "", message.flags,
            message.person,
        )  # fmt: skip
        statuses.add(event)
        yield event


class _Statuses:
    """The statuses of a ticket in order of time: those that were told, and those derived from messages."""

    def __init__(self, known: dict[str, Event]) -> None:
        self._all: list[tuple[int, int, str]] = []
        for event in known.values():
            if event.kind == STATUS:
                self.add(event)

    def at(self, message: Message) -> str:
        """The status when a message came; what was told of the same instant is seen, too."""
        place = bisect_left(self._all, (message.at, message.sequence))
        return self._all[place - 1][2] if place else ""

    def add(self, event: Event) -> None:
        """One more."""
        derived = event.id.endswith(_DERIVED)
        insort(self._all, (event.at, event.seq if derived else -(2**63), event.value))

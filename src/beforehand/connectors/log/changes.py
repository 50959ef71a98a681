"""Rows that hold a whole record: one for each change of a ticket, or one for each ticket with its dates."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from beforehand.engine.codes import (
    ASSIGNED,
    BY_CLIENT,
    CHANGED,
    CLIENT_MESSAGE,
    CREATED,
    PLAN,
    PUBLIC,
    STATUS,
    TOLD,
)
from beforehand.engine.history import Event

from .cells import Cells
from .lines import Row
from .mapping import ASSIGNEE, Shape
from .mapping import STATUS as STATUS_NAME
from .telling import Outcome, who_of
from .told import Key, Memory, Told, Values

UPDATED = "updated"
"""The field of the event that a row leaves in which nothing changed that we read: somebody was at the ticket."""
_AT_ROW = {STATUS_NAME, ASSIGNEE, "team"}
"""What a first row says of its own time; the rest it says as of the ticket's creation."""
_LAST = 2**62
_MOMENTS = {"contacted": CLIENT_MESSAGE, "responded": TOLD, "planned": PLAN}


class Record(NamedTuple):
    """A row read. `sequence` is None where the log has none."""

    row: Row
    ticket: str
    at: int
    stamp: str
    sequence: int | None
    created: int
    values: Values
    moments: tuple[tuple[str, int, str], ...]


class RecordTeller:
    """Tells the changes between the records of a ticket."""

    def __init__(self, shape: Shape, cells: Cells) -> None:
        columns = {**shape.facts, **{f"verdict:{v.metric}": v.column for v in shape.verdicts}}
        self.names = tuple(columns)
        self._values = [cells.value(column) for column in columns.values()]
        self._ticket = cells.required(shape.columns["ticket"])
        self._created = cells.required_instant(shape.columns["created"])
        changed = shape.columns.get("changed")
        self._changed = self._created if changed is None else cells.required_instant(changed)
        self._sequence = cells.whole(shape.columns.get("sequence"))
        self._who = who_of(cells, shape.author)
        self._statuses = shape.statuses
        self._moments = [(name, cells.instant(column)) for name, column in shape.moments.items()]

    def read(self, row: Row) -> Record:
        """The row read; Unusable if it cannot be."""
        cells = row.cells
        at, stamp = self._changed(cells)
        sequence = None if self._sequence is None else self._sequence(cells)
        moments = tuple(
            (name, *moment) for name, date in self._moments if (moment := date(cells)) is not None
        )
        values = tuple([value(cells) for value in self._values])
        return Record(row, self._ticket(cells), at, stamp, sequence, self._created(cells)[0], values, moments)

    def tell(self, ticket: str, items: Sequence[Record], told: Told, memory: Memory) -> Iterator[Outcome]:
        """What rows of one ticket tell, in the order of their time; within an instant in the order of the log."""
        if len(items) > 1:
            items = sorted(items, key=_place)
        for record in items:
            if told.is_late((record.at, _LAST if record.sequence is None else record.sequence)):
                memory.recall(ticket, told, self.names)
            key = self._key(record, told)
            if key is None or (told.known is None and told.holds(key, record.values)):
                yield Outcome(record.row, ())
                continue
            before = told.before(key)
            events = self._events(record, key, before)
            if not told.holds(key, record.values):
                events += self._back_again(record, told, key, before or ("",) * len(self.names))
            told.keep(key, record.values)
            yield Outcome(record.row, events)

    def _back_again(self, record: Record, told: Told, key: Key, before: Values) -> Iterator[Event]:
        """What the row after a late one changes back: it left no event of that when the late one was missing."""
        following = told.after(key)
        sibling = None if following is None else told.event_of(following[0])
        if following is None or sibling is None:
            return
        (at, sequence), after = following
        start = sibling.id.partition("/")[0] + "/"
        kinds = {STATUS_NAME: STATUS, ASSIGNEE: ASSIGNED}
        for name, value, was, then in zip(self.names, record.values, before, after, strict=True):
            if value != then == was:
                kind = kinds.get(name, CHANGED)
                field = name if kind == CHANGED else ""
                yield Event(at, kind, start + name, sequence, then, field, sibling.flags, sibling.person)

    def _key(self, record: Record, told: Told) -> Key | None:
        """The place of a row; where the log has no sequence, rows of one instant are counted. None: known already."""
        if record.sequence is not None:
            return (record.at, record.sequence)
        there = told.at(record.at)
        for key, values in there:
            if values == record.values:
                return None if told.known is None else key
        return (record.at, there[-1][0][1] + 1 if there else 0)

    def _events(self, record: Record, key: Key, before: Values | None) -> list[Event]:
        person, flags = self._who(record.row.cells)
        at, sequence = key
        start = f"{record.stamp}#{sequence}/"
        events = []
        if before is None:
            events.append(Event(record.created, CREATED, "created", 0, flags=0))
            old: Values = ("",) * len(self.names)
        else:
            old = before
        for name, value, was in zip(self.names, record.values, old, strict=True):
            if value == was:
                continue
            if name == STATUS_NAME:
                events.append(Event(at, STATUS, start + name, sequence, value, "", flags, person))
            elif name == ASSIGNEE:
                events.append(Event(at, ASSIGNED, start + name, sequence, value, "", flags, person))
            elif before is None and name not in _AT_ROW:
                fact = Event(
                    record.created, CHANGED, start + "opening/" + name, sequence, value, name, flags, person
                )
                events.append(fact)
            else:
                events.append(Event(at, CHANGED, start + name, sequence, value, name, flags, person))
        events += self._moment_events(record, flags, person)
        if not events:
            events.append(Event(at, CHANGED, start + UPDATED, sequence, "", UPDATED, flags, person))
        return events

    def _moment_events(self, record: Record, flags: int, person: str) -> Iterator[Event]:
        for name, at, stamp in record.moments:
            event_id = f"{name} {stamp}"
            if name in self._statuses:
                yield Event(at, STATUS, event_id, 0, self._statuses[name], "", flags, person)
            elif name == "contacted":
                yield Event(at, CLIENT_MESSAGE, event_id, 0, flags=BY_CLIENT | PUBLIC)
            else:
                yield Event(at, _MOMENTS[name], event_id, 0, "", "", flags, person)


def _place(record: Record) -> tuple[int, int]:
    return (record.at, record.sequence or 0)

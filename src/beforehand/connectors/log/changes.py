"""Rows that hold a whole record: one for each change of a ticket, or one for each ticket with its dates."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from beforehand.connectors.requesters import Asker
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
from .telling import Outcome, asker_of, who_of
from .told import Key, Memory, Told, Values

UPDATED = "updated"
"""The field of the event that a row leaves in which nothing changed that we read: somebody was at the ticket."""
OPENING = "opening/"
"""Marks the id of what the first row of a ticket says as of its creation."""
_KINDS = {STATUS_NAME: STATUS, ASSIGNEE: ASSIGNED}
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
    person: str
    flags: int
    asker: Asker | None = None


class RecordTeller:
    """Tells the changes between the records of a ticket."""

    def __init__(self, shape: Shape, cells: Cells) -> None:
        columns = {**shape.facts, **{f"verdict:{v.metric}": v.column for v in shape.verdicts}}
        self.names = tuple(columns)
        self._values = [cells.fact(name, column) for name, column in columns.items()]
        self._ticket = cells.required(shape.columns["ticket"])
        self._created = cells.required_instant(shape.columns["created"])
        changed = shape.columns.get("changed")
        self._changed = self._created if changed is None else cells.required_instant(changed)
        self._sequence = cells.whole(shape.columns.get("sequence"))
        self._who = who_of(cells, shape.author)
        self._asker = asker_of(cells, shape)
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
        created, _ = self._created(cells)
        return Record(
            row, self._ticket(cells), at, stamp, sequence, created, values, moments, *self._who(cells),
            self._asker(cells),
        )  # fmt: skip

    def named(self, item: Record, name: str) -> Record:
        """The row with the name that tickets have for its contact."""
        place = self.names.index("contact")
        return item._replace(values=(*item.values[:place], name, *item.values[place + 1 :]))

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
            if told.known is not None and not told.has(key):
                events += self._retold(record.values, key, told, told.known)
            told.keep(key, record.values)
            yield Outcome(record.row, events)

    def _key(self, record: Record, told: Told) -> Key | None:
        """The place of a row; where the log has no sequence, rows of one instant are counted. None: known already."""
        if record.sequence is not None:
            return (record.at, record.sequence)
        there = told.at(record.at)
        for key, values in there if told.known is not None else there[-1:]:
            if values == record.values:
                return None if told.known is None else key
        return (record.at, there[-1][0][1] + 1 if there else 0)

    def _events(self, record: Record, key: Key, before: Values | None) -> list[Event]:
        person, flags = record.person, record.flags
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
            if before is None and name not in _AT_ROW:
                opening = start + OPENING + name
                events.append(Event(record.created, CHANGED, opening, sequence, value, name, flags, person))
            else:
                events.append(_fact(at, start + name, sequence, name, value, flags, person))
        events += self._moment_events(record)
        if not events:
            events.append(Event(at, CHANGED, start + UPDATED, sequence, "", UPDATED, flags, person))
        return events

    def _retold(self, values: Values, key: Key, told: Told, known: dict[str, Event]) -> Iterator[Event]:
        """What the next row must say anew, since a row has come in before it: it was told from the row before both.

        What it said as of the creation, being the first row then, it now says of its own time.
        """
        following = told.after(key)
        own = None if following is None else told.event_of(following[0])
        if following is None or own is None:  # it is the last, or a row of dates alone
            return
        (at, sequence), record = following
        start, person, flags = own.id.partition("/")[0] + "/", own.person, own.flags
        if record == values:
            yield Event(at, CHANGED, start + UPDATED, sequence, "", UPDATED, flags, person)
        for name, value, was in zip(self.names, record, values, strict=True):
            opening = start + OPENING + name
            if opening in known:
                late = f"{opening} (late)"
                yield Event(at, CHANGED, late, sequence, flags=flags, person=person, retracts=opening)
            if value != was:
                yield _fact(at, start + name, sequence, name, value, flags, person)

    def _moment_events(self, record: Record) -> Iterator[Event]:
        person, flags = record.person, record.flags
        for name, at, stamp in record.moments:
            event_id = f"{name} {stamp}"
            if name in self._statuses:
                yield Event(at, STATUS, event_id, 0, self._statuses[name], "", flags, person)
            elif name == "contacted":
                yield Event(at, CLIENT_MESSAGE, event_id, 0, flags=BY_CLIENT | PUBLIC)
            else:
                yield Event(at, _MOMENTS[name], event_id, 0, "", "", flags, person)


def _fact(at: int, event_id: str, sequence: int, name: str, value: str, flags: int, person: str) -> Event:
    """What a row changed."""
    kind = _KINDS.get(name, CHANGED)
    return Event(at, kind, event_id, sequence, value, name if kind == CHANGED else "", flags, person)


def _place(record: Record) -> tuple[int, int]:
    return (record.at, record.sequence or 0)

"""What is known of a ticket while its log is read: its last record, and for tickets of old all their events."""

from bisect import bisect_left, bisect_right, insort
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime

from beforehand.engine.codes import ASSIGNED, CHANGED, STATUS
from beforehand.engine.history import Event
from beforehand.engine.instants import to_instant

from .mapping import ASSIGNEE
from .mapping import STATUS as STATUS_NAME

REMEMBERED = 4_000
"""Tickets of which the last record is kept; those before are read from the ledger again when they come back."""

Key = tuple[int, int]
"""The place of a row in its ticket's life: instant, sequence."""
Values = tuple[str, ...]
_KIND_NAMES = {STATUS: STATUS_NAME, ASSIGNED: ASSIGNEE}


class Told:
    """What is known of one ticket. `known` are its events by id; None for a ticket that is new in this run.

    `records` holds the record after each row, in order of their keys; of a new ticket the last two alone.
    """

    __slots__ = ("_keys", "_records", "known")

    def __init__(self, known: dict[str, Event] | None) -> None:
        self.known = known
        self._keys: list[Key] = []
        self._records: list[tuple[Key, Values]] = []

    def recall(self, known: dict[str, Event], names: tuple[str, ...]) -> None:
        """Make the record after each row out of the ticket's events."""
        self.known = known
        self._records = records_of(known.values(), names)
        self._keys = [key for key, _ in self._records]

    def before(self, key: Key) -> Values | None:
        """The record as it was before a row; None where none came before."""
        place = bisect_left(self._keys, key)
        return self._records[place - 1][1] if place else None

    def after(self, key: Key) -> tuple[Key, Values] | None:
        """The record that follows a row, with its place; None where none does."""
        place = bisect_right(self._keys, key)
        return self._records[place] if place < len(self._keys) else None

    def event_of(self, key: Key) -> Event | None:
        """An event of the row at that place."""
        return next((event for event in (self.known or {}).values() if key_of(event.id) == key), None)

    def at(self, instant: int) -> list[tuple[Key, Values]]:
        """The records of one instant."""
        low = bisect_left(self._keys, (instant, -(2**63)))
        return self._records[low : bisect_right(self._keys, (instant, 2**63))]

    def has(self, key: Key) -> bool:
        """Whether a row of this place is among the records."""
        place = bisect_left(self._keys, key)
        return place < len(self._keys) and self._keys[place] == key

    def holds(self, key: Key, values: Values) -> bool:
        """Whether this very row is among the records."""
        return self.has(key) and self._records[bisect_left(self._keys, key)][1] == values

    def is_late(self, key: Key) -> bool:
        """Whether a row comes before one that is remembered of a ticket whose older records were let go."""
        return self.known is None and bool(self._keys) and key < self._keys[-1]

    def keep(self, key: Key, values: Values) -> None:
        """Remember the record after a row; after two rows of one place, what the ledger keeps of both."""
        if self.has(key):
            place = bisect_left(self._keys, key)
            first, before = self._records[place][1], self.before(key) or ("",) * len(values)
            both = tuple(f if f != b else v for f, b, v in zip(first, before, values, strict=True))
            self._records[place] = (key, both)
        elif self.known is None:
            self._keys, self._records = [*self._keys[-1:], key], [*self._records[-1:], (key, values)]
        else:
            insort(self._records, (key, values))
            insort(self._keys, key)


def records_of(events: Iterable[Event], names: tuple[str, ...]) -> list[tuple[Key, Values]]:
    """The record after each row, out of the events that the rows became (their ids begin with stamp#sequence/)."""
    rows: dict[Key, dict[str, str]] = {}
    for event in events:
        key = key_of(event.id)
        if key is not None:
            name = _KIND_NAMES.get(event.kind) or (event.field if event.kind == CHANGED else "")
            rows.setdefault(key, {})[name] = event.value
    values = dict.fromkeys(names, "")
    records = []
    for key in sorted(rows):
        values.update((name, value) for name, value in rows[key].items() if name in values)
        records.append((key, tuple(values.values())))
    return records


def key_of(event_id: str) -> Key | None:
    """The place of the row that an event comes from; None for an event of no row."""
    row = event_id.partition("/")[0]
    stamp, mark, sequence = row.partition("#")
    if not mark:
        return None
    try:
        return to_instant(datetime.fromisoformat(stamp)), int(sequence)
    except ValueError:  # an id that some other kind of file gave
        return None


class Memory:
    """What is known of the tickets that came last. `fetch` reads the events of tickets from the ledger."""

    def __init__(
        self, fetch: Callable[[Collection[str]], Mapping[str, Iterable[Event]]], size: int = REMEMBERED
    ) -> None:
        self._fetch, self._size = fetch, size
        self._told: OrderedDict[str, Told] = OrderedDict()

    def of(self, tickets: Collection[str], names: tuple[str, ...]) -> dict[str, Told]:
        """What is known of some tickets; of those that are not remembered the ledger is asked, all at once."""
        fresh = [ticket for ticket in tickets if ticket not in self._told]
        kept = self._fetch(fresh) if fresh else {}
        found = {}
        for ticket in tickets:
            told = self._told.get(ticket)
            if told is None:
                told = self._told[ticket] = Told(None)
                if ticket in kept:
                    told.recall({event.id: event for event in kept[ticket]}, names)
            else:
                self._told.move_to_end(ticket)
            found[ticket] = told
        while len(self._told) > self._size:
            self._told.popitem(last=False)
        return found

    def recall(self, ticket: str, told: Told, names: tuple[str, ...]) -> None:
        """Read all the events of a ticket whose older records were let go."""
        told.recall({event.id: event for event in self._fetch([ticket]).get(ticket, ())}, names)

    def forget(self) -> None:
        """Let go of all: the next file has columns of its own."""
        self._told.clear()

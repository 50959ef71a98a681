"""The SQL of the ledger: plain statements on Django's connection, the same for SQLite and PostgreSQL."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeVar

from django.db import connection

from beforehand.engine.history import Event

from . import bulk
from .events import content, digest
from .reading import Derived, Kept
from .rollups import Moves, counted
from .rows import CLOCK_COLUMNS, TICKET_COLUMNS, Row, clock_id

EVENT_COLUMNS = (
    "provider_id", "ticket_id", "event_id", "at", "kind", "seq", "flags", "field", "value", "person", "until",
    "since", "supersedes", "retracts", "received",
)  # fmt: skip
_EVENT_FIELDS = "event_id, at, kind, seq, flags, field, value, person, until, since, supersedes, retracts"


INSERT_CONFLICT = bulk.insert_statement(
    "tickets_conflict",
    ("provider_id", "ticket_id", "event_id", "content", "digest", "received"),
    "ON CONFLICT DO NOTHING",
)


def hold_tickets(provider: int, source: int, externals: Sequence[str]) -> dict[str, tuple[int, bool]]:
    """The tickets of these external ids, made where there is none and held until the transaction ends.

    Each with its id and whether it has any events yet.
    """
    known = tickets_of(provider, source, externals)
    new = sorted(external for external in externals if external not in known)
    if new:
        columns = ("provider_id", "source_id", "external_id", *TICKET_COLUMNS)
        with connection.cursor() as cursor:
            cursor.executemany(
                bulk.insert_statement(
                    "tickets_ticket", columns, "ON CONFLICT (provider_id, source_id, external_id) DO NOTHING"
                ),
                [(provider, source, external, *BLANK) for external in new],
            )
    return tickets_of(provider, source, externals, lock=connection.vendor == "postgresql")


BLANK: Row = tuple(
    None if name in {"client_id", "version_id", "created", "start", "last_at"}
    else False if name == "covered"
    else 0 if name in {"origin", "state", "excluded", "out", "unmapped", "events", "runs"}
    else ""
    for name in TICKET_COLUMNS
)  # fmt: skip


def tickets_of(
    provider: int, source: int, externals: Sequence[str], lock: bool = False
) -> dict[str, tuple[int, bool]]:
    """The tickets there are of these external ids, each with its id and whether it has any events.

    Those locked are locked in the order of their ids, all in one statement: two who want the same would else each
    wait for what the other holds.
    """
    found: dict[str, tuple[int, bool]] = {}
    with connection.cursor() as cursor:
        for some in _batches(externals, len(externals) if lock else 400):
            marks = ", ".join(["%s"] * len(some))
            cursor.execute(
                "SELECT external_id, id, events FROM tickets_ticket"
                f" WHERE provider_id = %s AND source_id = %s AND external_id IN ({marks}) ORDER BY id"
                + (" FOR UPDATE" if lock else ""),
                [provider, source, *some],
            )
            found.update((external, (ticket, events > 0)) for external, ticket, events in cursor.fetchall())
    return found


def events_of(tickets: Sequence[int], provider: int) -> dict[int, list[Event]]:
    """The events of tickets, in the order in which they arrived."""
    found: dict[int, list[Event]] = {ticket: [] for ticket in tickets}
    with connection.cursor() as cursor:
        for some in _batches(tickets, 400):
            marks = ", ".join(["%s"] * len(some))
            cursor.execute(
                f"SELECT ticket_id, {_EVENT_FIELDS} FROM tickets_event"
                f" WHERE provider_id = %s AND ticket_id IN ({marks}) ORDER BY id",
                [provider, *some],
            )
            for ticket, *columns in cursor.fetchall():
                found[ticket].append(event_of(columns))
    return found


def heard_of(tickets: Sequence[int], provider: int) -> dict[int, list[tuple[Event, int]]]:
    """The same, each event with the instant at which it arrived."""
    found: dict[int, list[tuple[Event, int]]] = {ticket: [] for ticket in tickets}
    with connection.cursor() as cursor:
        for some in _batches(tickets, 400):
            marks = ", ".join(["%s"] * len(some))
            cursor.execute(
                f"SELECT ticket_id, received, {_EVENT_FIELDS} FROM tickets_event"
                f" WHERE provider_id = %s AND ticket_id IN ({marks}) ORDER BY id",
                [provider, *some],
            )
            for ticket, received, *columns in cursor.fetchall():
                found[ticket].append((event_of(columns), received))
    return found


def event_of(columns: Sequence[object]) -> Event:
    """An engine event from its columns, as `_EVENT_FIELDS` orders them."""
    event_id, at, kind, seq, flags, field, value, person, until, since, supersedes, retracts = columns
    return Event(at, kind, event_id, seq, value, field, flags, person, until, since, supersedes, retracts)  # type: ignore[arg-type]


def event_row(provider: int, ticket: int, event: Event, received: int) -> Row:
    """The row of an event, in the order of EVENT_COLUMNS."""
    return (
        provider, ticket, event.id, event.at, event.kind, event.seq, event.flags, event.field, event.value,
        event.person, event.until, event.since, event.supersedes, event.retracts, received,
    )  # fmt: skip


def conflict_row(provider: int, ticket: int, event: Event, received: int) -> Row:
    """The row of an event that contradicts the one kept under its id."""
    return (provider, ticket, event.id, content(event), digest(event), received)


def insert(events: list[Row], conflicts: list[Row]) -> None:
    """Add events and conflicts for good."""
    with connection.cursor() as cursor:
        bulk.insert(cursor, "tickets_event", EVENT_COLUMNS, events)
        if conflicts:
            cursor.executemany(INSERT_CONFLICT, conflicts)


def replace(provider: int, derived: Derived, had_clocks: Iterable[int], moves: Moves) -> None:
    """Write tickets as they now stand and all their clocks; `had_clocks` are the tickets that may have old ones."""
    ranges = [(clock_id(ticket, 0, 0), clock_id(ticket + 1, 0, 0)) for ticket in had_clocks]
    with connection.cursor() as cursor:
        before = bulk.delete_clocks_of(cursor, ranges)
    _write(derived)
    moves.add(provider, before, counted(derived.clocks.values()), derived.keys)


def change(provider: int, derived: Derived, old: Mapping[int, Row], moves: Moves) -> None:
    """Write some tickets and some clocks anew in place of the `old` clocks, of which some may be gone for good."""
    with connection.cursor() as cursor:
        bulk.delete_clocks(cursor, old.keys() | derived.clocks.keys())
    _write(derived)
    moves.add(provider, counted(old.values()), counted(derived.clocks.values()), derived.keys)


def _write(derived: Derived) -> None:
    with connection.cursor() as cursor:
        bulk.update_tickets(cursor, [(*row, ticket) for ticket, row in derived.tickets.items()])
        bulk.insert_clocks(cursor, derived.clocks.values())


def forget(provider: int) -> None:
    """Delete all that is derived of a provider's tickets: clocks, roll-ups, and each column that events decide.

    The number of events stays: by it the ledger knows, until the tickets are read again, that there are some.
    """
    blank = {name: value for name, value in zip(TICKET_COLUMNS, BLANK, strict=True) if name != "events"}
    columns = ", ".join(f'"{name}" = %s' for name in blank)
    with connection.cursor() as cursor:
        for table in ("tickets_clock", "tickets_rollup", "tickets_clientrollup"):
            cursor.execute(f"DELETE FROM {table} WHERE provider_id = %s", [provider])
        cursor.execute(
            f"UPDATE tickets_ticket SET {columns} WHERE provider_id = %s", [*blank.values(), provider]
        )


def derived_between(provider: int, first: int, end: int) -> Derived:
    """The derived rows of the tickets with ids from first to end (exclusive), as they are stored.

    `provider_id + 0` keeps both databases from taking the provider's index where the ids are narrower.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {bulk.names(TICKET_COLUMNS)} FROM tickets_ticket"
            " WHERE id >= %s AND id < %s AND provider_id + 0 = %s",
            [first, end, provider],
        )
        rows = {ticket: tuple(columns) for ticket, *columns in cursor.fetchall()}
        cursor.execute(
            f"SELECT {bulk.names(CLOCK_COLUMNS)} FROM tickets_clock"
            " WHERE id >= %s AND id < %s AND provider_id + 0 = %s",
            [clock_id(first, 0, 0), clock_id(end, 0, 0), provider],
        )
        return Derived(rows, {row[0]: tuple(row) for row in cursor.fetchall()}, {})


def events_between(provider: int, first: int, end: int, hold: bool = False) -> dict[int, int]:
    """How many events each ticket of that range has; with `hold` nobody adds any until the transaction ends."""
    lock = " FOR UPDATE" if hold and connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, events FROM tickets_ticket"
            " WHERE id >= %s AND id < %s AND provider_id + 0 = %s ORDER BY id" + lock,
            [first, end, provider],
        )
        return dict(cursor.fetchall())


def tickets_between(provider: int, first: int, end: int, known: Collection[int]) -> Iterator[Kept]:
    """Those of the known tickets that have ids from first to end (exclusive), with their events."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, source_id FROM tickets_ticket"
            " WHERE id >= %s AND id < %s AND provider_id + 0 = %s ORDER BY id",
            [first, end, provider],
        )
        sources = {ticket: source for ticket, source in cursor.fetchall() if ticket in known}
        found: dict[int, list[Event]] = {ticket: [] for ticket in sources}
        cursor.execute(
            f"SELECT ticket_id, {_EVENT_FIELDS} FROM tickets_event WHERE provider_id = %s AND ticket_id >= %s"
            " AND ticket_id < %s ORDER BY ticket_id, id",
            [provider, first, end],
        )
        for ticket, *columns in cursor.fetchall():
            if ticket in found:  # else it came between these two queries
                found[ticket].append(event_of(columns))
    for ticket, events in found.items():
        if events:
            yield Kept(ticket, sources[ticket], events)


T = TypeVar("T")


def _batches(items: Sequence[T], size: int) -> Iterable[list[T]]:
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some

"""Roll-ups: how many clocks were met and breached, by all that figures are cut by (clock.md chapter 6).

Each clock's row names the roll-up in which it counts. What a ticket counted for is so known from its stored rows alone,
whatever has become of agreements and names since, and the ledger moves the counts in the transaction in which it moves
the verdicts. A roll-up's id is made of its key, so that reading everything again gives the very same rows (5.4).
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from django.db import connection

from beforehand.engine.codes import BREACHED, MET, TRIAGE
from beforehand.engine.instants import to_datetime
from beforehand.engine.zones import load

from . import bulk
from .rows import BREACHED_AT, CLOCK_COLUMNS, STOP_AT, TALLY_AT, TICKET_COLUMNS, VERDICT_AT, Row

KEY_COLUMNS = (
    "client_id", "month", "metric", "excluded",
    "site", "plan", "line", "priority", "type", "origin", "team", "technician",
)  # fmt: skip
CLIENT_COLUMNS = KEY_COLUMNS[:4]
_METRIC_AT = CLOCK_COLUMNS.index("metric")
EXCLUDED = 2
"""Of a ticket: its exclusion is approved, and holds (3.10)."""
_TICKET_AT = {name: TICKET_COLUMNS.index(name) for name in (*KEY_COLUMNS[4:5], *KEY_COLUMNS[7:11])}
_EXCLUDED_AT, _ASSIGNEE_AT = TICKET_COLUMNS.index("excluded"), TICKET_COLUMNS.index("assignee")

_FIRST_YEAR, _HASHED = 1899, 51
"""Instants are of 1900 to 2199, and a day more in some zones: their months fit into twelve bits."""

Key = tuple[int | str, ...]
"""The values of KEY_COLUMNS, or of CLIENT_COLUMNS."""
Counted = tuple[int | None, int]
"""What a stored clock counts for: its tally and its verdict."""
Counts = tuple[int, int]
"""How many are met, and how many breached; or how many more."""


class Place(NamedTuple):
    """What the clocks of a ticket have in common: client, its zone, plan."""

    client: int
    zone: str
    plan: str


def tallied(row: Row, ticket: Row, place: Place, line: str, keys: dict[int, Key]) -> Row:
    """A clock's row with the roll-up in which it counts, if it does; its key is added to `keys`.

    Triage is the provider's own, and in no client's figures (2.3). A met clock belongs to the month of its stop, a
    breached one to that of its breach, whenever it stopped (6.1).
    """
    verdict = row[VERDICT_AT]
    if verdict not in (MET, BREACHED) or row[_METRIC_AT] == TRIAGE:
        return row
    at = row[STOP_AT if verdict == MET else BREACHED_AT]
    assert isinstance(at, int)
    key: Key = (
        place.client, month_of(at, place.zone), row[_METRIC_AT], int(ticket[_EXCLUDED_AT] == EXCLUDED),
        ticket[_TICKET_AT["site"]], place.plan, line, ticket[_TICKET_AT["priority"]], ticket[_TICKET_AT["type"]],
        ticket[_TICKET_AT["origin"]], ticket[_TICKET_AT["team"]], ticket[_ASSIGNEE_AT],
    )  # type: ignore[assignment]  # fmt: skip
    tally = id_of(key)
    keys[tally] = key
    return (*row[:TALLY_AT], tally, *row[TALLY_AT + 1 :])


@lru_cache(200_000)
def id_of(key: Key) -> int:
    """A key as 63 bits that are the same everywhere: its month first, then a hash of all of it.

    So the roll-ups of a month lie together, on few pages of table and index: tickets come in the order of time. Of a
    hundred thousand keys in each month for twenty years two have the same id with a chance of one in two thousand;
    `beforehand check` would tell.
    """
    month = int(key[1])
    return (month // 100 - _FIRST_YEAR) * 12 + month % 100 << _HASHED | _hash(key) >> 64 - _HASHED


def _hash(key: Key) -> int:
    return int.from_bytes(blake2b(repr(key).encode(), digest_size=8).digest(), "big")


def month_of(instant: int, zone: str) -> int:
    """The month in which an instant lies there, as 202611."""
    local = to_datetime(instant).astimezone(load(zone))
    return local.year * 100 + local.month


def counted(rows: Iterable[Row]) -> list[Counted]:
    """What rows of clocks count for."""
    return [(row[TALLY_AT], row[VERDICT_AT]) for row in rows if row[TALLY_AT] is not None]  # type: ignore[misc]


class Moves:
    """What a transaction changes of the counts. Written at its end, all in one order: so two never wait in a ring."""

    def __init__(self) -> None:
        self._changes: dict[int, list[int]] = {}
        self._keys: dict[int, Key] = {}
        self._providers: dict[int, int] = {}

    def add(
        self, provider: int, before: Iterable[Counted], after: Iterable[Counted], keys: Mapping[int, Key]
    ) -> None:
        """Take away what clocks counted for before, add what they do now; `keys` has the key of each tally after."""
        self._keys.update(keys)
        for sign, some in ((-1, before), (1, after)):
            for tally, verdict in some:
                if tally is not None:
                    self._changes.setdefault(tally, [0, 0])[verdict == BREACHED] += sign
                    self._providers[tally] = provider

    def write(self) -> None:
        """Within the transaction that changes the clocks, after them."""
        changes = {
            tally: (met, breached) for tally, (met, breached) in self._changes.items() if met or breached
        }
        keys = {tally: self._keys[tally] for tally in changes if tally in self._keys}
        keys.update(_stored_keys(changes.keys() - keys.keys()))
        # One without a key had its row lost, and its counts with it: `beforehand check` tells.
        write_counts(
            [
                (self._providers[tally], keys[tally], change)
                for tally, change in changes.items()
                if tally in keys
            ]
        )


def write_counts(changes: Sequence[tuple[int, Key, Counts]]) -> None:
    """Add to the counts of some roll-ups, given by provider and key, and to those of their clients."""
    _add("tickets_rollup", KEY_COLUMNS, changes)
    by_client: dict[tuple[int, Key], Counts] = {}
    for provider, key, (met, breached) in changes:
        name = provider, key[: len(CLIENT_COLUMNS)]
        before = by_client.get(name, (0, 0))
        by_client[name] = (before[0] + met, before[1] + breached)
    some = [(provider, key, change) for (provider, key), change in by_client.items() if change != (0, 0)]
    _add("tickets_clientrollup", CLIENT_COLUMNS, some)


def _stored_keys(tallies: Iterable[int]) -> dict[int, Key]:
    found: dict[int, Key] = {}
    with connection.cursor() as cursor:
        for tally in tallies:
            cursor.execute(f"SELECT {bulk.names(KEY_COLUMNS)} FROM tickets_rollup WHERE id = %s", [tally])
            row = cursor.fetchone()
            if row is not None:
                found[tally] = as_key(row)
    return found


def _add(table: str, columns: Sequence[str], rows: Iterable[tuple[int, Key, Counts]]) -> None:
    """Add to the counts, in the order of the ids; what comes to nothing goes."""
    upsert = (
        bulk.insert_statement(table, ("id", "provider_id", *columns, "met", "breached"))
        + f' ON CONFLICT ("id") DO UPDATE SET met = {table}.met + "excluded".met,'
        f' breached = {table}.breached + "excluded".breached'
    )
    changes = sorted((id_of(key), provider, key, some) for provider, key, some in rows)
    all_rows = [(name, provider, *_written(key), *some) for name, provider, key, some in changes]
    less = [(name,) for name, _, _, some in changes if min(some) < 0]
    with connection.cursor() as cursor:
        if all_rows:
            cursor.executemany(upsert, all_rows)
        if less:
            cursor.executemany(f"DELETE FROM {table} WHERE id = %s AND met = 0 AND breached = 0", less)


def as_key(row: Iterable[Any]) -> Key:
    """A key as the database gives it: SQLite has truth as a number, PostgreSQL as itself."""
    return tuple(int(part) if isinstance(part, bool) else part for part in row)


def _written(key: Key) -> Row:
    client, month, metric, excluded, *rest = key
    return client, month, metric, bool(excluded), *rest

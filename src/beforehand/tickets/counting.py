"""Whether roll-ups say what the rows of the clocks say, and counting all of them afresh where they do not."""

from collections.abc import Iterator
from typing import NamedTuple

from django.db import connection, transaction

from beforehand.engine.codes import BREACHED, MET
from beforehand.kernel.snapshot import one_moment
from beforehand.promises.book import Book

from . import bulk, notices, store
from .models import Source
from .reading import derive, tells
from .rollups import CLIENT_COLUMNS, KEY_COLUMNS, Counts, Key, as_key, id_of, write_counts

_ROLLUPS = (("tickets_rollup", KEY_COLUMNS), ("tickets_clientrollup", CLIENT_COLUMNS))


class Difference(NamedTuple):
    """A roll-up that is not what it should be: its key, as far as it is known, what it has and what clocks give."""

    key: Key | None
    stored: Counts
    counted: Counts


def differences(provider: int) -> list[Difference]:
    """The roll-ups of a provider that differ from its clocks, all read as of one moment."""
    with one_moment(connection):
        return list(_differences(provider))


def count_again(provider: int, book: Book) -> int:
    """Count all roll-ups afresh where any differs; how many did. Whoever changes clocks waits meanwhile."""
    if not differences(provider):
        return 0
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("LOCK TABLE tickets_clock IN SHARE MODE")
        wrong = len(list(_differences(provider)))
        clocks, keys = _of_clocks(provider), _stored_keys(provider)
        for tally in clocks.keys() - keys.keys():
            keys.update(_keys_by_reading(provider, tally, book))
        with connection.cursor() as cursor:
            for table, _ in _ROLLUPS:
                cursor.execute(f"DELETE FROM {table} WHERE provider_id = %s", [provider])
        write_counts([(provider, keys[tally], count) for tally, count in clocks.items() if tally in keys])
        notices.tell_any(provider)
    return wrong


def _differences(provider: int) -> Iterator[Difference]:
    clocks = _of_clocks(provider)
    by_client: dict[Key, Counts] = {}
    for name, key, stored in _stored(provider, *_ROLLUPS[0]):
        # A row whose id is not that of its key counts for nothing: no clock is in that roll-up.
        right = clocks.pop(name, (0, 0)) if id_of(key) == name else (0, 0)
        if right != stored:
            yield Difference(key, stored, right)
        short = key[: len(CLIENT_COLUMNS)]
        met, breached = by_client.get(short, (0, 0))
        by_client[short] = (met + right[0], breached + right[1])
    for name, key, stored in _stored(provider, *_ROLLUPS[1]):
        right = by_client.pop(key, (0, 0)) if id_of(key) == name else (0, 0)
        if right != stored:
            yield Difference(key, stored, right)
    yield from (Difference(key, (0, 0), right) for key, right in by_client.items() if right != (0, 0))
    yield from (Difference(None, (0, 0), right) for right in clocks.values())


def _of_clocks(provider: int) -> dict[int, Counts]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tally, SUM(CASE verdict WHEN %s THEN 1 ELSE 0 END), SUM(CASE verdict WHEN %s THEN 1 ELSE 0 END)"
            " FROM tickets_clock WHERE provider_id = %s AND tally IS NOT NULL GROUP BY tally",
            [MET, BREACHED, provider],
        )
        return {tally: (met, breached) for tally, met, breached in cursor.fetchall()}


def _stored(provider: int, table: str, columns: tuple[str, ...]) -> list[tuple[int, Key, Counts]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, met, breached, {bulk.names(columns)} FROM {table} WHERE provider_id = %s", [provider]
        )
        return [(name, as_key(key), (met, breached)) for name, met, breached, *key in cursor.fetchall()]


def _stored_keys(provider: int) -> dict[int, Key]:
    return {name: key for name, key, _ in _stored(provider, *_ROLLUPS[0]) if id_of(key) == name}


def _keys_by_reading(provider: int, tally: int, book: Book) -> dict[int, Key]:
    """A roll-up's key from one of the tickets that count in it: its row is lost."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT MIN(ticket_id) FROM tickets_clock WHERE provider_id = %s AND tally = %s",
            [provider, tally],
        )
        ticket: int = cursor.fetchone()[0]
    sources = {source.pk: tells(source) for source in Source.objects.filter(provider=provider)}
    kept = store.tickets_between(provider, ticket, ticket + 1, {ticket})
    return derive(provider, sources, kept, book).keys

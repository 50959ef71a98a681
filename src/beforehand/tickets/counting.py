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
        return list(_differences(provider, thorough=True))


def count_again(provider: int, book: Book, thorough: bool = False) -> int:
    """Count all roll-ups afresh where any differs; how many did. Whoever changes clocks waits meanwhile.

    `thorough`: also where a roll-up's counts are right, but its key is not the one that its id was made of.
    """
    with one_moment(connection):
        if not any(_differences(provider, thorough)):
            return 0
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("LOCK TABLE tickets_clock IN SHARE MODE")
        wrong = len(list(_differences(provider, thorough=True)))
        clocks, keys = _of_clocks(provider), _stored_keys(provider)
        for tally in clocks.keys() - keys.keys():
            keys.update(_keys_by_reading(provider, tally, book))
        with connection.cursor() as cursor:
            for table, _ in _ROLLUPS:
                cursor.execute(f"DELETE FROM {table} WHERE provider_id = %s", [provider])
        write_counts([(provider, keys[tally], count) for tally, count in clocks.items() if tally in keys])
        notices.tell_any(provider)
    return wrong


_GROUPED = (
    "SELECT tally, SUM(CASE verdict WHEN %s THEN 1 ELSE 0 END) AS met,"
    " SUM(CASE verdict WHEN %s THEN 1 ELSE 0 END) AS breached"
    " FROM tickets_clock WHERE provider_id = %s AND tally IS NOT NULL GROUP BY tally"
)


def _differences(provider: int, thorough: bool) -> Iterator[Difference]:
    """Compared in the database: there may be millions. `thorough`: each id is held against its key, too."""
    keys, clients = bulk.names(KEY_COLUMNS), bulk.names(CLIENT_COLUMNS)
    clocks = [MET, BREACHED, provider]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT r.met, r.breached, COALESCE(c.met, 0), COALESCE(c.breached, 0), {keys} FROM tickets_rollup r"
            f" LEFT JOIN ({_GROUPED}) c ON c.tally = r.id WHERE r.provider_id = %s"
            " AND (r.met <> COALESCE(c.met, 0) OR r.breached <> COALESCE(c.breached, 0))",
            [*clocks, provider],
        )
        for met, breached, right_met, right_breached, *key in cursor.fetchall():
            yield Difference(as_key(key), (met, breached), (right_met, right_breached))
        cursor.execute(
            f"SELECT c.met, c.breached FROM ({_GROUPED}) c LEFT JOIN tickets_rollup r ON r.id = c.tally"
            " AND r.provider_id = %s WHERE r.id IS NULL",
            [*clocks, provider],
        )
        for right_met, right_breached in cursor.fetchall():
            yield Difference(None, (0, 0), (right_met, right_breached))
        cursor.execute(
            f"SELECT {clients}, SUM(met), SUM(breached) FROM tickets_rollup WHERE provider_id = %s GROUP BY {clients}",
            [provider],
        )
        sums = {as_key(key): (met, breached) for *key, met, breached in cursor.fetchall()}
        for name, key, stored in _stored(provider, *_ROLLUPS[1]):
            right = sums.pop(key, (0, 0)) if id_of(key) == name else (0, 0)
            if right != stored:
                yield Difference(key, stored, right)
        yield from (Difference(key, (0, 0), right) for key, right in sums.items() if right != (0, 0))
    if thorough:
        yield from _wrong_ids(provider)


def _wrong_ids(provider: int) -> Iterator[Difference]:
    """Rows whose id is not that of their key: what counts in them belongs elsewhere."""
    last = -1
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id, met, breached, {bulk.names(KEY_COLUMNS)} FROM tickets_rollup"
                " WHERE provider_id = %s AND id > %s ORDER BY id LIMIT 50000",
                [provider, last],
            )
            rows = cursor.fetchall()
        for name, met, breached, *key in rows:
            if id_of(as_key(key)) != name:
                yield Difference(as_key(key), (met, breached), (0, 0))
        if not rows:
            return
        last = rows[-1][0]


def _of_clocks(provider: int) -> dict[int, Counts]:
    with connection.cursor() as cursor:
        cursor.execute(_GROUPED, [MET, BREACHED, provider])
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

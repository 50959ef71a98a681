"""Word of changed tickets: told in the transaction that changes them, heard by whatever process shows them.

On PostgreSQL it is LISTEN and NOTIFY. SQLite has nothing like it, so there it is a small table, in which each look
reads what is new by id: writers come one after the other, so that ids are committed in their order.
"""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection

from beforehand.people.models import Provider

from .models import Notice

if TYPE_CHECKING:
    from psycopg import Connection

CHANNEL = "beforehand_tickets"
MOST = 300
"""Tickets named in one notice; of more it says "any". PostgreSQL takes 8,000 bytes, an id has at most 19 digits."""
KEPT = 10_000
"""How many notices SQLite keeps, a few minutes' at the fastest. Who was away longer hears that some were missed."""


class Heard(NamedTuple):
    """What has changed since the last look: tickets by provider, providers of whom any may have, or just anything."""

    tickets: dict[int, set[int]]
    anybody: set[int]
    missed: bool = False

    def __bool__(self) -> bool:
        return bool(self.tickets or self.anybody or self.missed)


def tell(provider: int, tickets: Collection[int]) -> None:
    """Say that these tickets of a provider have changed, as part of the transaction that changes them."""
    if tickets:
        _tell(provider, ",".join(map(str, tickets)) if len(tickets) <= MOST else "")


def tell_any(provider: int) -> None:
    """Say that any ticket of a provider may have changed."""
    _tell(provider, "")


def tell_all(**_restored: object) -> None:
    """Say that any ticket of any provider may have changed: the database is another."""
    for provider in Provider.objects.values_list("pk", flat=True):
        tell_any(provider)


def _tell(provider: int, tickets: str) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, f"{provider}:{tickets}"])
            return
        cursor.execute(
            "INSERT INTO tickets_notice (provider_id, tickets) VALUES (%s, %s)", [provider, tickets]
        )
        number = cursor.lastrowid
        if number % 1_000 == 0:
            cursor.execute("DELETE FROM tickets_notice WHERE id <= %s", [number - KEPT])


class Listener:
    """Hears, look by look, what has changed since it was made. For one thread; `close` it at the end."""

    def __init__(self) -> None:
        self._ears: Connection[Any] | None = None
        self._last = 0
        if connection.vendor == "postgresql":
            self._ears = _listen()
        else:
            self._last = _newest()

    def look(self) -> Heard:
        """What has been committed since the last look; returns at once. OperationalError when the server is lost."""
        if self._ears is not None:
            with connection.wrap_database_errors:
                return _heard(note.payload.split(":", 1) for note in self._ears.notifies(timeout=0))
        newest = _newest()
        if newest == self._last:
            return Heard({}, set())
        rows = list(
            Notice.objects.filter(id__gt=self._last).order_by("id").values_list("id", "provider", "tickets")
        )
        # Fewer than before: another database was put in this one's place. A hole: what was there is deleted.
        missed = newest < self._last or not rows or rows[0][0] > self._last + 1
        self._last = rows[-1][0] if rows else newest
        return _heard(((provider, tickets) for _, provider, tickets in rows), missed)

    def close(self) -> None:
        """Listen no more."""
        if self._ears is not None:
            self._ears.close()


def _listen() -> "Connection[Any]":
    import psycopg  # only where PostgreSQL is used

    # A connection of its own, not of the pool: notices come to the one that listens.
    with connection.wrap_database_errors:
        ears = psycopg.connect(**connection.get_connection_params(), autocommit=True)
        ears.execute(f"LISTEN {CHANNEL}")
    return ears


def _newest() -> int:
    """The last id given, to whatever became of its row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = 'tickets_notice'")
        found = cursor.fetchone()
    return found[0] if found else 0


def _heard(notices: Iterable[Collection[Any]], missed: bool = False) -> Heard:
    heard = Heard({}, set(), missed)
    for provider, tickets in notices:
        if tickets:
            heard.tickets.setdefault(int(provider), set()).update(map(int, tickets.split(",")))
        else:
            heard.anybody.add(int(provider))
    return heard

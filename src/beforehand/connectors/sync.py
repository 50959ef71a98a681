"""Drives the connectors: one due row a connection, and in each turn what is most urgent of it first.

Tickets that a webhook named; what changed; the set-up; tickets of which the history is to be read yet; the past, the
newest first; the proof that nothing is missing. Between two steps what came is kept, so that a turn can be stopped
anywhere: whoever goes on reads a little again, and what is told twice is known.
"""

import logging
import time
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection as database

from beforehand.engine.instants import SECOND, to_instant
from beforehand.kernel.due.handlers import Claim, Going, Idle, Next
from beforehand.kernel.secrets import Unreadable

from . import state
from .asking import PULL as PULL  # as it is known elsewhere
from .contract import Connector, Reader
from .limits import Limits
from .line import Line, Trouble
from .models import Connection
from .registry import connectors
from .secrets import opened
from .turn import STEPS, Turn

LONG_S = 10.0
"""A turn that has taken longer gives its place to others."""
AGAIN_S = (5, 15, 60, 180, 600, 900)
"""Seconds to the next try where a source cannot be read, the last again and again."""
log = logging.getLogger("beforehand.sync")


class Came(NamedTuple):
    """What came of a turn: when the next is due, and what kept it from its end."""

    connection: Connection
    again: int
    trouble: str


class Pulling:
    """The errand of connections (kernel/due/handlers.py)."""

    def prepare(self, claims: Sequence[Claim], _now: datetime) -> list[Connection | Idle]:
        """The connections that are in use, each with a new turn: whoever had the one before writes no more."""
        keys = [claim.key for claim in claims]
        rows = {
            row.pk: row
            for row in Connection.objects.filter(pk__in=keys, active=True).select_related(
                "source", "provider"
            )
            if not tells_itself(row)
        }
        for row in rows.values():
            row.turn += 1
            row.save(update_fields=["turn"])
        return [rows.get(key, Idle(None)) for key in keys]

    def run(self, job: Connection, going: Going) -> Came:
        """Read for a while."""
        try:
            return pull(job, going)
        finally:
            database.close()

    def note(self, done: Sequence[tuple[Connection, Came]], _now: datetime) -> list[Next]:
        """When each is due again."""
        return [came.again for _, came in done]


def pull(connection: Connection, going: Going, long: float = LONG_S) -> Came:
    """One turn of a connection."""
    kind = connectors().get(connection.connector)
    now = going.clock()
    try:
        if kind is None:
            raise Trouble(f"there is no connector {connection.connector!r} in this version", 3600)
        if kind.turn is not None:
            again = kind.turn(connection, going)
            state.reached(connection, going.clock())
            return Came(connection, again, "")
        limits = limits_of(connection, kind, going)
        with Line(limits, connection.allow_private) as line:
            reader = kind.open(opened(connection), line)
            try:
                again = _steps(Turn(connection, kind, reader, going.clock), going, long)
            finally:
                state.spent(connection, limits.used())
    except Unreadable:
        return _trouble(
            connection, Trouble("its key was sealed under another secret key: enter it again", 3600), now
        )
    except Trouble as trouble:
        return _trouble(connection, trouble, going.clock())
    state.reached(connection, going.clock())
    return Came(connection, again, "")


def tells_itself(connection: Connection) -> bool:
    """Whether its source is never asked, since it tells all by itself."""
    kind = connectors().get(connection.connector)
    return kind is not None and kind.tells_itself


def limits_of(connection: Connection, kind: Connector, going: Going) -> Limits:
    """The calls that are a connection's own: its share of what the source allows."""
    most, window = kind.limit or (None, 3_600 * SECOND)
    ours = None if most is None else max(most * connection.share // 100, 1)
    return Limits(lambda: to_instant(going.clock()), ours, window, kind.at_a_time, connection.used)


def _steps(turn: Turn, going: Going, long: float) -> int:
    """Step after step, the most urgent first, until nothing is left or it has taken long; when it goes on."""
    began = time.monotonic()
    while going.is_fresh():
        for step in STEPS:
            if step(turn):
                break
        else:
            return turn.next()
        if time.monotonic() - began > long:
            break
    return to_instant(going.clock())


def _trouble(connection: Connection, trouble: Trouble, now: datetime) -> Came:
    tries = state.failed(connection, str(trouble), now)
    wait = max(trouble.wait, AGAIN_S[min(tries, len(AGAIN_S)) - 1])
    log.warning("source %s: %s; tried again in %d s", connection.source.slug, trouble, wait)
    return Came(connection, to_instant(now) + int(wait * SECOND), str(trouble))


def reader_of(connection: Connection, line: Line) -> Reader:
    """Who speaks with the source of a connection."""
    return connectors()[connection.connector].open(opened(connection), line)

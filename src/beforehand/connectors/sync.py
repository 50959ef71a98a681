"""Drives the connectors: one due row a connection, and in each turn what is most urgent of it first.

Tickets that a webhook named; what changed; the set-up; histories of what changed; the past, the newest first; its
histories; the proof that nothing is missing. Between two steps what came is kept, so that a turn can be stopped
anywhere: whoever goes on reads a little again, and what is told twice is known.
"""

import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection as database

from beforehand.engine.instants import to_instant
from beforehand.kernel.due import queue
from beforehand.kernel.due.handlers import Claim, Going, Idle, Next
from beforehand.kernel.secrets import Unreadable

from . import state
from .allowance import limits_of
from .asking import LANE as LANE  # as they are known elsewhere
from .asking import PULL as PULL
from .contract import Connector, Reader
from .line import Line
from .models import Connection
from .registry import connectors
from .secrets import opened
from .steady import remind
from .steps import STEPS, end, next_at
from .trouble import Trouble
from .turn import STRANGE, TakenOver, Turn

LONG_S = 10.0
"""A turn that has taken longer gives its place to others."""
AGAIN_S = (5, 15, 60, 180, 600, 900)
"""Seconds to the next try where a source cannot be read, the last again and again."""
LONGEST_S = 6 * 3600
"""However long a source asks to be left alone: by then it is looked whether it means it."""
log = logging.getLogger("beforehand.sync")


class Came(NamedTuple):
    """What came of a turn: when the next is due, and what kept it from its end."""

    connection: Connection
    again: int
    trouble: str


def ask(connection: Connection, at: datetime) -> None:
    """Have a connection pulled at an instant, or earlier where that was asked for already."""
    queue.ask(PULL, connection.provider_id, [connection.pk], to_instant(at), lane=LANE)


class Pulling:
    """The errand of connections (kernel/due/handlers.py)."""

    def prepare(self, claims: Sequence[Claim], now: datetime) -> list[Connection | Idle]:
        """The connections that are in use, each with a new turn: whoever had the one before writes no more.

        While a source wants to be left alone, it is, however many webhooks name its tickets.
        """
        rows = {
            row.pk: row
            for row in Connection.objects.filter(
                provider__in={claim.provider for claim in claims},
                pk__in=[claim.key for claim in claims],
                active=True,
            ).select_related("source", "provider")
            if not tells_itself(row)
        }
        return [self._prepared(rows.get(claim.key), now) for claim in claims]

    def _prepared(self, row: Connection | None, now: datetime) -> Connection | Idle:
        if row is None:
            return Idle(None)
        if row.waits is not None and now < row.waits:
            return Idle(to_instant(row.waits))
        row.turn += 1
        row.save(update_fields=["turn"])
        return row

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
    """One turn of a connection. Raises nothing but what the database does."""
    kind = connectors().get(connection.connector)
    try:
        if kind is None:
            raise Trouble(f"there is no connector {connection.connector!r} in this version", 3600)
        again = _turn(connection, kind, going, long)
    except TakenOver:
        log.info("source %s: another worker goes on with it", connection.source.slug)
        return Came(connection, to_instant(going.clock()), "")
    except Unreadable:
        said = "its key was sealed under another secret key: enter it again"
        return _trouble(connection, Trouble(said, 3600), going.clock())
    except Trouble as trouble:
        return _trouble(connection, trouble, going.clock())
    except STRANGE as error:
        log.exception("source %s", connection.source.slug)
        said = f"it told something of a form that nobody expected ({type(error).__name__})"
        return _trouble(connection, Trouble(said), going.clock())
    state.reached(connection, going.clock())
    return Came(connection, again, "")


def tells_itself(connection: Connection) -> bool:
    """Whether its source is never asked, since it tells all by itself."""
    kind = connectors().get(connection.connector)
    return kind is not None and kind.tells_itself


def _turn(connection: Connection, kind: Connector, going: Going, long: float) -> int:
    if kind.turn is not None:
        return kind.turn(connection, going)
    limits = limits_of(connection, kind, lambda: to_instant(going.clock()))
    with Line(limits, connection.allow_private) as line:
        reader = kind.open(opened(connection, kind), line)
        remind(connection, reader)
        turn = Turn(connection, kind, reader, going.clock, limits)
        try:
            return _steps(turn, going, long)
        finally:
            line.stop()
            turn.close()
            state.spent(connection, limits.used())


def _steps(turn: Turn, going: Going, long: float) -> int:
    """Step after step, the most urgent first, until nothing is left or it has taken long; when it goes on."""
    began = time.monotonic()
    while going.is_fresh():
        turn.ahead.ends = time.monotonic() - began > long
        for step in STEPS:
            if step(turn):
                break
        else:
            return next_at(turn)
        if time.monotonic() - began > long:
            end(turn, going.is_fresh)
            break
    return to_instant(going.clock())


def _trouble(connection: Connection, trouble: Trouble, now: datetime) -> Came:
    tries = state.failed(connection, str(trouble), now)
    # A source that says when it can be asked again is right; else it is asked ever more seldom.
    wait = trouble.wait or AGAIN_S[min(tries, len(AGAIN_S)) - 1]
    again = now + timedelta(seconds=min(max(wait, AGAIN_S[0]), LONGEST_S))
    state.waits(connection, again)
    log.warning("source %s: %s; tried again in %d s", connection.source.slug, trouble, wait)
    return Came(connection, to_instant(again), str(trouble))


def reader_of(connection: Connection, line: Line) -> Reader:
    """Who speaks with the source of a connection."""
    kind = connectors()[connection.connector]
    return kind.open(opened(connection, kind), line)

"""Asks a source whether we may read what we need, and how much there is, before anything is kept of it."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from beforehand.engine.instants import to_instant
from beforehand.kernel.secrets import Unreadable

from .allowance import limits_of
from .contract import Reader, Right
from .limits import Limits
from .line import Line
from .models import Connection
from .registry import connectors
from .secrets import opened
from .trouble import Trouble
from .turn import STRANGE

TIMEOUT_S = 10.0
PAUSE_S = 0.2
log = logging.getLogger("beforehand.sync")


class Tried(NamedTuple):
    """What came of it: the rights, how many tickets there are (None where it does not say), or why nobody knows."""

    rights: Sequence[Right]
    total: int | None
    trouble: str

    @property
    def ok(self) -> bool:
        """Whether nothing is missing."""
        return not self.trouble and all(right.ok for right in self.rights)


def try_out(connection: Connection, now: datetime) -> Tried:
    """Check a connection, and keep the calls that it took and the number of tickets. Raises nothing of the source's."""
    try:
        with asking(connection, now) as reader:
            rights = tuple(reader.check())
            total = None
            if connection.back_begun is None and all(right.ok for right in rights):
                total = reader.back("", to_instant(connection.since)).total
    except Unreadable:
        return Tried((), None, "its key was sealed under another secret key: enter it again")
    except Trouble as trouble:
        return Tried((), None, str(trouble))
    except STRANGE as error:
        log.exception("source %s", connection.source.slug)
        return Tried((), None, f"it told something of a form that nobody expected ({type(error).__name__})")
    if total is not None:
        connection.back_total = total
        Connection.objects.filter(pk=connection.pk, back_begun=None).update(back_total=total)
    return Tried(rights, total, "")


@contextmanager
def asking(connection: Connection, now: datetime) -> Iterator[Reader]:
    """Somebody who waits asks a source; the calls it took are kept. Raises what a Reader does, and Unreadable."""
    kind = connectors().get(connection.connector)
    if kind is None:
        raise Trouble(f"there is no connector {connection.connector!r} in this version")
    limits = limits_of(connection, kind, lambda: to_instant(now))
    try:
        with Line(limits, connection.allow_private, TIMEOUT_S, PAUSE_S) as line:
            yield kind.open(opened(connection, kind), line)
    finally:
        _note(connection, limits)


def _note(connection: Connection, limits: Limits) -> None:
    connection.used = limits.used()
    Connection.objects.filter(pk=connection.pk).update(used=connection.used)

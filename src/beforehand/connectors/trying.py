"""Asks a source whether we may read what we need, and how much there is, before anything is kept of it."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from beforehand.engine.instants import to_instant
from beforehand.kernel.secrets import Unreadable

from .allowance import limits_of
from .contract import Reader, Right
from .handing import MOST_TRIES
from .limits import Limits
from .line import Line
from .models import Connection, Written
from .registry import connectors
from .secrets import opened
from .trouble import Trouble
from .turn import STRANGE
from .wanted import FIELDS, NOTES, UNSEEN, Foresees, Wanted

TIMEOUT_S = 10.0
PAUSE_S = 0.2
log = logging.getLogger("beforehand.sync")


class Tried(NamedTuple):
    """What came of it: the rights to read, how many tickets there are (None where it does not say), or why nobody
    knows; `more`: the rights to do what is switched on besides.
    """

    rights: Sequence[Right]
    total: int | None
    trouble: str
    more: Sequence[Right] = ()

    @property
    def reads(self) -> bool:
        """Whether all may be read that is needed."""
        return not self.trouble and all(right.ok is not False for right in self.rights)

    @property
    def ok(self) -> bool:
        """Whether nothing is known to be missing."""
        return self.reads and all(right.ok is not False for right in self.more)

    @property
    def unseen(self) -> bool:
        """Whether of something nobody can tell yet."""
        return any(right.ok is None for right in (*self.rights, *self.more))


def try_out(connection: Connection, now: datetime, address: str = "") -> Tried:
    """Check a connection, and keep the calls that it took and the number of tickets. Raises nothing of the source's.

    `address`: at which it calls us, where it was told to.
    """
    try:
        with asking(connection, now) as reader:
            rights = tuple(reader.check())
            more = _more(connection, reader, address) if any(right.ok for right in rights) else ()
            total = None
            if connection.back_begun is None and all(right.ok is not False for right in rights):
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
    return Tried(rights, total, "", more)


def _more(connection: Connection, reader: Reader, address: str) -> Sequence[Right]:
    """The rights for what is switched on besides reading, as the source tells of them, else as it showed them."""
    names = [str(name) for name in connection.write_fields.values()]
    wanted = Wanted(connection.write_notes, names, address if connection.called else "")
    if not isinstance(reader, Foresees) or not wanted.anything:
        return ()
    return [_shown(connection, right) for right in reader.check_wanted(wanted)]


def _shown(connection: Connection, right: Right) -> Right:
    """A right of which the source does not tell, by what came of the last that was written."""
    if right.ok is not None or right.by not in (NOTES, FIELDS):
        return right
    fields = Q(key=Written.FIELDS)
    # What was tried to the end got no answer: that says nothing of rights.
    answered = Q(state=Written.State.WRITTEN) | Q(state=Written.State.FAILED, tries__lte=MOST_TRIES)
    rows = Written.objects.filter(answered, provider=connection.provider_id, connection=connection)
    rows = rows.filter(fields if right.by == FIELDS else ~fields, tried__isnull=False)
    last = rows.order_by("-tried", "-pk").first()
    if last is None:
        return right._replace(how=f"{UNSEEN} {right.how}")
    if last.state == Written.State.WRITTEN:
        return right._replace(ok=True, purpose=f"{right.purpose}: the last was taken")
    return right._replace(ok=False, purpose=f"{right.purpose}: the last was refused ({last.fault})")


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

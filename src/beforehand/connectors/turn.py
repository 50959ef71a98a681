"""The steps of a turn. Each does a little of one thing, keeps it, and says whether there was anything to do."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from beforehand.engine.instants import HOUR, SECOND, to_instant
from beforehand.kernel.fields import from_micros

from . import proving, words, writing
from .contract import Connector, Reader, Told
from .keep import failed, keep
from .line import Forbidden, Missing, Odd
from .models import Connection, Nudged, Remote

A_READ = 20
"""Tickets that are read one by one in a step."""
SET_UP_EVERY = timedelta(hours=6)
MISSED_MOST = 5
"""After so many readings in a row that failed a ticket waits for the nightly proof."""


class TakenOver(Exception):
    """Another worker has this connection by now."""


class Turn:
    """A turn of a connection."""

    def __init__(
        self, connection: Connection, kind: Connector, reader: Reader, clock: Callable[[], datetime]
    ) -> None:
        self.connection, self.kind, self.reader, self.clock = connection, kind, reader, clock

    def save(self, **values: object) -> None:
        """Write progress down, unless another worker has taken over. Raises TakenOver."""
        for name, value in values.items():
            setattr(self.connection, name, value)
        ours = Connection.objects.filter(pk=self.connection.pk, turn=self.connection.turn)
        if not ours.update(**values):
            raise TakenOver

    def keep(self, told: Sequence[Told]) -> int:
        """Keep tickets."""
        return keep(self.connection, told, self.clock())

    def read(self, ids: Sequence[str]) -> None:
        """Read tickets deep and keep them. One that cannot be read stops no other."""
        for ticket in ids:
            try:
                told = list(self.reader.read([ticket]))
            except (Odd, Forbidden, Missing) as trouble:
                failed(self.connection, ticket, str(trouble), self.clock())
            else:
                self.keep(told)

    def next(self) -> int:
        """When there is something to do again, where nothing is now."""
        looked = self.connection.looked
        now = to_instant(self.clock())
        if looked is None:
            return now
        return min(max(to_instant(looked) + self.connection.interval * SECOND, now), now + HOUR)


def begin(turn: Turn) -> bool:
    """Where changes go on from, before anything of the past is read: what changes meanwhile is not lost."""
    if turn.connection.cursor:
        return False
    turn.save(cursor=turn.reader.begin(), looked=turn.clock())
    return True


def nudged(turn: Turn) -> bool:
    """Tickets that webhooks named. What is named again meanwhile stays to be read."""
    rows = list(
        Nudged.objects.filter(provider=turn.connection.provider_id, connection=turn.connection).order_by(
            "at"
        )[:A_READ]
    )
    if not rows:
        return False
    turn.read([row.external_id for row in rows])
    for row in rows:
        Nudged.objects.filter(pk=row.pk, turn=row.turn).delete()
    return True


def changed(turn: Turn) -> bool:
    """A page of what changed, once in the interval; and the rest of it at once."""
    now = turn.clock()
    looked = turn.connection.looked
    if looked is not None and now < looked + timedelta(seconds=turn.connection.interval):
        return False
    page = turn.reader.changes(turn.connection.cursor)
    turn.keep(page.tickets)
    turn.save(cursor=page.cursor, looked=looked if page.more else now)
    return True


def set_up(turn: Turn) -> bool:
    """Its statuses, priorities, people and the like, a few times a day."""
    read = turn.connection.set_up_read
    if read is not None and turn.clock() < read + SET_UP_EVERY:
        return False
    words.learn(turn.connection, turn.reader.set_up(), turn.clock())
    turn.save(set_up_read=turn.clock(), missing=turn.connection.missing)
    return True


def deepened(turn: Turn) -> bool:
    """Tickets of which the history is to be read yet, the newest first."""
    rows = Remote.objects.filter(
        provider=turn.connection.provider_id,
        connection=turn.connection,
        shallow=True,
        missed__lt=MISSED_MOST,
    )
    ids = list(rows.order_by("-updated").values_list("external_id", flat=True)[:A_READ])
    turn.read(ids)
    return bool(ids)


def past(turn: Turn) -> bool:
    """A page of the past."""
    at = turn.connection
    if at.back_done is not None:
        return False
    if at.back_begun is None:
        turn.save(back_begun=turn.clock())
    page = turn.reader.back(at.back, to_instant(at.since))
    turn.keep(page.tickets)
    turn.save(
        back=page.cursor,
        back_read=at.back_read + len(page.tickets),
        back_total=at.back_total if page.total is None else page.total,
        back_done=None if page.more else turn.clock(),
    )
    return True


STEPS: Sequence[Callable[[Turn], bool]] = (
    begin, nudged, changed, writing.write, set_up, past, deepened, proving.prove,
)  # fmt: skip
"""The most urgent first."""

__all__ = ["STEPS", "TakenOver", "Turn", "from_micros"]

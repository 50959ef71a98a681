"""Having the turns of connections come: a due row for each, of one kind."""

from collections.abc import Iterable
from datetime import datetime

from beforehand.engine.instants import to_instant
from beforehand.kernel.due import queue

from .models import Connection

PULL = "pull"
LANE = 20_000
"""Of kernel/due: no mailbox's. Pulls share one, so that sources that hang never take all threads from alerts."""


def ask(connections: Iterable[Connection], now: datetime) -> None:
    """Have them pulled now, or once their source wants to be asked again; in the caller's transaction."""
    for row in sorted(connections, key=lambda row: row.pk):
        at = now if row.waits is None else max(row.waits, now)
        queue.ask(PULL, row.provider_id, [row.pk], to_instant(at), lane=LANE)

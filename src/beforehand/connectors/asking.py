"""Having a connection's turn come: a due row for each, of one kind."""

from collections.abc import Collection
from datetime import datetime

from beforehand.engine.instants import to_instant
from beforehand.kernel.due import queue

from .models import Connection

PULL = "pull"


def ask(provider: int, connections: Collection[int], now: datetime) -> None:
    """Have the turn of connections come now, in the caller's transaction: but not while their source cannot be read,
    nor before it wants to be.
    """
    # One that cannot be read is tried again as its turn says.
    rows = Connection.objects.filter(
        provider=provider, pk__in=connections, active=True, source__state__failing__isnull=True
    )
    for pk, waits in rows.values_list("pk", "waits"):
        queue.ask(PULL, provider, [pk], to_instant(now if waits is None else max(waits, now)))

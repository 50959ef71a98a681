"""The calls that are a connection's own: its share of what its source allows."""

from collections.abc import Callable

from beforehand.engine.instants import SECOND

from .contract import Connector
from .limits import Limits
from .models import Connection


def limit_of(connection: Connection, kind: Connector) -> tuple[int, int] | None:
    """Calls in a window of so many microseconds: by a setting `limit` of the owner where the connector has one."""
    said = str(connection.settings.get("limit", ""))
    if kind.limit is not None and said.isdecimal() and int(said):
        return int(said), kind.limit[1]
    return kind.limit


def limits_of(connection: Connection, kind: Connector, clock: Callable[[], int]) -> Limits:
    """Our share of it, of which what was used is known."""
    most, window = limit_of(connection, kind) or (None, 3_600 * SECOND)
    ours = None if most is None else max(most * connection.share // 100, 1)
    return Limits(clock, ours, window, kind.at_a_time, connection.used)

"""The raw spans of a ticket's clocks, written on the walk when asked for (5.3). See flat.py for why only integers."""

from .flat import Ints, Rows, Slots
from .record import AT, COVER, MEMBERS, NUMBER

# A row of the log: whose clocks it is of (metrics, one bit each, and the number), from, to, why (W_*), the event that
# began it, its coverage. Row 0 tells under SPAN_FROM which row is free. An empty log takes nothing.
SPAN_OF, SPAN_NUMBER, SPAN_FROM, SPAN_TO, SPAN_WHY, SPAN_EVENT, SPAN_COVER, SPAN_SIZE = range(8)

Log = Rows


def emit(log: Log, r: Ints, to: int, why: int, event: int) -> None:
    """Write the span from where the record stands up to an instant."""
    if len(log) == 0 or to <= r[AT]:
        return
    row = log[log[0][SPAN_FROM]]
    row[SPAN_OF], row[SPAN_NUMBER], row[SPAN_FROM], row[SPAN_TO] = r[MEMBERS], r[NUMBER], r[AT], to
    row[SPAN_WHY], row[SPAN_EVENT], row[SPAN_COVER] = why, event, r[COVER]
    log[0][SPAN_FROM] += 1


def late(log: Log, r: Slots, begin: int, start: int, why: int) -> None:
    """Write the span before a record's start, if it starts later than the ticket began."""
    if len(log) > 0:
        r[AT] = begin
        emit(log, r, start, why, -1)
        r[AT] = start


def mark(log: Log) -> int:
    """How far the log is written, for `drop`."""
    return log[0][SPAN_FROM] if len(log) > 0 else 0


def drop(log: Log, since: int) -> None:
    """Take back what was written since a mark."""
    if len(log) > 0:
        log[0][SPAN_FROM] = since

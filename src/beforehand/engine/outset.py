"""How the clocks of a metric begin: under which line, to be stopped by what. See flat.py for why only integers."""

from .codes import (
    M_MERGED_START,
    NO_TARGET,
    TELLS,
    W_NOT_STARTED,
)
from .flat import Flat, Ints, Rules, Slots
from .record import AT, MARKS, begin
from .scan import H_BEGIN, H_CREATED, H_GONE, H_LINE, H_MERGED, H_ORIGIN, H_OUT_AT, H_START, MIXED
from .spanlog import Log, late
from .turns import Ticket

NO_EFFECT = -9
"""Stands for "no line with this metric, now or later"."""


def line_at_start(s: Rules, t: Ticket, metric: int) -> int:
    """The line under which a metric's clock begins; NO_EFFECT if it has none, or the ticket was out at once."""
    head, out_at = t.head, t.head[H_OUT_AT]
    if out_at < t.n and t.at[out_at] <= max(head[H_START], head[H_CREATED]):
        return NO_EFFECT
    line = head[H_LINE]
    if line == MIXED:
        head[H_GONE] = bridge(s, metric, t.n, t.line, t.effective)
        return t.effective[0]
    return line if s.kind[line * 8 + metric] != NO_TARGET else NO_EFFECT


def bridge(s: Rules, metric: int, n: int, line: Ints, effective: Slots) -> int:
    """The line that holds for a metric after each event, and from which event on none does.

    A time without a fitting line is bridged by the next one that fits: its clock runs from creation (2.3).
    """
    later, gone = NO_EFFECT, n
    for i in range(n - 1, -1, -1):
        if s.kind[line[i] * 8 + metric] != NO_TARGET:
            later = line[i]
        elif later == NO_EFFECT:
            gone = i
        effective[i] = later
    for i in range(gone, n):
        effective[i] = effective[gone - 1] if gone else NO_EFFECT
    return gone


def stop_facts(s: Rules, t: Ticket, metric: int) -> int:
    """The facts that stop a metric's clock (rules.stop_facts); 0: it cannot be judged; -1: it has none."""
    return s.stops[((t.source & TELLS) * 8 + t.head[H_ORIGIN]) * 8 + metric]


def first_record(w: Flat, s: Rules, t: Ticket, metric: int, line: int, r: Slots, log: Log) -> None:
    """Begin a metric's first clock, at the ticket's start."""
    head = t.head
    start = head[H_START]
    begin(w, s, t.pct, r, metric, 1, line, start)
    if head[H_MERGED]:
        r[MARKS] |= M_MERGED_START
    late(log, r, head[H_BEGIN], min(start, t.as_of), W_NOT_STARTED)
    r[AT] = start

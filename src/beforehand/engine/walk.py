"""The walk: a ticket, metric by metric, event by event. See flat.py for why only integers."""

from .codes import (
    CANNOT_BE_JUDGED,
    CLEARED_ITSELF,
    F_BY_CLIENT,
    F_CLIENT,
    F_REOPENED,
    M_UNCERTAIN,
    MACHINE,
    MEANINGFUL,
    MET,
    RESOLUTION,
    RESPONSE,
    S_UNCERTAIN,
    STOPPED,
    UPDATE,
    W_ENDED,
    W_STOPPED,
)
from .flat import Flat, Ints, Rows, Rules, copy_to
from .instants import NEVER
from .outset import NO_EFFECT, first_record, line_at_start, stop_facts
from .record import ASKED, BREACH, FRESH, MARKS, PAUSED, SINCE, STOP, TARGET, VERDICT, retarget
from .response import walk_response
from .scan import H_CONTACTS, H_GONE, H_HUMAN, H_LINE, H_ORIGIN, H_OUT, H_OUT_AT, H_REOPENED, H_START, MIXED
from .spanlog import Log
from .turns import Ticket, breach_by_reopening, bring, conclude, finish, halt, resume

REVIVES = F_REOPENED | F_CLIENT | F_BY_CLIENT
"""What matters to a clock that has stopped."""


def walk_all(w: Flat, s: Rules, t: Ticket, metrics: Ints, out: Rows, side: Rows, log: Log) -> int:
    """Walk the clocks of all metrics given (ascending); returns how many records of `out` (BLANK) are filled."""
    count = 0
    for metric in metrics:
        if metric == RESPONSE:
            count = walk_response(w, s, t, out, side, log)
        elif metric < MEANINGFUL:
            count = walk(w, s, t, metric, out, count, log)
    for k in (1, 2):
        if side[k][TARGET]:
            copy_to(out[count], side[k])
            count += 1
    settle_verdicts(t.head, out, count)
    if t.source & S_UNCERTAIN:
        for k in range(count):
            out[k][MARKS] |= M_UNCERTAIN
    return count


def walk(  # noqa: C901
    w: Flat, s: Rules, t: Ticket, metric: int, out: Rows, count: int, log: Log
) -> int:
    """Walk the clocks of any other metric; returns how many records of `out`, BLANK from `count` on, are filled."""
    head, at, pct, effective = t.head, t.at, t.pct, t.effective
    current, own = line_at_start(s, t, metric), stop_facts(s, t, metric)
    if current == NO_EFFECT:
        return count
    r, start = out[count], head[H_START]
    first_record(w, s, t, metric, current, r, log)
    if own == 0:
        r[VERDICT] = CANNOT_BE_JUDGED
        finish(w, t, r, STOPPED, log, W_ENDED, -1)
        return count + 1
    mixed, gone, ended = head[H_LINE] == MIXED, head[H_GONE], head[H_OUT_AT]
    facts, mask, pauses = t.facts, own | s.later[metric], s.pauses[metric]
    moves = -1 if mixed else mask | pauses
    for i in range(ended):
        f = facts[i]
        if not f & moves:
            continue
        if i == gone:
            if r[STOP] == NEVER:
                bring(w, pct, r, max(at[i], start), log)
            if r[STOP] != NEVER or r[BREACH] == NEVER:
                ended = i
                break
        shut = 1 if f & pauses else 0
        if r[STOP] != NEVER:
            if f & (F_CLIENT | F_BY_CLIENT):
                r[ASKED] = 1
            if f & F_REOPENED:
                holds, now = effective[i] if mixed else current, max(at[i], start)
                count = resume(w, s, t, i, now, holds, out, count, log)
                r = out[count]
                if holds != current and not r[FRESH]:
                    retarget(w, s, pct, r, holds, now, i)
                breach_by_reopening(s, r, now)
                current, r[PAUSED], r[SINCE] = holds, shut, i
        elif f & mask or shut != r[PAUSED] or (mixed and effective[i] != current):
            now = max(at[i], start)
            bring(w, pct, r, now, log)
            if mixed and effective[i] != current:
                current = effective[i]
                retarget(w, s, pct, r, current, now, i)
            if f & mask:
                count = halt(w, s, t, i, now, f & mask, own, current, out, count, log)
                r = out[count]
                if metric != RESOLUTION and metric != UPDATE:
                    break
            if shut != r[PAUSED]:
                r[PAUSED], r[SINCE] = shut, i
        if not mixed:
            moves = REVIVES if r[STOP] != NEVER else -1 if r[PAUSED] else mask | pauses
    if r[STOP] != NEVER:
        finish(w, t, r, STOPPED, log, W_STOPPED, -1)
    else:
        conclude(w, t, r, ended, log)
    return count + 1


def room_for(metrics: Ints, head: Ints) -> int:
    """How many records a ticket may need at most."""
    room = len(metrics) + 2 * head[H_REOPENED]
    for metric in metrics:
        if metric == UPDATE:
            room += head[H_CONTACTS]
    return room


def settle_verdicts(head: Ints, out: Rows, count: int) -> None:
    """What has no verdict of its own, unless it was breached before (3.9, 2.6)."""
    out_of, cleared = head[H_OUT], head[H_ORIGIN] == MACHINE and not head[H_HUMAN]
    if not out_of and not cleared:
        return
    for k in range(count):
        r = out[k]
        if r[BREACH] == NEVER:
            if out_of:
                r[VERDICT] = out_of
            elif r[VERDICT] == MET:
                r[VERDICT] = CLEARED_ITSELF

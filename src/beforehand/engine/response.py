"""The response and the two figures beside it, walked as one clock (3.4, 3.5). See flat.py for why only integers."""

from .codes import (
    CANNOT_BE_JUDGED,
    CLIENT_LIVE,
    F_CONTACTED,
    FIRST_REPLY,
    M_LIVE,
    MEANINGFUL,
    RESPONSE,
    STOPPED,
    W_ENDED,
    W_STOPPED,
)
from .flat import Flat, Ints, Rows, Rules, Slots, copy_to
from .instants import NEVER
from .outset import NO_EFFECT, first_record, line_at_start, stop_facts
from .record import BREACH, HOW, MEMBERS, METRIC, PAUSED, SINCE, STOP_EVENT, VERDICT, retarget, stop
from .scan import H_BEGIN, H_GONE, H_LINE, H_ORIGIN, H_OUT_AT, H_START, MIXED
from .spanlog import Log, emit
from .turns import Ticket, bring, conclude, finish, stop_marks


def walk_response(  # noqa: C901
    w: Flat, s: Rules, t: Ticket, out: Rows, side: Rows, log: Log
) -> int:
    """Walk the response and the figures beside it (3.4, 3.5): one clock with up to three ends.

    The response goes to out[0]; returns how many records that is. Meaningful and first reply go to side[1] and
    side[2], whose TARGET stays 0 where there is no such clock. side[0] is scratch. All come BLANK.
    """
    head, at, pct, effective = t.head, t.at, t.pct, t.effective
    current, own = line_at_start(s, t, RESPONSE), stop_facts(s, t, RESPONSE)
    if current == NO_EFFECT or own < 0:
        return 0
    fuller, reply = stop_facts(s, t, MEANINGFUL), stop_facts(s, t, FIRST_REPLY)
    r, start, later = side[0], head[H_START], s.later[RESPONSE]
    ends, fuller_ends, reply_ends = (
        own | later,
        fuller | later if fuller > 0 else 0,
        reply | later if reply > 0 else 0,
    )
    first_record(w, s, t, RESPONSE, current, r, log)
    r[MEMBERS] = members(ends, fuller_ends, reply_ends)
    mixed, gone, ended = head[H_LINE] == MIXED, head[H_GONE], head[H_OUT_AT]
    facts, pauses, watch = t.facts, s.pauses[RESPONSE], ends | fuller_ends | reply_ends
    judged = own > 0 and head[H_ORIGIN] != CLIENT_LIVE
    moves = -1 if mixed else watch | pauses
    for i in range(ended if judged else 0):
        f = facts[i]
        if not f & moves:
            continue
        if i == gone:
            bring(w, pct, r, max(at[i], start), log)
            if r[BREACH] == NEVER:
                ended = i
                break
        shut = 1 if f & pauses and f & F_CONTACTED else 0
        if f & watch or shut != r[PAUSED] or (mixed and effective[i] != current):
            now = max(at[i], start)
            bring(w, pct, r, now, log)
            if mixed and effective[i] != current:
                current = effective[i]
                retarget(w, s, pct, r, current, now, i)
            if f & watch:
                if f & ends:
                    ends = leave(w, t, r, out[0], RESPONSE, own, i, now, log, out[0])
                if f & fuller_ends:
                    fuller_ends = leave(w, t, r, side[1], MEANINGFUL, fuller, i, now, log, out[0])
                if f & reply_ends:
                    reply_ends = leave(w, t, r, side[2], FIRST_REPLY, reply, i, now, log, out[0])
                watch = ends | fuller_ends | reply_ends
                if watch == 0:
                    return 1
                r[MEMBERS] = members(ends, fuller_ends, reply_ends)
            if shut != r[PAUSED]:
                r[PAUSED], r[SINCE] = shut, i
                moves = -1
    if own == 0:
        r[VERDICT] = CANNOT_BE_JUDGED
        finish(w, t, r, STOPPED, log, W_ENDED, -1)
    elif not judged:
        stop(r, start, -1, M_LIVE, t.precision)
        finish(w, t, r, STOPPED, log, W_STOPPED, -1)
    else:
        conclude(w, t, r, ended, log)
    if ends:
        settle_as(r, out[0], RESPONSE)
    if fuller_ends:
        settle_as(r, side[1], MEANINGFUL)
    if reply_ends:
        settle_as(r, side[2], FIRST_REPLY)
    return 1


def members(response: int, meaningful: int, reply: int) -> int:
    """The metrics, one bit each, that still run of those that `walk_response` walks together."""
    found = 1 << RESPONSE if response else 0
    if meaningful:
        found |= 1 << MEANINGFUL
    return found | 1 << FIRST_REPLY if reply else found


def settle_as(r: Ints, q: Slots, metric: int) -> None:
    """Copy the record that several metrics share to that of one."""
    copy_to(q, r)
    q[METRIC], q[MEMBERS] = metric, 1 << metric


def leave(
    w: Flat, t: Ticket, r: Slots, q: Slots, metric: int, own: int, i: int, now: int, log: Log, twin: Ints
) -> int:
    """Of the metrics that share record r, one stops at event i, with record q. Returns 0: nothing stops it again.

    `twin` is the record of the response, which will often have stopped at the same event in the same way.
    """
    marks = stop_marks(metric, t.facts[i], own, t.at[i] < t.head[H_BEGIN])
    if twin[STOP_EVENT] == i and twin[HOW] == marks:
        settle_as(twin, q, metric)
        emit(log, q, t.as_of, W_STOPPED, -1)
    else:
        settle_as(r, q, metric)
        q[HOW] = marks
        stop(q, now, i, marks, t.precision)
        finish(w, t, q, STOPPED, log, W_STOPPED, -1)
    return 0

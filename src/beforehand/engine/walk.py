"""The walk: one metric of one ticket, event by event. See flat.py for why only integers."""

from .codes import (
    CANNOT_BE_JUDGED,
    CLEARED_ITSELF,
    CLIENT_LIVE,
    F_BY_CLIENT,
    F_CLIENT,
    F_CONTACTED,
    F_REOPENED,
    F_RESPONDED,
    F_TOLD,
    F_TOUCH,
    FIRST_REPLY,
    M_LIVE,
    M_MERGED_START,
    M_UNCERTAIN,
    MACHINE,
    MEANINGFUL,
    MET,
    NO_LINE,
    NO_TARGET,
    NOT_STARTED,
    OFF_HOURS,
    ONSITE,
    PAUSED as RUN_PAUSED,
    PROVIDER,
    RECURRING,
    RESOLUTION,
    RESPONSE,
    RUNNING,
    S_MESSAGES,
    S_RESPONDED,
    S_UNCERTAIN,
    STOPPED,
    UPDATE,
    W_ENDED,
    W_NOT_STARTED,
    W_RUNNING,
    W_STOPPED,
)
from .flat import Flat, Ints, Rows, Rules, Slots, copy_to, is_open
from .instants import NEVER
from .record import ASKED, AT, BREACH, COVER, FRESH, MARKS, MEMBERS, METRIC, PAUSED, SINCE, STOP, TARGET, VERDICT, begin, retarget, stop
from .scan import H_BEGIN, H_CONTACTS, H_CREATED, H_GONE, H_HUMAN, H_LINE, H_MERGED, H_ORIGIN, H_OUT, H_OUT_AT, H_REOPENED, H_START, MIXED
from .spanlog import Log, late
from .turns import Ticket, breach_by_reopening, bring, finish, halt, resume, stop_marks

NO_EFFECT = -9
"""Stands in `effective` for "no line with this metric, now or later"."""


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


def stop_facts(s: Rules, metric: int, source: int, origin: int) -> int:
    """The facts that stop a metric's clock (3.4, 2.6); 0: cannot be judged; -1: it has none."""
    own = s.stops[metric]
    if metric == RESPONSE or metric >= MEANINGFUL:
        if origin == PROVIDER or origin == MACHINE:
            return F_TOUCH if s.first_touch and metric == RESPONSE else -1
        if origin == RECURRING or (origin == CLIENT_LIVE and metric == MEANINGFUL):
            return -1
        if origin == CLIENT_LIVE or source & S_MESSAGES or own & F_RESPONDED:
            return own
        if metric != RESPONSE:
            return -1
        return F_TOLD if source & S_RESPONDED else 0
    if (metric == UPDATE or metric == ONSITE) and not source & S_MESSAGES:
        return 0
    return own


def first_record(w: Flat, s: Rules, t: Ticket, metric: int, line: int, r: Slots, log: Log) -> None:
    """Begin a metric's first clock, at the ticket's start."""
    head = t.head
    start = head[H_START]
    begin(w, s, t.pct, r, metric, 1, line, start)
    if head[H_MERGED]:
        r[MARKS] |= M_MERGED_START
    late(log, r, head[H_BEGIN], min(start, t.as_of), W_NOT_STARTED)
    r[AT] = start


def walk_response(w: Flat, s: Rules, t: Ticket, out: Rows, side: Rows, log: Log) -> int:
    """Walk the response and the figures beside it (3.4, 3.5): one clock with up to three ends.

    The response goes to out[0]; returns how many records that is. Meaningful and first reply go to side[1] and
    side[2], whose TARGET stays 0 where there is no such clock. side[0] is scratch. All come BLANK.
    """
    head, at, pct, effective = t.head, t.at, t.pct, t.effective
    current, own = line_at_start(s, t, RESPONSE), stop_facts(s, RESPONSE, t.source, head[H_ORIGIN])
    if current == NO_EFFECT or own < 0:
        return 0
    fuller = stop_facts(s, MEANINGFUL, t.source, head[H_ORIGIN])
    reply = stop_facts(s, FIRST_REPLY, t.source, head[H_ORIGIN])
    r, start, later = side[0], head[H_START], s.later[RESPONSE]
    ends, fuller_ends, reply_ends = own | later, fuller | later if fuller > 0 else 0, reply | later if reply > 0 else 0
    first_record(w, s, t, RESPONSE, current, r, log)
    r[MEMBERS] = members(ends, fuller_ends, reply_ends)
    mixed, gone, ended = head[H_LINE] == MIXED, head[H_GONE], head[H_OUT_AT]
    facts, pauses, watch = t.facts, s.pauses[RESPONSE], ends | fuller_ends | reply_ends
    judged = own > 0 and head[H_ORIGIN] != CLIENT_LIVE
    for i in range(ended if judged else 0):
        if i == gone:
            bring(w, pct, r, max(at[i], start), log)
            if r[BREACH] == NEVER:
                ended = i
                break
        f = facts[i]
        shut = 1 if f & pauses and f & F_CONTACTED else 0
        if f & watch or shut != r[PAUSED] or (mixed and effective[i] != current):
            now = max(at[i], start)
            bring(w, pct, r, now, log)
            if mixed and effective[i] != current:
                current = effective[i]
                retarget(w, s, pct, r, current, now, i)
            if f & watch:
                if f & ends:
                    ends = leave(w, t, r, out[0], RESPONSE, own, i, now, log)
                if f & fuller_ends:
                    fuller_ends = leave(w, t, r, side[1], MEANINGFUL, fuller, i, now, log)
                if f & reply_ends:
                    reply_ends = leave(w, t, r, side[2], FIRST_REPLY, reply, i, now, log)
                watch = ends | fuller_ends | reply_ends
                if watch == 0:
                    return 1
                r[MEMBERS] = members(ends, fuller_ends, reply_ends)
            if shut != r[PAUSED]:
                r[PAUSED], r[SINCE] = shut, i
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


def settle_as(r: Slots, q: Slots, metric: int) -> None:
    """Copy the record that several metrics share to that of one."""
    copy_to(q, r)
    q[METRIC], q[MEMBERS] = metric, 1 << metric


def leave(w: Flat, t: Ticket, r: Slots, q: Slots, metric: int, own: int, i: int, now: int, log: Log) -> int:
    """Of the metrics that share record r, one stops at event i, with record q. Returns 0: nothing stops it again."""
    settle_as(r, q, metric)
    stop(q, now, i, stop_marks(metric, t.facts[i], own, t.at[i] < t.head[H_BEGIN]), t.precision)
    finish(w, t, q, STOPPED, log, W_STOPPED, -1)
    return 0


def walk(w: Flat, s: Rules, t: Ticket, metric: int, out: Rows, count: int, log: Log) -> int:
    """Walk the clocks of any other metric; returns how many records of `out`, BLANK from `count` on, are filled."""
    head, at, pct, effective = t.head, t.at, t.pct, t.effective
    current, own = line_at_start(s, t, metric), stop_facts(s, metric, t.source, head[H_ORIGIN])
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
    for i in range(ended):
        if i == gone:
            if r[STOP] == NEVER:
                bring(w, pct, r, max(at[i], start), log)
            if r[STOP] != NEVER or r[BREACH] == NEVER:
                ended = i
                break
        f = facts[i]
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
    if r[STOP] != NEVER:
        finish(w, t, r, STOPPED, log, W_STOPPED, -1)
    else:
        conclude(w, t, r, ended, log)
    return count + 1


def conclude(w: Flat, t: Ticket, r: Slots, ended: int, log: Log) -> None:
    """Finish a clock that has not stopped: it runs on, or its ticket went out, or its line, at event `ended`."""
    head, as_of = t.head, t.as_of
    if ended < t.n:
        bring(w, t.pct, r, max(t.at[ended], head[H_START]), log)
        r[STOP] = r[AT]
        if r[BREACH] == NEVER:
            r[VERDICT] = head[H_OUT] if ended == head[H_OUT_AT] else NO_LINE
        finish(w, t, r, STOPPED, log, W_ENDED, ended)
    else:
        bring(w, t.pct, r, as_of, log)
        run = RUNNING if is_open(w, r[COVER], as_of) else OFF_HOURS
        run = NOT_STARTED if as_of < head[H_START] else RUN_PAUSED if r[PAUSED] else run
        finish(w, t, r, run, log, W_RUNNING, -1)


def room_for(metrics: Ints, head: Ints) -> int:
    """How many records a ticket may need at most."""
    room = len(metrics) + 2 * head[H_REOPENED]
    for metric in metrics:
        if metric == UPDATE:
            room += head[H_CONTACTS]
    return room


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

"""The walk: one metric of one ticket, event by event. See flat.py for why only integers."""

from .codes import (
    BREACHED,
    CANNOT_BE_JUDGED,
    CLEARED_ITSELF,
    CLIENT_LIVE,
    F_BY_CLIENT,
    F_CLIENT,
    F_CLOSED,
    F_CONTACT,
    F_CONTACTED,
    F_PLANNED,
    F_REOPENED,
    F_RESOLVED,
    F_RESPONDED,
    F_TOLD,
    F_TOUCH,
    F_VISIT,
    F_WORK,
    FIRST_REPLY,
    M_AS_TOLD,
    M_BY_CHANGE,
    M_BY_PLAN,
    M_BY_RESOLUTION,
    M_LIVE,
    M_LOGGED_AFTER,
    M_MERGED_START,
    M_REOPENED,
    M_RESTARTED,
    M_THANKS,
    MACHINE,
    MEANINGFUL,
    MET,
    NO_LINE,
    NO_TARGET,
    NO_VISIT,
    NOT_STARTED,
    OFF_HOURS,
    ONSITE,
    OPEN,
    PAUSED,
    PROVIDER,
    RECURRING,
    RESOLUTION,
    RESPONSE,
    RUNNING,
    S_MESSAGES,
    S_RESPONDED,
    STOPPED,
    UPDATE,
    W_CLOSED,
    W_ENDED,
    W_NOT_STARTED,
    W_RUNNING,
    W_SET_ASIDE,
    W_STOPPED,
    W_WAITING,
)
from .flat import Flat, Ints, Slots, elapsed, instant_of, is_open
from .instants import NEVER
from .record import (
    AT,
    BREACH,
    COVER,
    CYCLE,
    DEADLINE,
    FIRST_STOP,
    KEPT,
    MARK,
    MARKS,
    METRIC,
    NEED,
    NUMBER,
    REACHED,
    RUN,
    START,
    STOP,
    TARGET,
    THRESHOLDS,
    USED,
    VERDICT,
    advance,
    begin,
    retarget,
    stop,
)
from .scan import H_BEGIN, H_CREATED, H_HUMAN, H_LINE, H_MERGED, H_ORIGIN, H_OUT, H_OUT_AT, H_SPANS, H_START, MIXED, Rules

# The slots of a raw span: the record it belongs to, from, to, why (W_*), the event that began it, its coverage.
SPAN_OF, SPAN_FROM, SPAN_TO, SPAN_WHY, SPAN_EVENT, SPAN_COVER, SPAN_SIZE = range(7)

NO_EFFECT = -9
"""Stands in `effective` for "no line with this metric, now or later"."""


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


def emit(spans: list[list[int]], head: Slots, of: int, r: Ints, to: int, why: int, event: int) -> None:
    """Write the raw span from where the record stands up to an instant."""
    if to <= r[AT]:
        return
    row = spans[head[H_SPANS]]
    row[SPAN_OF], row[SPAN_FROM], row[SPAN_TO], row[SPAN_WHY] = of, r[AT], to, why
    row[SPAN_EVENT], row[SPAN_COVER] = event, r[COVER]
    head[H_SPANS] += 1


def stop_facts(s: Rules, metric: int, source: int, origin: int) -> int:
    """The facts that stop a metric's clock for this source and origin (3.4, 2.6); 0: cannot be judged; -1: no clock."""
    own = s.stops[metric]
    if metric == RESPONSE or metric == MEANINGFUL or metric == FIRST_REPLY:
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


def stop_marks(metric: int, hit: int, own: int, before_start: bool) -> int:
    """How a stop came about (3.1, 3.4, 3.6)."""
    marks = 0
    if before_start:
        marks |= M_LOGGED_AFTER
    if hit & own:
        return marks | (M_AS_TOLD if own == F_TOLD else 0)
    if metric == RESOLUTION or metric == UPDATE:
        return marks
    return marks | (M_BY_PLAN if hit & F_PLANNED else M_BY_RESOLUTION)


def walk(
    w: Flat, s: Rules, metric: int, source: int, precision: int, n: int, at: Ints, state: Ints, facts: Ints,
    line: Ints, head: Slots, pct: Ints, full: int, as_of: int, out: list[list[int]], count: int, want: int,
    spans: list[list[int]], effective: Slots, snap: Slots,
) -> int:  # fmt: skip
    """Walk one metric's clocks; returns how many records of `out` are filled, from `count` on.

    `pct` are the thresholds in percent, ascending; `full` the index of 100 among them; `want` asks for raw spans.
    """
    start, mixed = head[H_START], head[H_LINE] == MIXED
    gone = n
    if mixed:
        gone = bridge(s, metric, n, line, effective)
        current = effective[0]
    else:
        current = head[H_LINE] if s.kind[head[H_LINE] * 8 + metric] != NO_TARGET else NO_EFFECT
    own = stop_facts(s, metric, source, head[H_ORIGIN])
    out_at, born = head[H_OUT_AT], max(start, head[H_CREATED])
    if current == NO_EFFECT or own < 0 or (out_at < n and at[out_at] <= born):
        return count
    mask = own | s.later[metric]
    pauses = s.pauses[metric]
    group = metric == RESPONSE or metric == MEANINGFUL or metric == FIRST_REPLY
    r = out[count]
    begin(w, s, pct, r, metric, 1, current, start)
    if head[H_MERGED]:
        r[MARKS] |= M_MERGED_START
    if want and head[H_BEGIN] < start:
        r[AT] = head[H_BEGIN]
        emit(spans, head, count, r, min(start, as_of), W_NOT_STARTED, -1)
        r[AT] = start
    if own == 0:
        r[VERDICT] = CANNOT_BE_JUDGED
        finish(w, pct, full, r, STOPPED, as_of, want, spans, head, count, W_ENDED, -1)
        return count + 1
    paused = stopped = asked = thanks = worked = fresh = 0
    since, snap_spans = -1, 0
    if group and head[H_ORIGIN] == CLIENT_LIVE:
        stop(r, start, -1, M_LIVE, precision)
        stopped = 1
    ended = n
    for i in range(n):
        if i == out_at or i == gone:
            if not stopped:
                bring(w, pct, r, max(at[i], start), paused, since, want, spans, head, count)
            if i == out_at or stopped or r[BREACH] == NEVER:
                ended = i
                break
        f = facts[i]
        hit = f & mask
        shut = (pauses >> state[i]) & 1 and (not group or f & F_CONTACTED)
        if stopped:
            if f & (F_CLIENT | F_BY_CLIENT):
                asked = 1
            if not f & F_REOPENED or not (metric == RESOLUTION or metric == UPDATE):
                paused = shut
                since = i if shut else since
                continue
        else:
            if f & F_WORK:
                worked = 1
            if not hit and shut == paused and (not mixed or effective[i] == current):
                continue
        now = max(at[i], start)
        if stopped:
            holds = effective[i] if mixed else current
            thanks, worked, stopped, fresh = asked, 0, 0, 0
            asked = 0
            snap_spans = head[H_SPANS]
            if metric == UPDATE or (s.restart_after >= 0 and now - r[STOP] > s.restart_after):
                finish(w, pct, full, r, STOPPED, as_of, want, spans, head, count, W_STOPPED, -1)
                fresh = 1
                number = r[NUMBER] + 1
                count += 1
                r = out[count]
                begin(w, s, pct, r, metric, number, holds, now)
                r[MARKS] |= M_RESTARTED
                if want:
                    r[AT] = head[H_BEGIN]
                    emit(spans, head, count, r, now, W_SET_ASIDE, -1)
                    r[AT] = now
            else:
                if thanks:
                    for k in range(len(snap)):
                        snap[k] = r[k]
                reopen(w, s, pct, r, now, want, spans, head, count, i)
                if holds != current:
                    retarget(w, s, pct, r, holds, now, i)
                if r[BREACH] == NEVER and r[USED] > r[TARGET]:
                    r[BREACH] = now
                    r[MARKS] |= M_BY_CHANGE if s.closed_time else 0
            current = holds
            paused = shut
            since = i if shut else since
            continue
        bring(w, pct, r, now, paused, since, want, spans, head, count)
        if mixed and effective[i] != current:
            current = effective[i]
            retarget(w, s, pct, r, current, now, i)
        if hit:
            if metric == UPDATE and not hit & (F_RESOLVED | F_CLOSED):
                stop(r, now, i, 0, precision)
                number = r[NUMBER] + 1
                finish(w, pct, full, r, STOPPED, as_of, want, spans, head, count, W_STOPPED, -1)
                count += 1
                r = out[count]
                begin(w, s, pct, r, metric, number, current, now)
                thanks = fresh = 0
                if want:
                    r[AT] = head[H_BEGIN]
                    emit(spans, head, count, r, now, W_SET_ASIDE, -1)
                    r[AT] = now
            elif thanks and not worked:
                stopped = 1
                head[H_SPANS] = snap_spans
                if fresh:
                    count -= 1
                    r = out[count]
                else:
                    for k in range(len(snap)):
                        r[k] = snap[k]
                r[MARKS] |= M_THANKS
                thanks = 0
            else:
                stopped = 1
                thanks = 0
                stop(r, now, i, stop_marks(metric, hit, own, at[i] < head[H_BEGIN]), precision)
                if metric == ONSITE and not hit & F_VISIT and r[VERDICT] == MET:
                    r[VERDICT] = NO_VISIT
        if shut != paused:
            paused = shut
            since = i
    if stopped:
        finish(w, pct, full, r, STOPPED, as_of, want, spans, head, count, W_STOPPED, -1)
    elif ended < n:
        r[STOP] = r[AT]
        if r[BREACH] == NEVER:
            r[VERDICT] = head[H_OUT] if ended == out_at else NO_LINE
        finish(w, pct, full, r, STOPPED, as_of, want, spans, head, count, W_ENDED, ended)
    else:
        bring(w, pct, r, as_of, paused, since, want, spans, head, count)
        run = RUNNING if is_open(w, r[COVER], as_of) else OFF_HOURS
        run = NOT_STARTED if as_of < start else PAUSED if paused else run
        finish(w, pct, full, r, run, as_of, want, spans, head, count, W_RUNNING, -1)
    return count + 1


def bring(
    w: Flat, pct: Ints, r: Slots, to: int, paused: int, since: int, want: int, spans: list[list[int]], head: Slots, count: int,
) -> None:  # fmt: skip
    """Bring a clock that has not stopped up to an instant, running or waiting."""
    if to <= r[AT]:
        return
    if paused:
        if want:
            emit(spans, head, count, r, to, W_WAITING, since)
        r[AT] = to
        r[MARK] = elapsed(w, r[COVER], to)
    else:
        if want:
            emit(spans, head, count, r, to, W_RUNNING, -1)
        advance(w, pct, r, to)


def reopen(
    w: Flat, s: Rules, pct: Ints, r: Slots, now: int, want: int, spans: list[list[int]], head: Slots, count: int, i: int,
) -> None:  # fmt: skip
    """The resolution clock goes on with the time used so far; the time between counts only by setting (3.7)."""
    breached = r[BREACH] != NEVER
    r[KEPT] = 1 if breached else 0
    r[MARKS] |= M_REOPENED
    r[VERDICT] = OPEN
    r[CYCLE] += 1
    if s.closed_time:
        r[AT] = r[STOP]
        if want:
            emit(spans, head, count, r, now, W_RUNNING, i)
        advance(w, pct, r, now)
        if not breached:
            r[BREACH] = NEVER
    else:
        if want:
            emit(spans, head, count, r, now, W_CLOSED, i)
        r[AT] = now
        r[MARK] = elapsed(w, r[COVER], now)
    r[STOP] = NEVER


def finish(
    w: Flat, pct: Ints, full: int, r: Slots, run: int, as_of: int, want: int, spans: list[list[int]], head: Slots,
    count: int, why: int, event: int,
) -> None:  # fmt: skip
    """Complete a record: its run state, its verdict so far, the deadline as it stands, thresholds to come (5.1, 5.2)."""
    if want:
        emit(spans, head, count, r, as_of, why, event)
    r[RUN] = run
    if r[BREACH] != NEVER:
        r[VERDICT] = BREACHED
    spare = r[TARGET] - r[USED]
    runs = run != STOPPED and run != PAUSED
    if spare <= 0:
        r[DEADLINE] = NEVER if run == PAUSED and r[BREACH] == NEVER else r[THRESHOLDS + full]
    elif r[VERDICT] > BREACHED or run == PAUSED:
        r[DEADLINE] = NEVER
    else:
        r[DEADLINE] = instant_of(w, r[COVER], r[MARK] + spare)
    for k in range(r[REACHED], len(pct)):
        need = (r[TARGET] * pct[k] + 99) // 100
        r[THRESHOLDS + k] = instant_of(w, r[COVER], r[MARK] + need - r[USED]) if runs else NEVER


def settle_verdicts(head: Ints, out: list[list[int]], first: int, count: int) -> None:
    """What has no verdict of its own, unless it was breached before (3.9, 2.6)."""
    for k in range(first, count):
        r = out[k]
        if r[BREACH] == NEVER:
            if head[H_OUT]:
                r[VERDICT] = head[H_OUT]
            elif head[H_ORIGIN] == MACHINE and not head[H_HUMAN] and r[VERDICT] == MET:
                r[VERDICT] = CLEARED_ITSELF

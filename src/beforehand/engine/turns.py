"""What turns a clock: it is brought along, stops, is reopened, ends. See flat.py for why only integers."""

from dataclasses import dataclass

from .codes import (
    BREACHED,
    F_CLOSED,
    F_PLANNED,
    F_RESOLVED,
    F_TOLD,
    F_VISIT,
    F_WORK,
    M_AS_TOLD,
    M_BY_CHANGE,
    M_BY_PLAN,
    M_BY_RESOLUTION,
    M_LOGGED_AFTER,
    M_REOPENED,
    M_RESTARTED,
    M_THANKS,
    MET,
    NO_LINE,
    NO_VISIT,
    NOT_STARTED,
    OFF_HOURS,
    ONSITE,
    OPEN,
    RESOLUTION,
    RUNNING,
    STOPPED,
    UPDATE,
    W_CLOSED,
    W_ENDED,
    W_RUNNING,
    W_SET_ASIDE,
    W_STOPPED,
    W_WAITING,
)
from .codes import (
    PAUSED as RUN_PAUSED,
)
from .flat import Flat, Ints, Rows, Rules, Slots, copy_to, elapsed, instant_of, is_open
from .instants import NEVER
from .record import (
    ASKED,
    AT,
    BREACH,
    COVER,
    CYCLE,
    DEADLINE,
    FRESH,
    KEPT,
    LOGGED,
    MARK,
    MARKS,
    METRIC,
    NUMBER,
    PAUSED,
    REACHED,
    REOPENED,
    RUN,
    SINCE,
    STOP,
    TARGET,
    THANKS,
    THRESHOLDS,
    USED,
    VERDICT,
    advance,
    begin,
    stop,
)
from .scan import H_BEGIN, H_OUT, H_OUT_AT, H_START
from .spanlog import Log, drop, emit, late, mark


@dataclass(slots=True)
class Ticket:
    """A ticket as `scan` leaves it, up to which instant it is read, and the percentages asked for, ascending.

    `full` is the index of 100 among them, `blank` a record before it begins. `effective` and `snap` are scratch,
    as long as the events and a record.
    """

    source: int
    precision: int
    n: int
    at: Ints
    facts: Ints
    line: Ints
    head: Slots
    as_of: int
    pct: Ints
    full: int
    effective: Slots
    snap: Slots
    blank: Ints


def bring(w: Flat, pct: Ints, r: Slots, to: int, log: Log) -> None:
    """Bring a clock that has not stopped up to an instant, running or waiting."""
    if to <= r[AT]:
        return
    if r[PAUSED]:
        emit(log, r, to, W_WAITING, r[SINCE])
        r[AT] = to
        r[MARK] = elapsed(w, r[COVER], to)
    else:
        emit(log, r, to, W_RUNNING, -1)
        advance(w, pct, r, to)


def halt(
    w: Flat, s: Rules, t: Ticket, i: int, now: int, hit: int, own: int, line: int,
    out: Rows, count: int, log: Log,
) -> int:  # fmt: skip
    """Event i, with the facts `hit`, stops the clock; returns the number of the record that stands then."""
    r = out[count]
    metric = r[METRIC]
    if metric == UPDATE and not hit & (F_RESOLVED | F_CLOSED):
        stop(r, now, i, 0, t.precision)
        return follow(w, s, t, now, line, out, count, log, 0)
    if r[THANKS] and not worked(t.facts, r[REOPENED] + 1, i):
        return thank(t, out, count, log)
    r[THANKS] = 0
    stop(r, now, i, stop_marks(metric, hit, own, t.at[i] < t.head[H_BEGIN]), t.precision)
    if metric == ONSITE and not hit & F_VISIT and r[VERDICT] == MET:
        r[VERDICT] = NO_VISIT
    return count


def follow(
    w: Flat, s: Rules, t: Ticket, now: int, line: int, out: Rows, count: int, log: Log, marks: int
) -> int:
    """The next clock of the same metric begins (3.7, 3.8); returns its number."""
    r, new = out[count], out[count + 1]
    finish(w, t, r, STOPPED, log, W_STOPPED, -1)
    begin(w, s, t.pct, new, r[METRIC], r[NUMBER] + 1, line, now)
    new[MARKS], new[PAUSED], new[SINCE] = marks, r[PAUSED], r[SINCE]
    late(log, new, t.head[H_BEGIN], now, W_SET_ASIDE)
    return count + 1


def thank(t: Ticket, out: Rows, count: int, log: Log) -> int:
    """A reopening by the client without work changes nothing (3.7): the record is as it was before."""
    r = out[count]
    drop(log, r[LOGGED])
    if r[FRESH]:
        count -= 1
        copy_to(r, t.blank)
        r = out[count]
    else:
        copy_to(r, t.snap)
    r[MARKS] |= M_THANKS
    return count


def worked(facts: Ints, first: int, last: int) -> bool:
    """Whether the provider worked on the ticket in events `first` to `last`."""
    found = 0
    for i in range(first, last + 1):
        found |= facts[i] & F_WORK
    return found != 0


def stop_marks(metric: int, hit: int, own: int, before_start: bool) -> int:
    """How a stop came about (3.1, 3.4, 3.6)."""
    marks = M_LOGGED_AFTER if before_start else 0
    if hit & own:
        return marks | (M_AS_TOLD if own == F_TOLD else 0)
    if metric == RESOLUTION or metric == UPDATE:
        return marks
    return marks | (M_BY_PLAN if hit & F_PLANNED else M_BY_RESOLUTION)


def resume(w: Flat, s: Rules, t: Ticket, i: int, now: int, line: int, out: Rows, count: int, log: Log) -> int:
    """Event i reopens the ticket: the clock goes on, or a new one begins (3.7, 3.8); returns the record's number."""
    r = out[count]
    asked, logged = r[ASKED], mark(log)
    r[ASKED] = r[FRESH] = 0
    if r[METRIC] == UPDATE or (s.restart_after >= 0 and now - r[STOP] > s.restart_after):
        count = follow(w, s, t, now, line, out, count, log, M_RESTARTED)
        r = out[count]
        r[FRESH] = 1
    else:
        if asked:
            copy_to(t.snap, r)
        reopen(w, s, t.pct, r, now, log, i)
    r[THANKS], r[REOPENED], r[LOGGED] = asked, i, logged
    return count


def reopen(w: Flat, s: Rules, pct: Ints, r: Slots, now: int, log: Log, i: int) -> None:
    """The clock goes on with the time used so far; the time between counts only by setting (3.7)."""
    breached = r[BREACH] != NEVER
    r[KEPT] = 1 if breached else 0
    r[MARKS] |= M_REOPENED
    r[VERDICT] = OPEN
    r[CYCLE] += 1
    if s.closed_time:
        r[AT] = r[STOP]
        emit(log, r, now, W_RUNNING, i)
        advance(w, pct, r, now)
        if not breached:
            r[BREACH] = NEVER
    else:
        emit(log, r, now, W_CLOSED, i)
        r[AT] = now
        r[MARK] = elapsed(w, r[COVER], now)
    r[STOP] = NEVER


def breach_by_reopening(s: Rules, r: Slots, now: int) -> None:
    """Where more than the target that holds again is used already, the clock breaches at the reopening (4.1)."""
    if r[BREACH] == NEVER and r[USED] > r[TARGET]:
        r[BREACH] = now
        if s.closed_time:
            r[MARKS] |= M_BY_CHANGE


def finish(w: Flat, t: Ticket, r: Slots, run: int, log: Log, why: int, event: int) -> None:
    """Complete a record: its run state, verdict, the deadline as it stands, thresholds to come (5.1, 5.2)."""
    emit(log, r, t.as_of, why, event)
    r[RUN] = run
    if r[BREACH] != NEVER:
        r[VERDICT] = BREACHED
    target = r[TARGET]
    spare, before = target - r[USED], r[MARK] - r[USED]
    if spare <= 0:
        r[DEADLINE] = NEVER if run == RUN_PAUSED and r[BREACH] == NEVER else r[THRESHOLDS + t.full]
    elif r[VERDICT] > BREACHED or run == RUN_PAUSED:
        r[DEADLINE] = NEVER
    else:
        r[DEADLINE] = instant_of(w, r[COVER], before + target)
    if run != STOPPED and run != RUN_PAUSED:
        for k in range(r[REACHED], len(t.pct)):
            r[THRESHOLDS + k] = instant_of(w, r[COVER], before + (target * t.pct[k] + 99) // 100)


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

"""A clock's record, and what moves it: running on, a new target, a stop. See flat.py for why only integers."""

from .codes import (
    BREACHED,
    DURATION,
    FROM_CHANGE,
    KEEP_FIRST,
    M_AT_LIMIT,
    M_BY_CHANGE,
    M_LATE_CHANGE,
    M_PRECISION,
    MET,
)
from .flat import Flat, Ints, Rules, Slots, day_due, elapsed, instant_of, next_open
from .instants import NEVER

# The slots of a record, of which those from AT on serve the walk alone: AT and MARK (elapsed time of its coverage at
# AT) say how far it has been walked, PAUSED whether it waits there, SINCE which event; NEED is the use at which the
# next threshold is reached; KEPT says that a breach was settled at an earlier stop. ASKED: the client has written since
# the stop; THANKS: the reopening at event REOPENED, from LOGGED on in the log, was of that kind (3.7); FRESH: it began
# this record. MEMBERS: the metrics, one bit each, whose clock it is; HOW a response stopped.
METRIC, NUMBER, START, TARGET, USED, VERDICT, RUN, STOP, STOP_EVENT, BREACH = range(10)
DEADLINE, MARKS, LATER, CYCLE, LINE, COVER, REACHED, FINDING, STOPS, FIRST_STOP = range(10, 20)
AT, MARK, PAUSED, SINCE, NEED, KEPT, ASKED = range(20, 27)
THANKS, REOPENED, LOGGED, FRESH, MEMBERS, HOW = range(27, 33)
THRESHOLDS = 33
"""Where the instants of the thresholds begin, with which a record ends."""

BLANK = (0, 0, 0, 0, 0, 0, 0, NEVER, -1, NEVER, NEVER, 0, 0, 1, 0, 0, 0, -1, 0, NEVER, *[0] * 13)
"""A record before it begins, up to its thresholds, all of which are NEVER."""

UNREACHABLE = 2**54
"""A target that coverage never opens for: 571 years, so that it is never used up; five times it still fits 64 bits."""


def target_of(w: Flat, s: Rules, line: int, metric: int, start: int) -> int:
    """The target of a metric on a line, in business time from `start` (2.5); at least 1 microsecond."""
    k = line * 8 + metric
    if s.kind[k] == DURATION:
        return s.amount[k]
    due = day_due(w, s.calendar[k], start, s.amount[k], s.by[k], s.cut_off[k])
    if due == NEVER:
        return UNREACHABLE
    cover = s.coverage[k]
    return max(elapsed(w, cover, due) - elapsed(w, cover, start), 1)


def begin(w: Flat, s: Rules, pct: Ints, r: Slots, metric: int, number: int, line: int, start: int) -> None:
    """A record, BLANK until now, that runs from `start` under a line."""
    cover = s.coverage[line * 8 + metric]
    target = target_of(w, s, line, metric, start)
    r[METRIC], r[NUMBER], r[START], r[TARGET], r[LINE], r[COVER] = metric, number, start, target, line, cover
    r[AT], r[MARK], r[NEED] = start, elapsed(w, cover, start), (target * pct[0] + 99) // 100
    r[MEMBERS] = 1 << metric


def advance(w: Flat, pct: Ints, r: Slots, to: int) -> None:
    """Let the clock run up to an instant: use, thresholds (5.2), breach (1.5)."""
    cover, used = r[COVER], r[USED]
    mark = elapsed(w, cover, to)
    total = used + mark - r[MARK]
    if total >= r[NEED]:
        reach(w, pct, r, total)
    if total > r[TARGET] and r[BREACH] == NEVER:
        spare = r[TARGET] - used
        r[BREACH] = next_open(w, cover, instant_of(w, cover, r[MARK] + spare) if spare > 0 else r[AT])
    r[USED], r[MARK], r[AT] = total, mark, to


def reach(w: Flat, pct: Ints, r: Slots, total: int) -> None:
    """Note the instants of the thresholds crossed on the way to a use of `total`."""
    k, target, used = r[REACHED], r[TARGET], r[USED]
    need = r[NEED]
    while need <= total:
        r[THRESHOLDS + k] = instant_of(w, r[COVER], r[MARK] + need - used) if need > used else r[AT]
        k += 1
        need = (target * pct[k] + 99) // 100 if k < len(pct) else NEVER
    r[REACHED], r[NEED] = k, need


def rearm(pct: Ints, r: Slots, at: int) -> None:
    """Thresholds after a change of target: one the percent fell below can be reached again, in a new cycle (5.2)."""
    target, used = r[TARGET], r[USED]
    k = 0
    while k < len(pct) and (target * pct[k] + 99) // 100 <= used:
        k += 1
    if k < r[REACHED]:
        r[CYCLE] += 1
    for q in range(k, r[REACHED]):
        r[THRESHOLDS + q] = NEVER
    for q in range(r[REACHED], k):
        r[THRESHOLDS + q] = at
    r[REACHED] = k
    r[NEED] = (target * pct[k] + 99) // 100 if k < len(pct) else NEVER


def retarget(w: Flat, s: Rules, pct: Ints, r: Slots, line: int, at: int, event: int) -> None:
    """Another line wins (4.1, 4.2). A breached clock keeps the target it broke (5.1)."""
    if s.retarget == KEEP_FIRST:
        return
    metric = r[METRIC]
    cover = s.coverage[line * 8 + metric]
    if r[BREACH] != NEVER:
        target = target_of(w, s, line, metric, r[START])
        r[LATER] = target if target != r[TARGET] else 0
    else:
        old, used = r[TARGET], r[USED]
        if s.retarget == FROM_CHANGE:
            target = target_from_change(w, s, r, line, at)
        else:
            target = target_of(w, s, line, metric, r[START])
        if target >= old and used * 4 >= old * 3 and r[FINDING] < 0:
            r[FINDING] = event
            r[MARKS] |= M_LATE_CHANGE
        r[LINE], r[TARGET] = line, target
        rearm(pct, r, at)
        if used > target:
            r[BREACH] = at
            r[MARKS] |= M_BY_CHANGE
    r[COVER] = cover
    r[MARK] = elapsed(w, cover, at)


def target_from_change(w: Flat, s: Rules, r: Slots, line: int, at: int) -> int:
    """Setting `from-change` (4.1): the new target begins at the change, but never ends after the old deadline."""
    cover = s.coverage[line * 8 + r[METRIC]]
    used, spare = r[USED], r[TARGET] - r[USED]
    fresh = target_of(w, s, line, r[METRIC], at)
    old_due = instant_of(w, r[COVER], elapsed(w, r[COVER], at) + spare) if spare > 0 else at
    new_due = instant_of(w, cover, elapsed(w, cover, at) + fresh)
    if new_due <= old_due:
        return used + fresh
    return max(used + elapsed(w, cover, old_due) - elapsed(w, cover, at), 1)


def stop(r: Slots, at: int, event: int, marks: int, precision: int) -> None:
    """The clock stops: met unless more than the target is used, by at least the source's precision (1.5)."""
    used, target = r[USED], r[TARGET]
    if r[BREACH] != NEVER and not r[KEPT] and not r[MARKS] & M_BY_CHANGE and used - target < precision:
        r[BREACH] = NEVER
        marks |= M_PRECISION
    if used == target:
        marks |= M_AT_LIMIT
    r[VERDICT] = MET if r[BREACH] == NEVER else BREACHED
    r[MARKS] |= marks
    r[STOP], r[STOP_EVENT] = at, event
    r[STOPS] += 1
    if r[FIRST_STOP] == NEVER:
        r[FIRST_STOP] = at

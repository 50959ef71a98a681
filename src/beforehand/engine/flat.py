"""Business time over coverages laid flat in integer sequences.

The functions here, in scan.py and in walk.py use nothing but integers and indexed sequences: on lists they serve one
reading at a time, and columns.py compiles the very same functions over arrays. So the two cannot differ.
"""

from bisect import bisect_left, bisect_right
from collections.abc import MutableSequence, Sequence
from dataclasses import dataclass

from .codes import CUT_CLOSE, CUT_NONE
from .instants import DAY, NEVER, SECOND

Ints = Sequence[int]
Slots = MutableSequence[int]
Rows = Sequence[Slots]


@dataclass(frozen=True, slots=True)
class Flat:
    """Tables of several coverages, one after another. Coverage c has windows low[c] to high[c] (exclusive).

    sums[i] is the business time before window i, shift[i] is opens[i] - sums[i].
    `day_*` are its windows before merging, in order, each with the local day it opens on (2.5), from day_low[c] to
    day_high[c]; `zone_*` the offsets of its zone, from zone_low[c] to zone_high[c]. Filled where day targets need it.
    """

    opens: Ints
    closes: Ints
    sums: Ints
    shift: Ints
    low: Ints
    high: Ints
    day: Ints
    day_opens: Ints
    day_closes: Ints
    day_low: Ints
    day_high: Ints
    zone_starts: Ints
    zone_offsets: Ints
    zone_low: Ints
    zone_high: Ints


@dataclass(frozen=True, slots=True)
class Rules:
    """An agreement's terms as integers: which line fits, what a status means, what a metric of a line promises.

    Line l names the conditions cond_low[l] to cond_low[l + 1]: field cond_field must have the code cond_code. The
    meaning of status s on board b is meaning[b * statuses + s]. Target (line l, metric m) stands at l * 8 + m; line
    -1 (none fits) has its row at the end, so that negative indexes reach it (2.3). `stops` is by what the source tells,
    origin and metric: see outset.stop_facts.
    """

    lines: int
    cond_low: Ints
    cond_field: Ints
    cond_code: Ints
    statuses: int
    meaning: Ints
    kind: Ints
    amount: Ints
    coverage: Ints
    calendar: Ints
    by: Ints
    cut_off: Ints
    stops: Ints
    later: Ints
    pauses: Ints
    wait_ends: int
    retarget: int
    closed_time: int
    restart_after: int
    merge_start: int
    approval: int


def copy_to(target: Slots, source: Ints) -> None:
    """Make a row the same as another."""
    target[:] = source


def elapsed(w: Flat, c: int, instant: int) -> int:
    """Business time of coverage c from the table's first instant to `instant`."""
    i = bisect_right(w.opens, instant, w.low[c], w.high[c]) - 1
    close = w.closes[i]
    return (instant if instant < close else close) - w.shift[i]


def instant_of(w: Flat, c: int, total: int) -> int:
    """The earliest instant by which `total` (more than 0) has elapsed; NEVER past the table's end."""
    high = w.high[c]
    j = bisect_left(w.sums, total, w.low[c], high)
    return total + w.shift[j - 1] if j < high else NEVER


def next_open(w: Flat, c: int, instant: int) -> int:
    """The instant itself while open, else the next opening; NEVER past the table's end."""
    if instant == NEVER:
        return NEVER
    i = bisect_right(w.opens, instant, w.low[c], w.high[c]) - 1
    if instant < w.closes[i]:
        return instant
    if i + 2 >= w.high[c]:
        return NEVER
    return w.opens[i + 1]


def is_open(w: Flat, c: int, instant: int) -> bool:
    """Whether coverage c is open at the instant."""
    return instant < w.closes[bisect_right(w.opens, instant, w.low[c], w.high[c]) - 1]


def wall_instant(w: Flat, c: int, wall: int) -> int:
    """First instant at which the local clock of coverage c shows `wall` (local microseconds) or later (1.3)."""
    low, high = w.zone_low[c], w.zone_high[c]
    k = max(bisect_right(w.zone_starts, wall - 2 * DAY, low, high) - 1, low)
    while k + 1 < high and w.zone_starts[k + 1] + w.zone_offsets[k] <= wall:
        k += 1
    return max(w.zone_starts[k], wall - w.zone_offsets[k])


def day_due(w: Flat, c: int, start: int, days: int, by: int, cut_off: int) -> int:
    """When a day target from `start` is due (2.5); `by` and `cut_off` in seconds after midnight or CUT_*.

    NEVER when the table does not reach that far.
    """
    low, high = w.day_low[c], w.day_high[c]
    offset = w.zone_offsets[
        max(bisect_right(w.zone_starts, start, w.zone_low[c], w.zone_high[c]) - 1, w.zone_low[c])
    ]
    day = (start + offset) // DAY
    if cut_off != CUT_NONE:
        i = bisect_left(w.day, day, low, high)
        while i < high:
            day = w.day[i]
            limit = (
                last_close(w, i, high)
                if cut_off == CUT_CLOSE
                else wall_instant(w, c, day * DAY + cut_off * SECOND)
            )
            if start <= limit:
                break
            i = bisect_right(w.day, day, i, high)
        if i >= high:
            return NEVER
    i = bisect_right(w.day, day, low, high)
    for _ in range(days - 1):
        if i >= high:
            return NEVER
        i = bisect_right(w.day, w.day[i], i, high)
    if i >= high:
        return NEVER
    if by == CUT_NONE:
        return last_close(w, i, high)
    return close_of_day(w, i, high, wall_instant(w, c, w.day[i] * DAY + by * SECOND))


def last_close(w: Flat, i: int, high: int) -> int:
    """The last close of the day whose first window is i."""
    day, last = w.day[i], w.day_closes[i]
    while i < high and w.day[i] == day:
        last = max(last, w.day_closes[i])
        i += 1
    return last


def close_of_day(w: Flat, i: int, high: int, wanted: int) -> int:
    """The wanted instant if the day's coverage holds it, else the day's next close, else its last (2.5)."""
    day, k, after = w.day[i], i, NEVER
    while k < high and w.day[k] == day:
        if w.day_opens[k] <= wanted <= w.day_closes[k]:
            return wanted
        if w.day_closes[k] > wanted:
            after = min(after, w.day_closes[k])
        k += 1
    return after if after != NEVER else last_close(w, i, high)

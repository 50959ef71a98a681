"""What time, in which hours, makes the due dates that a source told out of the creations of its tickets. Pure.

All arithmetic is the engine's: a time in hours is tried by adding it to a creation, as a deadline is made (1.5).
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from beforehand.engine.coverage import Coverage
from beforehand.engine.instants import HOUR, MINUTE, SECOND
from beforehand.promises.draft.terms import LONGEST

ENOUGH = 10
"""Tickets whose due date nothing moved: from fewer nothing is inferred."""
SHARE = 9, 10
"""Of these so many have to be reproduced; the others are marked as differing."""
CLEARLY = 3
"""Hours beat others where they reproduce so many tickets more: one or two may be chance."""
_FEW = 24
"""Tickets that are tried first: hours that fail on them are not tried on all."""
LIKELY = 7, 10
QUARTER, FIVE = 15 * MINUTE, 5 * MINUTE


class Due(NamedTuple):
    """A due date as a source told it: under which SLA by its name, of which priority and metric, of a ticket created at
    `start`. `steady`: nothing is known to have happened that may have moved it."""

    sla: str
    priority: str
    metric: str
    start: int
    due: int
    steady: bool = True


class Fit(NamedTuple):
    """A time in some hours that reproduces most due dates; `same` has a bit for each that it does."""

    amount: int
    same: int
    of: int

    @property
    def right(self) -> int:
        """How many it reproduces."""
        return self.same.bit_count()


def fit(coverage: Coverage, some: Sequence[Due]) -> Fit | None:
    """The time that reproduces enough of these due dates in these hours; None where none does."""
    if len(some) > 2 * _FEW:
        few = some[:: len(some) // _FEW]
        best = _best(coverage, few)
        if best is None or best.right * LIKELY[1] < best.of * LIKELY[0]:
            return None
    best = _best(coverage, some)
    return best if best is not None and _enough(best) and _holds_still(best, some) else None


def _enough(one: Fit) -> bool:
    return one.right * SHARE[1] >= one.of * SHARE[0]


def _holds_still(one: Fit, some: Sequence[Due]) -> bool:
    """Whether half of the newest have it too: else it was promised before, and something else is now."""
    newest = sorted(range(len(some)), key=lambda number: -some[number].start)[:ENOUGH]
    return 2 * sum(one.same >> number & 1 for number in newest) >= len(newest)


def beats(one: Fit, other: Fit) -> bool:
    """Whether one reproduces clearly more than the other, and hardly misses what the other reproduces."""
    more, less = (one.same & ~other.same).bit_count(), (other.same & ~one.same).bit_count()
    return more >= CLEARLY and less * SHARE[1] <= more


def _best(coverage: Coverage, some: Sequence[Due]) -> Fit | None:
    amounts = [coverage.between(one.start, one.due) for one in some]
    found = _with(coverage, some, amounts, SECOND, MINUTE)
    # Written to the minute alone, a due date fits two times a minute apart: only round ones can be told from those.
    # What was created outside of the hours is due to the second all the same: that alone is no reason not to try.
    if (found is None or not _enough(found)) and all(one.due % MINUTE == 0 for one in some):
        return _with(coverage, some, amounts, MINUTE - 1, FIVE) or found
    return found


def _with(coverage: Coverage, some: Sequence[Due], amounts: Sequence[int], off: int, step: int) -> Fit | None:
    """The time of which most due dates are, each to within `off`; None where not half of them are of one."""
    near = ((amount + step // 2) // step * step for amount in amounts)
    votes = Counter(n for n, amount in zip(near, amounts, strict=True) if abs(n - amount) <= off and _neat(n))
    if not votes:
        return None
    ((target, count),) = votes.most_common(1)
    if count * 2 < len(some):
        return None
    same = 0
    for number, one in enumerate(some):
        if abs(amounts[number] - target) <= off and _reproduces(coverage, one, target, off):
            same |= 1 << number
    return Fit(target, same, len(some))


def _neat(amount: int) -> bool:
    """Whether somebody may have set it: whole minutes up to an hour, quarters of one beyond."""
    return 0 < amount <= LONGEST * MINUTE and (amount <= HOUR or amount % QUARTER == 0)


def _reproduces(coverage: Coverage, one: Due, target: int, off: int) -> bool:
    """Whether a deadline made here is the one that was told; one at closing time may be told as the next opening."""
    ours = coverage.add(one.start, target)
    if ours is None or ours > one.due + off:
        return False
    if one.due - ours <= off:
        return True
    opens = coverage.next_open(ours)
    return opens is not None and abs(one.due - opens) <= off

"""What a ticket system says of its tickets' SLA against what the agreements say: over the tickets that both judge.

Our verdicts are counted as in all figures (tickets/rollups.py): what counts in a roll-up, and open clocks that have run
out since; tickets that are excluded or that no agreement covers are in neither figure (clock.md 2.3, 3.10), nor
are those that had a status of which nobody has said what it means (3.2): their clocks may run on here for that alone.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from beforehand.engine.codes import (
    CANNOT_BE_JUDGED,
    CLEARED_ITSELF,
    MACHINE,
    OPEN,
    OUT_OF_SCOPE,
    PROVIDER,
    RECURRING,
    RESPONSE,
    V_DELETED,
    V_MERGED,
)
from beforehand.engine.instants import to_instant
from beforehand.tickets.figures import Counts
from beforehand.tickets.mending import BY_STATUS
from beforehand.tickets.models import Source

from .stands import Stand, counted, newest
from .verdicts import JUDGED, OF_WHOLE, WHOLE, kept

BOTH_KEPT, BOTH_BROKEN, THEIRS_BROKEN, OURS_BROKEN = range(4)
"""How two verdicts stand to each other: broken there alone, broken here alone."""
IS_EXCLUDED, UNCOVERED, UNMAPPED, OUT_OF_IT, IS_OPEN, UNJUDGED, NO_RESPONSE, NOT_PROMISED = (
    "excluded", "uncovered", "unmapped", "out", "open", "unjudged", "no response", "not promised",
)  # fmt: skip
"""Why only the ticket system judges."""
_OUT = (V_MERGED, V_DELETED, OUT_OF_SCOPE, CLEARED_ITSELF)


class Pair(NamedTuple):
    """What both judge of a ticket: `theirs` in all of it, `differ` in which of JUDGED they do."""

    ticket: int
    theirs: Mapping[int, bool]
    differ: frozenset[int]


class Figure(NamedTuple):
    """One of JUDGED over the tickets that both judge, in `cells` from BOTH_KEPT on, and how many only one judges."""

    metric: int
    cells: tuple[int, int, int, int]
    only_theirs: Mapping[str, int]
    only_ours: int

    @property
    def theirs(self) -> Counts:
        """As the ticket system says."""
        return Counts(
            self.cells[BOTH_KEPT] + self.cells[OURS_BROKEN],
            self.cells[BOTH_BROKEN] + self.cells[THEIRS_BROKEN],
        )

    @property
    def ours(self) -> Counts:
        """As the agreements say."""
        return Counts(
            self.cells[BOTH_KEPT] + self.cells[THEIRS_BROKEN],
            self.cells[BOTH_BROKEN] + self.cells[OURS_BROKEN],
        )

    @property
    def differ(self) -> int:
        """On how many tickets they do not say the same."""
        return self.cells[THEIRS_BROKEN] + self.cells[OURS_BROKEN]


class Compared(NamedTuple):
    """All figures of a source. `both`: on how many tickets both judge something, on how many of these they `differ`,
    and how many tickets it judges at all."""

    figures: Sequence[Figure]
    both: int
    differ: int
    judged_there: int

    @property
    def theirs(self) -> Counts:
        """All promises together that both judge, as the ticket system says."""
        return _sum(figure.theirs for figure in self.figures)

    @property
    def ours(self) -> Counts:
        """The same as the agreements say."""
        return _sum(figure.ours for figure in self.figures)


def _sum(some: Iterable[Counts]) -> Counts:
    found = Counts()
    for one in some:
        found = found.plus(*one)
    return found


def compared(source: Source, now: datetime) -> Compared:
    """What a source says of its tickets against what the agreements say, as of now."""
    stands = counted(source, to_instant(now))
    judged = {metric for stand, _ in stands for metric in stand.theirs}
    figures = [_figure(metric, stands) for metric in JUDGED if metric in judged]
    both = differ = there = 0
    for stand, count in stands:
        theirs, apart = _judged(stand)
        both += count * bool(theirs)
        differ += count * bool(apart)
        there += count * bool(stand.theirs)
    return Compared(figures, both, differ, there)


def newest_pairs(
    source: Source, now: datetime, differing: int, agreeing: int
) -> tuple[list[Pair], list[Pair]]:
    """The newest tickets on which both differ, and those on which they agree: so many of each at most."""
    apart, same = list[Pair](), list[Pair]()
    for ticket, judged in newest(source, to_instant(now), _judged):
        pair = Pair(ticket, *judged)
        some, most = (apart, differing) if pair.differ else (same, agreeing)
        if pair.theirs and len(some) < most:
            some.append(pair)
            if len(apart) >= differing and len(same) >= agreeing:
                break
    return apart, same


def _judged(stand: Stand) -> tuple[dict[int, bool], frozenset[int]]:
    """What both judge, as the ticket system does, and in what they differ."""
    theirs = {metric: there for metric, there in stand.theirs.items() if _here(stand, metric) is not None}
    return theirs, frozenset(metric for metric, there in theirs.items() if _here(stand, metric) != there)


def _here(stand: Stand, metric: int) -> bool | None:
    if stand.nobodys or _is_out(stand):
        return None
    return kept(metric, stand.ours)


def _is_out(stand: Stand) -> bool:
    return stand.excluded or stand.unmapped in BY_STATUS


def _figure(metric: int, stands: Iterable[tuple[Stand, int]]) -> Figure:
    cells, only_theirs, only_ours = [0, 0, 0, 0], Counter[str](), 0
    for stand, count in stands:
        theirs = stand.theirs
        if metric in theirs:
            here = _here(stand, metric)
            if here is None:
                only_theirs[_why(stand, metric)] += count
            else:
                cells[_CELLS[theirs[metric], here]] += count
        # Of a ticket that it judges by its parts it need not judge the whole.
        elif not (metric == WHOLE and theirs) and not _is_out(stand):
            only_ours += count * (kept(metric, stand.ours) is not None)
    return Figure(metric, tuple(cells), only_theirs, only_ours)  # type: ignore[arg-type]


_CELLS = {
    (True, True): BOTH_KEPT, (False, False): BOTH_BROKEN, (False, True): THEIRS_BROKEN, (True, False): OURS_BROKEN,
}  # fmt: skip


def _why(stand: Stand, metric: int) -> str:
    """Why we have no verdict on a ticket that its ticket system judges."""
    ours = stand.ours
    said = [ours[one] for one in (OF_WHOLE if metric == WHOLE else (metric,)) if one in ours]
    if stand.excluded:
        return IS_EXCLUDED
    if stand.nobodys or stand.without_version:
        return UNCOVERED
    if stand.unmapped in BY_STATUS:
        return UNMAPPED
    if stand.out or any(one in _OUT for one in said):
        return OUT_OF_IT
    if not stand.covered:
        return UNCOVERED
    if OPEN in said:
        return IS_OPEN
    if CANNOT_BE_JUDGED in said:
        return UNJUDGED
    if metric == RESPONSE and stand.origin in (PROVIDER, MACHINE, RECURRING):
        return NO_RESPONSE
    return NOT_PROMISED

"""What a ticket system says of its tickets' SLA against what the agreements say: over the tickets that both judge.

Our verdicts are counted as in all figures (tickets/rollups.py): what counts in a roll-up, and open clocks that have run
out since; tickets that are excluded or that no agreement covers are in neither figure (clock.md 2.3, 3.10), nor
are those that had a status of which nobody has said what it means (3.2): their clocks may run on here for that alone.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, F, Q
from django.db.models.functions import Cast

from beforehand.engine.codes import (
    BREACHED,
    CANNOT_BE_JUDGED,
    CLEARED_ITSELF,
    MACHINE,
    MET,
    OPEN,
    OUT_OF_SCOPE,
    PROVIDER,
    RECURRING,
    RESPONSE,
    STOPPED,
    V_DELETED,
    V_MERGED,
)
from beforehand.engine.instants import to_instant
from beforehand.tickets.figures import Counts
from beforehand.tickets.mending import BY_STATUS
from beforehand.tickets.models import Clock, PsaView, Source, Ticket
from beforehand.tickets.rollups import EXCLUDED

from .verdicts import JUDGED, OF_WHOLE, WHOLE, kept, latest

BOTH_KEPT, BOTH_BROKEN, THEIRS_BROKEN, OURS_BROKEN = range(4)
"""How two verdicts stand to each other: broken there alone, broken here alone."""
IS_EXCLUDED, UNCOVERED, UNMAPPED, OUT_OF_IT, IS_OPEN, UNJUDGED, NO_RESPONSE, NOT_PROMISED = (
    "excluded", "uncovered", "unmapped", "out", "open", "unjudged", "no response", "not promised",
)  # fmt: skip
"""Why only the ticket system judges."""
_OUT = (V_MERGED, V_DELETED, OUT_OF_SCOPE, CLEARED_ITSELF)


class Pair(NamedTuple):
    """A ticket that both judge: `differ`, in which of JUDGED they do, `theirs` in all that both judge."""

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
    """All figures of a source, the tickets behind them, the newest first, and how many tickets it judges at all."""

    figures: Sequence[Figure]
    pairs: Sequence[Pair]
    judged_there: int

    @property
    def theirs(self) -> Counts:
        """All promises together that both judge, as the ticket system says."""
        return _sum(figure.theirs for figure in self.figures)

    @property
    def ours(self) -> Counts:
        """The same as the agreements say."""
        return _sum(figure.ours for figure in self.figures)

    @property
    def differing(self) -> list[Pair]:
        """The tickets on which they differ."""
        return [pair for pair in self.pairs if pair.differ]


def _sum(some: Iterator[Counts]) -> Counts:
    found = Counts()
    for one in some:
        found = found.plus(*one)
    return found


def compared(source: Source, now: datetime) -> Compared:
    """What a source says of its tickets against what the agreements say, as of now."""
    ours = _ours(source, to_instant(now))
    counted, pairs, views = _Counting(), [], 0
    for view in _views(source):
        views += 1
        if pair := counted.add(view, ours.get(view.ticket, {})):
            pairs.append(pair)
    counted.only_ours(source, ours)
    return Compared(counted.figures, pairs, views)


class _View(NamedTuple):
    """A ticket and the verdicts of its ticket system, by JUDGED."""

    ticket: int
    response: bool | None
    resolution: bool | None
    whole: bool | None
    excluded: int
    client: int | None
    version: int | None
    covered: bool
    out: int
    origin: int
    unmapped: int

    @property
    def verdicts(self) -> dict[int, bool]:
        """The one of the whole only where there is none of a part."""
        said = {metric: one for metric, one in zip(JUDGED, self[1:4], strict=True) if one is not None}
        if len(said) > 1:
            said.pop(WHOLE, None)
        return said


def _views(source: Source) -> Iterator[_View]:
    says = Q(response_kept__isnull=False) | Q(resolution_kept__isnull=False) | Q(kept__isnull=False)
    rows = PsaView.objects.filter(says, provider=source.provider_id, ticket__source=source)
    columns = ("excluded", "client_id", "version_id", "covered", "out", "origin", "unmapped")
    rows = rows.order_by(F("ticket__created").desc(nulls_last=True), "-ticket_id")
    for row in rows.values_list(
        "ticket_id", "response_kept", "resolution_kept", "kept", *(f"ticket__{name}" for name in columns)
    ):
        yield _View(*row)


def _ours(source: Source, now: int) -> dict[int, dict[int, int]]:
    """Of each ticket the verdicts that hold (verdicts.latest)."""
    clocks = Clock.objects.filter(provider=source.provider_id, ticket__source=source, metric__in=OF_WHOLE)
    clocks = clocks.annotate(late=Cast("late_at", BigIntegerField()))
    found: dict[int, list[tuple[int, int, int]]] = {}
    for ticket, metric, number, verdict, run, late, tally in clocks.values_list(
        "ticket_id", "metric", "number", "verdict", "run", "late", "tally"
    ).order_by():
        if tally is None and run != STOPPED and late is not None and late < now:
            verdict = BREACHED
        elif tally is None and verdict in (MET, BREACHED):
            continue
        found.setdefault(ticket, []).append((metric, number, verdict))
    return {ticket: latest(some) for ticket, some in found.items()}


class _Counting:
    def __init__(self) -> None:
        self._cells: dict[int, list[int]] = {}
        self._only_theirs: dict[int, Counter[str]] = {}
        self._only_ours: Counter[int] = Counter()
        self._judged: dict[int, set[int]] = {}

    def add(self, view: _View, ours: Mapping[int, int]) -> Pair | None:
        """Count a ticket; what both say of it, if they do."""
        theirs: dict[int, bool] = {}
        differ = set()
        for metric, there in view.verdicts.items():
            self._judged.setdefault(metric, set()).add(view.ticket)
            cells = self._cells.setdefault(metric, [0, 0, 0, 0])
            here = None if _apart(view) else kept(metric, ours)
            if here is None:
                self._only_theirs.setdefault(metric, Counter())[_why(view, metric, ours)] += 1
                continue
            cells[_CELLS[there, here]] += 1
            theirs[metric] = there
            if here != there:
                differ.add(metric)
        return Pair(view.ticket, theirs, frozenset(differ)) if theirs else None

    def only_ours(self, source: Source, ours: Mapping[int, Mapping[int, int]]) -> None:
        """Count the tickets that only we judge, of what the source judges at all."""
        rows = Ticket.objects.filter(provider=source.provider_id, source=source)
        apart = set(
            rows.filter(Q(excluded=EXCLUDED) | Q(unmapped__in=BY_STATUS)).values_list("pk", flat=True)
        )
        any_judged = set().union(*self._judged.values())
        for metric in self._cells:
            there = any_judged if metric == WHOLE else self._judged[metric]
            self._only_ours[metric] = sum(
                kept(metric, said) is not None
                for ticket, said in ours.items()
                if ticket not in there and ticket not in apart
            )

    @cached_property
    def figures(self) -> list[Figure]:
        """What was counted, in the order of JUDGED."""
        return [
            Figure(
                metric,
                tuple(self._cells[metric]),  # type: ignore[arg-type]
                self._only_theirs.get(metric, Counter()),
                self._only_ours[metric],
            )
            for metric in JUDGED
            if metric in self._cells
        ]


_CELLS = {
    (True, True): BOTH_KEPT, (False, False): BOTH_BROKEN, (False, True): THEIRS_BROKEN, (True, False): OURS_BROKEN,
}  # fmt: skip


def _apart(view: _View) -> bool:
    return view.excluded == EXCLUDED or view.client is None or view.unmapped in BY_STATUS


def _why(view: _View, metric: int, ours: Mapping[int, Any]) -> str:
    """Why we have no verdict on a ticket that its ticket system judges."""
    said = [ours[one] for one in (OF_WHOLE if metric == WHOLE else (metric,)) if one in ours]
    if view.excluded == EXCLUDED:
        return IS_EXCLUDED
    if view.client is None or view.version is None:
        return UNCOVERED
    if view.unmapped in BY_STATUS:
        return UNMAPPED
    if view.out or any(one in _OUT for one in said):
        return OUT_OF_IT
    if not view.covered:
        return UNCOVERED
    if OPEN in said:
        return IS_OPEN
    if CANNOT_BE_JUDGED in said:
        return UNJUDGED
    if metric == RESPONSE and view.origin in (PROVIDER, MACHINE, RECURRING):
        return NO_RESPONSE
    return NOT_PROMISED

"""Which settings explain why a ticket system and the agreements judge tickets differently.

Each ticket on which they differ is read again from its history under our own terms with one setting in them made as it
is there. What makes the verdict the ticket system's explains it; the best is taken first, then what is best on top of
it. A setting must explain more tickets than it would set apart: else it fits by chance.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from beforehand.engine.codes import METRICS
from beforehand.engine.coverage import Coverage
from beforehand.engine.errors import Invalid
from beforehand.engine.terms import Terms

from .candidates import HOURS, TARGET, Candidate, Setting
from .subjects import Subject

AT_MOST = 3
ONCE_IS_CHANCE = 3
"""So many tickets must speak for a setting that the source does not tell: one or two are often so by chance."""


class Found(NamedTuple):
    """A setting, the tickets it explains that no other found one does, and how many that agreed it would set apart.

    `ours`: the targets, in microseconds, or the hours that these tickets have here. `past`: it is not set so any more.
    """

    setting: Setting
    tickets: Sequence[int]
    breaks: int
    ours: Sequence[int] | Sequence[Coverage] = ()
    past: bool = False


class Explained(NamedTuple):
    """What explains the tickets on which they differ, and those that nothing does."""

    found: Sequence[Found]
    rest: Sequence[int]

    @property
    def explained(self) -> int:
        """How many tickets are explained."""
        return sum(len(one.tickets) for one in self.found)


def explain(
    differing: Sequence[Subject],
    agreeing: Sequence[Subject],
    candidates: Sequence[Candidate],
    *,
    weight: int = 1,
    now: int = 0,
) -> Explained:
    """The settings that explain the most, at most AT_MOST. Each ticket of `agreeing` stands for `weight` of them; `now`
    is the number of the era that holds."""
    search = _Search(candidates, weight)
    rest, won, breaks = list(differing), list[Subject](), dict[Candidate, int]()
    while rest and len(search.chosen) < AT_MOST:
        best = search.best(rest, won, agreeing)
        if best is None:
            break
        candidate, hit, breaks[candidate] = best
        search.chosen.append(candidate)
        search.by |= dict.fromkeys(hit, candidate)
        won = search.hold(differing)
        rest = [one for one in differing if one not in set(won)]
    won = search.settle(differing)
    found = []
    for candidate in search.chosen:
        hit = [one for one in won if search.by[one] is candidate]
        tickets = [one.ticket for one in hit]
        past = candidate.eras is not None and now not in candidate.eras
        found.append(
            Found(candidate.setting, tickets, breaks[candidate], _ours(candidate.setting, hit), past)
        )
    return Explained(found, [one.ticket for one in differing if one not in set(won)])


def _ours(setting: Setting, hit: Sequence[Subject]) -> list[int] | list[Coverage]:
    """What holds here in place of a target, or of hours."""
    if setting.kind == TARGET:
        metric = METRICS.index(setting.metric)
        return sorted({one.base.targets[metric] for one in hit if metric in one.base.targets})
    if setting.kind == HOURS:
        found = {(had.zone, had.weekly): had for one in hit for had in one.base.hours.values()}
        return list(found.values())
    return []


@dataclass
class _Search:
    candidates: Sequence[Candidate]
    weight: int
    chosen: list[Candidate] = field(default_factory=list)
    by: dict[Subject, Candidate] = field(default_factory=dict)
    _terms: dict[tuple[int, ...], Terms] = field(default_factory=dict)
    _said: dict[tuple[int, int], frozenset[int] | None] = field(default_factory=dict)

    def best(
        self, rest: Sequence[Subject], won: Sequence[Subject], agreeing: Sequence[Subject]
    ) -> tuple[Candidate, list[Subject], int] | None:
        """What explains the most of the rest, on top of what was chosen, less what it sets apart."""
        scored = []
        for place, candidate in enumerate(self.candidates):
            if candidate not in self.chosen:
                hit = [one for one in rest if self._may_help(one, candidate) and self._agrees(one, candidate)]
                if hit:
                    scored.append((-len(hit), not candidate.setting.told, place, candidate, hit))
        best, net = None, 0
        for lost, _, _, candidate, hit in sorted(scored, key=lambda one: one[:3]):
            if -lost <= net:
                break
            breaks = self.weight * self._broken(agreeing, candidate)
            gain = len(hit) - breaks - self._broken(won, candidate)
            if gain > net and (candidate.setting.told or gain >= ONCE_IS_CHANCE):
                best, net = (candidate, hit, breaks), gain
        return best

    def hold(self, differing: Iterable[Subject]) -> list[Subject]:
        """Those that were explained and still are under all that was chosen: a later setting may undo an earlier."""
        return [one for one in differing if self.by.get(one) in self.chosen and self._agrees(one)]

    def settle(self, differing: Sequence[Subject]) -> list[Subject]:
        """The same, and nothing chosen that explains none of them by now, or too few."""
        while True:
            won = self.hold(differing)
            used = Counter(self.by[one] for one in won)
            stay = [one for one in self.chosen if used[one] >= (1 if one.setting.told else ONCE_IS_CHANCE)]
            if stay == self.chosen:
                return won
            self.chosen = stay

    def _broken(self, some: Iterable[Subject], candidate: Candidate) -> int:
        return sum(self._agrees(one) and not self._agrees(one, candidate, True) for one in some)

    def _may_help(self, one: Subject, candidate: Candidate) -> bool:
        """Whether it touches anything that is judged otherwise there."""
        if not candidate.fits(one):
            return False
        differs = self._read(one, self._varied(one, [c for c in self.chosen if c.fits(one)]))
        return not candidate.metrics or not candidate.metrics.isdisjoint(differs or ())

    def _agrees(self, one: Subject, candidate: Candidate | None = None, otherwise: bool = False) -> bool:
        """Whether a ticket has the ticket system's verdicts with the candidate; `otherwise` where that cannot be told,
        or changes nothing."""
        before = self._varied(one, [c for c in self.chosen if c.fits(one)])
        if candidate is None:
            return self._read(one, before) == frozenset()
        terms = self._varied(one, [c for c in (*self.chosen, candidate) if c.fits(one)])
        differs = None if terms is before else self._read(one, terms)
        return otherwise if differs is None else not differs

    def _read(self, one: Subject, terms: Terms) -> frozenset[int] | None:
        """In what it is judged otherwise under these terms, each read once; None where these cannot be."""
        key = one.ticket, id(terms)
        if key not in self._said:
            try:
                self._said[key] = one.differs(one.base if terms is one.held.terms else one.read(terms))
            except Invalid:
                self._said[key] = None
        return self._said[key]

    def _varied(self, one: Subject, some: Sequence[Candidate]) -> Terms:
        """Its terms with these settings, each made once."""
        terms = one.held.terms
        key: tuple[int, ...] = (id(terms),)
        for candidate in some:
            key = (*key, id(candidate))
            if key not in self._terms:
                try:
                    self._terms[key] = candidate.change(terms)
                except Invalid:
                    self._terms[key] = terms
            terms = self._terms[key]
        return terms

"""Why a source's verdicts are not ours: the newest tickets on which they differ, and the settings that explain them."""

from datetime import datetime
from typing import NamedTuple

from beforehand.engine.instants import to_instant
from beforehand.promises.book import Book
from beforehand.tickets.models import Source

from .candidates import candidates
from .compared import Compared, newest_pairs
from .eras import Eras
from .explain import Explained, explain
from .subjects import Names, subjects

LOOKED_AT, HELD_AGAINST = 500, 500
"""So many tickets that differ are read again, the newest, and so many that agree held against what explains them."""


class Why(NamedTuple):
    """`looked`: how many of the `differing` tickets were read again. `behind`: those that differ no more under the
    terms of now, since their stored clocks are still to be read again. `before`: how many came before it was known what
    the source is set to."""

    explained: Explained
    looked: int
    differing: int
    behind: int
    before: int


def why(source: Source, said: Compared, eras: Eras, names: Names, book: Book, now: datetime) -> Why:
    """The settings that explain where a source's verdicts differ from ours."""
    newest, agree = newest_pairs(source, now, min(said.differ, LOOKED_AT), HELD_AGAINST)
    instant = to_instant(now)
    some = list(subjects(source, newest, book, eras, names, instant))
    still = [one for one in some if not one.agrees(one.base)]
    against = list(subjects(source, agree, book, eras, names, instant)) if still else []
    weight = max(1, -(-(said.both - said.differ) // HELD_AGAINST))
    found = explain(still, against, candidates(eras.now, names, still), weight=weight, now=eras.now.number)
    before = 0 if eras.known is None else sum(one.born < to_instant(eras.known) for one in some)
    return Why(found, len(newest), said.differ, len(some) - len(still), before)

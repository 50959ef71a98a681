"""Why a source's verdicts are not ours: the newest tickets on which they differ, and the settings that explain them."""

from typing import NamedTuple

from beforehand.promises.book import Book
from beforehand.promises.psa import SetUpPlain
from beforehand.tickets.models import Source

from .candidates import candidates
from .compared import Compared
from .explain import Explained, explain
from .subjects import Names, subjects

LOOKED_AT, HELD_AGAINST = 500, 500
"""So many tickets that differ are read again, the newest, and so many that agree held against what explains them."""


class Why(NamedTuple):
    """`looked`: how many of the `differing` tickets were read again. `behind`: those that differ no more under the
    terms of now, since their stored clocks are still to be read again."""

    explained: Explained
    looked: int
    differing: int
    behind: int


def why(source: Source, said: Compared, set_up: SetUpPlain, names: Names, book: Book, now: int) -> Why:
    """The settings that explain where a source's verdicts differ from ours."""
    differing = said.differing
    newest = differing[:LOOKED_AT]
    some = list(subjects(source, newest, book, set_up, names, now))
    still = [one for one in some if not one.agrees(one.base)]
    agree = [pair for pair in said.pairs if not pair.differ]
    against = list(subjects(source, agree[:HELD_AGAINST], book, set_up, names, now)) if still else []
    weight = -(-len(agree) // HELD_AGAINST) if agree else 1
    found = explain(still, against, candidates(set_up, names, still), weight=weight)
    return Why(found, len(newest), len(differing), len(some) - len(still))

"""Ladders of every kind, for what must hold for all of them."""

from typing import Any

from hypothesis import strategies as st

from beforehand.engine.codes import METRICS, STATES
from beforehand.engine.instants import MINUTE
from beforehand.promises.ladders import (
    CLIENT,
    LEAST_INTERVAL,
    PARTIES,
    URGENCIES,
    Ladder,
    Link,
    Match,
    Step,
    in_order,
)

_ODD = [
    "no",
    "1e3",
    "a: b",
    "#1",
    "Ann and Co",
    "or",
    "and",
    '"Al"',
    "A or dispatcher",
    'x "y"',
    "a, b",
    "*",
    "%",
]
seen = st.characters(exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp", "Zs"))
word = st.text(seen, min_size=1, max_size=6).filter(lambda text: text.strip() == text) | st.sampled_from(_ODD)
party = st.sampled_from(PARTIES) | st.builds("{} {}".format, st.sampled_from(["person", "channel"]), word)
links = st.lists(st.lists(party, min_size=1, max_size=3).map(tuple), min_size=1, max_size=3).map(
    lambda found: Link(tuple(found))
)
some_states = st.lists(st.sampled_from(STATES), max_size=3, unique=True).map(
    lambda found: tuple(sorted(found, key=STATES.index))
)


def _with_text(step: Step) -> Step:
    """The step, with a text where a client's contact is told."""
    told = {party for link in step.chain for choice in link.parties for party in choice}
    return step._replace(client_text="Late with {ticket}." if CLIENT in told else "")


def steps(
    at: st.SearchStrategy[tuple[int | None, int | None]], most: int
) -> st.SearchStrategy[tuple[Step, ...]]:
    """Steps at such places, with chains of at most so many."""
    one: st.SearchStrategy[Any] = st.builds(
        lambda at, chain, **more: _with_text(Step(*at, tuple(chain), **more)),
        at,
        st.lists(links, max_size=most),
        urgency=st.sampled_from(URGENCIES),
        channels=st.lists(word, max_size=2, unique=True).map(tuple),
        expects=st.just("") | word,
        moves=some_states,
        every=st.integers(LEAST_INTERVAL, 100 * MINUTE),
    )
    return st.lists(one, min_size=1, max_size=3, unique_by=lambda step: step[:2]).map(in_order)


anywhere = st.tuples(st.integers(1, 500), st.none()) | st.tuples(st.none(), st.integers(1, 10**12))
texts = st.just("") | word
matches = st.builds(Match, texts, texts, texts, texts, st.just("") | st.sampled_from(METRICS[:6]))
ladders = st.builds(
    Ladder,
    word,
    steps(anywhere, 3),
    st.lists(matches, min_size=1, max_size=3, unique=True).map(tuple),
    st.booleans(),
)

_general = st.builds(
    lambda plan, priority, metric: Match("", "", plan, priority, metric),
    st.sampled_from(["", "Plan"]),
    texts,
    st.sampled_from(METRICS[:6]),
)
_late = st.tuples(st.integers(100, 500), st.none())


def _by_name(found: list[tuple[str, tuple[Step, ...], Match, bool]]) -> dict[str, Ladder]:
    return {name: Ladder(name, climbed, (match,), on) for name, climbed, match, on in found}


standing: st.SearchStrategy[dict[str, Ladder]] = st.lists(
    st.tuples(word, steps(_late, 3), _general, st.booleans()),
    max_size=2,
    unique_by=(lambda row: row[0], lambda row: row[2]),
).map(_by_name)
"""Ladders that stand in a document whatever its targets: their steps are at the deadline and beyond."""

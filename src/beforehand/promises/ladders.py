"""Who is told what, and when, before a promise breaks: ladders, their steps, and which one a clock climbs."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from beforehand.engine.instants import MINUTE
from beforehand.kernel.names import fold

PARTIES = ("assignee", "dispatcher", "team lead", "service manager", "client contact")
"""Who can be told without being named; besides them `person NAME` and `channel NAME`."""

NAMED = ("person", "channel")
URGENCIES = ("quiet", "normal", "urgent")
CLIENT = "client contact"
EVERY = 15 * MINUTE
LEAST_INTERVAL = MINUTE
DEADLINE = 100
FURTHEST = 500
"""The last percentage of a target at which a step can stand."""


class Link(NamedTuple):
    """Those who are told at one time: each of `parties`; of the alternatives in one, the first that is somebody."""

    parties: tuple[tuple[str, ...], ...]


class Step(NamedTuple):
    """What happens at a `percent` of the target, or (exactly one of the two) business time `before` the deadline.

    `chain` are those told one after the other while no action follows; with an empty one the ticket only shows
    on the board. A move to a state of `moves` ends the chain. `before` and `every` are in microseconds.
    """

    percent: int | None
    before: int | None
    chain: tuple[Link, ...]
    urgency: str = "normal"
    channels: tuple[str, ...] = ()
    expects: str = ""
    moves: tuple[str, ...] = ()
    every: int = EVERY
    client_text: str = ""


class Match(NamedTuple):
    """The clocks that a ladder is for; an empty field fits any."""

    client: str = ""
    agreement: str = ""
    plan: str = ""
    priority: str = ""
    metric: str = ""


class Ladder(NamedTuple):
    """Steps in the order they are reached, and what they are for. `in_hours`: chains wait in provider hours."""

    name: str
    steps: tuple[Step, ...]
    fits: tuple[Match, ...]
    in_hours: bool = False


_Named = tuple[bool, ...]
"""Which fields of a Match are named."""


class Ladders:
    """All ladders of one provider, its own and those built in."""

    def __init__(self, ladders: Sequence[Ladder], priorities: Sequence[str]) -> None:
        self.own, self.priorities = tuple(ladders), tuple(priorities)
        self._by_match = {match: ladder for ladder in ladders for match in ladder.fits}
        named = {tuple(map(bool, match)) for match in self._by_match}
        self._named: list[_Named] = sorted(named, key=lambda fields: (sum(fields), fields), reverse=True)

    def of(self, client: str, agreement: str, plan: str, priority: str, metric: str) -> Ladder:
        """The ladder of a clock: the own one that names most of it, else the default for its priority and metric.

        Of two that name as much the one wins that names the earlier field. "" stands for what a ticket lacks.
        """
        clock = (client, agreement, plan, priority, metric)
        for named in self._named:
            key = Match(*(value if on else "" for value, on in zip(clock, named, strict=True)))
            # What the ticket lacks is fitted by no ladder that names it.
            if key in self._by_match and tuple(map(bool, key)) == named:
                return self._by_match[key]
        return default(priority, metric, self.priorities)


def interval(step: Step, left: int | None) -> int:
    """Microseconds between the links of a chain that begins `left` before the deadline, the last one included.

    It shrinks so that the last person still hears before it; where there is no deadline ahead, nothing shrinks.
    """
    if left is None or left <= 0 or left >= step.every * len(step.chain):
        return step.every
    return left // len(step.chain)


def left_at(step: Step, target: int) -> int:
    """How much of a target is left where a step stands; none or less from the deadline on."""
    if step.before is not None:
        return step.before
    return target - target * (step.percent or 0) // 100


def in_order(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Steps as they are reached: percentages, then times before the deadline, then the deadline and beyond.

    Whether 80% or "30m before" comes first hangs on the target; whoever climbs goes by the instants.
    """
    return tuple(sorted(steps, key=_place))


def _place(step: Step) -> tuple[int, int]:
    if step.before is not None:
        return 1, -step.before
    percent = step.percent or 0
    return (0 if percent < DEADLINE else 2), percent


_DIGITS = re.compile(r"\d+", re.ASCII)
_WORDS = {
    **dict.fromkeys(("critical", "emergency", "urgent"), 1),
    "high": 2,
    **dict.fromkeys(("medium", "normal"), 3),
    "low": 4,
}
USUAL = 3


def rank(priority: str, priorities: Sequence[str]) -> int:
    """How pressing a priority is, 1 the most: its place in the provider's list, else as its name says."""
    places = {fold(name): place for place, name in reversed(list(enumerate(priorities, 1)))}
    word = fold(priority)
    if word in places:
        return places[word]
    digits = _DIGITS.search(word)
    if digits:
        return max(1, int(digits[0]))
    return next((_WORDS[part] for part in re.split(r"\W+", word) if part in _WORDS), USUAL)


def default(priority: str, metric: str, priorities: Sequence[str]) -> Ladder:
    """The built-in ladder of a clock for which the provider wrote none."""
    return TRIAGE if metric == "triage" else BY_RANK.get(rank(priority, priorities), LOWER)


def _first_of(*parties: str) -> Link:
    return Link((parties,))


def _each_of(*parties: str) -> Link:
    return Link(tuple((party,) for party in parties))


_OWNER, _DISPATCHER = _first_of("assignee", "dispatcher"), _first_of("dispatcher")
_LEAD, _MANAGER = _first_of("team lead"), _first_of("service manager")
_SEE, _HELP, _CALL, _ASSIGN = "see to it", "help with it", "call the client", "assign it"


def _step(percent: int, *chain: Link, urgency: str = "normal", expects: str = "") -> Step:
    return Step(percent, None, chain, urgency, expects=expects)


FIRST = Ladder(
    "Default for the first priority",
    (
        _step(50, _OWNER, urgency="urgent", expects=_SEE),
        _step(75, _OWNER, _LEAD, urgency="urgent", expects=_SEE),
        _step(90, _each_of("team lead", "service manager"), urgency="urgent", expects=_HELP),
        _step(100, _each_of("team lead", "assignee"), _MANAGER, urgency="urgent", expects=_CALL),
        _step(150, _MANAGER, urgency="urgent", expects=_CALL),
    ),
    (),
)
SECOND = Ladder(
    "Default for the second priority",
    (
        _step(50),
        _step(75, _OWNER, expects=_SEE),
        _step(90, _OWNER, _LEAD, expects=_SEE),
        _step(100, _LEAD, _MANAGER, urgency="urgent", expects=_CALL),
    ),
    (),
)
LOWER = Ladder(
    "Default for lower priorities",
    (
        _step(50),
        _step(75, _OWNER, expects=_SEE),
        _step(90, _OWNER, _LEAD, expects=_SEE),
        _step(100, _LEAD, _MANAGER, expects=_CALL),
    ),
    (),
)
TRIAGE = Ladder(
    "Default for triage",
    (
        _step(50, _DISPATCHER, expects=_ASSIGN),
        _step(75, _DISPATCHER, _MANAGER, expects=_ASSIGN),
        _step(100, _MANAGER, urgency="urgent", expects=_ASSIGN),
    ),
    (),
)
BY_RANK = {1: FIRST, 2: SECOND}
BUILT_IN = (FIRST, SECOND, LOWER, TRIAGE)


def stored(ladder: Ladder) -> dict[str, Any]:
    """Steps and fits as JSON, with what differs from the usual alone: equal ladders give equal JSON."""
    return {
        "steps": [_stored(step) for step in ladder.steps],
        "fits": [{key: value for key, value in match._asdict().items() if value} for match in ladder.fits],
    }


def from_stored(name: str, said: Mapping[str, Any], in_hours: bool) -> Ladder:
    """The ladder that `stored` gave."""
    steps = tuple(_from_stored(step) for step in said["steps"])
    return Ladder(name, steps, tuple(Match(**match) for match in said["fits"]), in_hours)


def _stored(step: Step) -> dict[str, Any]:
    usual = Step(None, None, ())
    said = {name: value for name, value in step._asdict().items() if value != getattr(usual, name)}
    for name in ("channels", "moves"):
        if name in said:
            said[name] = list(said[name])
    said["chain"] = [[list(party) for party in link.parties] for link in step.chain]
    return said


def _from_stored(said: Mapping[str, Any]) -> Step:
    chain = tuple(Link(tuple(tuple(party) for party in link)) for link in said["chain"])
    lists = {name: tuple(said[name]) for name in ("channels", "moves") if name in said}
    return Step(**{"percent": None, "before": None, **said, **lists, "chain": chain})

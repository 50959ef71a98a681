"""What is to be done about one clock on its ladder: a pure function of what it is, what was done, and now."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from beforehand.engine.instants import MINUTE
from beforehand.promises.ladders import Step, interval

Steps = Mapping[int, Step] | Sequence[Step]
"""The steps of a ladder by the numbers by which rungs and chains name them."""

LATE = 10 * MINUTE
"""A step that is found longer after its instant than this was missed (a worker was down): it is told in a summary."""
# How a step was taken.
LIVE, OVERDUE, PASSED, PAST = "live", "overdue", "passed", "past"
"""Told when it was reached; told in a summary, long after; not told, since a later one was reached as well; not told,
since what it is about lies in a time that had been decided on (a corrected agreement, a late event)."""


class Rung(NamedTuple):
    """A step of the ladder on this clock: the instant at which it is reached, None while none is to come."""

    step: int
    at: int | None


class Chain(NamedTuple):
    """The chain of a step that was reached at `start`: `place` links are told, the next one is at `next_at`."""

    step: int
    start: int
    place: int
    next_at: int | None


class Facts(NamedTuple):
    """What the clock is, as of now. `action`: what was done since the chain began that ends it, in words. `waits`: it
    is paused, within its target: what was missed of it can wait until it runs again.
    """

    running: bool
    deadline: int | None
    rungs: Sequence[Rung]
    action: str = ""
    waits: bool = False


class State(NamedTuple):
    """What was decided before. `seen`: a step that is reached until then, and was not taken, lies in the past; None
    where nothing ever was decided. `settled`: steps that were taken.
    """

    seen: int | None = None
    settled: frozenset[int] = frozenset()
    chain: Chain | None = None
    held_until: int | None = None


class Taken(NamedTuple):
    """A step that is taken now, and how."""

    step: int
    at: int
    how: str


class Tell(NamedTuple):
    """A link of a chain that is told now; `nobody`: it resolves to none, and the chain moves on at once."""

    step: int
    place: int
    overdue: bool
    nobody: bool


class Decision(NamedTuple):
    """What is done now, the chain after it, what ended it, and when this is to be looked at again."""

    taken: tuple[Taken, ...] = ()
    tells: tuple[Tell, ...] = ()
    chain: Chain | None = None
    held_until: int | None = None
    ended: str = ""
    next: int | None = None


Somebody = Mapping[int, Sequence[bool]]
"""For each step and link of its chain, whether it resolves to anybody now."""


class Pace(NamedTuple):
    """How the time of a chain passes: by the wall, or in the provider's own hours."""

    add: Callable[[int, int], int | None] = int.__add__
    between: Callable[[int, int], int] = lambda start, end: end - start


WALL = Pace()


def decide(
    steps: Steps, facts: Facts, state: State, somebody: Somebody, now: int, pace: Pace = WALL
) -> Decision:
    """What to do about a clock now. Each step is taken once; the latest of those reached is told, none of the past."""
    if not facts.running:
        return Decision()
    taken = _reached(facts, state, now)
    chain, held, ended = state.chain, state.held_until, ""
    overdue = False
    if chain is not None and facts.action:
        chain, held, ended = None, None, facts.action
    fresh = next((step for step in reversed(taken) if step.how in (LIVE, OVERDUE)), None)
    if fresh is not None:
        overdue = fresh.how == OVERDUE
        links = steps[fresh.step].chain
        chain = Chain(fresh.step, fresh.at, 0, now) if links else chain
    tells: list[Tell] = []
    if chain is not None and (held is None or held <= now):
        chain, tells = _walk(steps[chain.step], chain, facts.deadline, somebody, now, pace, overdue)
        held = None
    settled = state.settled | {step.step for step in taken}
    return Decision(taken, tuple(tells), chain, held, ended, _next(facts, settled, chain, held))


def in_question(rungs: Sequence[Rung], taken: Collection[int], chain: int | None, now: int) -> set[int]:
    """The steps of which `decide` asks who they are: those that are reached and not taken, and the one of the chain."""
    reached = {rung.step for rung in rungs if rung.at is not None and rung.at <= now}
    return reached - set(taken) | ({chain} if chain is not None else set())


def _reached(facts: Facts, state: State, now: int) -> tuple[Taken, ...]:
    """The steps that are reached and were not taken, in the order in which they were reached."""
    open_ones = sorted(
        (rung.at, rung.step)
        for rung in facts.rungs
        if rung.at is not None and rung.at <= now and rung.step not in state.settled
    )
    due = [(at, step) for at, step in open_ones if state.seen is None or at > state.seen]
    last = due[-1] if due and not (facts.waits and now - due[-1][0] > LATE) else None
    return tuple(
        Taken(
            step,
            at,
            (OVERDUE if now - at > LATE else LIVE)
            if (at, step) == last
            else PASSED if (at, step) in due else PAST,
        )
        for at, step in open_ones
    )  # fmt: skip


def _walk(
    step: Step,
    chain: Chain,
    deadline: int | None,
    somebody: Somebody,
    now: int,
    pace: Pace,
    overdue: bool,
) -> tuple[Chain, list[Tell]]:
    """Tell the links whose time has come: one, and those after it at once while they are nobody."""
    tells: list[Tell] = []
    each = apart(step, chain.start, deadline, pace)
    while chain.next_at is not None and chain.next_at <= now:
        nobody = not somebody[chain.step][chain.place]
        tells.append(Tell(chain.step, chain.place, overdue, nobody))
        place = chain.place + 1
        if place >= len(step.chain):
            at = None
        elif nobody:
            at = now
        else:
            planned = pace.add(chain.start, each * place)
            at = planned if planned is None or planned > now else pace.add(now, each)
        chain = chain._replace(place=place, next_at=at)
    return chain, tells


def apart(step: Step, start: int, deadline: int | None, pace: Pace = WALL) -> int:
    """How long after each other, in the pace's time, the links of a chain are told that begins at `start`."""
    left = None if deadline is None or deadline <= start else pace.between(start, deadline)
    return interval(step, left)


def _next(facts: Facts, settled: frozenset[int], chain: Chain | None, held: int | None) -> int | None:
    instants = [rung.at for rung in facts.rungs if rung.at is not None and rung.step not in settled]
    if chain is not None and chain.next_at is not None:
        instants.append(chain.next_at if held is None else max(held, chain.next_at))
    return min(instants, default=None)

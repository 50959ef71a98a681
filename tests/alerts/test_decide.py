"""The decision alone: every step once, every link in time, nothing in silence."""

from hypothesis import given
from hypothesis import strategies as st

from beforehand.alerts.decide import LIVE, OVERDUE, Chain, Decision, Facts, Rung, State, decide
from beforehand.engine.instants import HOUR, MINUTE
from beforehand.promises.ladders import Link, Step

DEADLINE = 60 * MINUTE
links = st.integers(0, 4)
minutes = st.integers(0, 180)


def _step(percent: int, chain: int, every: int = 15) -> Step:
    return Step(percent, None, tuple(Link((("assignee",),)) for _ in range(chain)), every=every * MINUTE)


ladders = st.lists(
    st.tuples(st.integers(1, 200), links, st.integers(1, 40)),
    min_size=1,
    max_size=5,
    unique_by=lambda s: s[0],
).map(lambda some: [_step(*one) for one in sorted(some)])


def _rungs(steps: list[Step]) -> tuple[Rung, ...]:
    return tuple(Rung(n, step.percent * DEADLINE // 100) for n, step in enumerate(steps) if step.percent)


def _play(
    steps: list[Step], looks: list[int], somebody: list[bool], action_at: int | None = None
) -> list[tuple[int, Decision]]:
    """The decisions at some instants (in order), each going on from the one before; looks that are asked for too."""
    facts = Facts(True, DEADLINE, _rungs(steps))
    there = {n: [somebody[k % len(somebody)] for k in range(4)] for n in range(len(steps))}
    state, played, wanted = State(), [], sorted(set(looks))
    while wanted:
        now = wanted.pop(0)
        acted = "assigned" if action_at is not None and now >= action_at else ""
        decision = decide(steps, facts._replace(action=acted), state, there, now)
        played.append((now, decision))
        settled = state.settled | {taken.step for taken in decision.taken}
        state = State(now, settled, decision.chain, decision.held_until)
        if decision.next is not None and now < decision.next <= 4 * HOUR and decision.next not in wanted:
            wanted = sorted([*wanted, decision.next])
    return played


@given(ladders, st.lists(minutes, min_size=1, max_size=6), st.lists(st.booleans(), min_size=1, max_size=4))
def test_each_step_is_taken_once_and_each_link_told_once(
    steps: list[Step], looks: list[int], somebody: list[bool]
) -> None:
    played = _play(steps, [0, *(look * MINUTE for look in looks), 4 * HOUR], somebody)
    taken = [one.step for _, decision in played for one in decision.taken]
    told = [(tell.step, tell.place) for _, decision in played for tell in decision.tells]
    assert sorted(taken) == list(range(len(steps)))
    assert len(told) == len(set(told))


@given(ladders)
def test_watched_all_the_time_nothing_is_missed(steps: list[Step]) -> None:
    played = _play(steps, [0], [True])
    hows = {one.step: one.how for _, decision in played for one in decision.taken}
    assert set(hows.values()) == {LIVE}
    firsts = {tell.step: now for now, decision in played for tell in decision.tells if tell.place == 0}
    for rung in _rungs(steps):
        assert not steps[rung.step].chain or firsts[rung.step] == rung.at


@given(st.integers(1, 99), st.integers(1, 4), st.integers(1, 60))
def test_the_last_of_a_chain_hears_before_the_deadline(percent: int, chain: int, every: int) -> None:
    played = _play([_step(percent, chain, every)], [0], [True])
    told = [now for now, decision in played for _ in decision.tells]
    assert len(told) == chain
    assert told[-1] < DEADLINE


@given(ladders, st.lists(st.booleans(), min_size=1, max_size=4))
def test_a_link_to_nobody_costs_no_time(steps: list[Step], somebody: list[bool]) -> None:
    for _, decision in _play(steps, [0, 4 * HOUR], somebody):
        if decision.tells and decision.tells[-1].nobody:
            chain = decision.chain
            assert chain is not None
            assert chain.place == len(steps[chain.step].chain)


@given(ladders, minutes)
def test_after_an_action_the_chain_tells_nobody(steps: list[Step], action: int) -> None:
    at = action * MINUTE
    rungs = {rung.step: rung.at for rung in _rungs(steps)}
    for now, decision in _play(steps, [0, at], [True], action_at=at):
        for tell in decision.tells:
            reached = rungs[tell.step]
            assert now < at or tell.place == 0
            assert reached is not None
            assert reached <= now


@given(ladders, st.integers(61, 600))
def test_after_an_outage_only_the_last_step_is_told_and_as_overdue(steps: list[Step], away: int) -> None:
    now = away * MINUTE
    decision = decide(steps, Facts(True, DEADLINE, _rungs(steps)), State(0), _all(steps), now)
    reached = [rung for rung in _rungs(steps) if rung.at is not None and rung.at <= now]
    loud = [one for one in decision.taken if one.how in (LIVE, OVERDUE)]
    assert len(decision.taken) == len(reached)
    assert [one.step for one in loud] == [rung.step for rung in reached[-1:]]
    assert all(tell.overdue for tell in decision.tells) == all(one.how == OVERDUE for one in loud)


@given(ladders, minutes)
def test_a_recalculation_tells_nobody_of_the_past(steps: list[Step], seen: int) -> None:
    now = seen * MINUTE
    decision = decide(steps, Facts(True, DEADLINE, _rungs(steps)), State(now), _all(steps), now)
    assert decision.tells == ()


def test_a_stopped_clock_tells_nobody() -> None:
    steps = [_step(50, 2)]
    state = State(0, frozenset({0}), Chain(0, 30 * MINUTE, 1, 40 * MINUTE))
    decision = decide(steps, Facts(False, None, _rungs(steps)), state, _all(steps), HOUR)
    assert decision == Decision()


def _all(steps: list[Step]) -> dict[int, list[bool]]:
    return {n: [True] * len(step.chain) for n, step in enumerate(steps)}

"""Which ladder a clock climbs, and how fast its chains go (issue 4)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beforehand.engine.instants import HOUR, MINUTE, SECOND
from beforehand.promises.ladders import (
    BY_RANK,
    EVERY,
    FIRST,
    LOWER,
    TRIAGE,
    Ladder,
    Ladders,
    Link,
    Match,
    Step,
    from_stored,
    in_order,
    interval,
    left_at,
    rank,
    stored,
)

from .ladder_strategies import ladders

ANNA = Link((("person Anna",),))
CLOCK = {"client": "Acme", "agreement": "Support", "plan": "Premium", "priority": "P1", "metric": "response"}


def made(name: str, *fits: Match) -> Ladder:
    return Ladder(name, (Step(50, None, (ANNA,)),), fits)


@pytest.mark.parametrize(
    ("fits", "winner"),
    [
        ([{"plan": "Premium"}, {"plan": "Premium", "priority": "P1"}], 1),
        ([{"metric": "response"}, {"priority": "P1"}, {"plan": "Premium"}], 2),
        ([{"client": "Acme"}, {"plan": "Premium", "priority": "P1"}], 1),
        ([{"agreement": "Support", "metric": "response"}, {"plan": "Premium", "priority": "P1"}], 0),
        ([{"client": "Acme", "metric": "response"}, {"agreement": "Support", "plan": "Premium"}], 0),
        ([{}, {"client": "Birch"}, {"metric": "plan"}], 0),
        ([{}, CLOCK], 1),
    ],
)
def test_the_ladder_that_names_most_wins_then_the_earlier_field(
    fits: list[dict[str, str]], winner: int
) -> None:
    own = [made(str(number), Match(**match)) for number, match in enumerate(fits)]
    assert Ladders(own, []).of(**CLOCK) is own[winner]
    assert Ladders(own[::-1], []).of(**CLOCK) is own[winner]


def test_a_ladder_serves_everything_it_is_for() -> None:
    own = made("Both", Match(plan="Standard"), Match(client="Acme", metric="response"))
    assert Ladders([own], []).of(**CLOCK) is own
    assert Ladders([own], []).of(**{**CLOCK, "metric": "plan"}) is FIRST


def test_what_a_ticket_lacks_is_named_by_no_ladder() -> None:
    own = [made("Every", Match()), made("Priority", Match(priority="P1")), made("Acme", Match(client="Acme"))]
    found = Ladders(own, [])
    assert found.of("", "", "", "", "triage") is own[0]
    assert found.of("", "", "", "P1", "triage") is own[1]


@pytest.mark.parametrize(
    ("priority", "expected"),
    [("P1", FIRST), ("P2", BY_RANK[2]), ("P3", LOWER), ("P4", LOWER), ("", LOWER), ("Gold", LOWER)],
)
def test_without_an_own_ladder_the_default_for_the_priority_holds(priority: str, expected: Ladder) -> None:
    assert Ladders([], []).of("Acme", "Support", "Premium", priority, "response") is expected
    assert Ladders([], []).of("", "", "", priority, "triage") is TRIAGE


@pytest.mark.parametrize(
    ("priority", "priorities", "expected"),
    [
        ("P1", (), 1),
        ("Priority 2", (), 2),
        ("3 - Medium", (), 3),
        ("P0", (), 1),
        ("Sev 10", (), 10),
        ("Critical", (), 1),
        ("EMERGENCY response", (), 1),
        ("Urgent", (), 1),
        ("High", (), 2),
        ("normal", (), 3),
        ("Low", (), 4),
        ("Highland", (), 3),
        ("", (), 3),
        ("Gold", ("Gold", "Silver"), 1),
        ("low ", ("Low", "High"), 1),
        ("P4", ("P5", "P4", "P3"), 2),
        ("P1", ("P5", "P4"), 1),
    ],
)
def test_how_pressing_a_priority_is(priority: str, priorities: tuple[str, ...], expected: int) -> None:
    assert rank(priority, priorities) == expected


def test_the_first_priority_rings_from_half_and_the_lower_ones_wait() -> None:
    rings = {ladder.name: [step.percent for step in ladder.steps if step.chain] for ladder in (FIRST, LOWER)}
    assert rings == {"Default for the first priority": [50, 75, 90, 100, 150], LOWER.name: [75, 90, 100]}
    assert LOWER.steps[0] == Step(50, None, ())
    assert {step.urgency for step in FIRST.steps} == {"urgent"}


def test_a_chain_shrinks_so_that_its_last_person_hears_before_the_deadline() -> None:
    two = Step(75, None, (ANNA, ANNA))
    assert left_at(two, HOUR) == 15 * MINUTE
    assert interval(two, left_at(two, HOUR)) == 7 * MINUTE + 30 * SECOND
    assert interval(two, 30 * MINUTE) == EVERY
    assert interval(two._replace(every=5 * MINUTE), 15 * MINUTE) == 5 * MINUTE
    assert left_at(Step(None, 20 * MINUTE, ()), HOUR) == 20 * MINUTE


@pytest.mark.parametrize("left", [None, 0, -HOUR])
def test_from_the_deadline_on_a_chain_takes_its_own_time(left: int | None) -> None:
    assert interval(Step(100, None, (ANNA, ANNA)), left) == EVERY


@given(st.integers(1, 10), st.integers(1, 10**12), st.integers(MINUTE, HOUR))
def test_whatever_is_left_the_last_person_hears_in_it(people: int, left: int, every: int) -> None:
    gap = interval(Step(50, None, (ANNA,) * people, every=every), left)
    assert gap <= every
    assert gap * (people - 1) < left


def test_steps_are_kept_as_they_are_reached() -> None:
    points = [(150, None), (None, 30), (90, None), (100, None), (None, 60), (50, None)]
    kept = in_order(Step(percent, before, ()) for percent, before in points)
    assert [step[:2] for step in kept] == [
        (50, None),
        (90, None),
        (None, 60),
        (None, 30),
        (100, None),
        (150, None),
    ]


@given(ladders)
def test_a_ladder_that_was_stored_is_the_same(ladder: Ladder) -> None:
    said = json.loads(json.dumps(stored(ladder)))
    assert from_stored(ladder.name, said, ladder.in_hours) == ladder

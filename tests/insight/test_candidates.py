"""Which settings are tried on which tickets, and how many these must be."""

import random
from dataclasses import replace

import pytest
from tests.insight.test_explain import SET_UP, VENDOR, flags, life, says, subject, terms

from beforehand.engine import history as h
from beforehand.engine.terms import Settings
from beforehand.insight import candidates as of
from beforehand.insight.candidates import candidates
from beforehand.insight.eras import Era
from beforehand.insight.explain import explain

pytestmark = pytest.mark.program


def test_what_no_source_tells_is_not_concluded_from_two_tickets() -> None:
    chance = random.Random(5)
    theirs = terms(settings=replace(Settings(), wait_ends="by-status"))
    some = [subject(number, life(chance), theirs, SET_UP) for number in range(260)]
    differing = [one for one in some if not one.agrees(one.base)]
    for few, named in ((2, []), (3, [of.WAIT])):
        found = explain(differing[:few], [], candidates(Era(0, SET_UP), {}, differing[:few]))
        assert [one.setting.kind for one in found.found] == named


def test_a_status_of_several_boards_is_one_setting() -> None:
    boards, chance = ("Desk", "Field"), random.Random(5)
    statuses = tuple(one._replace(board=board) for one in SET_UP.statuses for board in boards)
    held = tuple(one._replace(holds=True) if one.name == "With vendor" else one for one in statuses)
    some = []
    for number in range(130):
        told = life(chance)
        told.append(h.changed(told[0].at, "board", boards[number % 2], id="board"))
        some.append(subject(number, told, terms(settings=VENDOR), says(statuses=held)))
    differing = [one for one in some if not one.agrees(one.base)]
    found = explain(differing, [], candidates(differing[0].era, {}, differing))
    assert [(one.setting.name, one.setting.boards) for one in found.found] == [("With vendor", boards)]
    assert found.rest == []


def test_a_setting_explains_no_ticket_of_another_time() -> None:
    """Until the second era the vendor's wait was held; the first half of the tickets is of before."""
    chance = random.Random(5)
    before, after = Era(0, flags("With vendor", holds=True)), Era(1, SET_UP)
    some = [
        replace(
            subject(number, life(chance), terms(settings=VENDOR), SET_UP),
            era=before if number < 130 else after,
        )
        for number in range(260)
    ]
    differing = [one for one in some if not one.agrees(one.base)]
    agreeing = [one for one in some if one.agrees(one.base)]
    found = explain(differing, agreeing, candidates(after, {}, differing), now=after.number)
    assert [(one.setting.name, one.past) for one in found.found] == [("With vendor", True)]
    assert max(found.found[0].tickets) < 130
    assert min(found.rest) >= 130

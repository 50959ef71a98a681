"""A board is read again only when a change can touch it."""

from collections.abc import Callable

import pytest

from beforehand.tickets.models import Ticket
from beforehand.web.board import Asked
from beforehand.web.live.touch import Change, Facts, Memory, touches

CALDER = Facts(7, "Desk", "P1", "t1\n1\nprinter on fire\ncalder & fenn")
ELSEWHERE = Facts(9, "Projects", "", "t2\n2\nnew laptop\nelbtal")


@pytest.mark.parametrize(
    "address",
    [
        {},
        {"client": "7"},
        {"team": "Desk"},
        {"priority": "P1"},
        {"q": "FIRE calder"},
        {"state": "late"},
        {"assignee": "-"},
    ],
)
def test_a_change_inside_touches(address: dict[str, str]) -> None:
    """Assignee and state too, since the figures on top count over all of them."""
    assert touches(Asked.read(address), [Change(1, CALDER, CALDER)])


@pytest.mark.parametrize(
    "address", [{"client": "8"}, {"client": "-"}, {"team": "-"}, {"priority": "P2"}, {"q": "fire elbtal"}]
)
def test_a_change_outside_does_not(address: dict[str, str]) -> None:
    assert not touches(Asked.read(address), [Change(1, CALDER, CALDER)])


def test_what_leaves_a_board_touches_it_as_what_enters_it() -> None:
    for asked in (Asked(client="7"), Asked(client="9"), Asked(priority="-"), Asked(q="laptop")):
        assert touches(asked, [Change(1, ELSEWHERE, CALDER)])


def test_a_ticket_never_seen_before_may_have_been_anywhere() -> None:
    assert touches(Asked(client="8"), [Change(1, CALDER, None)])


def test_the_memory_knows_a_ticket_as_it_was(tickets: Callable[[str], Ticket]) -> None:
    ticket, memory = tickets("T48201"), Memory()
    (first,) = memory.changes([ticket.pk])
    Ticket.objects.filter(pk=ticket.pk).update(priority="P4")
    (second,) = memory.changes([ticket.pk, 10**9])
    assert first.before is None
    assert second.before == first.now
    assert (second.before.priority, second.now.priority) == ("P1", "P4")

"""What a ticket that became part of another hands on to it (clock.md 3.9), whoever tells it, and whichever is first."""

from collections.abc import Sequence
from itertools import permutations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.connectors.conftest import NOW, make_connection
from tests.connectors.scripted import BORN, Driven, Source

from beforehand.connectors.contract import Told
from beforehand.connectors.models import Remote
from beforehand.engine import history as h
from beforehand.engine.codes import V_MERGED
from beforehand.engine.instants import HOUR, MINUTE, to_instant
from beforehand.kernel.fields import from_micros
from beforehand.people.models import Provider
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.models import Ticket

pytestmark = pytest.mark.django_db
LATE = to_instant(NOW)


@pytest.fixture
def driven(provider: Provider) -> Driven:
    driven = Driven(make_connection(provider, "scripted", {}))
    driven.source = Source()
    return driven


def told(
    ticket: str, born: int, *events: h.Event, client: str = "Acme", updated: int = LATE, into: str = ""
) -> Told:
    """A ticket with its history; `into`: the one that it went into."""
    some = [h.created(born, id="created", flags=0), *events]
    if into:
        some.append(h.merged(LATE - HOUR, into, id=f"merged-{into}", flags=0))
    return Told(ticket, updated, {"client": client}, [TicketEvent(ticket, one) for one in some], into=into)


def start(ticket: str) -> int:
    return to_instant(Ticket.objects.get(external_id=ticket).start)


def absorbed(driven: Driven, ticket: str) -> list[tuple[str, int | None]]:
    return [(event.value, event.since) for event in driven.told(ticket) if event.kind == h.ABSORBED]


OLDEST, OLD, NEW = BORN, BORN + HOUR, BORN + 2 * HOUR
CHAIN = [told("1", OLDEST, into="2"), told("2", OLD, into="3"), told("3", NEW)]


@pytest.mark.parametrize(
    "order", list(permutations(CHAIN)), ids=lambda order: "".join(one.id for one in order)
)
@pytest.mark.parametrize("together", [True, False], ids=["together", "one by one"])
def test_a_survivor_has_the_earliest_start_of_all_that_went_into_it_in_whatever_order_they_come(
    driven: Driven, order: Sequence[Told], together: bool
) -> None:
    turn = driven.turn()
    for some in [order] if together else [[one] for one in order]:
        turn.keep(some)
    assert [start(ticket) for ticket in "123"] == [OLDEST, OLDEST, OLDEST]
    assert absorbed(driven, "3") == [("2", OLDEST)]
    before = driven.kept("1", "2", "3")
    turn.keep(order)
    assert driven.kept("1", "2", "3") == before  # told again, it is known


def test_the_contact_that_started_the_clocks_of_the_one_starts_those_of_the_other(driven: Driven) -> None:
    call = h.client_message(OLDEST - 30 * MINUTE, id="call")
    driven.turn().keep([told("1", OLDEST, call, into="2"), told("2", NEW)])
    assert start("2") == OLDEST - 30 * MINUTE  # 3.1


def test_the_survivor_of_a_ticket_of_another_client_keeps_its_own_start(driven: Driven) -> None:
    there = h.absorbed(LATE - HOUR, "1", OLDEST, id="a-1")
    driven.turn().keep([told("1", OLDEST, into="2", client="Globex"), told("2", NEW, there)])
    assert start("2") == NEW
    assert Ticket.objects.get(external_id="1").out == V_MERGED


def test_a_survivor_whose_client_is_put_right_later_has_the_start_from_then_on(driven: Driven) -> None:
    """4.3."""
    turn = driven.turn()
    turn.keep([told("1", OLDEST, into="2"), told("2", NEW, client="")])
    assert start("2") == NEW
    turn.keep([told("2", NEW, updated=LATE + 1)])
    assert start("2") == OLDEST
    turn.keep([told("2", NEW, client="Globex", updated=LATE + 2)])
    assert start("2") == NEW


def test_a_ticket_knows_better_than_its_survivor_since_when_it_was_there(driven: Driven) -> None:
    turn = driven.turn()
    there = h.absorbed(LATE - HOUR, "1", OLDEST + MINUTE, id="a-1")
    turn.keep([told("2", NEW, there)])
    assert start("2") == OLDEST + MINUTE  # nobody else says anything yet
    turn.keep([told("1", OLDEST, into="2")])
    assert absorbed(driven, "2") == [("1", OLDEST)]
    turn.keep([told("2", NEW, there, updated=LATE + 1)])
    assert absorbed(driven, "2") == [("1", OLDEST)]


def test_a_survivor_that_is_not_here_is_asked_for_once(driven: Driven) -> None:
    turn = driven.turn()
    turn.keep([told("1", OLDEST, into="2")])
    asked = Remote.objects.get(external_id="2")
    assert asked.shallow
    Remote.objects.filter(pk=asked.pk).update(shallow=False, read=from_micros(LATE))
    turn.keep([told("1", OLDEST, into="2", updated=LATE + 1)])
    assert not Remote.objects.get(external_id="2").shallow


def test_tickets_that_went_into_each_other_end(driven: Driven) -> None:
    driven.turn().keep([told("1", OLDEST, into="2"), told("2", NEW, into="1"), told("3", NEW, into="3")])
    assert (start("1"), start("2"), start("3")) == (OLDEST, OLDEST, NEW)


def test_who_went_into_a_ticket_is_found_without_reading_the_histories_of_all_that_went_anywhere(
    driven: Driven,
) -> None:
    turn = driven.turn()
    turn.keep([told(f"p{n}", OLDEST, into=f"w{n}") for n in range(4)])
    turn.keep([told("w1", NEW, client="Globex")])
    assert start("w1") == NEW
    with CaptureQueriesContext(connection) as few:
        turn.keep([told("w1", NEW, updated=LATE + 1)])
    assert start("w1") == OLDEST
    events = [one["sql"] for one in few if "retracts" in one["sql"] and '"value" IN' in one["sql"]]
    assert len(events) == 1

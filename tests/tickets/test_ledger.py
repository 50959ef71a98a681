"""The ledger keeps every event once, whatever the order, and its clocks are what the events say (clock.md 4.4, 5.4)."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import connection

from beforehand.engine import history as h
from beforehand.engine.codes import BREACHED, MERGED, MET, RESOLUTION, RESPONSE, TRIAGE
from beforehand.engine.instants import HOUR, MINUTE, to_datetime
from beforehand.kernel.faults import Refused
from beforehand.tickets import ledger
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.models import Clock, Conflict, Event, Source, Ticket

from .conftest import NOW, at

pytestmark = pytest.mark.django_db

FRIDAY = at("2026-03-06T16:10")
LIFE = [
    h.created(FRIDAY, id="1"),
    h.changed(FRIDAY, "client", "Contoso", id="2"),
    h.changed(FRIDAY, "subject", "Mail server down", id="3"),
    h.changed(FRIDAY, "priority", "P3", id="4"),
    h.status(FRIDAY, "New", id="5"),
    h.assigned(at("2026-03-09T09:20"), "bob", id="6"),
    h.message(at("2026-03-09T09:25"), id="7"),
    h.status(at("2026-03-09T09:26"), "Waiting", id="8"),
    h.client_message(at("2026-03-09T11:00"), id="9"),
    h.status(at("2026-03-09T15:00"), "Resolved", id="10"),
]


def events(*some: h.Event, ticket: str = "48213") -> list[TicketEvent]:
    return [TicketEvent(ticket, event) for event in some]


def clock(metric: int) -> Clock:
    return Clock.objects.get(metric=metric)


def everything() -> list[list[tuple[object, ...]]]:
    """All derived rows, by external id rather than by arrival."""
    tickets = Ticket.objects.order_by("external_id").values_list()
    clocks = Clock.objects.order_by("ticket__external_id", "metric", "number").values_list()
    return [[row[1:] for row in rows] for rows in (tickets, clocks)]


def test_it_reads_the_clocks_of_a_ticket_as_its_events_arrive(source: Source) -> None:
    assert ledger.append(source, events(*LIFE), NOW) == (10, 0, 0, 1)
    response, resolution = clock(RESPONSE), clock(RESOLUTION)
    assert (response.used, response.target, response.verdict) == (105 * MINUTE, 4 * HOUR, MET)
    assert response.stop == to_datetime(at("2026-03-09T09:25"))
    assert resolution.used == 80 * MINUTE + 26 * MINUTE + 4 * HOUR
    ticket = Ticket.objects.get()
    assert (ticket.subject, ticket.assignee, ticket.status, ticket.covered) == (
        "Mail server down",
        "bob",
        "Resolved",
        True,
    )
    assert str(ticket.client) == "Contoso"


def test_the_same_event_twice_is_one(source: Source) -> None:
    ledger.append(source, events(*LIFE), NOW)
    before = everything()
    assert ledger.append(source, events(*LIFE, LIFE[3]), NOW + timedelta(hours=1)) == (0, 11, 0, 1)
    assert everything() == before


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_arrival_does_not_matter(source: Source, seed: int) -> None:
    ledger.append(source, events(*LIFE, ticket="a"), NOW)
    shuffled = random.Random(seed).sample(LIFE, len(LIFE))
    for event in shuffled:
        ledger.append(source, events(event, ticket="b"), NOW)
    tickets = Ticket.objects.order_by("external_id")
    first, second = (
        [row[5:] for row in Clock.objects.filter(ticket=ticket).order_by("metric").values_list()]
        for ticket in tickets
    )
    assert first == second
    assert len(first) == 4


def test_other_content_under_a_known_id_is_a_conflict_and_the_first_stays(source: Source) -> None:
    ledger.append(source, events(*LIFE), NOW)
    before = everything()
    contradiction = LIFE[3]._replace(value="P1")
    assert ledger.append(source, events(contradiction, contradiction), NOW) == (0, 0, 2, 1)
    assert everything() == before
    assert [(c.event_id, "P1" in c.content) for c in Conflict.objects.all()] == [("4", True)]


def test_a_superseded_event_is_kept_and_no_longer_read(source: Source) -> None:
    ledger.append(source, events(*LIFE), NOW)
    exact = h.status(at("2026-03-09T10:00"), "Waiting", id="8b", supersedes="8")
    ledger.append(source, events(exact), NOW)
    assert Event.objects.count() == 11
    assert clock(RESOLUTION).used == 80 * MINUTE + HOUR + 4 * HOUR


def test_a_retracted_event_is_kept_and_no_longer_read(source: Source) -> None:
    ledger.append(source, events(*LIFE), NOW)
    ledger.append(source, events(h.Event(at("2026-03-09T16:00"), LIFE[7].kind, "x", retracts="8")), NOW)
    assert clock(RESOLUTION).used == 80 * MINUTE + 6 * HOUR


def test_a_ticket_waits_for_its_creation(source: Source) -> None:
    ledger.append(source, events(*LIFE[1:]), NOW)
    assert Clock.objects.count() == 0
    assert Ticket.objects.get().created is None
    ledger.append(source, events(LIFE[0]), NOW)
    assert clock(RESPONSE).verdict == MET


def test_an_unknown_client_is_uncovered_and_runs_the_triage_target(source: Source) -> None:
    ledger.append(source, events(LIFE[0], h.changed(FRIDAY, "client", "Nobody", id="2")), NOW)
    ticket = Ticket.objects.get()
    assert (ticket.client, ticket.version, ticket.covered) == (None, None, False)
    assert [c.metric for c in Clock.objects.all()] == [TRIAGE]
    ledger.append(source, events(h.changed(at("2026-03-06T17:00"), "client", "Contoso", id="m")), NOW)
    assert clock(RESPONSE).start == to_datetime(FRIDAY)


def test_a_breach_is_kept_when_the_ticket_is_merged_away(source: Source) -> None:
    ledger.append(source, events(*LIFE[:6], h.merged(at("2026-03-09T16:00"), "48214", id="m")), NOW)
    assert clock(RESPONSE).verdict == BREACHED
    assert clock(RESOLUTION).verdict == MERGED - 4
    assert clock(RESPONSE).breached_at == to_datetime(at("2026-03-09T11:40"))


def test_it_knows_the_next_thing_due(source: Source) -> None:
    ledger.append(source, events(*LIFE[:5]), NOW)
    assert clock(RESPONSE).due_at == to_datetime(at("2026-03-09T09:40"))
    assert clock(RESPONSE).deadline == to_datetime(at("2026-03-09T11:40"))


def test_nothing_is_kept_when_one_event_cannot_be(source: Source) -> None:
    bad = [
        h.created(-(10**18), id="x"),
        h.status(FRIDAY, "New", id=""),
        h.status(FRIDAY, "New", id="y", until=5),
    ]
    with pytest.raises(Refused) as refused:
        ledger.append(source, [*events(*LIFE), *events(*bad, ticket="7")], NOW)
    assert [fault.place for fault in refused.value.faults] == [
        "ticket 7, event x, at",
        "ticket 7, event (none), id",
        "ticket 7, event y, until",
    ]
    assert (Ticket.objects.count(), Event.objects.count()) == (0, 0)


def test_tickets_of_two_sources_with_one_number_are_two(provider: object, source: Source) -> None:
    other = Source.objects.create(provider=source.provider, slug="other", name="Other")
    ledger.append(source, events(*LIFE), NOW)
    ledger.append(other, events(*LIFE[:5]), NOW)
    assert Ticket.objects.count() == 2
    assert Clock.objects.filter(metric=RESOLUTION, stop=None).count() == 1


def test_an_uncertain_last_event_is_read_at_its_worse_end(source: Source) -> None:
    """4.4 and 5.4: what is stored stands at the last event, and that is where the uncertain one counts."""
    wait = h.status(at("2026-03-09T10:00"), "Waiting", id="w", until=at("2026-03-09T12:00"))
    ledger.append(source, events(*LIFE[:5], wait), NOW)
    assert clock(RESOLUTION).last_at == to_datetime(at("2026-03-09T12:00"))
    assert clock(RESOLUTION).used == 80 * MINUTE + 3 * HOUR


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_who_append_to_the_same_tickets_in_other_orders_do_not_wait_for_each_other(
    source: Source,
) -> None:
    names = [str(number) for number in range(900)]
    ledger.append(source, [TicketEvent(name, LIFE[0]) for name in names], NOW, at_once=900)
    both_hold = Barrier(2, timeout=0.5)

    def work(order: list[str]) -> int:
        def meet(
            execute: Callable[..., object], sql: str, params: object, many: bool, context: object
        ) -> object:
            done = execute(sql, params, many, context)
            if "FOR UPDATE" in sql:
                with suppress(
                    BrokenBarrierError
                ):  # the other waits for all that this one holds, as it should
                    both_hold.wait()
            return done

        some = [TicketEvent(name, h.message(FRIDAY, id=f"from {order[0]}")) for name in order]
        with closing(connection), connection.execute_wrapper(meet):
            return ledger.append(source, some, NOW, at_once=900).taken

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(work, (names, names[::-1]))) == [900, 900]

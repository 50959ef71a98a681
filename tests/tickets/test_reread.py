"""Reading everything again from nothing gives the same rows, to the byte (clock.md 5.4)."""

import random
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection

from beforehand.engine import history as h
from beforehand.engine.instants import HOUR, MINUTE
from beforehand.engine.zones import tzdata_version
from beforehand.promises import models as promises
from beforehand.promises.book import Book
from beforehand.tickets import ledger
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.models import Clock, Rereading, Source, Ticket
from beforehand.tickets.reread import due, forget_derived, reread_run, runs
from beforehand.tickets.rereading import key_of, reread_all

from .conftest import NOW, at, make_provider

pytestmark = pytest.mark.django_db(transaction=True)


def some_life(random: random.Random, ticket: str) -> list[TicketEvent]:
    start = at("2026-01-05T09:00") + random.randrange(40 * 24 * 60) * MINUTE
    events = [
        h.created(start, id="c"),
        h.changed(start, "client", random.choice(["Contoso", "Fabrikam", "Nobody"]), id="k"),
        h.changed(start, "priority", random.choice(["P1", "P3", "P4"]), id="p"),
        h.status(start, "New", id="s"),
    ]
    now = start
    for number in range(random.randrange(8)):
        now += random.randrange(1, 3000) * MINUTE
        events.append(
            random.choice(
                [
                    h.message(now, id=f"m{number}"),
                    h.client_message(now, id=f"m{number}"),
                    h.status(
                        now,
                        random.choice(["Waiting", "Working", "Resolved", "Closed", "Odd"]),
                        id=f"m{number}",
                    ),
                    h.changed(now, "priority", random.choice(["P1", "P3"]), id=f"m{number}"),
                    h.status(now, "Waiting", id=f"m{number}", until=now + 90 * MINUTE),
                ]
            )
        )
    return [TicketEvent(ticket, event) for event in events]


def fill(source: Source, tickets: int) -> None:
    chance = random.Random(7)
    lives = [event for n in range(tickets) for event in some_life(chance, str(n))]
    ledger.append(source, lives, NOW, at_once=100)


def rows() -> list[tuple[object, ...]]:
    return [*Ticket.objects.order_by("id").values_list(), *Clock.objects.order_by("id").values_list()]


@pytest.fixture
def full(source: Source) -> Source:
    fill(source, 120)
    return source


def test_reading_again_from_nothing_gives_the_same_rows(full: Source) -> None:
    before = rows()
    forget_derived(full.provider_id)
    assert Clock.objects.count() == 0
    assert not Ticket.objects.exclude(status="").exists()
    assert reread_all(full.provider, size=50).tickets == 120
    assert rows() == before


def test_reading_again_changes_nothing_where_nothing_changed(full: Source) -> None:
    came = reread_all(full.provider, size=50)
    assert (came.tickets_changed, came.clocks_changed) == (0, 0)
    assert came.clocks == Clock.objects.count() > 200


def test_a_change_of_terms_moves_the_clocks_it_touches(full: Source) -> None:
    promises.Target.objects.filter(metric="response").update(amount=2 * HOUR)
    promises.ProviderTerms.objects.update(revision="b")
    came = reread_all(full.provider, write=False)
    assert 0 < came.clocks_changed < came.clocks
    assert Clock.objects.filter(metric=0, target=2 * HOUR).count() == 0
    reread_all(full.provider)
    assert reread_all(full.provider).clocks_changed == 0


def test_it_goes_on_where_it_was_interrupted(full: Source) -> None:
    forget_derived(full.provider_id)

    class Stopped(Exception):
        pass

    def stop(*_: object) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        reread_all(full.provider, size=50, tell=stop)
    assert Rereading.objects.exclude(key=Rereading.DUE).count() == 1
    assert due() == [full.provider.pk]
    assert reread_all(full.provider, size=50).tickets == 70
    assert Rereading.objects.count() == 0


def test_what_was_done_under_other_zone_rules_is_done_again(full: Source) -> None:
    """1.7: the pinned rules are part of what a row is made of."""
    book = Book(full.provider)
    others = key_of(book, 50).replace(tzdata_version(), "1999a")
    Rereading.objects.create(provider=full.provider, key=others, first=runs(full.provider_id, 50)[0][0])
    assert reread_all(full.provider, size=50).tickets == 120


def test_other_providers_are_left_alone(full: Source) -> None:
    other = make_provider("southwind")
    fill(Source.objects.create(provider=other, slug="psa", name="PSA"), 20)
    before = Clock.objects.filter(provider=other).count()
    forget_derived(full.provider_id)
    assert Clock.objects.filter(provider=other).count() == before > 0


@pytest.mark.program
def test_several_processes_give_the_same_rows(full: Source) -> None:
    before = rows()
    forget_derived(full.provider_id)
    assert reread_all(full.provider, size=30, cores=2).tickets == 120
    assert rows() == before


def test_an_hour_later_the_rows_are_the_same(full: Source) -> None:
    before = rows()
    ledger.append(
        full, [TicketEvent("0", some_life(random.Random(7), "0")[0].event)], NOW + timedelta(hours=1)
    )
    assert rows() == before


def test_many_tickets_read_in_columns_have_the_rows_the_ledger_gave_them(source: Source) -> None:
    fill(source, 1_600)
    came = reread_all(source.provider)
    assert came.tickets == 1_600
    assert (came.tickets_changed, came.clocks_changed) == (0, 0)


def test_events_that_come_before_a_forgotten_ticket_is_read_again_join_the_others(full: Source) -> None:
    before = Ticket.objects.get(external_id="0").events
    forget_derived(full.provider_id)
    ledger.append(full, [TicketEvent("0", h.message(at("2026-03-09T09:00"), id="late"))], NOW)
    assert Ticket.objects.get(external_id="0").events == before + 1
    reread_all(full.provider)
    assert reread_all(full.provider).tickets_changed == 0


def test_from_nothing_passes_over_no_run_that_an_interrupted_rereading_had_done(full: Source) -> None:
    before = rows()

    class Stopped(Exception):
        pass

    def stop(*_: object) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        reread_all(full.provider, size=50, tell=stop)
    forget_derived(full.provider_id)
    assert reread_all(full.provider, size=50).tickets == 120
    assert rows() == before


def take_in_unknown(source: Source, revision: str) -> None:
    agreement = promises.Agreement.objects.create(provider=source.provider, name="Everyone")
    promises.Version.objects.create(
        provider=source.provider,
        agreement=agreement,
        since=date(2024, 1, 1),
        plan=promises.Plan.objects.get(),
    )
    promises.ProviderTerms.objects.update(take_in_unknown=True, revision=revision)


def test_tickets_of_clients_unknown_until_now_are_covered_once_the_unknown_become_clients(
    full: Source,
) -> None:
    assert Ticket.objects.filter(client_name="Nobody", client=None).exists()
    take_in_unknown(full, "b")
    reread_all(full.provider)
    assert not Ticket.objects.filter(client=None).exists()
    assert all(ticket.covered for ticket in Ticket.objects.filter(client_name="Nobody"))


def test_a_client_that_an_import_takes_in_meanwhile_keeps_its_clocks(full: Source) -> None:
    take_in_unknown(full, "b")
    reread_all(full.provider)
    book = Book(full.provider)
    start = at("2026-03-02T09:00")
    new = [h.created(start, id="c"), h.changed(start, "client", "Newcomer", id="k")]
    ledger.append(full, [TicketEvent("new", event) for event in new], NOW, Book(full.provider))
    came = reread_run(full.provider_id, 1, 10**6, "b/1", book)
    assert (came.tickets_changed, came.clocks_changed) == (0, 0)
    assert Ticket.objects.get(external_id="new").covered


@pytest.mark.parametrize("statement", ["FROM tickets_event", "FROM tickets_clock"])
def test_a_ticket_that_arrives_while_its_run_is_read_keeps_its_clocks(full: Source, statement: str) -> None:
    start = at("2026-03-02T09:00")
    new = [h.created(start, id="c"), h.changed(start, "client", "Contoso", id="k")]
    arrived: list[str] = []

    def arrive(
        execute: Callable[..., object], sql: str, params: object, many: bool, context: object
    ) -> object:
        if statement in sql and not arrived:
            arrived.append(sql)
            ledger.append(full, [TicketEvent("new", event) for event in new], NOW)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(arrive):
        reread_run(full.provider_id, 1, 10**6, "a/1", Book(full.provider))
    assert arrived
    assert Clock.objects.filter(ticket__external_id="new").exists()
    assert reread_all(full.provider, write=False).clocks_changed == 0

"""Word of changed tickets: told with the change or not at all, heard by whoever listens."""

import time

import pytest
from django.db import connection, transaction

from beforehand.engine.history import created
from beforehand.engine.instants import to_instant
from beforehand.people.models import Provider
from beforehand.tickets import notices
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.ledger import append
from beforehand.tickets.models import Notice, Source, Ticket
from beforehand.tickets.notices import KEPT, MOST, Heard, Listener
from beforehand.tickets.reread import forget_derived
from beforehand.tickets.rereading import reread_all

from .conftest import NOW

pytestmark = pytest.mark.django_db(transaction=True)
NOTHING = Heard({}, set())


def arrive(source: Source, ticket: str) -> int:
    append(source, [TicketEvent(ticket, created(to_instant(NOW), id="a"))], NOW)
    return Ticket.objects.get(external_id=ticket).pk


def hear(listener: Listener) -> Heard:
    """What there is to hear; a server of PostgreSQL's hands it on in its own time."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if heard := listener.look():
            return heard
        time.sleep(0.01)
    return NOTHING


def test_what_the_ledger_takes_in_is_heard_once(source: Source) -> None:
    listener = Listener()
    ticket = arrive(source, "1")
    assert hear(listener) == Heard({source.provider_id: {ticket}}, set())
    assert listener.look() == NOTHING
    listener.close()


def test_what_was_known_already_tells_nothing(source: Source) -> None:
    arrive(source, "1")
    listener = Listener()
    arrive(source, "1")
    assert listener.look() == NOTHING
    listener.close()


def test_a_conflict_is_told_too_since_the_tickets_page_lists_it(source: Source) -> None:
    ticket = arrive(source, "1")
    listener = Listener()
    append(source, [TicketEvent("1", created(to_instant(NOW) + 1, id="a"))], NOW)
    assert hear(listener) == Heard({source.provider_id: {ticket}}, set())
    listener.close()


def test_what_is_taken_back_was_never_told(provider: Provider) -> None:
    listener = Listener()
    with transaction.atomic():
        notices.tell(provider.pk, [1])
        transaction.set_rollback(True)
    assert listener.look() == NOTHING
    listener.close()


def test_very_many_at_once_are_any_of_them(provider: Provider) -> None:
    listener = Listener()
    notices.tell(provider.pk, range(10**18, 10**18 + MOST))
    assert len(hear(listener).tickets[provider.pk]) == MOST
    notices.tell(provider.pk, range(MOST + 1))
    assert hear(listener) == Heard({}, {provider.pk})
    listener.close()


def test_rereading_tells_what_it_mends(source: Source) -> None:
    ticket = arrive(source, "1")
    reread_all(source.provider)
    listener = Listener()
    reread_all(source.provider)
    assert listener.look() == NOTHING
    forget_derived(source.provider_id)
    assert hear(listener) == Heard({}, {source.provider_id})
    reread_all(source.provider)
    assert hear(listener) == Heard({source.provider_id: {ticket}}, set())
    listener.close()


@pytest.mark.sqlite
def test_old_notices_go_and_who_was_away_that_long_hears_that_some_were_missed(provider: Provider) -> None:
    listener = Listener()
    Notice.objects.create(id=KEPT + 999, provider=provider, tickets="1")
    notices.tell(provider.pk, [2])
    Notice.objects.filter(id__lt=KEPT).delete()
    assert list(Notice.objects.values_list("tickets", flat=True)) == ["1", "2"]
    heard = listener.look()
    assert heard.missed
    assert heard.tickets == {provider.pk: {1, 2}}


@pytest.mark.sqlite
def test_another_database_in_the_place_of_the_old_one_is_noticed(provider: Provider) -> None:
    notices.tell(provider.pk, [1])
    listener = Listener()
    Notice.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM sqlite_sequence WHERE name = 'tickets_notice'")
    assert listener.look().missed


@pytest.mark.postgresql
def test_a_lost_connection_is_an_error_of_the_database(provider: Provider) -> None:
    from django.db import OperationalError

    listener = Listener()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE query LIKE 'LISTEN%%' AND datname = current_database()"
        )
    with pytest.raises(OperationalError):
        _look_for_a_minute(listener)
    listener.close()


def _look_for_a_minute(listener: Listener) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        listener.look()
        time.sleep(0.02)

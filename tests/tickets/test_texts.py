"""Texts of messages are judged when they come in, and let go (clock.md 3.5)."""

import pytest
from django.db import connection

from beforehand.engine import history as h
from beforehand.engine.codes import BY_PERSON, EXPECTATION, NEAR_COPY, PUBLIC, TEMPLATE
from beforehand.engine.instants import MINUTE
from beforehand.tickets import ledger, texts
from beforehand.tickets.events import TicketEvent, Written
from beforehand.tickets.models import Clock, Event, MessageText, Source, TextPrint

from .conftest import NOW, at

pytestmark = pytest.mark.django_db
FRIDAY = at("2026-03-06T10:00")
SECRET = "The password of the new server is hunter2-hunter2, I will change it tomorrow"


def answer(
    source: Source, ticket: str, text: str, name: str = "m", person: str = "Ada Ferrant"
) -> ledger.Appended:
    told = [
        TicketEvent(ticket, h.created(FRIDAY, id="c")),
        TicketEvent(ticket, h.changed(FRIDAY, "client", "Contoso", id="k")),
        Written(ticket, h.message(FRIDAY + MINUTE, id=name, person=person), text),
    ]
    return ledger.append(source, told, NOW)


def flags(ticket: str) -> int:
    return Event.objects.get(ticket__external_id=ticket, kind=5).flags & ~(BY_PERSON | PUBLIC)


def test_a_text_is_judged_and_nothing_of_it_is_kept(source: Source) -> None:
    answer(source, "1", SECRET)
    event = Event.objects.get(kind=5)
    assert flags("1") == EXPECTATION
    assert texts.length_of(event.value) == len(SECRET)
    assert event.person == "Ada Ferrant"
    with connection.cursor() as cursor:
        for table in ("tickets_event", "tickets_textprint", "tickets_messagetext", "tickets_ticket"):
            cursor.execute(f"SELECT * FROM {table}")
            assert "hunter2" not in repr(cursor.fetchall())


def test_the_same_told_again_is_known_and_judged_once(source: Source) -> None:
    answer(source, "1", SECRET)
    for ticket in "2345":
        answer(source, ticket, SECRET)
    assert answer(source, "1", SECRET) == (0, 3, 0, 1)
    assert flags("1") == EXPECTATION
    assert answer(source, "1", SECRET + "!") == (0, 2, 1, 1)


def test_the_same_words_on_other_tickets_are_copies_and_then_a_template(source: Source) -> None:
    for number, person in enumerate(("Ada", "Ben", "Ada", "Kim", "Ada")):
        words = f"Dear Sam {number},\nthe server is being restarted by {person} now.\nRegards"
        answer(source, str(number), words, person=person)
    judged = [flags(str(number)) & (NEAR_COPY | TEMPLATE) for number in range(5)]
    assert judged == [0, NEAR_COPY, NEAR_COPY, TEMPLATE, TEMPLATE]


def test_the_same_words_on_one_ticket_are_no_copy(source: Source) -> None:
    answer(source, "1", SECRET, "m1")
    answer(source, "1", SECRET, "m2")
    assert all(event.flags & NEAR_COPY == 0 for event in Event.objects.filter(kind=5))


def test_copies_of_another_provider_say_nothing(source: Source) -> None:
    from .conftest import make_provider

    other = Source.objects.create(provider=make_provider("southwind"), slug="psa", name="PSA")
    answer(source, "1", SECRET)
    answer(other, "1", SECRET)
    assert all(event.flags & NEAR_COPY == 0 for event in Event.objects.filter(kind=5))
    assert TextPrint.objects.count() == 2


def test_meaningful_takes_words_of_its_own_and_an_expectation(source: Source) -> None:
    """3.5: a template acknowledges nothing."""
    told = [TicketEvent("1", h.assigned(FRIDAY, "Ada Ferrant", id="a"))]
    answer(source, "1", "We have received your request, it is ticket 48213.")
    ledger.append(source, told, NOW)
    assert Clock.objects.get(metric=6).stop is None
    answer(source, "1", "The mailbox is full; I will raise its limit by noon.", "m2")
    assert Clock.objects.get(metric=6).stop is not None


def test_texts_are_kept_where_the_owner_wants_it_and_go_when_not_any_more(source: Source) -> None:
    source.provider.keep_texts = True
    source.provider.save()
    answer(source, "1", SECRET)
    ticket = Event.objects.get(kind=5).ticket_id
    assert texts.kept_texts(source.provider_id, ticket) == {"m": SECRET}
    texts.forget_texts(source.provider_id)
    assert not MessageText.objects.exists()

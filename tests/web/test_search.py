"""Finding a ticket from any page."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from beforehand.people.models import Provider
from beforehand.tickets.models import Source, Ticket

Tickets = Callable[[str], Ticket]


def found(client: Client, words: str) -> list[str]:
    return [ticket.number for ticket, _, _ in client.get("/search/", {"q": words}).context["rows"]]


@pytest.mark.parametrize("typed", ["T48215", "t48215", " T48215 ", "48215"])
def test_a_whole_number_leads_to_the_ticket(signed_in: Client, tickets: Tickets, typed: str) -> None:
    ticket = tickets("T48215")
    assert signed_in.get("/search/", {"q": typed}).headers["Location"] == f"/tickets/{ticket.pk}/"


def test_every_word_stands_in_number_subject_or_client(signed_in: Client, tickets: Tickets) -> None:
    ticket = tickets("T48215")
    word = max(ticket.subject.split(), key=len)
    shown = signed_in.get("/search/", {"q": word.upper()}).context["rows"]
    assert ticket in [one for one, _, _ in shown]
    assert all(word.lower() in one.subject.lower() for one, _, _ in shown)
    assert ticket.client is not None
    assert ticket.number in found(signed_in, f"{word} {ticket.client.name.split()[0].lower()}")
    assert found(signed_in, f"{word} nonsense") == []


def test_closed_tickets_are_found_too(signed_in: Client, tickets: Tickets) -> None:
    assert Ticket.objects.filter(state__gte=5).exists()
    closed = Ticket.objects.filter(state__gte=5).first()
    assert closed is not None
    assert closed.number in found(signed_in, closed.subject)


def test_the_latest_come_first_and_no_more_than_fifty(signed_in: Client, provider: Provider) -> None:
    source = Source.objects.create(provider=provider, slug="psa", name="PSA")
    for number in range(60):
        Ticket.objects.create(
            provider=provider, source=source, external_id=str(number), number=f"N{number}", subject="Many"
        )
    page = signed_in.get("/search/", {"q": "many"})
    assert [ticket.number for ticket, _, _ in page.context["rows"]] == [f"N{n}" for n in range(59, 9, -1)]
    assert page.context["more"]


@pytest.mark.parametrize("words", ["", " ", "%", "_", "\x00", "'; DROP TABLE x; --", "🦊" * 300])
def test_odd_words_find_nothing_or_what_they_say(signed_in: Client, tickets: Tickets, words: str) -> None:
    page = signed_in.get("/search/", {"q": words})
    assert page.status_code == 200
    assert page.context["rows"] == []


def test_nobody_finds_the_tickets_of_another_provider(
    signed_in: Client, tickets: Tickets, now: datetime
) -> None:
    other = Provider.objects.create(name="Other", slug="other", zone="UTC", created=now)
    source = Source.objects.create(provider=other, slug="psa", name="PSA")
    Ticket.objects.create(
        provider=other, source=source, external_id="999", number="SECRET-1", subject="Secret"
    )
    assert found(signed_in, "secret") == []
    assert found(signed_in, "SECRET-1") == []


def test_every_page_has_the_field(signed_in: Client, tickets: Tickets) -> None:
    for path in ("/", "/clients/", "/sources/", "/account/", f"/tickets/{tickets('T48215').pk}/"):
        assert b'action="/search/"' in signed_in.get(path).content

"""The page of sources, the list of uncovered tickets, and where both show on the board and the ticket page."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from beforehand.engine import history as h
from beforehand.engine.codes import STATES
from beforehand.engine.instants import HOUR, to_instant
from beforehand.people.models import Provider
from beforehand.promises import models as promises
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.ledger import append
from beforehand.tickets.models import ImportRun, Source, Ticket
from beforehand.tickets.rereading import reread_all

Tickets = Callable[[str], Ticket]
Told = Callable[..., Ticket]


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


@pytest.fixture
def source(tickets: Tickets) -> Source:
    return Source.objects.get(slug="psa")


@pytest.fixture
def told(source: Source, now: datetime) -> Told:
    """A ticket made of fields, an hour old unless told, with what else happened to it."""

    def one(name: str, *more: h.Event, ago: timedelta = timedelta(hours=1), **fields: str) -> Ticket:
        at = to_instant(now - ago)
        events = [h.created(at, id="1")]
        events += [h.changed(at, field, value, id=field) for field, value in fields.items()]
        append(source, [TicketEvent(name, event) for event in (*events, *more)], now)
        return Ticket.objects.get(external_id=name)

    return one


def run(source: Source, now: datetime, **more: object) -> ImportRun:
    values = {"log": "jan.csv", "by": "marta", "started": now, "seen": now, "ended": now, **more}
    return ImportRun.objects.create(provider=source.provider, source=source, **values)


def test_without_a_source_it_says_how_one_comes_to_be(signed_in: Client) -> None:
    assert "No source yet" in text_of(signed_in, "/sources/")


def test_a_source_shows_its_last_import_with_the_rejected_rows(
    signed_in: Client, source: Source, now: datetime
) -> None:
    run(source, now - timedelta(days=1), log="old.csv")
    run(
        source, now, rows=100, taken=90, known=8, rejected=2, rejects="/data/jan.csv.rejects.csv",
        first_rejects=[[17, "opened: '31/31' is no date"]],
    )  # fmt: skip
    text = text_of(signed_in, "/sources/")
    assert "100 rows: 90 taken, 8 known already, 2 rejected" in text
    assert "/data/jan.csv.rejects.csv" in text
    assert "&#x27;31/31&#x27; is no date" in text
    assert text.index("jan.csv") < text.index("Earlier imports") < text.index("old.csv")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"ended": None}, "still running"),
        ({"ended": None, "long_ago": True}, "broken off"),
        ({"fault": "line 4: no header"}, "stopped</b>: line 4: no header"),
    ],
)
def test_an_import_that_did_not_end_well_says_so(
    signed_in: Client, source: Source, now: datetime, more: dict[str, object], said: str
) -> None:
    if more.pop("long_ago", False):
        more["seen"] = now - timedelta(minutes=3)
    run(source, now, **more)
    assert said in text_of(signed_in, "/sources/")


def test_a_status_that_nobody_mapped_has_its_line_ready(signed_in: Client, told: Told, now: datetime) -> None:
    at = to_instant(now)
    told("A", h.status(at, "On hold: parts", id="s"), client="Ashcombe Dental", board="Field")
    told("B", h.status(at, "On hold: parts", id="s"), client="Ashcombe Dental")
    (view,) = signed_in.get("/sources/").context["sources"]
    (mend,) = view.unmapped
    assert (mend.status, mend.tickets, mend.tables) == ("On hold: parts", 2, ("every board",))
    assert mend.line == f'"On hold: parts": {STATES[0]}'


def test_a_board_with_a_table_of_its_own_is_named(
    signed_in: Client, told: Told, provider: Provider, now: datetime
) -> None:
    promises.StatusMapping.objects.create(provider=provider, board="Field", status="Open", state="working")
    promises.ProviderTerms.objects.update(revision="2")
    told("A", h.status(to_instant(now), "Odd", id="s"), client="Ashcombe Dental", board="Field")
    (view,) = signed_in.get("/sources/").context["sources"]
    assert [mend.tables for mend in view.unmapped] == [("Field",)]


def test_contradicting_events_show_both_contents_but_no_texts(
    signed_in: Client, told: Told, source: Source, now: datetime
) -> None:
    at = to_instant(now)
    told("A", h.message(at, id="m")._replace(value="the password is tulip"), client="Ashcombe Dental")
    again = [
        h.changed(at - HOUR, "client", "Elbtal Logistik", id="client"),
        h.message(at, id="m")._replace(value="the password is rose"),
    ]
    append(source, [TicketEvent("A", event) for event in again], now)
    text = text_of(signed_in, "/sources/")
    assert "Ashcombe Dental" in text
    assert "Elbtal Logistik" in text
    assert "a text, not shown here" in text
    assert "password" not in text


def test_uncovered_tickets_are_counted_and_listed_by_reason(
    signed_in: Client, told: Told, provider: Provider, now: datetime
) -> None:
    told("U", client="Nobody Knows Ltd")
    told("E", client="Ashcombe Dental", ago=timedelta(days=365 * 8))
    told("P", client="Ashcombe Dental", priority="P9")
    append(Source.objects.get(), [TicketEvent("C", h.status(to_instant(now), "New", id="s"))], now)
    reasons = {name: count for name, _, count in signed_in.get("/sources/").context["reasons"]}
    # "Lantern Yoga" of the standing cast is nobody's client either.
    assert reasons == {"client": 2, "agreement": 1, "line": 1, "creation": 1}
    for why, external in {"client": "U", "agreement": "E", "line": "P", "creation": "C"}.items():
        rows = signed_in.get(f"/uncovered/?why={why}").context["rows"]
        assert external in [ticket.external_id for ticket, *_ in rows]
    assert "Nobody Knows Ltd" in text_of(signed_in, "/uncovered/")
    assert signed_in.get("/uncovered/?why=nonsense&page=x").context["count"] == 5


def test_the_board_shows_uncovered_tickets_with_the_triage_target(signed_in: Client, told: Told) -> None:
    told("U", client="Nobody Knows Ltd")
    rows = signed_in.get("/?covered=no").context["rows"]
    assert {(row.metric, row.client) for row in rows} == {
        ("triage", "Nobody Knows Ltd"),
        ("triage", "Lantern Yoga"),
    }
    assert all(not row.clock.ticket.covered for row in rows)
    text = text_of(signed_in, "/?covered=no")
    assert "uncovered" in text
    assert 'value="no" selected' in text


@pytest.mark.django_db(transaction=True)
def test_without_a_triage_target_the_board_says_which_tickets_nobody_sees(
    signed_in: Client, told: Told, provider: Provider
) -> None:
    assert "have no clock" not in text_of(signed_in, "/")
    told("U", client="Nobody Knows Ltd")
    promises.ProviderTerms.objects.update(triage=None, revision="2")
    reread_all(provider)
    assert signed_in.get("/?covered=no").context["rows"] == []
    text = text_of(signed_in, "/")
    assert "2 open tickets have no clock, since no agreement covers them" in text
    assert 'href="/uncovered/"' in text


@pytest.mark.parametrize(
    ("fields", "ago", "said"),
    [
        ({"client": "Nobody Knows Ltd"}, 0, "nobody knows the client “Nobody Knows Ltd”"),
        ({}, 0, "its source has told no client"),
        ({"client": "Ashcombe Dental"}, 365 * 8, "no agreement of Ashcombe Dental was in force"),
        ({"client": "Ashcombe Dental", "priority": "P9"}, 0, "no line of the agreement fits it"),
    ],
)
def test_the_ticket_page_says_why_it_is_uncovered_and_what_to_do(
    signed_in: Client, told: Told, fields: dict[str, str], ago: int, said: str
) -> None:
    ticket = told("U", ago=timedelta(days=ago, hours=1), **fields)
    text = text_of(signed_in, f"/tickets/{ticket.pk}/")
    assert said in text
    assert "runs the provider's own time for looking at it" in text


def test_another_provider_s_sources_are_not_shown(signed_in: Client, source: Source, now: datetime) -> None:
    other = Provider.objects.create(name="Other", slug="other", zone="UTC", created=now)
    theirs = Source.objects.create(provider=other, slug="theirs", name="Their PSA")
    run(theirs, now)
    append(theirs, [TicketEvent("X", h.created(to_instant(now), id="1"))], now)
    text = text_of(signed_in, "/sources/") + text_of(signed_in, "/uncovered/")
    assert "Their PSA" not in text
    assert signed_in.get("/uncovered/").context["count"] == 1


@pytest.mark.parametrize("address", ["/sources/", "/uncovered/"])
def test_they_are_closed_to_strangers(client: Client, address: str) -> None:
    assert client.get(address).status_code == 302


def test_many_uncovered_tickets_fill_pages(signed_in: Client, source: Source, now: datetime) -> None:
    at = to_instant(now)
    append(source, [TicketEvent(f"N{n}", h.created(at, id="1")) for n in range(60)], now, at_once=60)
    first, last = (signed_in.get(f"/uncovered/?page={page}").context for page in (1, 9))
    assert len(first["rows"]) == 50
    assert first["page"].has_next()
    assert not last["page"].has_next()

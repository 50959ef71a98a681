"""The ticket page."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from beforehand.engine import history as h
from beforehand.engine.codes import EXPECTATION
from beforehand.engine.english import render
from beforehand.engine.instants import DAY, to_instant
from beforehand.people.models import Provider
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.ledger import append
from beforehand.tickets.models import Source, Ticket

Tickets = Callable[[str], Ticket]


def page(client: Client, ticket: Ticket, query: str = "") -> str:
    answer = client.get(f"/tickets/{ticket.pk}/{query}")
    assert answer.status_code == 200
    return answer.content.decode().replace("\u00a0", " ")


def test_it_says_why_the_figure_is_what_it_is(signed_in: Client, tickets: Tickets) -> None:
    text = page(signed_in, tickets("T48190"))
    assert "The promise was broken by a change" in text
    assert "breached by the change" in text
    assert "by then more than the new 4 h was used" in text


@pytest.mark.parametrize(
    "number", ["T48201", "T48207", "T48155", "T48111", "T48120", "T48190", "T48230", "T48166"]
)
def test_the_sum_adds_up_to_the_time_used(signed_in: Client, tickets: Tickets, number: str) -> None:
    for clock in signed_in.get(f"/tickets/{tickets(number).pk}/").context["clocks"]:
        assert clock.rows[-1].total.micros == clock.reading.used
        assert sum(row.counted.micros for row in clock.rows if row.counted) == clock.reading.used


def test_the_page_and_the_board_say_the_same_time_left(signed_in: Client, tickets: Tickets) -> None:
    ticket = tickets("T48201")
    row = next(r for r in signed_in.get("/?q=T48201").context["rows"] if r.metric == "resolution")
    clock = next(
        c
        for c in signed_in.get(f"/tickets/{ticket.pk}/").context["clocks"]
        if c.reading.metric == "resolution"
    )
    assert abs(row.left.micros - clock.reading.left) <= 2 * 60_000_000


def test_it_shows_the_line_that_applies_and_why_each_other_does_not(
    signed_in: Client, tickets: Tickets
) -> None:
    context = signed_in.get(f"/tickets/{tickets('T48155').pk}/").context
    assert context["winner"].name == "priority P3"
    assert {line.name: render(line.why) for line in context["lost"]}["priority P1"] == (
        "It is for priority P1 (here P3)."
    )


def test_an_uncovered_ticket_says_so(signed_in: Client, tickets: Tickets) -> None:
    text = page(signed_in, tickets("T48230"))
    assert "No agreement covers this ticket" in text
    assert "No agreement of a known client was in force" in text


def test_events_that_do_not_count_are_shown_with_the_reason(
    signed_in: Client, provider: Provider, now: datetime
) -> None:
    source = Source.objects.create(provider=provider, slug="psa", name="PSA")
    at = to_instant(now) - 3 * DAY
    told = [
        h.created(at, id="c"),
        h.changed(at, "client", "Ashcombe Dental", id="k"),
        h.status(at + 1, "Waiting on client", id="polled"),
        h.status(at + 2, "In progress", id="exact", supersedes="polled"),
        h.message(at + 3, id="gone"),
        h.message(at + 4, id="back", retracts="gone"),
        h.created(at + 5, id="c2"),
        h.message(at + 6, id="m", flags=EXPECTATION | 9),
    ]
    append(source, [TicketEvent("1", event) for event in told], now)
    append(source, [TicketEvent("1", told[-1]._replace(value="other words"))], now)
    text = page(signed_in, Ticket.objects.get())
    for reason in (
        "replaced by a later telling",
        "taken back by the source",
        "takes back another event",
        "a second creation; the earliest holds",
        "told again with other content",
    ):
        assert reason in text
    assert "5 events of these do not count" in text
    assert "next step set" in text


def test_the_timeline_has_response_above_resolution_and_a_table_beside(
    signed_in: Client, tickets: Tickets
) -> None:
    text = page(signed_in, tickets("T48111"))
    lanes = re.findall(r'<text class="lane"[^>]*y="([\d.]+)">(\w+)', text)
    assert [name for _, name in lanes] == ["Response", "Resolution"]
    assert float(lanes[0][0]) < float(lanes[1][0])
    assert 'role="img"' in text
    assert text.count("<table>") >= 2


def test_no_style_or_script_stands_in_a_page(signed_in: Client, tickets: Tickets) -> None:
    for address in ("/", f"/tickets/{tickets('T48111').pk}/"):
        text = signed_in.get(address).content.decode()
        text = re.sub(
            r'<script type="module" src="[^"]+"></script>|<script id="live" type="application/json">',
            "",
            text,
        )
        assert not re.search(r"\sstyle=|<style|<script|\son\w+=|javascript:", text)


def test_a_link_into_the_source_is_one_only_if_it_leads_to_the_web(
    signed_in: Client, provider: Provider, now: datetime
) -> None:
    source = Source.objects.create(provider=provider, slug="psa", name="PSA")
    for number, url in (("1", "https://psa.example/1"), ("2", "javascript:alert(1)")):
        events = [h.created(to_instant(now), id="c"), h.changed(to_instant(now), "url", url, id="u")]
        append(source, [TicketEvent(number, event) for event in events], now)
    good, bad = (page(signed_in, Ticket.objects.get(external_id=number)) for number in ("1", "2"))
    assert 'href="https://psa.example/1"' in good
    assert 'href="javascript' not in bad


def test_a_ticket_whose_creation_has_not_come_says_so(
    signed_in: Client, provider: Provider, now: datetime
) -> None:
    source = Source.objects.create(provider=provider, slug="psa", name="PSA")
    append(source, [TicketEvent("1", h.status(to_instant(now), "New", id="s"))], now)
    assert "Its creation has not been told yet" in page(signed_in, Ticket.objects.get())


def test_very_many_events_are_shown_in_two_steps(
    signed_in: Client, provider: Provider, now: datetime
) -> None:
    source = Source.objects.create(provider=provider, slug="psa", name="PSA")
    at = to_instant(now - timedelta(days=40))
    events = [h.created(at, id="c"), h.changed(at, "client", "Ashcombe Dental", id="k")]
    events += [h.message(at + n * DAY // 10, id=f"m{n}", person=f"P{n}") for n in range(300)]
    append(source, [TicketEvent("1", event) for event in events], now)
    ticket = Ticket.objects.get()
    text = page(signed_in, ticket)
    assert "The latest 200" in text
    assert "P0<" not in text
    assert "P0<" in page(signed_in, ticket, "?events=all")


def test_a_page_takes_few_questions(
    signed_in: Client, tickets: Tickets, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    ticket = tickets("T48155")
    signed_in.get(f"/tickets/{ticket.pk}/")
    with django_assert_max_num_queries(11):
        signed_in.get(f"/tickets/{ticket.pk}/")


def test_the_words_are_said_in_the_clients_time(signed_in: Client, tickets: Tickets) -> None:
    assert "For the client, in the time of Berlin:" in page(signed_in, tickets("T48207"))
    assert "For the client, in the time of" not in page(signed_in, tickets("T48215"))

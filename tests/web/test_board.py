"""The board: which open clocks, in which order, with what is left of them now."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from tests.support import msp

from beforehand.engine.codes import METRICS
from beforehand.engine.history import changed, created, status
from beforehand.engine.instants import MINUTE, to_instant
from beforehand.people.models import Provider
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.ledger import append
from beforehand.tickets.models import Clock, Source, Ticket
from beforehand.web.board import Asked, Board
from beforehand.web.standing import Row

Tickets = Callable[[str], Ticket]


def rows(client: Client, query: str = "") -> list[Row]:
    found: list[Row] = client.get(f"/{query}").context["rows"]
    return found


def row_of(client: Client, number: str, metric: str) -> Row:
    return next(r for r in rows(client, f"?q={number}") if r.metric == metric)


def test_the_next_deadline_comes_first_and_what_has_none_last(signed_in: Client, tickets: Tickets) -> None:
    deadlines = [row.clock.deadline for row in rows(signed_in)]
    known = [d for d in deadlines if d is not None]
    assert known == sorted(known)
    assert deadlines == [*known, *[None] * (len(deadlines) - len(known))]
    assert 0 < len(known) < len(deadlines)


def test_turned_round_what_has_no_deadline_is_still_last(signed_in: Client, tickets: Tickets) -> None:
    deadlines = [row.clock.deadline for row in rows(signed_in, "?sort=-due")]
    assert deadlines[0] == max(d for d in deadlines if d is not None)
    assert deadlines[-1] is None


def test_stopped_clocks_and_figures_beside_the_response_are_not_on_it(
    signed_in: Client, tickets: Tickets
) -> None:
    shown = rows(signed_in)
    assert all(row.clock.run != 4 and row.metric in METRICS[:6] for row in shown)
    assert rows(signed_in, "?q=T48170") == []


def test_a_clock_that_ran_out_with_nothing_written_is_late(signed_in: Client, tickets: Tickets) -> None:
    row = row_of(signed_in, "T48215", "response")
    assert row.clock.breached_at is None
    assert (row.state, row.risk) == ("late", "late")
    assert row.over is not None
    assert 24 * MINUTE <= row.over.micros <= 27 * MINUTE


def test_time_left_is_business_time_as_of_now(signed_in: Client, tickets: Tickets) -> None:
    row = row_of(signed_in, "T48219", "response")
    assert row.left is not None
    assert 67 * MINUTE <= row.left.micros <= 70 * MINUTE
    assert row.risk == "amber"


def test_a_paused_clock_has_no_deadline_and_says_on_whom_it_waits(
    signed_in: Client, tickets: Tickets
) -> None:
    row = row_of(signed_in, "T48155", "resolution")
    assert (row.state, row.waits, row.due, row.paused) == ("paused", "waiting on client", None, True)
    assert row.left is not None


def test_a_late_clock_that_waits_keeps_its_deadline(signed_in: Client, tickets: Tickets) -> None:
    row = row_of(signed_in, "T48111", "resolution")
    assert (row.state, row.waits, row.risk) == ("late", "waiting on client", "late")
    assert row.due is not None


def test_an_uncovered_ticket_is_listed_with_its_triage_clock(signed_in: Client, tickets: Tickets) -> None:
    (row,) = rows(signed_in, "?q=Lantern")
    assert (row.metric, row.client, row.clock.ticket.covered) == ("triage", "Lantern Yoga", False)
    assert b"uncovered" in signed_in.get("/?q=Lantern").content


def test_outside_its_hours_a_clock_stands_still_and_says_until_when(
    signed_in: Client, provider: Provider, now: datetime
) -> None:
    """At a Saturday's noon, whenever this test is run."""
    from beforehand.promises.book import current
    from beforehand.web.standing import row_of as standing_row

    saturday = datetime(2026, 11, 21, 12, tzinfo=now.tzinfo)
    msp.make_tickets(provider, saturday, more=0)
    clock = Clock.objects.select_related("ticket__client").get(ticket__number="T48219", metric=0)
    noon, evening = (
        standing_row(clock, current(provider), to_instant(saturday + timedelta(hours=h)), "Europe/London")
        for h in (0, 8)
    )
    assert noon.state == "off hours"
    assert noon.left == evening.left
    assert noon.goes_on is not None
    assert f"{noon.goes_on.local:%a %H:%M}" == "Mon 09:00"
    assert noon.due is not None
    assert noon.due.local > saturday + timedelta(days=1)


@pytest.mark.parametrize(
    ("query", "right"),
    [
        ("?state=late", lambda r: r.state == "late"),
        ("?state=paused", lambda r: r.clock.run == 3),
        ("?metric=response", lambda r: r.metric == "response"),
        ("?priority=P3", lambda r: r.clock.ticket.priority == "P3"),
        ("?assignee=-", lambda r: r.clock.ticket.assignee == ""),
        ("?assignee=Ada+Ferrant", lambda r: r.clock.ticket.assignee == "Ada Ferrant"),
        ("?team=Projects", lambda r: r.clock.ticket.team == "Projects"),
        ("?q=vpn", lambda r: "VPN" in r.clock.ticket.subject),
        ("?client=-", lambda r: r.clock.ticket.client is None),
    ],
)
def test_filters_stand_in_the_address(
    signed_in: Client, tickets: Tickets, query: str, right: Callable[[Row], bool]
) -> None:
    shown = rows(signed_in, query)
    assert all(right(row) for row in shown)
    assert len(shown) == sum(1 for row in rows(signed_in) if right(row))


def test_an_address_that_means_nothing_is_the_whole_board(signed_in: Client, tickets: Tickets) -> None:
    everything = len(rows(signed_in))
    query = "?client=x&metric=sleep&state=%00&sort=password&page=-3&page=99999999999999999999"
    assert len(rows(signed_in, query)) == everything


def test_the_figures_count_what_the_board_lists(signed_in: Client, tickets: Tickets) -> None:
    figures = signed_in.get("/").context["figures"]
    assert figures.late == len(rows(signed_in, "?state=late")) > 0
    assert figures.hour == len(rows(signed_in, "?state=hour"))
    nobody = {row.clock.ticket_id for row in rows(signed_in, "?assignee=-")}
    assert figures.unassigned == len(nobody) > 0


def test_what_is_used_up_at_the_close_of_business_is_late_when_it_opens_again(provider: Provider) -> None:
    """1.5: one hour promised, created an hour before the weekend."""
    source = Source.objects.create(provider=provider, slug="psa", name="the PSA")
    friday = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
    begin = to_instant(friday)
    events = [created(begin, id="c"), changed(begin, "client", "Ashcombe Dental", id="k")]
    events += [changed(begin, "priority", "P1", id="p"), status(begin, "New", id="s")]
    append(source, [TicketEvent("1", event) for event in events], friday)

    def figures(now: datetime) -> tuple[int, int, int]:
        found = Board(provider, Asked(metric="response"), now, now.replace(hour=0, minute=0)).figures()
        return found.late, found.hour, found.breached

    assert figures(datetime(2026, 11, 20, 16, 59, tzinfo=UTC)) == (0, 1, 0)
    assert figures(datetime(2026, 11, 21, 12, tzinfo=UTC)) == (0, 1, 0)
    assert figures(datetime(2026, 11, 23, 9, 1, tzinfo=UTC)) == (1, 0, 1)


def test_the_figures_count_the_rows_that_are_red(signed_in: Client, tickets: Tickets) -> None:
    red = [row for row in rows(signed_in) if row.risk == "late"]
    assert signed_in.get("/").context["figures"].late == len(red) > 0


def test_figures_follow_the_filters(signed_in: Client, tickets: Tickets) -> None:
    client = tickets("T48215").client_id
    figures = signed_in.get(f"/?client={client}").context["figures"]
    assert figures.late == len(rows(signed_in, f"?client={client}&state=late"))
    assert figures.unassigned == 0 or rows(signed_in, f"?client={client}&assignee=-")
    assert figures != signed_in.get("/").context["figures"]


def test_todays_verdicts_are_those_of_the_viewers_day(provider: Provider, now: datetime) -> None:
    noon = datetime(2026, 11, 24, 14, tzinfo=now.tzinfo)
    msp.make_tickets(provider, noon, more=0)
    midnight = noon.replace(hour=0)

    def judged(at: datetime, since: datetime) -> tuple[int, int]:
        figures = Board(provider, Asked(), at, since).figures()
        return figures.met, figures.breached

    met, breached = judged(noon, midnight)
    stops = Clock.objects.filter(stop__gte=midnight, stop__lte=noon, metric__lt=6)
    assert met == stops.filter(verdict=1).count() > 0
    ran_out = {("T48215", 0), ("T48190", 2), ("T48111", 2), ("T48171", 0)}
    assert breached == len(ran_out)
    assert judged(noon + timedelta(days=30), noon + timedelta(days=29, hours=10)) == (0, 0)


def test_nobody_sees_the_tickets_of_another_provider(
    signed_in: Client, tickets: Tickets, now: datetime
) -> None:
    other = Provider.objects.create(name="Other", slug="other", zone="UTC", created=now)
    source = Source.objects.create(provider=other, slug="psa", name="PSA")
    append(source, [TicketEvent("secret", created(to_instant(now), id="1"))], now)
    assert rows(signed_in, "?q=secret") == []
    ticket = Ticket.objects.get(provider=other)
    assert signed_in.get(f"/tickets/{ticket.pk}/").status_code == 404


def test_a_page_of_fifty_takes_as_many_questions_as_a_page_of_ten(
    signed_in: Client,
    provider: Provider,
    now: datetime,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    msp.make_tickets(provider, now, more=120)
    signed_in.get("/")
    with django_assert_max_num_queries(14):
        answer = signed_in.get("/")
    assert len(answer.context["rows"]) == 50
    assert answer.context["pages"] > 2
    numbers = [
        clock for page in (1, 2, 3) for clock in (r.clock.pk for r in rows(signed_in, f"?page={page}"))
    ]
    assert len(set(numbers)) == len(numbers)
    assert signed_in.get("/?page=999").context["page"] == answer.context["pages"]


def test_hostile_words_from_a_source_are_text(signed_in: Client, provider: Provider, now: datetime) -> None:
    life = msp.Life(
        1, "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "<b>P1</b>", 10, to_instant(now)
    )
    life.assigned(5, "<i>Ada</i>").wrote(3).status(2, "<u>Odd</u>")
    source = Source.objects.create(provider=provider, slug="psa", name="<s>PSA</s>")
    append(source, [TicketEvent("1", event) for event in life.events], now)
    for page in ("/", f"/tickets/{Ticket.objects.get().pk}/"):
        text = signed_in.get(page).content.decode()
        assert not any(
            bad in text for bad in ("<script>alert", "<img", "<b>P1", "<i>Ada", "<u>Odd", "<s>PSA")
        )


def test_an_empty_board_says_what_will_be_there_and_how_to_get_it(signed_in: Client) -> None:
    assert b"./beforehand import" in signed_in.get("/").content


def test_a_filter_that_leaves_nothing_says_so(signed_in: Client, tickets: Tickets) -> None:
    assert b"No open clock is like that" in signed_in.get("/?q=nothing-is-called-so").content


def test_times_are_the_viewers_with_the_clients_beside(signed_in: Client, tickets: Tickets) -> None:
    text = signed_in.get("/?q=T48207").content.decode()
    assert "for the client (Europe/Berlin)" in text
    assert "for the client" not in signed_in.get("/?q=T48219").content.decode()

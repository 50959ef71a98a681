"""The clients page: compliance by client and period, and the clocks behind each figure."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from tests.support import msp

from beforehand.engine.codes import RESOLUTION, RESPONSE
from beforehand.engine.history import Event, approved, changed, created, excluded, message, status
from beforehand.engine.instants import MINUTE, to_instant
from beforehand.people.models import Provider
from beforehand.promises import models as promises
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.figures import Counts
from beforehand.tickets.ledger import append
from beforehand.tickets.models import Source, Ticket
from beforehand.web import moment
from beforehand.web.compliance import Behind, Kept, Periods, kept_by_client, late_clocks, over_all
from beforehand.web.periods import Period

Tickets = Callable[[str], Ticket]
Tell = Callable[..., None]
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def tell(provider: Provider) -> Tell:
    source = Source.objects.create(provider=provider, slug="own", name="Own")

    def tell(ticket: str, at: datetime, client: str, *events: Event) -> None:
        begin = to_instant(at)
        told = [created(begin, id="c"), changed(begin, "client", client, id="k")]
        told += [changed(begin, "priority", "P1", id="p"), status(begin, "New", id="s"), *events]
        append(source, [TicketEvent(ticket, event) for event in told], at)

    return tell


def figures(provider: Provider, now: datetime) -> dict[str, tuple[object, ...]]:
    return {
        kept.client.name: (kept.counts, kept.excluded, kept.late)
        for kept in kept_by_client(provider, now)
        if kept.client
    }


def line(client: Client, name: str, query: str = "") -> Kept:
    lines = client.get(f"/clients/{query}").context["lines"]
    found: Kept = next(one.kept for one in lines if one.kept.client.name == name)
    return found


def test_time_that_passes_breaks_promises_though_nothing_is_written(
    provider: Provider, now: datetime
) -> None:
    """5.4: the figures are those that come once an event has told the ledger how late it is."""
    source = msp.make_tickets(provider, now, more=6)
    later = now + timedelta(days=9)
    before = figures(provider, later)
    assert any(late_clocks(provider, later).filter(tally=None).values_list("ticket__client_id", flat=True))
    told = [
        TicketEvent(ticket.external_id, changed(to_instant(later), "subject", "Still", id="later"))
        for ticket in Ticket.objects.filter(source=source)
    ]
    append(source, told, later, at_once=50)
    assert figures(provider, later) == before


def test_behind_each_figure_stand_as_many_clocks(
    signed_in: Client, provider: Provider, tickets: Tickets
) -> None:
    later = moment.now()
    seen = 0
    for kept in kept_by_client(provider, later):
        for period, row in zip(kept.periods, kept.counts, strict=True):
            for metric, counts in zip((RESPONSE, RESOLUTION), row, strict=True):
                assert kept.client is not None
                behind = Behind(kept.client, period, metric, False, later)
                listed = [clock.verdict for clock in (*behind.ran_out, *behind.judged)]
                assert behind.counts == counts
                assert len(listed) == counts.total
                assert listed.count(1) + sum(verdict != 1 for verdict in listed) == counts.total
                assert listed.count(1) == counts.met + behind.ran_out.filter(verdict=1).count()
                seen += counts.total
    assert seen > 10


def test_months_are_the_clients_own(provider: Provider, tell: Tell) -> None:
    """6.1: late on 30 November in London it is December in Auckland."""
    promises.Client.objects.filter(name="Elbtal Logistik").update(zone="Pacific/Auckland")
    promises.ProviderTerms.objects.update(revision="2")
    at = datetime(2026, 11, 30, 21, 30, tzinfo=UTC)  # Tuesday 10:30 there
    tell("1", at, "Elbtal Logistik", message(to_instant(at) + MINUTE, id="m"))
    kept = next(k for k in kept_by_client(provider, at + timedelta(hours=1)) if k.counts[0][0].total)
    assert kept.client is not None
    assert kept.client.name == "Elbtal Logistik"
    assert kept.periods.month == Period(2026, 12)


def test_open_clocks_within_their_target_are_in_no_figure(provider: Provider, tell: Tell) -> None:
    """6.1."""
    tell("1", NOON, "Ashcombe Dental")
    assert figures(provider, NOON + timedelta(minutes=59))["Ashcombe Dental"][0] == [[Counts()] * 2] * 3
    assert figures(provider, NOON + timedelta(minutes=61))["Ashcombe Dental"][0] == [
        [Counts(0, 1), Counts()], [Counts()] * 2, [Counts()] * 2,
    ]  # fmt: skip


def test_no_verdicts_are_no_tickets_and_few_are_words_first(
    signed_in: Client, provider: Provider, tell: Tell, now: datetime
) -> None:
    """6.2."""
    page = signed_in.get("/clients/").content.decode()
    assert "no tickets" in page
    assert "%" not in page
    morning = now - timedelta(days=2)
    tell("1", morning, "Ashcombe Dental", message(to_instant(morning) + MINUTE, id="m"))
    page = signed_in.get("/clients/").content.decode()
    assert "<strong>1 of 1</strong>" in page


@given(met=st.integers(0, 5000), breached=st.integers(1, 50))
def test_only_what_is_kept_altogether_is_a_hundred_percent(met: int, breached: int) -> None:
    counts = Counts(met, breached)
    assert counts.percent != "100.0 %"
    assert float(counts.percent[:-2]) <= 100 * met / (met + breached)
    assert Counts(breached, 0).percent == "100.0 %"


def test_what_is_excluded_is_counted_apart_and_can_be_looked_at(
    signed_in: Client, provider: Provider, tell: Tell, now: datetime
) -> None:
    """3.10."""
    at = to_instant(now - timedelta(minutes=30))
    answered = message(at + MINUTE, id="m")
    tell(
        "1",
        now - timedelta(minutes=30),
        "Ashcombe Dental",
        answered,
        excluded(at, "x", id="x"),
        approved(at, id="y"),
    )
    kept = line(signed_in, "Ashcombe Dental")
    assert kept.client is not None
    assert kept.excluded == 1
    assert all(not counts.total for row in kept.counts for counts in row)
    address = f"/clients/{kept.client.pk}/"
    assert signed_in.get(address).context["apart"] == Counts(1, 0)
    assert [one.verdict for one in signed_in.get(f"{address}?excluded=1").context["clocks"]] == ["met"]


def test_the_worst_come_first_unless_the_address_asks_otherwise(
    signed_in: Client, provider: Provider, tickets: Tickets
) -> None:
    kept = [one.kept for one in signed_in.get("/clients/").context["lines"]]
    broken = [sum(counts.breached for counts in one.counts[0]) for one in kept]
    assert broken == sorted(broken, reverse=True)
    assert broken[0] > broken[-1]
    names = [one.kept.client.name for one in signed_in.get("/clients/?sort=client").context["lines"]]
    assert names == sorted(names)
    ordered = [
        one.kept.counts[0][0] for one in signed_in.get("/clients/?sort=response-month").context["lines"]
    ]
    rates = [counts.permille for counts in ordered if counts.total]
    assert rates == sorted(rates)
    assert all(not counts.total for counts in ordered[len(rates) :])


def test_the_late_ones_are_those_that_the_board_lists(signed_in: Client, tickets: Tickets) -> None:
    late = [one.kept for one in signed_in.get("/clients/").context["lines"] if one.kept.late]
    assert late
    for kept in late:
        assert signed_in.get(f"/?client={kept.client.pk}&state=late").context["count"] == kept.late


def test_the_first_line_adds_all_clients_up(signed_in: Client, provider: Provider, tickets: Tickets) -> None:
    context = signed_in.get("/clients/").context
    every = kept_by_client(provider, moment.now())
    assert context["all"].kept.counts == over_all(every, Periods.at(moment.now(), "UTC")).counts
    assert (
        sum(one.kept.counts[0][0].total for one in context["lines"]) == context["all"].kept.counts[0][0].total
    )


def test_nobody_sees_clients_of_another_provider(signed_in: Client, now: datetime) -> None:
    other = Provider.objects.create(name="Other", slug="other", zone="UTC", created=now)
    theirs = promises.Client.objects.create(provider=other, name="Secret Ltd", zone="UTC")
    assert "Secret Ltd" not in signed_in.get("/clients/").content.decode()
    assert signed_in.get(f"/clients/{theirs.pk}/").status_code == 404


@pytest.mark.parametrize(
    "period", ["2026-13", "0000-01", "9999-12", "2026-Q5", "yesterday", "\x00", "٢٠٢٦-11"]
)
def test_a_period_that_means_nothing_is_this_month_and_is_said(
    signed_in: Client, provider: Provider, period: str
) -> None:
    client = promises.Client.objects.first()
    assert client is not None
    answer = signed_in.get(f"/clients/{client.pk}/", {"period": period, "metric": "sleep", "page": "x"})
    assert answer.context["period"] == Period.of(moment.now(), client.zone)
    assert "is no period" in answer.content.decode()


@given(st.integers(1970, 8999), st.integers(1, 12))
def test_periods_follow_each_other_without_gaps(year: int, month: int) -> None:
    one = Period(year, month)
    assert one.before.ends("Europe/London")[1] == one.ends("Europe/London")[0]
    assert Period.read(one.name) == one
    quarter = one.quarter
    assert one.keys[0] in quarter.keys
    assert len(set(quarter.keys)) == 3
    assert Period.read(quarter.name) == quarter
    assert quarter.before.ends("Asia/Kolkata")[1] == quarter.ends("Asia/Kolkata")[0]


def test_a_page_of_many_clients_takes_as_many_questions_as_one_of_few(
    signed_in: Client,
    provider: Provider,
    tickets: Tickets,
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    for number in range(60):
        promises.Client.objects.create(provider=provider, name=f"Client {number}", zone="Europe/London")
    with django_assert_max_num_queries(8):  # type: ignore[attr-defined]
        signed_in.get("/clients/")

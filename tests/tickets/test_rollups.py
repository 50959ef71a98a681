"""Roll-ups equal the clocks they count, whatever comes and goes (clock.md 6.1)."""

from collections import Counter
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TransactionTestCase
from tests.support.tries import tries

from beforehand.engine import history as h
from beforehand.engine.codes import BREACHED, MET, RESOLUTION, RESPONSE, TRIAGE
from beforehand.engine.history import Event
from beforehand.engine.instants import HOUR, MINUTE
from beforehand.promises.models import Client
from beforehand.tickets import commands, ledger
from beforehand.tickets.counting import differences
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.models import ClientRollup, Clock, Rereading, Rollup, Source, Ticket
from beforehand.tickets.reread import forget_derived
from beforehand.tickets.rereading import reread_all

from .conftest import NOW, at, make_provider

pytestmark = pytest.mark.django_db(transaction=True)
FRIDAY = at("2026-03-06T10:00")
BEGIN = [
    h.created(FRIDAY, id="c"),
    h.changed(FRIDAY, "client", "Contoso", id="k"),
    h.changed(FRIDAY, "priority", "P1", id="p"),
    h.status(FRIDAY, "New", id="s"),
]


def keep(source: Source, *events: Event, ticket: str = "1") -> None:
    ledger.append(source, [TicketEvent(ticket, event) for event in events], NOW)


def by_hand() -> Counter[tuple[Any, ...]]:
    """What each client's clocks come to, from their rows alone."""
    found: Counter[tuple[Any, ...]] = Counter()
    for clock in Clock.objects.select_related("ticket__client"):
        if clock.verdict not in {MET, BREACHED} or clock.metric == TRIAGE or clock.ticket.client is None:
            continue
        when = clock.stop if clock.verdict == MET else clock.breached_at
        assert when is not None
        local = when.astimezone(ZoneInfo(clock.ticket.client.zone))
        month = int(f"{local:%Y%m}")
        found[clock.ticket.client.name, month, clock.metric, clock.ticket.excluded == 2, clock.verdict] += 1
    return found


def stored(rows: Iterable[Any]) -> Counter[tuple[Any, ...]]:
    found: Counter[tuple[Any, ...]] = Counter()
    for row in rows:
        for verdict, count in ((MET, row.met), (BREACHED, row.breached)):
            if count:
                found[row.client.name, row.month, row.metric, row.excluded, verdict] += count
    return found


def assert_right() -> None:
    assert stored(ClientRollup.objects.select_related("client")) == by_hand()
    assert stored(Rollup.objects.select_related("client")) == by_hand()
    for ticket in Ticket.objects.all():
        assert ticket.runs == Clock.objects.filter(ticket=ticket, metric__lt=6).exclude(run=4).count()


EDGE = at("2026-03-31T08:00")
"""Within the half day in which March is over in Auckland and not in London."""
steps = st.sampled_from([
    lambda t: h.message(t),
    lambda t: h.client_message(t),
    lambda t: h.status(t, "Waiting"),
    lambda t: h.status(t, "Resolved"),
    lambda t: h.status(t, "Working"),
    lambda t: h.changed(t, "priority", "P1"),
    lambda t: h.changed(t, "priority", "P3"),
    lambda t: h.changed(t, "client", "Contoso"),
    lambda t: h.changed(t, "client", "Fabrikam"),
    lambda t: h.changed(t, "client", "Nobody"),
    lambda t: h.changed(t, "team", "Second line"),
    lambda t: h.assigned(t, "Ana"),
    lambda t: h.excluded(t, "client's network was down"),
    lambda t: h.approved(t),
    lambda t: h.included(t),
    lambda t: h.deleted(t),
])  # fmt: skip
lives = st.lists(st.tuples(steps, st.integers(-2, 2), st.integers(0, 48 * 60)), max_size=8)


class Random(TransactionTestCase):
    @settings(max_examples=tries(40))
    @given(some=st.lists(lives, min_size=1, max_size=3), pieces=st.integers(1, 4))
    def test_they_equal_the_clocks_after_any_events_in_any_order(self, some: Any, pieces: int) -> None:
        provider = make_provider("northwind")
        Client.objects.filter(name="Fabrikam").update(zone="Pacific/Auckland")
        source = Source.objects.create(provider=provider, slug="psa", name="PSA")
        arrived = []
        for ticket, life in enumerate(some):
            name = str(ticket)
            arrived += [TicketEvent(name, event) for event in BEGIN]
            for number, (make, day, minute) in enumerate(life):
                event = make(EDGE + (24 * day * 60 + minute) * MINUTE)
                arrived.append(TicketEvent(name, event._replace(id=f"e{number}")))
        for first in range(pieces):  # each ticket's events come in pieces, the later ones first
            ledger.append(source, arrived[pieces - 1 - first :: pieces], NOW)
            assert_right()
        assert differences(provider.pk) == []


def test_a_breach_counts_in_the_month_of_the_breach_and_a_met_clock_in_that_of_its_stop(
    source: Source,
) -> None:
    """6.1, in the client's zone: at 12:30 UTC on the 31st it is April in Auckland."""
    Client.objects.update(zone="Pacific/Auckland")
    at_edge = at("2026-03-30T21:30")  # Tuesday 10:30 in Auckland, where it is open from 9:00 to 17:30
    keep(source, h.created(at_edge, id="c"), h.changed(at_edge, "client", "Contoso", id="k"))
    keep(source, h.changed(at_edge, "priority", "P1", id="p"), h.status(at_edge, "New", id="s"))
    keep(
        source,
        h.message(at("2026-03-31T12:30"), id="m"),
        h.status(at("2026-03-31T12:31"), "Resolved", id="r"),
    )
    assert [(row.month, row.met, row.breached) for row in promised()] == [
        (202603, 0, 1),
        (202604, 1, 0),
    ]
    assert_right()


def test_a_reopened_ticket_gives_its_met_up_until_it_is_met_again(source: Source) -> None:
    """6.1, 3.7."""
    keep(source, *BEGIN, h.message(FRIDAY + HOUR // 2, id="m"), h.status(FRIDAY + HOUR, "Resolved", id="r"))
    assert sum(row.met for row in promised()) == 2
    keep(source, h.status(FRIDAY + 2 * HOUR, "Working", id="o"))
    assert sum(row.met for row in promised()) == 1
    assert not Rollup.objects.filter(met=0, breached=0).exists()


def test_what_is_excluded_counts_apart(source: Source) -> None:
    """3.10."""
    keep(source, *BEGIN, h.message(FRIDAY + HOUR // 2, id="m"))
    keep(source, h.excluded(FRIDAY + HOUR, "their network", id="x"), h.approved(FRIDAY + HOUR, id="y"))
    assert [(row.excluded, row.met) for row in promised()] == [(True, 1)]


def test_a_ticket_that_changes_its_client_takes_its_verdicts_along(source: Source) -> None:
    keep(source, *BEGIN, h.message(FRIDAY + HOUR // 2, id="m"))
    keep(source, h.changed(FRIDAY + HOUR, "client", "Fabrikam", id="k2"))
    assert [(row.client.name, row.met) for row in promised()] == [("Fabrikam", 1)]


def promised() -> Any:
    """Of response and resolution alone."""
    return ClientRollup.objects.filter(metric__in=(RESPONSE, RESOLUTION)).order_by("metric")


def counts() -> list[tuple[object, ...]]:
    return [*ClientRollup.objects.order_by("id").values_list(), *Rollup.objects.order_by("id").values_list()]


def test_reading_again_from_nothing_gives_the_same_roll_ups(source: Source) -> None:
    """5.4."""
    keep(source, *BEGIN, h.message(FRIDAY + HOUR // 2, id="m"))
    keep(source, *BEGIN, h.message(FRIDAY + 3 * HOUR, id="m"), ticket="2")
    before = counts()
    forget_derived(source.provider_id)
    assert counts() == []
    reread_all(source.provider)
    assert counts() == before


@pytest.mark.parametrize("spoil", [
    "UPDATE tickets_rollup SET met = met + 1",
    "UPDATE tickets_rollup SET technician = 'Somebody else'",
    "DELETE FROM tickets_rollup",
    "UPDATE tickets_clientrollup SET breached = 7",
    "UPDATE tickets_clientrollup SET month = 202001",
    "DELETE FROM tickets_clientrollup",
    "UPDATE tickets_clock SET verdict = 2, tally = NULL",
    "DELETE FROM tickets_clock",
    "UPDATE tickets_ticket SET client_id = NULL",
])  # fmt: skip
def test_check_says_what_is_wrong_and_reread_mends_it(
    source: Source, spoil: str, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(source, *BEGIN, h.message(FRIDAY + HOUR // 2, id="m"))
    keep(source, *BEGIN, h.message(FRIDAY + 3 * HOUR, id="m"), ticket="2")
    right = counts()
    assert commands.check(1)
    with connection.cursor() as cursor:
        cursor.execute(spoil)
    capsys.readouterr()
    assert not commands.check(1)
    said = capsys.readouterr().out
    assert "`beforehand reread` mends them" in said
    assert "roll-up of Contoso, 2026-03, response" in said or "ticket 1 of PSA" in said or "is lost" in said
    commands.reread(1, from_nothing=False)
    assert commands.check(1)
    assert counts() == right


def test_a_roll_up_that_is_lost_holds_no_event_up(source: Source) -> None:
    keep(source, *BEGIN, h.message(FRIDAY + HOUR // 2, id="m"))
    Rollup.objects.all().delete()
    keep(source, h.changed(FRIDAY + HOUR, "client", "Fabrikam", id="k2"))
    assert not commands.check(1)


def test_what_an_upgrade_leaves_to_be_read_again_is_read_once(source: Source) -> None:
    keep(source, *BEGIN, h.message(FRIDAY + HOUR // 2, id="m"))
    right = counts()
    Clock.objects.update(tally=None)
    Rollup.objects.all().delete()
    ClientRollup.objects.all().delete()
    Rereading.objects.create(provider=source.provider, key=Rereading.DUE, first=0)
    commands.reread_due(1)
    assert counts() == right
    assert not Rereading.objects.exists()

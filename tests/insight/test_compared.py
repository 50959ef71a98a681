"""A ticket system's verdicts against ours, over the tickets that both judge."""

import random
from datetime import datetime, timedelta

import pytest
from django.db.models import Sum
from tests.insight.plainly import plainly
from tests.support import judged

from beforehand.engine import history as h
from beforehand.engine.codes import BREACHED, CANNOT_BE_JUDGED, MACHINE, MET, ORIGINS, RESOLUTION, RESPONSE
from beforehand.engine.instants import to_instant
from beforehand.insight import compared as of
from beforehand.insight.compared import Compared, Figure, compared, newest_pairs
from beforehand.insight.eras import Eras
from beforehand.insight.verdicts import WHOLE, kept
from beforehand.insight.why import why
from beforehand.people.models import Provider
from beforehand.promises.book import current
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.figures import Counts
from beforehand.tickets.ledger import append
from beforehand.tickets.models import Clock, PsaView, Rollup, Source, Ticket
from beforehand.web.compliance import late_clocks

pytestmark = pytest.mark.django_db
VERDICTS = (True, False, None)


def figure(said: Compared, metric: int) -> Figure:
    return next(one for one in said.figures if one.metric == metric)


def judge_all(source: Source, now: datetime, **said: bool | None) -> None:
    names = Ticket.objects.filter(source=source).values_list("external_id", flat=True)
    judged.judge(source, dict.fromkeys(names, said), now)


def restless(source: Source, now: datetime) -> None:
    """More than `source` has: reopened ones, with several clocks of a metric, some of them open and late."""
    old = now - timedelta(days=60)
    for number in range(74_000, 74_004):
        life = judged.held_up(number, old) if number % 2 else judged.quick(number, old)
        again = to_instant(now - timedelta(days=20))
        life.add(h.status(again, "In progress"))
        if number > 74_001:
            life.add(h.status(again + 7_200_000_000, "Resolved"))
        judged.add(source, [life], now)
    append(source, [TicketEvent("74003", h.excluded(to_instant(now), "a drill", id="out"))], now)


def test_what_the_database_counts_is_what_is_counted_ticket_by_ticket(source: Source, now: datetime) -> None:
    chance = random.Random(7)
    restless(source, now)
    names = list(Ticket.objects.filter(source=source).values_list("external_id", flat=True))
    columns = ("response_kept", "resolution_kept", "kept")
    for _ in range(12):
        some = [name for name in names if chance.random() < 0.9]
        judged.judge(source, {name: {one: chance.choice(VERDICTS) for one in columns} for name in some}, now)
        said, plain = compared(source, now), plainly(source, to_instant(now))
        assert said.judged_there == plain.judged_there
        assert (said.differ, said.both) == (
            len(plain.differing),
            len(plain.differing) + len(plain.agreeing),
        )
        for one in said.figures:
            counts = plain.said[one.metric]
            assert one.cells == tuple(
                counts[cell] for cell in ((True, True), (False, False), (False, True), (True, False))
            )
            assert sum(one.only_theirs.values()) == counts[True, None] + counts[False, None]
            assert one.only_ours == counts[None, True] + counts[None, False]
        for most in (3, 1_000):
            found = newest_pairs(source, now, most, most)
            assert [[one.ticket for one in some] for some in found] == [
                plain.differing[:most],
                plain.agreeing[:most],
            ]


def test_where_all_are_judged_our_figure_is_that_of_the_roll_ups_and_of_what_ran_out(
    source: Source, provider: Provider, now: datetime
) -> None:
    """5.4, 6.1."""
    judge_all(source, now, response_kept=True, resolution_kept=False)
    said = compared(source, now)
    for metric in (RESPONSE, RESOLUTION):
        stored = Rollup.objects.filter(metric=metric, excluded=False).aggregate(Sum("met"), Sum("breached"))
        ran_out = late_clocks(provider, now).filter(metric=metric, tally=None, ticket__client__isnull=False)
        assert ran_out.exists() or metric == RESOLUTION
        one = figure(said, metric)
        assert one.ours == Counts(stored["met__sum"] or 0, (stored["breached__sum"] or 0) + ran_out.count())
        assert (one.theirs.met, one.theirs.breached)[metric == RESPONSE] == 0


def test_an_excluded_ticket_is_in_neither_figure(source: Source, now: datetime) -> None:
    """3.10."""
    judge_all(source, now, response_kept=True)
    before = figure(compared(source, now), RESPONSE)
    ticket = Clock.objects.filter(metric=RESPONSE, tally__isnull=False).first()
    assert ticket is not None
    name = Ticket.objects.get(pk=ticket.ticket_id).external_id
    append(source, [TicketEvent(name, h.excluded(to_instant(now), "a drill", id="out"))], now)
    after = figure(compared(source, now), RESPONSE)
    assert after.ours.total == before.ours.total - 1
    assert after.only_theirs[of.IS_EXCLUDED] == 1


def test_why_only_one_judges_is_told_by_what_is_first_in_the_way(source: Source, now: datetime) -> None:
    lives = [judged.quick(70_001, now), judged.quick(70_002, now), judged.quick(70_003, now)]
    lives[0].events[:] = [
        event._replace(value="Nobody Knows") if event.field == "client" else event
        for event in lives[0].events
    ]
    born = lives[1].events[0].at
    lives[1].add(h.changed(born, "origin", ORIGINS[MACHINE]))
    lives[2].events[:] = lives[2].events[:6]
    judged.add(source, lives, now)
    judged.judge(
        source, {f"7000{n}": {"response_kept": True, "resolution_kept": True} for n in (1, 2, 3)}, now
    )
    said = compared(source, now)
    assert figure(said, RESPONSE).only_theirs == {of.UNCOVERED: 1, of.NO_RESPONSE: 1}
    assert figure(said, RESOLUTION).only_theirs == {of.UNCOVERED: 1, of.IS_OPEN: 1}
    assert figure(said, RESPONSE).only_ours > 0


def test_a_status_without_a_meaning_keeps_a_ticket_out_of_both_figures(source: Source, now: datetime) -> None:
    """3.2: its clock may run on here for that alone."""
    judge_all(source, now, resolution_kept=True)
    before = figure(compared(source, now), RESOLUTION)
    row = Clock.objects.filter(metric=RESOLUTION, tally__isnull=False).select_related("ticket").first()
    assert row is not None
    at = to_instant(now)
    append(source, [TicketEvent(row.ticket.external_id, h.status(at, "Said by nobody", id="odd"))], now)
    after = figure(compared(source, now), RESOLUTION)
    assert after.ours.total == before.ours.total - 1
    assert after.only_theirs[of.UNMAPPED] == 1


def test_a_reopening_long_after_is_judged_by_the_clock_that_it_began(source: Source, now: datetime) -> None:
    """3.7: the first verdict stands; the ticket system has only one, which is of the last."""
    then = now - timedelta(days=60)
    life = judged.held_up(71_000, then)
    life.add(h.status(to_instant(now - timedelta(days=20)), "In progress"))
    life.add(h.message(to_instant(now - timedelta(days=20)) + 60_000_000))
    life.add(h.status(to_instant(now - timedelta(days=20)) + 120_000_000, "Resolved"))
    judged.add(source, [life], now)
    judged.judge(source, {"71000": {"resolution_kept": True}}, now)
    assert Clock.objects.filter(ticket__external_id="71000", metric=RESOLUTION).count() == 2
    assert figure(compared(source, now), RESOLUTION).cells == (1, 0, 0, 0)


def test_a_verdict_of_the_whole_is_held_against_all_targets(source: Source, now: datetime) -> None:
    """6.1: tickets, all targets kept; one that is kept so far and open has no verdict yet."""
    open_one = judged.quick(72_002, now)
    open_one.events.pop()
    judged.add(source, [judged.quick(72_000, now), judged.held_up(72_001, now), open_one], now)
    judged.judge(source, {f"7200{n}": {"kept": True} for n in range(3)}, now)
    (one,) = compared(source, now).figures
    assert (one.metric, one.cells, one.only_theirs) == (WHOLE, (1, 0, 0, 1), {of.IS_OPEN: 1})


def test_without_verdicts_there_is_nothing_to_compare(source: Source, now: datetime) -> None:
    assert compared(source, now) == Compared([], 0, 0, 0)
    judge_all(source, now)
    assert compared(source, now).figures == []


def test_another_source_is_not_counted(source: Source, provider: Provider, now: datetime) -> None:
    other = Source.objects.create(provider=provider, slug="other", name="Other")
    judged.add(other, [judged.quick(73_000, now)], now)
    judged.judge(other, {"73000": {"response_kept": True}}, now)
    assert compared(source, now).figures == []
    assert figure(compared(other, now), RESPONSE).only_ours == 0


def test_what_explains_it_is_found_from_what_is_stored(provider: Provider, now: datetime) -> None:
    source = judged.make(provider, now)
    said = compared(source, now)
    assert [one.differ for one in said.figures] == [0, 12]
    book = current(provider)
    found = why(source, said, Eras(provider.pk, "psa"), {}, book, now)
    (setting,) = found.explained.found
    assert (setting.setting.name, len(setting.tickets), setting.breaks) == (judged.VENDOR, 12, 0)
    assert (found.looked, found.differing, found.behind, found.explained.rest) == (12, 12, 0, [])
    assert PsaView.objects.count() == 32


def test_a_ticket_of_which_one_promise_cannot_be_judged_is_not_kept_as_a_whole() -> None:
    """3.4, 6.1: all targets kept."""
    assert kept(WHOLE, {RESPONSE: CANNOT_BE_JUDGED, RESOLUTION: MET}) is None
    assert kept(WHOLE, {RESPONSE: CANNOT_BE_JUDGED, RESOLUTION: BREACHED}) is False

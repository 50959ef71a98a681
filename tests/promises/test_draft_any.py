"""Whatever a source is set to, its draft is an agreement file without a fault, and loading it loses nothing."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beforehand.people.models import Provider
from beforehand.promises import models
from beforehand.promises.book import Book
from beforehand.promises.draft.make import draft_of, take
from beforehand.promises.file.check import check_text
from beforehand.promises.file.dump import dump_document
from beforehand.promises.file.from_rows import document_of
from beforehand.promises.file.load import load_checked
from beforehand.promises.file.reader import Reader
from beforehand.promises.psa import DAYS, Calendar, HolidayList, Serves, SetUpPlain, Sla, Target
from beforehand.promises.rows import read_rows

from .test_round_trip import documents

pytestmark = [pytest.mark.program, pytest.mark.django_db(transaction=True)]
NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
SINCE = date(2026, 9, 1)
ODD = [
    "", " ", "Gold", "gold", "GOLD ", "24x7", "every client", 'a "b" \'c\'', "x: y #z", "{}", "- a", "\t\n", "\x00",
    "Ｇｏｌｄ", "Ü & Söhne", "名前", "\u200b", "ﷺ" * 90, "x" * 300, "~", "null", "2026-01-01", "<<", "=", "Draft from A: B",
]  # fmt: skip
CLOCKS = ["00:00", "8:00", "24:00", "26:00", "32:00", "48:00", "12:00:30", "", "x", "25", "99:99"]
DATES = ["2024-02-29", "0001-01-01", "9999-12-31", "1900-01-01", "x", "", "2026-02-30"]
MINUTES = [0, 1, 60.0, 7.5, -5, 1e9, float("inf"), float("nan"), 527_040]


def mostly(sound: list[Any], odd: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One that makes sense, and now and then any: with several parts that are odd there is no draft at all."""
    return st.integers(0, 9).flatmap(lambda number: odd if number == 9 else st.sampled_from(sound))


def rows(one: st.SearchStrategy[Any], most: int, least: int = 0) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(one, min_size=least, max_size=most).map(tuple)


name = st.sampled_from(ODD) | st.text(max_size=5)
called = mostly(["Gold", "Silver", "Office", "Support"], name)
key = mostly(["1", "2"], st.sampled_from(["3", ""]))
clock = st.sampled_from(CLOCKS)
spells = mostly(
    [(("09:00", "17:00"),), (("08:00", "12:00"), ("13:00", "17:30"))], rows(st.tuples(clock, clock), 3)
)
day = mostly(["2026-10-01", "2026-12-25"], st.sampled_from(DATES))
within = mostly(["", "2026-10-01", "2026-10-31", "2027-03-31"], day)
rarely = mostly([False], st.just(True))
targets = st.builds(
    Target,
    mostly(["response", "resolution"], st.sampled_from(["plan", "onsite", ""])),
    mostly([30, 240], st.sampled_from(MINUTES)),
    mostly(["", "P1", "P2"], name),
    rarely,
)
slas = st.builds(Sla, key, called, mostly([None, ()], st.none()) | rows(targets, 5, 1), key, rarely)
week = st.fixed_dictionaries({DAYS[0]: spells}, optional=dict.fromkeys(DAYS[1:], spells))
zones = mostly(["", "Europe/London"], st.just("GMT Standard Time"))
calendars = st.builds(Calendar, key, called, week, zones, name, rows(key, 2), st.booleans())
lists = st.builds(HolidayList, key, name, rows(st.tuples(day, name, st.booleans()), 4))
client = mostly(["", "Acme", " ACME", "Birch"], name)
serves = st.builds(Serves, key, key, client, mostly([""], name), within, within, mostly([""], key), rarely)
set_ups = st.builds(
    SetUpPlain, rows(slas, 4, 1), rows(calendars, 3, 1), rows(lists, 3), st.just(()), rows(serves, 6, 1)
)
answers = st.dictionaries(
    st.sampled_from(["zone of 1", "zone of 2", "zone of "]), st.sampled_from(["Asia/Tokyo", "x", ""])
)
often = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
seldom = settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])


def made(title: str = "Northwind") -> Provider:
    return Provider.objects.create(name=title, slug="northwind", zone="Europe/London", created=NOW)


def gone(provider: Provider) -> None:
    models.Version.objects.all().delete()
    models.Agreement.objects.all().delete()
    provider.delete()


@often
@given(set_ups, name, answers)
def test_any_set_up_gives_a_file_without_a_fault(
    set_up: SetUpPlain, title: str, told: dict[str, str]
) -> None:
    provider = made()
    try:
        draft = draft_of(provider, "halo", title, set_up, SINCE, told, NOW)
        assert draft is not None
        checked = check_text(draft.text, Reader("draft"), Path(), NOW.date())
        assert checked.faults == (), draft.text
        assert checked.document == draft.document
        assert draft.plans or draft.notes
    finally:
        provider.delete()


@seldom
@given(set_ups, answers)
def test_loading_any_draft_loses_nothing(set_up: SetUpPlain, told: dict[str, str]) -> None:
    provider = made()
    try:
        draft = draft_of(provider, "halo", "HaloPSA", set_up, SINCE, told, NOW)
        assert draft is not None
        nothing = document_of(provider, read_rows(provider))
        assert take(provider, draft, NOW).changed == (draft.document != nothing)
        assert document_of(provider, read_rows(provider)) == draft.document
        assert not take(provider, draft, NOW).changed
        Book(provider).build_all()
        again = draft_of(provider, "halo", "HaloPSA", set_up, SINCE, told, NOW)
        assert again is not None
        assert again.document == draft.document
    finally:
        gone(provider)


@seldom
@given(documents, set_ups)
def test_nothing_that_was_promised_is_another_afterwards(own: Any, set_up: SetUpPlain) -> None:
    provider = made()
    try:
        load_checked(check_text(dump_document(own), Reader("own"), Path(), NOW.date()), provider, NOW)
        draft = draft_of(provider, "halo", "HaloPSA", set_up, SINCE, {}, NOW)
        assert draft is not None
        take(provider, draft, NOW)
        now = document_of(provider, read_rows(provider))
        assert now == draft.document
        assert (now.provider.zone, now.provider.coverage, now.provider.dates) == (
            own.provider.zone, own.provider.coverage, own.provider.dates,
        )  # fmt: skip
        assert (now.statuses, now.ladders) == (own.statuses, own.ladders)
        for part in ("coverages", "plans", "everyone"):
            before, after = getattr(own, part), getattr(now, part)
            assert {key: after[key] for key in before} == before
        for client, terms in own.clients.items():
            if terms.agreements:
                assert now.clients[client] == terms
    finally:
        gone(provider)

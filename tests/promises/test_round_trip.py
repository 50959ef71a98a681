"""What was written is read again: documents to text and back, and through the database (nothing is lost)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.tries import tries

from beforehand.engine.codes import FIELDS, METRICS, STATES
from beforehand.engine.terms import Meaning
from beforehand.engine.weekly import Closure, Opening
from beforehand.kernel.names import fold
from beforehand.people.models import Provider
from beforehand.promises import models
from beforehand.promises.addressee import NOBODY, Addressee
from beforehand.promises.book import Book
from beforehand.promises.file import document as parts
from beforehand.promises.file.check import check_text
from beforehand.promises.file.dump import dump_document
from beforehand.promises.file.from_rows import document_of
from beforehand.promises.file.load import load_checked
from beforehand.promises.file.notation import Days, Time
from beforehand.promises.file.reader import Reader
from beforehand.promises.rows import read_rows

from .ladder_strategies import standing

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
FIRST = date(2025, 1, 1)
ODD = [
    "no",
    "1e3",
    "~",
    "a: b",
    "- x",
    "#1",
    "12:30",
    "*",
    "'",
    '"',
    "%",
    "a, b",
    "2026-01-01",
    "Ü & Söhne",
    "é\u00a0\u200b",
]
seen = st.characters(exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp", "Zs"))
word = st.text(seen, min_size=1, max_size=6).filter(lambda text: text.strip() == text) | st.sampled_from(ODD)
days = st.dates(FIRST, date(2027, 12, 31))


def some(rows: st.SearchStrategy[Any], most: int, **unique: Any) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(rows, max_size=most, **unique).map(lambda found: tuple(sorted(found)))


closures = some(
    st.builds(
        lambda day, more, name: Closure(day, day + timedelta(more), name), days, st.integers(0, 9), word
    ),
    2,
    unique_by=lambda closure: closure[:2],
)
openings = some(st.builds(lambda day, name: Opening(day, 32400, 43200, name), days, word), 1)
dates = st.builds(
    parts.Dates,
    regions=st.sampled_from([(), ("DE-BY",)]),
    closures=closures,
    openings=openings,
    calendars=st.just({}) | st.builds(lambda name, day: {name: (Closure(day, day, name),)}, word, days),
)
day_targets = st.builds(
    Days,
    st.integers(1, 20),
    st.none() | st.integers(0, 86400),
    st.sampled_from([None, -1, 3600]),
    st.just("Office"),
)
promises = st.builds(Time, st.integers(1, 10**12), st.booleans()) | day_targets
states = some(st.sampled_from(STATES[1:4]), 3, unique=True).map(lambda found: sorted(found, key=STATES.index))
agreed = st.fixed_dictionaries(
    {},
    optional={
        "response_by": st.sampled_from(["status", "meaningful"]),
        "closed_time_counts": st.booleans(),
        "restart_after": st.none() | st.integers(1, 10**13),
        "pauses": st.dictionaries(st.sampled_from(METRICS[:6]), states, min_size=1, max_size=2),
    },
)
lines = st.lists(
    st.builds(
        parts.LinePart,
        match=st.dictionaries(st.sampled_from(FIELDS[1:]), word, max_size=2),
        targets=st.dictionaries(st.sampled_from(METRICS[:6]), promises, min_size=1, max_size=2),
        name=st.just("") | word,
        coverage=st.sampled_from(["", "24x7", "Office"]),
    ),
    min_size=1,
    max_size=2,
    unique_by=lambda line: tuple(sorted(line.match.items())),
).map(tuple)
terms = st.builds(
    parts.TermsPart,
    since=st.just(FIRST),
    coverage=st.just("Office"),
    holidays=st.sampled_from(["", "provider", "client", "none"]),
    settings=agreed,
    lines=lines,
)
versions = st.builds(lambda v, until: replace(v, until=until, plan="Plan"), terms, st.none() | days)
agreements = st.just({}) | st.builds(
    lambda name, version, contract: {name: parts.AgreementPart((version,), contract)},
    word,
    versions,
    st.just("") | word,
)
client = st.builds(
    parts.ClientPart,
    zone=st.sampled_from(["Europe/London", "Asia/Tokyo"]),
    contact=st.sampled_from([NOBODY, Addressee("", "a@b.example"), Addressee("Jo Smith", "jo@b.example")]),
    dates=dates,
    agreements=agreements,
)
clients = st.lists(st.tuples(word, client), max_size=2, unique_by=lambda pair: fold(pair[0])).map(
    lambda found: {
        name: replace(
            part, keys=(f"key {number} {fold(name)}",), aliases=(f"alias {fold(name)}",) * (number % 2)
        )
        for number, (name, part) in enumerate(found)
    }
)
meanings = st.builds(Meaning, st.sampled_from(STATES), st.booleans(), st.booleans(), st.booleans())
documents = st.builds(
    parts.Document,
    provider=st.builds(
        parts.ProviderPart,
        name=st.just("Northwind"),
        zone=st.just("Europe/London"),
        coverage=st.just("Office"),
        triage=st.none() | st.builds(Time, st.integers(1, 10**9), st.booleans()),
        take_in_unknown=st.booleans(),
        dates=dates,
    ),
    statuses=st.builds(
        lambda board, status, meaning: {board: {status: meaning}}, st.just("") | word, word, meanings
    ),
    coverages=st.builds(
        lambda d: {
            "Office": parts.CoveragePart("client", {"mon": [["09:00", "17:30"]]}, replace(d, regions=()))
        },
        dates,
    ),
    plans=terms.map(lambda edition: {"Plan": (edition,)}),
    ladders=standing,
    everyone=agreements,
    clients=clients,
)


def read(text: str) -> parts.Document:
    found = check_text(text, Reader("terms.yaml"), Path(), NOW.date())
    assert found.faults == (), text
    assert found.document is not None
    return found.document


@settings(max_examples=tries(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents)
def test_a_document_that_was_written_is_read_again(document: parts.Document) -> None:
    text = dump_document(document)
    again = read(text)
    assert again == document
    assert dump_document(again) == text


@pytest.mark.django_db(transaction=True)
@settings(max_examples=tries(12), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents, documents)
def test_the_database_loses_nothing_of_a_document(first: parts.Document, second: parts.Document) -> None:
    provider = Provider.objects.create(name="Northwind", slug="northwind", zone="UTC", created=NOW)
    try:
        for document in (first, second, second):
            checked = check_text(dump_document(document), Reader("terms.yaml"), Path(), NOW.date())
            loaded = load_checked(checked, provider, NOW)
            assert document_of(provider, read_rows(provider)) == document
        assert not loaded.changed
        Book(provider).build_all()
    finally:
        models.Version.objects.all().delete()
        models.Agreement.objects.all().delete()
        provider.delete()

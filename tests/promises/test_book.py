"""What a Book gives: whose terms, from when, and how much of it is shared (clock.md 2.1 to 2.3)."""

import re
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.db import connection
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from beforehand.engine.instants import HOUR, to_instant
from beforehand.people.models import Provider
from beforehand.promises import models
from beforehand.promises.book import Book, current
from beforehand.promises.rows import has_rows

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
OFFICE = {day: [["09:00", "17:30"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def at(text: str) -> int:
    return to_instant(datetime.fromisoformat(text).replace(tzinfo=UTC))


@pytest.fixture
def provider() -> Provider:
    return Provider.objects.create(name="Northwind", slug="northwind", zone="Europe/London", created=NOW)


@pytest.fixture
def office(provider: Provider) -> models.Coverage:
    return models.Coverage.objects.create(provider=provider, name="Office", zone="client", hours=OFFICE)


@pytest.fixture
def standard(provider: Provider, office: models.Coverage) -> models.Plan:
    models.ProviderTerms.objects.create(
        provider=provider, revision=uuid4().hex, changed=NOW, coverage=office, triage=HOUR
    )
    plan = models.Plan.objects.create(provider=provider, name="Standard")
    edition = models.Edition.objects.create(provider=provider, plan=plan, since=date(2024, 1, 1))
    line = models.Line.objects.create(provider=provider, edition=edition)
    models.Target.objects.create(provider=provider, line=line, metric="response", amount=4 * HOUR)
    return plan


def client_of(provider: Provider, name: str, zone: str = "Europe/London") -> models.Client:
    client = models.Client.objects.create(provider=provider, name=name, zone=zone)
    models.ClientKey.objects.create(
        provider=provider, client=client, kind="name", text=name, folded=name.casefold()
    )
    return client


def version_of(client: models.Client, plan: models.Plan, since: date, **more: object) -> models.Version:
    agreement, _ = models.Agreement.objects.get_or_create(
        provider=client.provider, client=client, name="Support"
    )
    return models.Version.objects.create(
        provider=client.provider, agreement=agreement, since=since, plan=plan, **more
    )


def test_a_client_is_found_by_its_name_case_and_space_folded(standard: models.Plan) -> None:
    acme = client_of(standard.provider, "Acme")
    found = Book(standard.provider).client("  ACME ")
    assert found is not None
    assert found.id == acme.pk


def test_a_version_begins_and_ends_at_midnight_of_the_clients_zone(standard: models.Plan) -> None:
    client = client_of(standard.provider, "Yarra", "Australia/Sydney")
    version = version_of(client, standard, date(2025, 7, 1), until=date(2025, 7, 31))
    book = Book(standard.provider)
    assert book.in_force(client.pk, at("2025-06-30T13:59:59")) is None
    first = book.in_force(client.pk, at("2025-06-30T14:00:00"))
    assert first is not None
    assert first.version_id == version.pk
    assert first.terms.lines[0].coverage is not None
    assert first.terms.lines[0].coverage.zone == "Australia/Sydney"
    assert book.in_force(client.pk, at("2025-07-31T13:59:59")) is first
    assert book.in_force(client.pk, at("2025-07-31T14:00:00")) is None


def test_clients_with_the_same_promise_share_terms_and_coverage(standard: models.Plan) -> None:
    clients = [client_of(standard.provider, name) for name in ("Acme", "Birch", "Cedar")]
    for client in clients:
        version_of(client, standard, date(2025, 1, 1))
    models.Closure.objects.create(
        provider=standard.provider,
        client=clients[2],
        first=date(2025, 8, 1),
        last=date(2025, 8, 14),
        name="Summer",
    )
    book = Book(standard.provider)
    acme, birch, cedar = [book.in_force(client.pk, at("2025-06-01T12:00")) for client in clients]
    assert acme is not None
    assert birch is not None
    assert cedar is not None
    assert acme.terms is birch.terms
    assert cedar.terms is not acme.terms
    assert cedar.terms.lines[0].coverage != acme.terms.lines[0].coverage


def test_triage_runs_in_the_providers_own_hours(standard: models.Plan) -> None:
    client = client_of(standard.provider, "Yarra", "Australia/Sydney")
    version_of(client, standard, date(2025, 1, 1))
    book = Book(standard.provider)
    held = book.in_force(client.pk, at("2025-06-01T12:00"))
    assert held is not None
    assert held.coverage is book.uncovered.coverage
    assert held.coverage.zone == "Europe/London"
    assert book.uncovered.version_id is None
    assert book.uncovered.terms.triage is not None


def test_many_clients_take_no_more_queries_than_one(
    standard: models.Plan, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        version_of(client_of(standard.provider, f"Client {number}"), standard, date(2025, 1, 1))
    with django_assert_max_num_queries(20):
        Book(standard.provider).build_all()


def test_the_same_book_is_used_until_the_revision_changes(standard: models.Plan) -> None:
    first = current(standard.provider)
    assert current(standard.provider) is first
    models.ProviderTerms.objects.update(revision="b")
    assert current(standard.provider) is not first


def test_before_anything_is_promised_one_book_is_used_until_something_is_stored(
    provider: Provider, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = current(provider)
    with django_assert_num_queries(1):
        assert current(provider) is first
    models.StatusMapping.objects.create(provider=provider, board="", status="New", state="working")
    second = current(provider)
    assert [row.status for row in second.rows.statuses] == ["New"]
    client_of(provider, "Acme")
    assert current(provider).client("Acme") is not None
    models.ClientKey.objects.all().delete()
    models.Client.objects.all().delete()
    models.StatusMapping.objects.all().delete()
    assert current(provider).rows.are_none
    provider.zone = "Asia/Tokyo"
    assert current(provider).uncovered.zone == "Asia/Tokyo"


def test_all_that_a_book_is_read_from_counts_as_stored(provider: Provider) -> None:
    with CaptureQueriesContext(connection) as reading:
        Book(provider)
    with CaptureQueriesContext(connection) as looking:
        assert not has_rows(provider)
    tables = [
        set(re.findall(r'"(promises_[a-z]+)"', str(asked.captured_queries))) for asked in (reading, looking)
    ]
    assert tables[0] == tables[1]


def test_an_unknown_client_is_taken_in_only_when_the_provider_says_so(standard: models.Plan) -> None:
    agreement = models.Agreement.objects.create(provider=standard.provider, name="Everyone")
    models.Version.objects.create(
        provider=standard.provider, agreement=agreement, since=date(2025, 1, 1), plan=standard
    )
    book = Book(standard.provider)
    book.take_in(["Location 143"])
    assert book.client("Location 143") is None
    models.ProviderTerms.objects.update(take_in_unknown=True)
    book = Book(standard.provider)
    book.take_in(["Location 143", "location  143"])
    found = book.client("Location 143")
    assert found is not None
    assert book.in_force(found.id, at("2025-06-01T12:00")) is not None
    assert models.Client.objects.count() == 1


def test_a_client_taken_in_elsewhere_is_known_without_a_new_revision(standard: models.Plan) -> None:
    models.ProviderTerms.objects.update(take_in_unknown=True)
    before = Book(standard.provider)
    Book(standard.provider).take_in(["Location 143"])
    found = before.client("location 143")
    assert found is not None
    assert found.name == "Location 143"


def test_a_client_with_an_agreement_of_its_own_never_gets_everyones(standard: models.Plan) -> None:
    everyone = models.Agreement.objects.create(provider=standard.provider, name="Everyone")
    models.Version.objects.create(
        provider=standard.provider, agreement=everyone, since=date(2020, 1, 1), plan=standard
    )
    acme = client_of(standard.provider, "Acme")
    version_of(acme, standard, date(2025, 1, 1), until=date(2025, 6, 30))
    assert Book(standard.provider).in_force(acme.pk, at("2025-09-01T12:00")) is None


def test_the_database_refuses_two_equal_lines(standard: models.Plan) -> None:
    edition = models.Edition.objects.get()
    with pytest.raises(IntegrityError):
        models.Line.objects.create(provider=standard.provider, edition=edition, name="again")

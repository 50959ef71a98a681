"""What a monitor is told."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from beforehand.kernel.due import queue
from beforehand.kernel.due.crew import Crew
from beforehand.kernel.fields import to_micros
from beforehand.people.models import Provider


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def provider(db: None, now: datetime) -> Provider:
    return Provider.objects.create(name="Northwind", slug="northwind", zone="UTC", created=now)


def test_without_a_worker_it_says_that_nobody_works(client: Client, provider: Provider) -> None:
    answer = client.get("/health")
    assert (answer.status_code, answer.json()["status"]) == (503, "nobody works")


def test_with_a_worker_and_nothing_late_all_is_well(
    client: Client, provider: Provider, now: datetime
) -> None:
    Crew(now)
    queue.ask("ticket", provider.pk, [1], to_micros(now + timedelta(hours=1)))
    answer = client.get("/health")
    assert (answer.status_code, answer.json()["status"], answer.json()["workers"]) == (200, "ok", 1)


def test_it_says_what_is_late_and_for_how_long(client: Client, provider: Provider, now: datetime) -> None:
    Crew(now)
    queue.ask("mailbox", provider.pk, [1], to_micros(now - timedelta(minutes=5)))
    answer = client.get("/health")
    assert answer.status_code == 503
    assert answer.json()["due"]["mailbox"]["lag_seconds"] >= 300
    assert answer.json()["due"]["ticket"]["lag_seconds"] == 0

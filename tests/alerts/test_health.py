"""What a monitor is told."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from beforehand.alerts.models import Alert, Audit, Delivery, Mailbox
from beforehand.engine import history as h
from beforehand.kernel.due import queue
from beforehand.kernel.due.crew import Crew
from beforehand.kernel.fields import to_micros
from beforehand.kernel.models import Due, Worker
from beforehand.people.models import Provider, Token
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.ledger import append
from beforehand.tickets.models import ImportRun, Source, Ticket


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


def make_audit(provider: Provider, at: datetime, **fields: int) -> Audit:
    counts = dict.fromkeys(("judged", "explained", "not_judged", "differences", "failed"), 0) | {"took": 1500}
    return Audit.objects.create(provider=provider, at=at, since=at, until=at, **counts | fields)


def make_delivery(
    provider: Provider, due: datetime, state: str = "waiting", channel: str = "mail"
) -> Delivery:
    source, _ = Source.objects.get_or_create(provider=provider, slug="psa", name="PSA")
    number = str(Ticket.objects.count())
    ticket = Ticket.objects.create(provider=provider, source=source, external_id=number)
    alert = Alert.objects.create(
        provider=provider, ticket=ticket, metric=0, number=1, cycle=1, ladder="x", rehearsal=False, opened=due,
        reached="50%", reached_at=due,
    )  # fmt: skip
    mailbox, _ = Mailbox.objects.get_or_create(
        provider=provider, channel=channel, address="ada@northwind.test"
    )
    return Delivery.objects.create(
        provider=provider, key=number, alert=alert, step=0, place=0, role="dispatcher", name="Ada", mailbox=mailbox,
        urgency="normal", state=state, created=due, due_at=due if state == "waiting" else None,
    )  # fmt: skip


def test_a_message_that_should_have_gone_is_late(client: Client, provider: Provider, now: datetime) -> None:
    Crew(now)
    row = make_delivery(provider, now - timedelta(minutes=5))
    answer = client.get("/health")
    assert (answer.status_code, answer.json()["status"]) == (503, "late")
    assert 300 <= answer.json()["deliveries"]["lag_seconds"] < 330
    # Its mailbox is due when quiet hours end.
    queue.ask("mailbox", provider.pk, [row.mailbox_id], to_micros(now + timedelta(hours=1)))
    answer = client.get("/health")
    assert (answer.status_code, answer.json()["deliveries"]) == (200, {"lag_seconds": 0.0, "waiting": 1})
    Due.objects.update(tries=3)
    assert client.get("/health").json()["deliveries"]["lag_seconds"] >= 300


def test_a_source_is_as_old_as_it_was_last_heard_of_and_is_not_judged(
    client: Client, provider: Provider, now: datetime
) -> None:
    Crew(now)
    source = Source.objects.create(provider=provider, slug="psa", name="PSA")
    quiet = Source.objects.create(provider=provider, slug="quiet", name="Quiet")
    Source.objects.create(provider=provider, slug="never", name="Never")
    append(source, [TicketEvent("1", h.created(to_micros(now), id="a"))], now - timedelta(minutes=9))
    ImportRun.objects.create(
        provider=provider, source=quiet, log="x", by="x", started=now, seen=now - timedelta(days=3)
    )
    answer = client.get("/health")
    told = answer.json()["sources"]
    assert (answer.status_code, told["count"]) == (200, 3)
    assert 540 <= told["newest_age_seconds"] < 600
    assert 259_200 <= told["oldest_age_seconds"] < 259_300
    Token.objects.create(
        provider=provider, name="x", digest="d", source="quiet", created=now, used=now - timedelta(minutes=1)
    )
    assert client.get("/health").json()["sources"]["newest_age_seconds"] < 90


def test_a_second_check_that_is_long_ago_is_no_answer_and_a_difference_is_told(
    client: Client, provider: Provider, now: datetime
) -> None:
    Crew(now)
    assert client.get("/health").json()["checks"]["oldest_age_seconds"] is None
    make_audit(provider, now - timedelta(minutes=31))
    assert (client.get("/health").status_code, client.get("/health").json()["status"]) == (503, "not checked")
    make_audit(provider, now, differences=3, failed=1)
    told = client.get("/health")
    assert told.status_code == 200
    assert (told.json()["checks"]["differences"], told.json()["checks"]["failed"]) == (3, 1)


def test_a_worker_that_has_checked_nothing_for_long_is_found(
    client: Client, provider: Provider, now: datetime
) -> None:
    Crew(now)
    Worker.objects.update(started=now - timedelta(hours=1))
    assert client.get("/health").json()["status"] == "not checked"


def test_that_it_answers_503_is_no_error_in_the_log(
    client: Client, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    assert client.get("/health").status_code == 503
    assert client.get("/no-such-page").status_code in (302, 404)
    assert "/health" not in caplog.text


def test_the_lag_is_found_by_indexes_however_many_rows_are_due_later(
    provider: Provider, now: datetime
) -> None:
    queue.ask("ticket", provider.pk, range(2000), to_micros(now + timedelta(hours=1)))
    with CaptureQueriesContext(connection) as asked:
        queue.lag(provider.pk, "ticket", to_micros(now))
    explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    with connection.cursor() as cursor:
        cursor.execute(explain + asked[0]["sql"])
        plan = str(cursor.fetchall())
    assert "due_next" in plan
    assert "due_taken" in plan

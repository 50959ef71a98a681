"""What Prometheus reads."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_open
from prometheus_client.parser import text_string_to_metric_families as read
from tests.alerts.test_health import make_audit, make_delivery

from beforehand.alerts.models import Channel
from beforehand.config.told import Told
from beforehand.kernel.due import queue
from beforehand.kernel.due.crew import Crew
from beforehand.kernel.fields import to_micros
from beforehand.people.models import Provider
from beforehand.promises.models import Client as Customer

pytestmark = pytest.mark.django_db
TOKEN = "a-token-that-is-long-enough"
UNITS = ("_seconds", "_rows", "_total", "_info", "_steps", "_tickets", "_differences", "_workers", "_waiting")


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def provider(now: datetime) -> Provider:
    return Provider.objects.create(name="Northwind", slug="northwind", zone="UTC", created=now)


def scrape(client: Client, accept: str = "", status: int = 200) -> str:
    with override_settings(METRICS_TOKEN=TOKEN):
        answer = client.get("/metrics", HTTP_AUTHORIZATION=f"Bearer {TOKEN}", HTTP_ACCEPT=accept)
    assert answer.status_code == status
    return answer.content.decode()


def families(text: str) -> dict[str, Metric]:
    return {family.name: family for family in read(text)}


def value(text: str, name: str, **labels: str) -> float:
    (found,) = (
        sample.value
        for family in read(text)
        for sample in family.samples
        if sample.name == name and sample.labels == labels
    )
    return found


def test_without_a_token_set_there_is_nothing(client: Client) -> None:
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer ").status_code == 404


@pytest.mark.parametrize("shown", ["", "Bearer other", f"Basic {TOKEN}", TOKEN, "Bearer ünïcode"])
def test_with_another_token_nobody_reads_them(client: Client, shown: str) -> None:
    with override_settings(METRICS_TOKEN=TOKEN):
        answer = client.get("/metrics", HTTP_AUTHORIZATION=shown)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert b"beforehand_" not in answer.content


def test_names_types_help_and_units_are_as_practice_expects(
    client: Client, provider: Provider, now: datetime
) -> None:
    make_audit(provider, now)
    make_delivery(provider, now)
    text = scrape(client)
    found = families(text)
    assert len(found) > 12
    for name, family in found.items():
        assert re.fullmatch(r"beforehand_[a-z_]+", name), name
        assert family.documentation.endswith("."), name
        assert family.type in ("gauge", "counter"), name
        for sample in family.samples:
            assert sample.name.endswith(UNITS), sample.name
            assert (family.type == "counter") == sample.name.endswith("_total"), sample.name
    assert len(re.findall("^# TYPE ", text, re.M)) == len(re.findall("^# HELP ", text, re.M)) == len(found)


def test_it_speaks_the_newer_form_too(client: Client, provider: Provider) -> None:
    text = scrape(client, "application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
    assert text.endswith("# EOF\n")
    assert "beforehand_build" in {family.name for family in read_open(text)}


def test_the_figures_are_those_of_the_installation(client: Client, provider: Provider, now: datetime) -> None:
    Crew(now)
    queue.ask("mailbox", provider.pk, [7, 8], to_micros(now - timedelta(minutes=5)))
    queue.ask("mailbox", provider.pk, [9], to_micros(now + timedelta(minutes=5)))
    make_audit(provider, now - timedelta(minutes=2), judged=132, differences=3, not_judged=4)
    text = scrape(client)
    assert value(text, "beforehand_workers") == 1
    assert value(text, "beforehand_due_rows", kind="mailbox") == 2
    assert value(text, "beforehand_due_lag_seconds", kind="mailbox") >= 300
    assert value(text, "beforehand_due_rows", kind="ticket") == 0
    assert value(text, "beforehand_audit_differences", provider="northwind") == 3
    assert value(text, "beforehand_audit_steps", provider="northwind") == 132
    assert value(text, "beforehand_audit_duration_seconds", provider="northwind") == 1.5
    assert 120 <= value(text, "beforehand_audit_age_seconds", provider="northwind") < 180


def test_no_client_ticket_or_person_is_named(client: Client, provider: Provider, now: datetime) -> None:
    Customer.objects.create(provider=provider, name="Contoso", zone="UTC")
    channel = Channel.objects.create(
        provider=provider, name="Contoso hook", folded="contoso hook", kind="slack", address="sealed"
    )
    scrape(client)
    make_delivery(provider, now, "sent", f"channel:{channel.pk}")
    text = scrape(client)
    assert not re.search("contoso|ada", text, re.I)
    assert 'channel="slack"' in text


def test_messages_are_counted_when_they_come_to_their_end_and_once(provider: Provider, now: datetime) -> None:
    make_delivery(provider, now, "sent")
    waits = make_delivery(provider, now)
    told = Told()
    assert told.count() == {}
    make_delivery(provider, now, "rehearsed")
    later = make_delivery(provider, now)
    assert told.count() == told.count() == {("rehearsed", "mail"): 1}
    type(waits).objects.filter(pk__in=(waits.pk, later.pk)).update(state="sent")
    assert told.count() == told.count() == {("rehearsed", "mail"): 1, ("sent", "mail"): 2}


def test_a_scrape_asks_the_same_however_much_there_is(
    client: Client, provider: Provider, now: datetime
) -> None:
    make_delivery(provider, now)
    scrape(client)
    asked = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            scrape(client)
        asked.append(len(queries))
        for _ in range(20):
            make_delivery(provider, now)
    assert asked[0] == asked[1]

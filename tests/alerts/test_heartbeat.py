"""The outside hears of clean checks, and of nothing else."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings

from beforehand.alerts.heartbeat import HEARTBEAT, Beating
from beforehand.alerts.models import Audit, Heartbeat
from beforehand.kernel.due.handlers import Claim, Going, Idle
from beforehand.people.models import Provider
from tests.support.receiver import Receiver, receiver

from .conftest import FIRST, Desk
from .test_audit import look

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as there, override_settings(HEARTBEAT=there.url):
        yield there


@pytest.fixture
def provider(db: None) -> Provider:
    return provider_named("northwind")


def provider_named(slug: str, simulated: bool = False) -> Provider:
    return Provider.objects.create(name=slug, slug=slug, zone="UTC", created=NOW, simulated=simulated)


def beat_if_clean(provider: Provider, now: datetime) -> None:
    """As a worker does after each check."""
    beating, claim = Beating(), Claim(1, provider.pk, HEARTBEAT, provider.pk, 0, 0, 1, 0)
    (job,) = beating.prepare([claim], now)
    if not isinstance(job, Idle):
        beating.note([(job, beating.run(job, Going(lambda: now, lambda: True)))], now)


def audit(provider: Provider, at: datetime = NOW, **fields: int) -> Audit:
    counts = dict.fromkeys(("judged", "explained", "not_judged", "differences", "failed", "took"), 0) | fields
    return Audit.objects.create(provider=provider, at=at, since=at, until=at, **counts)


def test_a_clean_check_of_all_is_told_by_a_get_to_the_address(provider: Provider, there: Receiver) -> None:
    audit(provider, judged=3, not_judged=2)
    beat_if_clean(provider, NOW)
    assert [(one.path, one.body) for one in there.posted] == [("/hook/the-path-is-secret", b"")]
    assert Heartbeat.objects.values_list("ok", "answer").get() == (True, "it answered 200")


def test_a_clean_check_of_a_time_to_come_hides_no_difference_found_since(
    provider: Provider, there: Receiver
) -> None:
    audit(provider, NOW + timedelta(hours=1))
    beat_if_clean(provider, NOW)
    # The machine's clock was set back by an hour, and a check made since.
    audit(provider, differences=1)
    beat_if_clean(provider, NOW)
    assert there.posted == []


@pytest.mark.parametrize("wrong", ["differences", "failed"])
def test_what_is_not_clean_is_not_told(provider: Provider, there: Receiver, wrong: str) -> None:
    audit(provider, **{wrong: 1})
    beat_if_clean(provider, NOW)
    assert there.posted == []


def test_another_provider_that_is_not_clean_or_not_checked_of_late_keeps_it_silent(
    provider: Provider, there: Receiver
) -> None:
    audit(provider)
    other = provider_named("fabrikam")
    beat_if_clean(provider, NOW)
    audit(other, NOW - timedelta(hours=1))
    beat_if_clean(provider, NOW)
    assert there.posted == []
    audit(other)
    beat_if_clean(provider, NOW)
    assert len(there.posted) == 1


def test_a_simulated_provider_is_neither_told_of_nor_waited_for(provider: Provider, there: Receiver) -> None:
    audit(provider)
    simulated = provider_named("demo", simulated=True)
    audit(simulated, differences=3)
    beat_if_clean(simulated, NOW)
    assert there.posted == []
    beat_if_clean(provider, NOW)
    assert len(there.posted) == 1


def test_several_providers_beat_as_one(provider: Provider, there: Receiver) -> None:
    audit(provider)
    beat_if_clean(provider, NOW)
    beat_if_clean(provider, NOW + timedelta(minutes=1))
    beat_if_clean(provider, NOW + timedelta(minutes=10))
    assert len(there.posted) == 2


def test_one_that_was_not_taken_is_tried_again_and_the_address_stands_in_no_log(
    provider: Provider, there: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    audit(provider)
    there.answers = [503, 200]
    with caplog.at_level(logging.DEBUG):
        beat_if_clean(provider, NOW)
        assert Heartbeat.objects.values_list("ok", "answer").get() == (False, "it answered 503")
        beat_if_clean(provider, NOW + timedelta(minutes=1))
    assert len(there.posted) == 2
    assert Heartbeat.objects.get().ok
    assert "the next check tries again" in caplog.text
    assert "the-path-is-secret" not in caplog.text


def test_an_address_that_does_not_answer_is_noted_without_its_path(provider: Provider) -> None:
    audit(provider)
    with override_settings(HEARTBEAT="http://127.0.0.1:1/secret-path"):
        beat_if_clean(provider, NOW)
    row = Heartbeat.objects.get()
    assert (row.ok, "secret-path" in row.answer) == (False, False)


def test_without_an_address_nobody_is_told(provider: Provider) -> None:
    audit(provider)
    beat_if_clean(provider, NOW)
    assert not Heartbeat.objects.exists()


def test_it_beats_by_itself_after_the_check_of_a_provider(desk: Desk, there: Receiver) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    look(desk)
    assert there.posted

"""How an installation does, in figures that cost the same however much it keeps: for /health and for /metrics."""

from datetime import datetime, timedelta
from typing import NamedTuple

from beforehand.alerts.lag import delivery_lag, waiting
from beforehand.alerts.models import Audit
from beforehand.kernel.due import queue
from beforehand.kernel.due.handlers import registered
from beforehand.kernel.fields import to_micros
from beforehand.kernel.models import Due, Worker
from beforehand.people.models import Provider
from beforehand.tickets.heard import last_heard
from beforehand.web import moment

WORKER_S = 30


class Kind(NamedTuple):
    """The due rows of a kind: for how long the longest has been due, how many are, how many keep failing."""

    lag: float
    rows: int
    failing: int


class Checked(NamedTuple):
    """The last second check of a provider: `age` None where there was none."""

    provider: str
    age: float | None
    took: float
    judged: int
    not_judged: int
    differences: int
    failed: int


class SourceAge(NamedTuple):
    """A source, by its provider's slug and its own; `age` None where nothing is known of it."""

    provider: str
    source: str
    age: float | None


class Pulse(NamedTuple):
    """All of it, in seconds. `worked`: for how long the longest of the workers has been there."""

    workers: int
    worked: float
    kinds: dict[str, Kind]
    delivery_lag: float
    waiting: int
    checks: list[Checked]
    sources: list[SourceAge]


def take(now: datetime) -> Pulse:
    """Of all providers."""
    providers = list(Provider.objects.order_by("pk"))
    alive = Worker.objects.filter(slow=False, seen__gt=now - timedelta(seconds=WORKER_S * moment.rate()))
    started = list(alive.values_list("started", flat=True))
    return Pulse(
        len(started),
        max((_age(at, now) for at in started), default=0.0),
        {handler.kind: _kind(handler.kind, providers, now) for handler in registered()},
        max((delivery_lag(one, now) for one in providers), default=0) / 1e6,
        sum(waiting(one) for one in providers),
        [_checked(one, now) for one in providers],
        [
            SourceAge(source.provider.slug, source.slug, None if at is None else _age(at, now))
            for source, at in last_heard()
        ],
    )


def _age(at: datetime, now: datetime) -> float:
    return max((now - at).total_seconds(), 0.0)


def _kind(kind: str, providers: list[Provider], now: datetime) -> Kind:
    keys = [one.pk for one in providers]
    instant = to_micros(now)
    return Kind(
        max((queue.lag(key, kind, instant) for key in keys), default=0) / 1e6,
        Due.objects.filter(provider_id__in=keys, kind=kind, due_at__lte=now, owner=0).count(),
        Due.objects.filter(provider_id__in=keys, kind=kind, tries__gt=0).count(),
    )


def _checked(provider: Provider, now: datetime) -> Checked:
    row = Audit.latest(provider)
    if row is None:
        return Checked(provider.slug, None, 0.0, 0, 0, 0, 0)
    age = _age(row.at, now)
    return Checked(
        provider.slug, age, row.took / 1000, row.judged, row.not_judged, row.differences, row.failed
    )

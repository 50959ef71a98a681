"""What Prometheus reads. No label names a client, a ticket or a person; no figure is counted by reading all rows."""

from collections.abc import Iterator
from hmac import compare_digest
from importlib.metadata import version

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from beforehand.web import moment

from . import pulse
from .told import Told

_BEARER = "Bearer "


class Gathered(Collector):
    """The figures of an installation, gathered anew for each scrape."""

    def __init__(self) -> None:
        self._told = Told()

    def collect(self) -> Iterator[Metric]:
        """Each family with its samples."""
        found = pulse.take(moment.now())
        yield InfoMetricFamily(
            "beforehand_build", "The version that runs.", value={"version": version("beforehand")}
        )
        yield _gauge("beforehand_workers", "Workers that are alive.", found.workers)
        yield from _due(found)
        yield _gauge(
            "beforehand_delivery_lag_seconds",
            "For how long the longest message has waited that should have gone.",
            found.delivery_lag,
        )
        yield _gauge(
            "beforehand_deliveries_waiting",
            "Messages that have not gone yet, for whatever reason.",
            found.waiting,
        )
        counted = CounterMetricFamily(
            "beforehand_deliveries",
            "Messages that were sent, failed, dropped or rehearsed since this process first counted them.",
            labels=["state", "channel"],
        )
        for (state, channel), number in sorted(self._told.count().items()):
            counted.add_metric([state, channel], number)
        yield counted
        yield from _checks(found)
        heard = GaugeMetricFamily(
            "beforehand_source_age_seconds",
            "How long ago a source was last heard of, by its events, imports and token.",
            labels=["provider", "source"],
        )
        for one in found.sources:
            if one.age is not None:
                heard.add_metric([one.provider, one.source], one.age)
        yield heard


def _gauge(name: str, said: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, said, value=value)


def _due(found: pulse.Pulse) -> Iterator[Metric]:
    lag = GaugeMetricFamily(
        "beforehand_due_lag_seconds",
        "For how long the longest due row of a kind has been due.",
        labels=["kind"],
    )
    rows = GaugeMetricFamily(
        "beforehand_due_rows", "Rows that are due now and that no worker has taken.", labels=["kind"]
    )
    failing = GaugeMetricFamily(
        "beforehand_due_failing_rows", "Rows that failed when they were last tried.", labels=["kind"]
    )
    for name, kind in found.kinds.items():
        lag.add_metric([name], kind.lag)
        rows.add_metric([name], kind.rows)
        failing.add_metric([name], kind.failing)
    return iter((lag, rows, failing))


def _checks(found: pulse.Pulse) -> Iterator[Metric]:
    figures = {
        "beforehand_audit_age_seconds": ("How long ago the second check last looked.", "age"),
        "beforehand_audit_duration_seconds": ("How long it took.", "took"),
        "beforehand_audit_steps": ("Steps of the last day that it judged.", "judged"),
        "beforehand_audit_unjudged_steps": ("Steps that it could not judge.", "not_judged"),
        "beforehand_audit_differences": ("What was told otherwise than it should have been.", "differences"),
        "beforehand_audit_failed_tickets": ("Tickets that it could not read.", "failed"),
    }
    for name, (said, field) in figures.items():
        family = GaugeMetricFamily(name, said, labels=["provider"])
        for one in found.checks:
            if one.age is not None:
                family.add_metric([one.provider], getattr(one, field))
        yield family


_registry = CollectorRegistry(auto_describe=False)
_registry.register(Gathered())


@login_not_required
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures, for whoever shows the token; 404 where none is set, 401 for another."""
    token = settings.METRICS_TOKEN
    if not token:
        raise Http404("No token for metrics is set: BEFOREHAND_METRICS_TOKEN.")
    shown = request.headers.get("Authorization", "")
    if not compare_digest(shown.encode(), (_BEARER + token).encode()):
        return HttpResponse(
            "This address wants the token of BEFOREHAND_METRICS_TOKEN.\n",
            status=401,
            content_type="text/plain",
            headers={"WWW-Authenticate": "Bearer"},
        )
    encode, kind = choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(encode(_registry), content_type=kind)

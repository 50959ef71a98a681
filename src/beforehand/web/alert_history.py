"""The history of alerts: what did each lead to, and what did it cost?"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.core.paginator import Paginator
from django.db.models import Count, Min, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from beforehand.alerts.models import Alert, Delivery
from beforehand.engine.codes import METRICS
from beforehand.engine.instants import to_instant
from beforehand.engine.saying import Amount, Moment, Saying
from beforehand.people.models import Provider
from beforehand.promises.ladders import CLIENT

from . import moment
from .access import provider_of, zone_of
from .alerts_page import around
from .day_lists import lists_of

PAGE = 50
WEEK = timedelta(days=7)
SAID = {
    Alert.Outcome.SAVED: "saved",
    Alert.Outcome.LATE: "too late",
    Alert.Outcome.NOISE: "noise",
}
_REHEARSED = Delivery.State.REHEARSED


class Ended(NamedTuple):
    """An alert that is over."""

    alert: Alert
    client: str
    metric: str
    said: str
    why: str
    people: int
    took: Amount | None
    """From the first message to the end."""
    at: Moment


class Cost(NamedTuple):
    """How often somebody was interrupted: messages, however many alerts were in each."""

    name: str
    messages: int
    urgent: int


def history(request: HttpRequest) -> HttpResponse:
    """The alerts that are over, the latest first; figures of the last seven days on top."""
    now, zone, provider = moment.now(), zone_of(request), provider_of(request)
    found = Alert.objects.filter(provider=provider, ended__isnull=False).order_by("-ended", "-pk")
    pages = Paginator(found.select_related("ticket", "ticket__client"), PAGE)
    page = pages.get_page(request.GET.get("page"))
    return render(
        request,
        "web/alert_history.html",
        {
            "page": page,
            "count": pages.count,
            "rows": _rows(provider, list(page), Saying(to_instant(now), zone, 0, 1)),
            "figures": _figures(provider, now),
            "costs": _costs(provider, now),
            "lists": lists_of(provider, now, zone),
            **around(provider, now, zone),
        },
    )


def _rows(provider: Provider, alerts: Sequence[Alert], how: Saying) -> list[Ended]:
    told = Delivery.objects.filter(provider=provider, alert__in=alerts)
    told = told.filter(Q(sent__isnull=False) | Q(state=_REHEARSED)).order_by()
    by_alert = told.values("alert").annotate(
        people=Count("name", distinct=True), sent=Min("sent"), made=Min("created")
    )
    sums = {row["alert"]: row for row in by_alert}
    rows = []
    for alert in alerts:
        assert alert.ended is not None
        known, client = sums.get(alert.pk), alert.ticket.client
        first = known and (known["sent"] or known["made"])
        took = to_instant(alert.ended) - to_instant(first) if first else None
        rows.append(
            Ended(
                alert,
                client.name if client is not None else alert.ticket.client_name,
                METRICS[alert.metric],
                SAID.get(Alert.Outcome(alert.outcome), "") if alert.outcome else "",
                alert.ended_by.removeprefix("noise, "),
                known["people"] if known else 0,
                None if took is None else Amount(max(took, 0) // 60_000_000 * 60_000_000),
                how.at(to_instant(alert.ended)),
            )
        )
    return rows


def _figures(provider: Provider, now: datetime) -> dict[str, int]:
    """What the alerts that ended in the last seven days led to; those in rehearsal are counted apart."""
    rings = Q(rehearsal=False)
    return Alert.objects.filter(provider=provider, ended__gte=now - WEEK).aggregate(
        saved=Count("pk", filter=rings & Q(outcome=Alert.Outcome.SAVED)),
        late=Count("pk", filter=rings & Q(outcome=Alert.Outcome.LATE)),
        noise=Count("pk", filter=rings & Q(outcome=Alert.Outcome.NOISE)),
        rehearsed=Count("pk", filter=Q(rehearsal=True)),
    )


def _costs(provider: Provider, now: datetime) -> list[Cost]:
    """Who was interrupted how often in the last seven days, the most first."""
    sent = Delivery.objects.filter(provider=provider, created__gte=now - WEEK, sent__isnull=False).order_by()
    rows = (
        sent.exclude(role=CLIENT)
        .values("name")
        .annotate(
            messages=Count("message", distinct=True),
            urgent=Count("message", distinct=True, filter=Q(urgency="urgent")),
        )
    )
    found = [Cost(row["name"], row["messages"], row["urgent"]) for row in rows]
    return sorted(found, key=lambda cost: (-cost.messages, cost.name))

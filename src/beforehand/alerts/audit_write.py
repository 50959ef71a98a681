"""Keeps what a check came to: each difference once, and the last days' checks. Part of audit.py."""

from datetime import datetime, timedelta

from beforehand.kernel.fields import from_micros
from beforehand.people.models import Provider
from beforehand.tickets import notices

from .audit import Came
from .audit_compare import Difference
from .models import Alert, Audit, Finding

KEPT = timedelta(days=7)
MOST = 500
"""Differences of one check that are kept one by one; all are counted."""
_Name = tuple[int, int, int, int, str, int, str]


def write(provider: Provider, came: Came, now: datetime, took: int) -> Audit:
    """Keep a check, made at `now` within `took` milliseconds. In the caller's transaction."""
    audit = Audit.objects.create(
        provider=provider, at=now, since=from_micros(came.since), until=from_micros(came.until), judged=came.judged,
        explained=came.explained, not_judged=came.reasons.total(), reasons=dict(came.reasons),
        differences=len(came.differences), failed=came.failed, took=took, revision=came.revision,
        agreed=None if came.agreed is None else from_micros(came.agreed),
    )  # fmt: skip
    some = {_name(ticket, one): (ticket, one) for ticket, one in came.differences[:MOST]}
    tickets = {ticket for ticket, _ in some.values()}
    rows = Finding.objects.filter(provider=provider, ticket__in=tickets)
    known = {_name_of(row): row for row in rows}
    again = [known[name].pk for name in some if name in known]
    Finding.objects.filter(pk__in=again).update(audit=audit)
    alerts = {
        (alert.ticket_id, alert.metric, alert.number, alert.cycle): alert.pk
        for alert in Alert.objects.filter(provider=provider, ticket__in=tickets)
    }
    Finding.objects.bulk_create(
        _row(audit, ticket, one, alerts.get((ticket, *one.key)))
        for name, (ticket, one) in some.items()
        if name not in known
    )
    # With a check go the differences that it was the last to find.
    Audit.objects.filter(provider=provider, at__lt=now - KEPT).delete()
    notices.tell(provider.pk, tickets)
    return audit


def _row(audit: Audit, ticket: int, one: Difference, alert: int | None) -> Finding:
    metric, number, cycle = one.key
    return Finding(
        provider=audit.provider, audit=audit, first=audit.at, kind=one.kind, ticket_id=ticket, alert_id=alert,
        metric=metric, number=number, cycle=cycle, step=one.step[:40], place=one.place, whom=one.whom[:300],
        due=None if one.due is None else from_micros(one.due),
        found=None if one.found is None else from_micros(one.found), said=one.said[:300],
    )  # fmt: skip


def _name(ticket: int, one: Difference) -> _Name:
    return (ticket, *one.key, one.step, one.place, str(one.kind))


def _name_of(row: Finding) -> _Name:
    return row.ticket_id, row.metric, row.number, row.cycle, row.step, row.place, row.kind

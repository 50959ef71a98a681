"""The last look before sending: what was answered meanwhile is not sent."""

from collections.abc import Sequence
from datetime import datetime

from beforehand.engine.codes import STOPPED
from beforehand.engine.instants import SECOND, to_instant
from beforehand.kernel.models import Due
from beforehand.tickets.models import Clock
from beforehand.tickets.rows import clock_id
from beforehand.tickets.watching import TICKET

from .holders import Holders
from .models import Delivery, StepTaken


def still_needed(rows: Sequence[Delivery], now: datetime) -> tuple[list[Delivery], list[int]]:
    """The deliveries that still tell something, and when to look at those whose ticket is about to be looked at.

    The others are dropped, each with the reason. In the caller's transaction.
    """
    if not rows:
        return [], []
    provider = rows[0].provider_id
    tickets = {row.alert.ticket_id for row in rows}
    changing = set(
        Due.objects.filter(provider_id=provider, kind=TICKET, key__in=tickets, due_at__lte=now).values_list(
            "key", flat=True
        )
    )
    ended = {
        (alert, step): why
        for alert, step, why in StepTaken.objects.filter(
            provider=provider, alert__in={row.alert_id for row in rows}, ended__isnull=False
        ).values_list("alert", "step", "ended_by")
    }
    clocks = {clock_id(row.alert.ticket_id, row.alert.metric, row.alert.number) for row in rows}
    runs = set(
        Clock.objects.filter(provider=provider, pk__in=clocks)
        .exclude(run=STOPPED)
        .values_list("pk", flat=True)
    )
    needed, later, holders = [], [], Holders(provider, now)
    for row in rows:
        alert = row.alert
        why = ended.get((alert.pk, row.step), "")
        if alert.ended is not None:
            why = alert.ended_by or "the alert is over"
        elif clock_id(alert.ticket_id, alert.metric, alert.number) not in runs:
            why = "the clock stopped"
        elif alert.rehearsal:
            why = "it was switched back to rehearsal"
        if why:
            row.state, row.why, row.due_at = Delivery.State.DROPPED, why[:300], None
            row.save(update_fields=["state", "why", "due_at"])
        elif alert.ticket_id in changing:
            later.append(to_instant(now) + SECOND // 4)
        elif not holders.hand_on(row):
            needed.append(row)
    return needed, later

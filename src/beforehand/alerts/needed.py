"""The last look before sending: what was answered meanwhile is not sent."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from beforehand.engine.codes import STOPPED
from beforehand.engine.instants import SECOND, to_instant
from beforehand.kernel.bulk import save_each
from beforehand.kernel.models import Due
from beforehand.tickets.models import Clock
from beforehand.tickets.rows import clock_id
from beforehand.tickets.watching import TICKET

from .holders import Holders
from .models import Alert, Delivery, StepTaken

_AGAIN = SECOND // 4


def clocks_of(rows: Sequence[Delivery]) -> dict[int, Clock]:
    """The clocks that deliveries of one provider are about, by id."""
    if not rows:
        return {}
    ids = {clock_of(row.alert) for row in rows}
    return {row.pk: row for row in Clock.objects.filter(provider=rows[0].provider_id, pk__in=ids)}


def clock_of(alert: Alert) -> int:
    """The id of the clock that an alert is about."""
    return clock_id(alert.ticket_id, alert.metric, alert.number)


def still_needed(
    rows: Sequence[Delivery], clocks: Mapping[int, Clock], now: datetime
) -> tuple[list[Delivery], dict[int, int]]:
    """The deliveries that still tell something; of those whose ticket is about to be looked at, when to look again.

    The others are dropped, each with the reason. In the caller's transaction.
    """
    if not rows:
        return [], {}
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
    needed, dropped, later, holders = [], [], {}, Holders(provider, now)
    for row in rows:
        why = _needless(row.alert, ended.get((row.alert_id, row.step), ""), clocks)
        if why:
            row.state, row.why, row.due_at = Delivery.State.DROPPED, why[:300], None
            dropped.append(row)
        elif row.alert.ticket_id in changing:
            later[row.pk] = to_instant(now) + _AGAIN
        elif not holders.hand_on(row):
            needed.append(row)
    save_each(dropped, ["state", "why", "due_at"])
    return needed, later


def _needless(alert: Alert, ended: str, clocks: Mapping[int, Clock]) -> str:
    """Why nobody need be told any more; "" where they need."""
    clock = clocks.get(clock_of(alert))
    if alert.ended is not None:
        return alert.ended_by or "the alert is over"
    if clock is None or clock.run == STOPPED:
        return "the clock stopped"
    return ended or ("it was switched back to rehearsal" if alert.rehearsal else "")

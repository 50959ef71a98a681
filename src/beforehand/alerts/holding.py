""" "I have it": holds a chain until the time promised with it. A click that ends nothing."""

from datetime import datetime
from typing import NamedTuple

from django.core import signing
from django.db import transaction

from beforehand.engine.instants import HOUR, MINUTE, to_instant
from beforehand.kernel.due import queue
from beforehand.kernel.fields import from_micros
from beforehand.tickets import notices
from beforehand.tickets.models import Clock
from beforehand.tickets.rows import clock_id
from beforehand.tickets.watching import TICKET

from .models import Alert, Delivery, Hold

_SALT = "beforehand.alerts.hold"
LONGEST = HOUR
"""For how long a chain can be held where there is no deadline to come: the clock is late, or waits."""
CHOICES = (15, 30, 60, 120)
"""Minutes that somebody may promise."""


class Held(NamedTuple):
    """Until when a chain is held, and whether that is less than was promised."""

    until: datetime
    cut: bool


def token(delivery: Delivery) -> str:
    """What a link in a message carries: signed, good for its delivery alone."""
    return signing.dumps(delivery.pk, salt=_SALT)


def delivery_of(text: str) -> Delivery | None:
    """The delivery whose link this is; None for one that we did not sign."""
    try:
        pk = signing.loads(text, salt=_SALT)
    except signing.BadSignature:
        return None
    return Delivery.objects.filter(pk=pk).select_related("alert", "alert__ticket", "provider").first()


def longest(alert: Alert, now: datetime) -> datetime:
    """Until when at most a chain can be held: the deadline, or an hour where there is none to come."""
    row = Clock.objects.filter(
        provider=alert.provider_id, pk=clock_id(alert.ticket_id, alert.metric, alert.number)
    ).first()
    if row is None or row.deadline is None or row.deadline <= now:
        return from_micros(to_instant(now) + LONGEST)
    return row.deadline


def hold(alert: Alert, who: str, minutes: int, now: datetime) -> Held:
    """Hold the chain of an alert for the minutes promised, or as long as may be; then it goes on by itself."""
    with transaction.atomic():
        kept = Alert.objects.select_for_update().get(pk=alert.pk)
        wanted, most = from_micros(to_instant(now) + minutes * MINUTE), longest(kept, now)
        until = min(wanted, most)
        kept.held_until, kept.held_by = until, who[:200]
        kept.save(update_fields=["held_until", "held_by"])
        Hold.objects.create(provider=kept.provider, alert=kept, at=now, until=until, by=kept.held_by)
        queue.ask(TICKET, kept.provider_id, [kept.ticket_id], to_instant(now))
        notices.tell(kept.provider_id, [kept.ticket_id])
    return Held(until, until < wanted)


def hold_by_link(delivery: Delivery, minutes: int, now: datetime) -> Held | None:
    """The same by the link of a message, which works once; None where it was used or the alert is over."""
    with transaction.atomic():
        fresh = Delivery.objects.select_for_update().get(pk=delivery.pk)
        if fresh.held is not None or delivery.alert.ended is not None:
            return None
        fresh.held = now
        fresh.save(update_fields=["held"])
        return hold(delivery.alert, delivery.name, minutes, now)

"""For how long messages have waited that should have gone: out of indexes alone, however many were told."""

from datetime import datetime

from django.db.models import Min

from beforehand.kernel.fields import to_micros
from beforehand.kernel.models import Due
from beforehand.people.models import Provider

from .delivering import MAILBOX
from .models import Delivery

_OPEN = (Delivery.State.WAITING, Delivery.State.SENDING)


def delivery_lag(provider: Provider, now: datetime) -> int:
    """In microseconds; 0 where none should have gone. What waits for quiet hours or for others to go with is not late:
    its mailbox is due when they end.
    """
    rows = Delivery.objects.filter(provider=provider, state__in=_OPEN, due_at__isnull=False)
    first = dict(rows.values_list("mailbox").annotate(first=Min("due_at")))
    planned = {
        row.key: row
        for row in Due.objects.filter(provider_id=provider.pk, kind=MAILBOX, key__in=first.keys())
    }
    lag = 0
    for mailbox, due in first.items():
        row = planned.get(mailbox)
        # Of one that keeps failing the next try is no plan.
        at = due if row is None or row.tries else max(due, row.due_at)
        lag = max(lag, to_micros(now) - to_micros(at))
    return lag


def waiting(provider: Provider) -> int:
    """How many messages have not gone yet, for whatever reason."""
    return Delivery.objects.filter(provider=provider, state__in=_OPEN).count()

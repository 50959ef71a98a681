"""Tells an address outside, of which somebody else takes care, that the checks of all providers are clean.

It hears of no difference and of no failure: that it hears nothing for a while is the alarm.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings

from beforehand.kernel import outward
from beforehand.people.models import Provider

from .models import Audit, Heartbeat

log = logging.getLogger("beforehand.heartbeat")
FRESH = timedelta(minutes=30)
"""A check that is older says nothing of now."""
APART = timedelta(minutes=5)
"""Between two beats that were heard, however many providers are checked meanwhile."""


def beat_if_clean(provider: Provider, now: datetime) -> None:
    """Beat after a check of this provider, if all are clean. Outside of any transaction: it waits for others."""
    if not settings.HEARTBEAT or provider.simulated or not all_clean(now):
        return
    last = Heartbeat.objects.filter(pk=1).first()
    if last is not None and last.ok and now - APART < last.at <= now:
        return
    # The address is its owner's, in this machine's own settings.
    reply = outward.get(settings.HEARTBEAT, allow_private=True)
    ok = 200 <= reply.status < 300
    answer = reply.failure or f"it answered {reply.status}"
    Heartbeat.objects.update_or_create(pk=1, defaults={"at": now, "ok": ok, "answer": answer[:300]})
    if not ok:
        log.warning("the heartbeat was not taken (%s); the next check tries again", answer)


def all_clean(now: datetime) -> bool:
    """Whether each provider that is not simulated was checked of late, and nothing differed."""
    for pk in Provider.objects.filter(simulated=False).values_list("pk", flat=True):
        last = Audit.objects.filter(provider=pk).order_by("-at").first()
        if last is None or not last.is_clean or now - last.at > FRESH:
            return False
    return True

"""Tells an address outside, of which somebody else takes care, that the checks of all providers are clean.

It hears of no difference and of no failure: that it hears nothing for a while is the alarm.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings

from beforehand.kernel import outward
from beforehand.kernel.due.handlers import Claim, Going, Idle, Next
from beforehand.people.models import Provider

from .models import Audit, Heartbeat

HEARTBEAT = "heartbeat"
log = logging.getLogger("beforehand.heartbeat")
FRESH = timedelta(minutes=30)
"""A check that is older says nothing of now."""
APART = timedelta(minutes=5)
"""Between two beats that were heard, however many providers are checked meanwhile."""


class Beating:
    """The errand of beats (kernel/due/handlers.py), asked for by each check."""

    def prepare(self, claims: Sequence[Claim], now: datetime) -> list[str | Idle]:
        """The address, where all are clean."""
        real = Provider.objects.filter(pk__in=[claim.key for claim in claims], simulated=False)
        asked = bool(settings.HEARTBEAT) and real.exists() and all_clean(now) and not _was_heard(now)
        # However many providers were checked: one beat.
        return [settings.HEARTBEAT if asked and not place else Idle(None) for place, _ in enumerate(claims)]

    def run(self, job: str, _going: Going) -> outward.Reply:
        """Fetch it. The address is its owner's, in this machine's own settings: it may be private."""
        return outward.get(job, allow_private=True)

    def note(self, done: Sequence[tuple[str, outward.Reply]], now: datetime) -> list[Next]:
        """Keep what was answered."""
        for _, reply in done:
            ok = 200 <= reply.status < 300
            answer = reply.failure or f"it answered {reply.status}"
            Heartbeat.objects.update_or_create(pk=1, defaults={"at": now, "ok": ok, "answer": answer[:300]})
            if not ok:
                log.warning("the heartbeat was not taken (%s); the next check tries again", answer)
        return [None] * len(done)


def _was_heard(now: datetime) -> bool:
    last = Heartbeat.objects.filter(pk=1).first()
    return last is not None and last.ok and now - APART < last.at <= now


def all_clean(now: datetime) -> bool:
    """Whether each provider that is not simulated was checked of late, and nothing differed."""
    for pk in Provider.objects.filter(simulated=False).values_list("pk", flat=True):
        last = Audit.latest(pk)
        if last is None or not last.is_clean or abs(now - last.at) > FRESH:
            return False
    return True

"""Has the second check made every ten minutes for each provider, keeps what it came to, and tells of a clean one."""

import time
from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from beforehand.engine.instants import MINUTE, to_instant
from beforehand.kernel.due.handlers import Claim
from beforehand.kernel.due.worker import Hands
from beforehand.people.models import Provider

from . import heartbeat
from .audit import GRACE, check
from .audit_write import write

AUDIT = "audit"
EVERY = 10 * MINUTE
_SAMPLE_S = 0.05


def check_due(claim: Claim, hands: Hands) -> None:
    """Check a provider's last day, note what it came to, and beat where all is clean."""
    provider = Provider.objects.filter(pk=claim.key).first()
    if provider is None:
        with transaction.atomic():
            hands.settle(None)
        return
    pace = _pace(hands.clock) if provider.simulated else 1
    began, now = time.monotonic(), hands.clock()
    came = check(provider, now, GRACE * pace, time.sleep)
    took = int((time.monotonic() - began) * 1000)
    with transaction.atomic():
        hands.hold()
        write(provider, came, now, took)
        hands.settle(to_instant(hands.clock()) + EVERY * pace)
    heartbeat.beat_if_clean(provider, hands.clock())


def _pace(clock: Callable[[], datetime]) -> int:
    """How fast a simulated clock runs, in whole numbers: what takes a second takes so many of its seconds."""
    began, first = time.monotonic(), clock()
    time.sleep(_SAMPLE_S)
    ran = (clock() - first).total_seconds() / (time.monotonic() - began)
    return max(1, round(ran))

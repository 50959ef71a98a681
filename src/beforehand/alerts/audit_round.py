"""Has the second check made every ten minutes or so for each provider, keeps what it came to, tells of a clean one."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from beforehand.engine.instants import MINUTE, to_instant
from beforehand.kernel.due import queue
from beforehand.kernel.due.handlers import Claim, Going, Idle, Next
from beforehand.people.models import Provider

from .audit import GRACE, Came, check
from .audit_write import write
from .heartbeat import HEARTBEAT

AUDIT = "audit"
EVERY, SELDOM = 10 * MINUTE, 20 * MINUTE
SHARE = 120
"""One that takes long comes less often, up to SELDOM: over a million open clocks it uses a hundredth of a core."""
_SAMPLE_S = 0.05


class Checked(NamedTuple):
    """What a check came to: made at `at`, within `took` milliseconds, by a clock that runs at `pace`."""

    came: Came
    at: datetime
    took: int
    pace: int


class Checking:
    """The errand of checks (kernel/due/handlers.py)."""

    def prepare(self, claims: Sequence[Claim], _now: datetime) -> list[Provider | Idle]:
        """The providers that are checked."""
        found = Provider.objects.in_bulk([claim.key for claim in claims])
        return [found.get(claim.key, Idle(None)) for claim in claims]

    def run(self, job: Provider, going: Going) -> Checked:
        """Check a provider's last day."""
        try:
            pace = _pace(going.clock) if job.simulated else 1
            began, now = time.monotonic(), going.clock()
            came = check(job, now, GRACE * pace, time.sleep)
            return Checked(came, now, int((time.monotonic() - began) * 1000), pace)
        finally:
            connection.close()

    def note(self, done: Sequence[tuple[Provider, Checked]], now: datetime) -> list[Next]:
        """Keep what it came to, and have a beat asked for."""
        for provider, checked in done:
            write(provider, checked.came, checked.at, checked.took)
            queue.ask(HEARTBEAT, provider.pk, [provider.pk], to_instant(now))
        return [to_instant(now) + pause(checked.took) * checked.pace for _, checked in done]


def pause(took: int) -> int:
    """Microseconds until the next check, after one that took so many milliseconds."""
    return min(max(EVERY, took * 1000 * SHARE), SELDOM)


def _pace(clock: Callable[[], datetime]) -> int:
    """How fast a simulated clock runs, in whole numbers: what takes a second takes so many of its seconds."""
    began, first = time.monotonic(), clock()
    time.sleep(_SAMPLE_S)
    ran = (clock() - first).total_seconds() / (time.monotonic() - began)
    return max(1, round(ran))

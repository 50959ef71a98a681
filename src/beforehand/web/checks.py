"""What the alerts say of the second check in a line: when it looked, what it came to, what came of the heartbeat."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest

from beforehand.alerts.models import Audit, Heartbeat
from beforehand.engine.instants import MINUTE, to_instant
from beforehand.engine.saying import Amount, Moment, Saying
from beforehand.people.models import Provider
from beforehand.people.roles import Role

from . import moment
from .access import may

OLD = timedelta(minutes=30)
"""A check that is older says nothing of now."""


class Beat(NamedTuple):
    """What came of the last beat to the address outside; without `at` there was none yet."""

    at: Moment | None
    ok: bool
    answer: str


class Checked(NamedTuple):
    """The last check, `ago`; None where there was none. `state`: clean, differs, old or never."""

    state: str
    row: Audit | None
    at: Moment | None
    ago: Amount | None
    beat: Beat | None


def checked(request: HttpRequest, provider: Provider, now: datetime, zone: str) -> Checked:
    """What the line says. Owners see what came of the heartbeat, where one is set."""
    row = Audit.latest(provider)
    how = Saying(to_instant(now), zone, 0, 1)
    beat = _beat(how) if settings.HEARTBEAT and may(request, Role.OWNER) and not provider.simulated else None
    if row is None:
        return Checked("never", None, None, None, beat)
    age = max(to_instant(now) - to_instant(row.at), 0)
    old = now - row.at > OLD * moment.rate()
    state = "old" if old else "clean" if row.is_clean else "differs"
    return Checked(state, row, how.at(to_instant(row.at)), Amount(age // MINUTE * MINUTE), beat)


def _beat(how: Saying) -> Beat:
    row = Heartbeat.objects.filter(pk=1).first()
    if row is None:
        return Beat(None, False, "")
    return Beat(how.at(to_instant(row.at)), row.ok, row.answer)

"""The day's lists that were sent, or could not be: to whom, and each try."""

from datetime import datetime, timedelta
from typing import NamedTuple

from beforehand.alerts.models import DayList, Delivery
from beforehand.engine.instants import to_instant
from beforehand.engine.saying import Moment, Saying
from beforehand.people.models import Provider, Technician

from .tries import STATES, Try, tries_of

WEEK = timedelta(days=7)


class Sent(NamedTuple):
    """A list as pages show messages; `about`: whose day it was."""

    row: DayList
    said: str
    at: Moment
    tries: list[Try]
    about: str


def lists_of(provider: Provider, now: datetime, zone: str) -> list[Sent]:
    """Those of the last seven days, the latest first."""
    since = (now - WEEK).date()
    found = DayList.objects.filter(provider=provider, day__gte=since).select_related("mailbox")
    rows = list(found.order_by("-day", "name"))
    how = Saying(to_instant(now), zone, 0, 1)
    tries = tries_of(provider, rows, how) if rows else {}
    people = Technician.objects.filter(provider=provider, pk__in={row.manager for row in rows})
    names = dict(people.values_list("pk", "name"))
    return [
        Sent(
            row,
            STATES[Delivery.State(row.state)],
            how.at(to_instant(row.sent or row.created)),
            tries.get((row.mailbox_id, row.message), []),
            _about(row, names.get(row.manager, "")),
        )
        for row in rows
    ]


def _about(row: DayList, manager: str) -> str:
    place = f", in place of {manager}" if manager and row.manager != row.technician else ""
    return f"{row.day:%a %d %b}{place}"

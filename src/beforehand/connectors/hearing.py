"""What comes by itself: webhooks are verified, and what they name is put down to be read again.

A nudge says no more than "read this again". So one that comes twice, late or replayed does no harm, and for one that is
lost the next poll makes up.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection as database
from django.db import transaction
from django.db.models import F

from beforehand.engine.instants import to_instant
from beforehand.kernel.secrets import unseal
from beforehand.tickets.models import Source

from .asking import ask
from .contract import Connector, Hook, Nudge
from .models import Connection
from .registry import connectors
from .secrets import opened

HOOK_SECRET = "hook_secret"  # noqa: S105  (the name of it)
"""Under this name a connector finds the secret of its webhook among the settings."""
LOOKS = timedelta(seconds=10)
"""Within this what changed is looked for, where nobody can tell who calls; and no more often, however many call."""
BEGUN_ANEW = 100
"""A number that lies so far below the last is of a source that counts anew; one that is nearer came late."""


class Door:
    """A connection as its webhook is heard. It holds secrets: nothing of it is ever shown or logged."""

    def __init__(
        self, row: Connection, kind: Connector | None, source: Source, told: Mapping[str, str]
    ) -> None:
        self.connection, self.provider, self.active = row.pk, row.provider_id, row.active
        self.kind, self.source, self._settings = kind, source, told

    def hear(self, hook: Hook) -> Nudge:
        """What a webhook says; raises Forged where it is not the source's."""
        assert self.kind is not None
        assert self.kind.hear is not None
        return self.kind.hear(self._settings, hook)


class Heard(NamedTuple):
    """What came at a door: a nudge, or None where it was forged."""

    door: Door
    nudge: Nudge | None


def door_of(path: str) -> Door | None:
    """The connection that is told of at this address; None where nobody is. Raises kernel.secrets.Unreadable."""
    row = Connection.objects.filter(path=path).select_related("source__provider").first()
    kind = None if row is None else connectors().get(row.connector)
    if row is None or kind is None or kind.hear is None:
        return None
    told = opened(row, kind)
    if row.hook_secret:
        told[HOOK_SECRET] = unseal(row.hook_secret, settings.SECRET_KEY)
    return Door(row, kind, row.source, told)


def keep(heard: Sequence[Heard], now: datetime) -> list[bool]:
    """Put down what came, all in one transaction; of each whether its connection is there still."""
    by_connection: dict[int, list[Heard]] = {}
    for one in heard:
        by_connection.setdefault(one.door.connection, []).append(one)
    with transaction.atomic():
        # In the order of their ids, as everybody holds them.
        held = Connection.objects.select_for_update().filter(pk__in=by_connection).order_by("pk")
        there = {row.pk: row for row in held.only("provider", "interval", "looked", "heard_seq", "waits")}
        for pk, row in there.items():
            _keep(row, by_connection[pk], now)
    return [one.door.connection in there for one in heard]


def _keep(row: Connection, heard: Iterable[Heard], now: datetime) -> None:
    said = [one.nudge for one in heard if one.nudge is not None]
    nudges = [nudge for nudge in said if not nudge.look]
    ours = Connection.objects.filter(pk=row.pk)
    if forged := sum(one.nudge is None for one in heard):
        ours.update(forged=F("forged") + forged)
    if len(nudges) < len(said):
        _look(row, now)
    if not nudges:
        return
    last, lost = after(row.heard_seq, (nudge.seq for nudge in nudges if nudge.seq is not None))
    changed: dict[str, object] = {"heard": now, "heard_seq": last}
    if lost and row.looked is not None:
        # What the lost one named is told among the changes, which are due by this.
        changed["looked"] = min(row.looked, now - timedelta(seconds=row.interval))
    ours.update(**changed)
    tickets = sorted({ticket for nudge in nudges for ticket in nudge.tickets})
    _nudge(row, tickets, to_instant(now))
    if tickets or lost:
        ask([row], now)


def _look(row: Connection, now: datetime) -> None:
    """Have what changed looked for soon: one of them may have been the source's."""
    by = now + LOOKS
    if row.looked is not None and row.looked > (due := by - timedelta(seconds=row.interval)):
        row.looked = due
        Connection.objects.filter(pk=row.pk).update(looked=due)
        ask([row], by)


def _nudge(row: Connection, tickets: Iterable[str], at: int) -> None:
    with database.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO connectors_nudged (provider_id, connection_id, external_id, at, turn)"
            " VALUES (%s, %s, %s, %s, 1) ON CONFLICT (provider_id, connection_id, external_id)"
            " DO UPDATE SET turn = connectors_nudged.turn + 1",
            [(row.provider_id, row.pk, ticket, at) for ticket in tickets],
        )


def after(last: int | None, numbers: Iterable[int]) -> tuple[int | None, bool]:
    """The last number of a source's webhooks once these came too, and whether any between them is missing."""
    lost = False
    for number in sorted(numbers):
        if last is not None and number <= last - BEGUN_ANEW:
            last, lost = number, True
        elif last is None or number > last:
            lost |= last is not None and number > last + 1
            last = number
    return last, lost

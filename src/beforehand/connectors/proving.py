"""The nightly proof that nothing is missing: day by day, the tickets of the source against those that are here."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from beforehand.engine.instants import to_instant
from beforehand.tickets.models import Ticket

from .models import Proof

if TYPE_CHECKING:
    from .turn import Turn

LATE = timedelta(hours=1)
"""A day is proved so long after its end, in UTC."""
RECENT = 35
"""So many of the latest days are proved again every night: tickets are deleted, merged and moved."""
MOST = 2_000
"""Ids of one day that are listed."""


def prove(turn: "Turn") -> bool:
    """Prove a day, the longest ago first, once the past has been read; whether there was one to prove."""
    at = turn.connection
    if at.back_done is None:
        return False
    now = turn.clock()
    last = (now - LATE).date() - timedelta(days=1)
    first = max((now - timedelta(days=RECENT)).date(), at.since.date())
    day = first if at.proved is None or at.proved < first else at.proved + timedelta(days=1)
    if at.proved is not None and at.proved >= last and _proved_on(turn) < now.date():
        day = first
    if day > last:
        return False
    ids = turn.reader.ids_between(_midnight(day), _midnight(day + timedelta(days=1)))
    if ids is not None:
        _compare(turn, day, ids, now)
    turn.save(proved=day)
    return True


def _proved_on(turn: "Turn") -> date:
    """On which day the latest proof was made."""
    row = (
        Proof.objects.filter(provider=turn.connection.provider_id, connection=turn.connection)
        .order_by("-at")
        .first()
    )
    return date.max if row is None else row.at.astimezone(UTC).date()


def _compare(turn: "Turn", day: date, theirs: Sequence[str], now: datetime) -> None:
    """Read what is missing here, and what the source no longer lists."""
    ours = _ours(turn, day)
    missing = sorted(set(theirs) - _known(turn, theirs))
    gone = sorted(ours - set(theirs))
    turn.read(missing + gone)
    Proof.objects.update_or_create(
        provider=turn.connection.provider,
        connection=turn.connection,
        day=day,
        defaults={
            "at": now,
            "theirs": len(set(theirs)),
            "ours": len(ours),
            "missing": missing[:MOST],
            "gone": gone[:MOST],
        },
    )


def _ours(turn: "Turn", day: date) -> set[str]:
    since, until = _at(day), _at(day + timedelta(days=1))
    rows = Ticket.objects.filter(
        provider=turn.connection.provider_id,
        source=turn.connection.source_id,
        created__gte=since,
        created__lt=until,
    )
    return set(rows.values_list("external_id", flat=True))


def _known(turn: "Turn", ids: Sequence[str]) -> set[str]:
    rows = Ticket.objects.filter(
        provider=turn.connection.provider_id, source=turn.connection.source_id, created__isnull=False
    )
    found: set[str] = set()
    some = list(ids)
    for start in range(0, len(some), 400):
        found |= set(
            rows.filter(external_id__in=some[start : start + 400]).values_list("external_id", flat=True)
        )
    return found


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _midnight(day: date) -> int:
    return to_instant(_at(day))

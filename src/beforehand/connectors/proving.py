"""The nightly proof that nothing is missing: day by day, the tickets of the source against those that are here."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from beforehand.engine.codes import V_DELETED, V_MERGED
from beforehand.engine.instants import to_instant
from beforehand.tickets.models import Ticket

from .keep import want
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
    at, now = turn.connection, turn.clock()
    if at.back_done is None or not turn.has_time:
        return False
    last = (now - LATE).date() - timedelta(days=1)
    day = _day(turn, now, last)
    if day is None:
        return False
    # Of the first day only what is asked for: what came before is not missing.
    since, until = max(_at(day), at.since), _at(day + timedelta(days=1))
    ids = turn.reader.ids_between(to_instant(since), to_instant(until))
    if ids is None:
        turn.save(proved=last)
        return True
    _compare(turn, day, (since, until), ids)
    turn.save(proved=max(day, at.proved or day))
    return True


def _day(turn: "Turn", now: datetime, last: date) -> date | None:
    """The day to prove now; None where all have been since midnight, or the source cannot say."""
    at = turn.connection
    first = max((now - timedelta(days=RECENT)).date(), at.since.date())
    rows = Proof.objects.filter(provider=at.provider_id, connection=at, day__gte=first, day__lte=last)
    proved = {row.day: row.at.astimezone(UTC).date() for row in rows.only("day", "at")}
    if not proved and at.proved is not None and at.proved >= last:
        return None
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return next((day for day in days if day not in proved or proved[day] < now.date()), None)


def _compare(turn: "Turn", day: date, between: tuple[datetime, datetime], theirs: Sequence[str]) -> None:
    """Have read what is missing here, and what the source no longer lists."""
    now = turn.clock()
    ours = _ours(turn, between)
    missing = sorted(set(theirs) - _known(turn, theirs))
    gone = sorted(ours - set(theirs))
    want(turn.connection, missing + gone, now)
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


def _ours(turn: "Turn", between: tuple[datetime, datetime]) -> set[str]:
    """Tickets created then that are still tickets of their own: those merged or deleted no source lists."""
    rows = Ticket.objects.filter(
        provider=turn.connection.provider_id,
        source=turn.connection.source_id,
        created__gte=between[0],
        created__lt=between[1],
    ).exclude(out__in=(V_MERGED, V_DELETED))
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

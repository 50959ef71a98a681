"""The nightly proof that nothing is missing: day by day, the tickets of the source against those that are here.

Each day is proved once. Every night again are the latest days, and those from which tickets are open here still: one
that was deleted there meanwhile would stay on the board for ever, since no poll tells of it.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from django.db.models import F, Func
from django.db.models.fields import BooleanField

from beforehand.engine.codes import RESOLVED, V_DELETED, V_MERGED
from beforehand.engine.instants import to_instant
from beforehand.tickets.models import Ticket

from .keep import want
from .models import Proof
from .turn import Turn

LATE = timedelta(hours=1)
"""A day is proved so long after its end, in UTC."""
RECENT = 35
"""So many of the latest days are proved every night: tickets are deleted, merged and moved."""
A_NIGHT = 500
"""After so many days of a night only the latest are proved; the older ones go on the next."""
MOST = 2_000
"""Ids of one day that are listed."""


def days_to_prove(since: datetime, now: datetime) -> int:
    """How many days of a past since then are proved once it has been read: a call or more for each."""
    return max((_last(now) - since.date()).days + 1, 0)


def _last(now: datetime) -> date:
    return (now - LATE).date() - timedelta(days=1)


def prove(turn: Turn) -> bool:
    """Prove a day, once the past has been read; whether there was one to prove."""
    at, now = turn.connection, turn.clock()
    if at.back_done is None or not turn.has_time:
        return False
    last = _last(now)
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


def _day(turn: Turn, now: datetime, last: date) -> date | None:
    """The day to prove now; None where all have been since midnight, or the source cannot say."""
    at = turn.connection
    first = at.since.date()
    rows = Proof.objects.filter(provider=at.provider_id, connection=at, day__gte=first, day__lte=last)
    proved = {day: when.astimezone(UTC).date() for day, when in rows.values_list("day", "at")}
    if not proved and at.proved is not None and at.proved >= last:
        return None
    recent = max((now - timedelta(days=RECENT)).date(), first)
    again = _open_days(turn, recent)
    tonight = sum(when == now.date() for when in proved.values())
    begins = first if tonight < A_NIGHT else recent
    days = (begins + timedelta(days=number) for number in range((last - begins).days + 1))
    due = (day for day in days if _is_due(proved.get(day), now, day >= recent or day in again))
    # The latest weeks go before all that is older, and each of these from its oldest day on.
    return min(due, key=lambda day: (day < recent, day), default=None)


def _is_due(proved: date | None, now: datetime, every_night: bool) -> bool:
    """Whether a day has not been proved as often as it should be by now."""
    return proved is None or (every_night and proved < now.date())


def _open_days(turn: Turn, before: date) -> set[date]:
    """The days before this one from which tickets are open here."""
    at = turn.connection
    # With the number itself, as the index of open tickets has it.
    is_open = Func(F("state"), template=f"%(expressions)s < {RESOLVED}", output_field=BooleanField())
    tickets = Ticket.objects.filter(is_open, provider=at.provider_id, source=at.source_id)
    rows = tickets.filter(created__gte=at.since, created__lt=_at(before)).exclude(
        out__in=(V_MERGED, V_DELETED)
    )
    return {created.astimezone(UTC).date() for created in rows.values_list("created", flat=True) if created}


def _compare(turn: Turn, day: date, between: tuple[datetime, datetime], theirs: Sequence[str]) -> None:
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


def _ours(turn: Turn, between: tuple[datetime, datetime]) -> set[str]:
    """Tickets created then that are still tickets of their own: those merged or deleted no source lists."""
    rows = Ticket.objects.filter(
        provider=turn.connection.provider_id,
        source=turn.connection.source_id,
        created__gte=between[0],
        created__lt=between[1],
    ).exclude(out__in=(V_MERGED, V_DELETED))
    return set(rows.values_list("external_id", flat=True))


def _known(turn: Turn, ids: Sequence[str]) -> set[str]:
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

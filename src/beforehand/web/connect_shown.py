"""A connection as its page shows it: how it does, how far it is, what it takes, and what it lacks."""

from collections.abc import Sequence
from datetime import datetime
from math import ceil
from typing import NamedTuple

from beforehand.connectors.allowance import limit_of, limits_of
from beforehand.connectors.contract import Connector
from beforehand.connectors.estimate import estimate
from beforehand.connectors.models import Connection, Nudged, Proof, Remote
from beforehand.connectors.proving import days_to_prove
from beforehand.connectors.sync import PULL
from beforehand.engine.instants import HOUR, MINUTE, SECOND, to_instant
from beforehand.engine.saying import Amount, Moment, Saying
from beforehand.engine.terms import StatusMap
from beforehand.kernel.models import Due
from beforehand.tickets.mending import touched_by_unmapped, unmapped
from beforehand.tickets.models import SourceState

SHOWN_MISSED, SHOWN_PROOFS, SHOWN_IDS = 20, 7, 40
WAITS, STOPPED, FAILS, READS = "not started", "stopped", "failing", "read"


class Cost(NamedTuple):
    """What the past takes: tickets, calls, and the time under our share, None where no limit is known; and how many
    days are proved afterwards, a call for each.
    """

    tickets: int
    calls: int
    time: Amount | None
    days: int


class Past(NamedTuple):
    """How far the past is read. `permille` is None where nobody knows how much there is."""

    read: int
    total: int | None
    permille: int | None
    left: Amount | None
    done: Moment | None


class Calls(NamedTuple):
    """Calls of the window: ours so far, and as many as are ours to make; None where no limit is known."""

    used: int
    ours: int | None
    window: Amount
    permille: int


class Missed(NamedTuple):
    """A ticket that could not be read."""

    id: str
    times: int
    fault: str
    at: Moment


class Proven(NamedTuple):
    """What a proof of a day found; the first ids of each kind, and how many more there are."""

    row: Proof
    at: Moment
    missing: Sequence[str]
    gone: Sequence[str]
    more: int


class Shown(NamedTuple):
    """A connection, ready to be shown."""

    row: Connection
    kind: Connector | None
    state: str
    reached: Moment | None
    age: Amount | None
    failing: Moment | None
    fault: str
    again: Moment | None
    past: Past
    calls: Calls | None
    lag: Amount | None
    waiting: int
    missed: Sequence[Missed]
    more_missed: int
    proofs: Sequence[Proven]
    unmapped: int
    touched: int

    @property
    def asked(self) -> bool:
        """Whether a reader asks it, so that it has calls, a past and proofs."""
        return self.kind is None or self.kind.is_asked

    @property
    def looks(self) -> bool:
        """Whether it is looked at now and then."""
        return self.kind is None or not self.kind.tells_itself

    @property
    def hears(self) -> bool:
        """Whether it can call us by webhook."""
        return self.kind is not None and self.kind.hear is not None


def shown(row: Connection, kind: Connector | None, statuses: StatusMap, now: datetime, how: Saying) -> Shown:
    """A connection as of now."""
    state = (
        SourceState.objects.filter(provider=row.provider_id, source=row.source_id).first() or SourceState()
    )
    due = Due.objects.filter(provider_id=row.provider_id, kind=PULL, key=row.pk).first()
    remote = Remote.objects.filter(provider=row.provider_id, connection=row)
    missed = remote.filter(missed__gt=0)
    odd = unmapped(row.source, statuses)
    waiting = remote.filter(shallow=True).count()
    waiting += Nudged.objects.filter(provider=row.provider_id, connection=row).count()
    return Shown(
        row,
        kind,
        state_of(row, state),
        _said(state.reached, how),
        _since(state.reached, now),
        _said(state.failing, how),
        state.fault,
        _said(due.due_at if due and row.active else None, how),
        _past(row, kind, now, how),
        None if kind is None else _calls(row, kind, now),
        _since(row.looked, now) if row.active else None,
        waiting,
        [
            Missed(one.external_id, one.missed, one.fault, how.at(to_instant(one.read)))
            for one in missed.order_by("-missed", "-updated")[:SHOWN_MISSED]
        ],
        max(missed.count() - SHOWN_MISSED, 0),
        [_proven(one, how) for one in _latest_proofs(row)],
        len(odd),
        touched_by_unmapped(row.source) if odd else 0,
    )


def state_of(row: Connection, state: SourceState | None) -> str:
    """How a connection does, in a word."""
    if not row.active:
        return WAITS if row.looked is None and row.heard is None else STOPPED
    return FAILS if state is not None and state.failing is not None else READS


def _said(at: datetime | None, how: Saying) -> Moment | None:
    return None if at is None else how.at(to_instant(at))


def _since(at: datetime | None, now: datetime) -> Amount | None:
    return None if at is None else Amount(max(to_instant(now) - to_instant(at), 0) // SECOND * SECOND)


def cost(row: Connection, kind: Connector, tickets: int, now: datetime) -> Cost:
    """What so many tickets take: their calls, and how long these last under our share of the limit."""
    calls = kind.calls(tickets)
    return Cost(tickets, calls, _time_of(row, kind, calls), days_to_prove(row.since, now))


def _time_of(row: Connection, kind: Connector, calls: int) -> Amount | None:
    hours = estimate(calls, limit_of(row, kind), row.share)
    return None if hours is None else Amount(ceil(hours * 60) * MINUTE)


def _past(row: Connection, kind: Connector | None, now: datetime, how: Saying) -> Past:
    total = row.back_total
    left = None
    if total is not None and row.back_done is None and row.back_begun is not None and kind is not None:
        left = _left(row, kind, total, now)
    permille = None
    if row.back_done is not None:
        permille = 1000
    elif total is not None and row.back_begun is not None:
        permille = min(row.back_read * 1000 // max(total, 1), 999)
    return Past(row.back_read, total, permille, left, _said(row.back_done, how))


def _left(row: Connection, kind: Connector, total: int, now: datetime) -> Amount | None:
    """How long the rest takes: at the pace so far, or by the calls that are ours, whichever is longer."""
    rest = max(total - row.back_read, 0)
    if not rest:
        return None
    by_calls = _time_of(row, kind, kind.calls(rest))
    by_pace = 0
    if row.back_read and row.back_begun is not None:
        by_pace = (to_instant(now) - to_instant(row.back_begun)) * rest // row.back_read
    longest = max(by_pace, by_calls.micros if by_calls else 0)
    return Amount(-(-longest // (60 * SECOND)) * 60 * SECOND) if longest else None


def _calls(row: Connection, kind: Connector, now: datetime) -> Calls:
    allowed, limits = limit_of(row, kind), limits_of(row, kind, lambda: to_instant(now))
    used = sum(limits.used().values())
    left = limits.left()
    window = Amount(allowed[1] if allowed else HOUR)
    if left is None or allowed is None:
        return Calls(used, None, window, 0)
    ours = max(allowed[0] * row.share // 100, 1)
    return Calls(used, ours, window, min(used * 1000 // ours, 1000))


def _latest_proofs(row: Connection) -> list[Proof]:
    """Those of the latest days, and of older ones those that found a difference."""
    proofs = Proof.objects.filter(provider=row.provider_id, connection=row)
    latest = list(proofs.order_by("-day")[:SHOWN_PROOFS])
    older = proofs.exclude(missing=[], gone=[]).exclude(pk__in=[one.pk for one in latest])
    return latest + list(older.order_by("-day")[:SHOWN_PROOFS])


def _proven(one: Proof, how: Saying) -> Proven:
    missing, gone = one.missing[:SHOWN_IDS], one.gone[:SHOWN_IDS]
    more = len(one.missing) + len(one.gone) - len(missing) - len(gone)
    return Proven(one, how.at(to_instant(one.at)), missing, gone, more)

"""The steps of a turn. Each does a little of one thing, keeps it, and says whether there was anything to do."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from beforehand.engine.instants import HOUR, SECOND, to_instant

from . import contact_pages, handing, proving, steady, words
from .ahead import Ahead
from .contract import Connector, Page, Reader, Told
from .keep import TakenOver, failed, keep
from .limits import SPARED, Limits
from .models import Connection, Nudged, Remote
from .trouble import Forbidden, Missing, Odd, Trouble

__all__ = ["STEPS", "TakenOver", "Turn"]

A_READ = 20
"""Tickets that are read in a step, unless the source likes to be asked for more."""
A_WHILE = timedelta(seconds=2)
"""So long a ticket that was read waits for others to be kept with: each commit makes all who write wait."""
SET_UP_EVERY = timedelta(hours=6)
MISSED_MOST = 5
SOON, LATER = timedelta(minutes=5), timedelta(days=1)
"""A ticket that could not be read is tried again soon, and after MISSED_MOST times later."""
STRANGE = (LookupError, TypeError, ValueError, AttributeError)
"""What a ticket of a form that nobody expected comes to."""
log = logging.getLogger("beforehand.sync")


class Turn:
    """A turn of a connection."""

    def __init__(
        self,
        connection: Connection,
        kind: Connector,
        reader: Reader,
        clock: Callable[[], datetime],
        limits: Limits,
    ) -> None:
        self.connection, self.kind, self.reader = connection, kind, reader
        self.clock, self.limits = clock, limits
        self.ahead = Ahead(reader, lambda: self.has_time)
        self.takes_nothing = False
        """Whether what is written to it is not answered now."""

    @property
    def has_time(self) -> bool:
        """Whether calls are left for what is not urgent."""
        return not self.limits.is_scarce(SPARED)

    def save(self, **values: object) -> None:
        """Write progress down, and what it took of the calls, unless another worker has taken over: TakenOver."""
        values["used"] = self.limits.used()
        for name, value in values.items():
            setattr(self.connection, name, value)
        at = self.connection
        if not Connection.objects.filter(provider=at.provider_id, pk=at.pk, turn=at.turn).update(**values):
            raise TakenOver

    def keep(self, told: Sequence[Told]) -> int:
        """Keep tickets as they were read just now: of these nothing older that was read ahead is kept after."""
        self.ahead.outdate(one.id for one in told)
        return self.keep_past(told)

    def keep_past(self, told: Sequence[Told]) -> int:
        """Keep tickets. Where one names what the set-up does not know, that is read first: it may be a new name."""
        self._learn_if_strange(told)
        return keep(self.connection, told, self.clock())

    def _learn_if_strange(self, told: Sequence[Told]) -> None:
        read = self.connection.set_up_read
        if (read is None or self.clock() >= read + SOON) and words.are_strange(self.connection, told):
            self.learn()

    def learn(self) -> None:
        """Read the set-up, as far as it may be read. What was read ahead has the names of before."""
        self.ahead.drop()
        try:
            words.learn(self.connection, self.reader.set_up(), self.clock())
            steady.remind(self.connection, self.reader)
        except (Odd, Forbidden, Missing) as trouble:
            self.connection.missing = [str(trouble)]
        self.save(set_up_read=self.clock(), missing=self.connection.missing)

    def read(self, ids: Sequence[str]) -> None:
        """Read tickets deep and keep them together. One that cannot be read or kept stops no other."""
        size = max(self.kind.reads, 1)
        told: list[Told] = []
        faults: dict[str, str] = {}
        began = self.clock()
        try:
            for start in range(0, len(ids), size):
                some = ids[start : start + size]
                missed = self._read(some, told)
                if len(some) > 1 and len(missed) == len(some):
                    alone = [self._read([ticket], told) for ticket in some]
                    missed = {ticket: fault for each in alone for ticket, fault in each.items()}
                faults |= missed
                if self.clock() >= began + A_WHILE:
                    self._keep_read(told)
                    began = self.clock()
        except Trouble:
            self._settle(told, faults)  # what came before it
            raise
        self._settle(told, faults)

    def _read(self, ids: Sequence[str], told: list[Told]) -> dict[str, str]:
        """Read tickets together, to be kept with others; what kept which from being read."""
        try:
            came = list(self.reader.read(ids))
        except (Odd, Forbidden, Missing) as trouble:
            return dict.fromkeys(ids, str(trouble))
        except STRANGE as error:
            log.exception("source %s: tickets %s", self.connection.source.slug, ", ".join(ids))
            return dict.fromkeys(ids, _strange(error))
        if not {one.id for one in told}.isdisjoint(one.id for one in came):
            self._keep_read(told)  # two readings of a ticket are not kept as one
        told += came
        whole = {one.id for one in came if one.deep or one.gone}
        return {ticket: "its history was not told" for ticket in ids if ticket not in whole}

    def _settle(self, told: list[Told], faults: dict[str, str]) -> None:
        self._keep_read(told)
        for ticket, fault in faults.items():
            failed(self.connection, ticket, fault, self.clock())

    def _keep_read(self, told: list[Told]) -> None:
        """Keep what was gathered together, or each alone where one is of a form that cannot be kept."""
        some = told[:]
        told.clear()
        if not some:
            return
        try:
            self.keep(some)
        except STRANGE:
            for one in some:
                self._keep_alone(one)

    def _keep_alone(self, one: Told) -> None:
        try:
            keep(self.connection, [one], self.clock())
        except STRANGE as error:
            log.exception("source %s: ticket %s", self.connection.source.slug, one.id)
            failed(self.connection, one.id, _strange(error), self.clock())

    def end(self, going: Callable[[], bool]) -> None:
        """Keep what was read ahead, while it is going, and read no more."""
        self.ahead.ends = True
        while going() and self.ahead.holds and past(self):
            pass

    def close(self) -> None:
        """Nothing of it runs any more."""
        self.ahead.close()

    def next(self) -> int:
        """When there is something to do again, where nothing is now."""
        looked = self.connection.looked
        now = to_instant(self.clock())
        if looked is None:
            return now
        first = to_instant(looked) + self.connection.interval * SECOND
        if (writes := handing.due(self)) is not None:
            first = min(first, to_instant(writes))
        return min(max(first, now), now + HOUR)


def _strange(error: Exception) -> str:
    return f"of a form that nobody expected ({type(error).__name__})"


def begin(turn: Turn) -> bool:
    """Where changes go on from, before anything of the past is read: what changes meanwhile is not lost."""
    if turn.connection.cursor:
        return False
    turn.save(cursor=turn.reader.begin(), looked=turn.clock())
    return True


def nudged(turn: Turn) -> bool:
    """Tickets that webhooks named. What is named again meanwhile stays to be read."""
    ours = Nudged.objects.filter(provider=turn.connection.provider_id, connection=turn.connection)
    rows = list(ours.order_by("at")[:A_READ])
    if not rows:
        return False
    turn.read([row.external_id for row in rows])
    done = [Q(pk=row.pk, turn=row.turn) for row in rows]
    ours.filter(reduce(or_, done)).delete()
    return True


def changed(turn: Turn) -> bool:
    """A page of what changed, once in the interval; and the rest of it at once."""
    now = turn.clock()
    looked, cursor = turn.connection.looked, turn.connection.cursor
    if looked is not None and now < looked + timedelta(seconds=turn.connection.interval):
        return False
    page = turn.reader.changes(cursor)
    turn.keep(page.tickets)
    _goes_on(page, cursor)
    turn.save(cursor=page.cursor or cursor, looked=looked if page.more else now)
    return True


def set_up(turn: Turn) -> bool:
    """Its statuses, priorities, people and the like, a few times a day."""
    read = turn.connection.set_up_read
    if read is not None and turn.clock() < read + SET_UP_EVERY:
        return False
    turn.learn()
    return True


def live(turn: Turn) -> bool:
    """Tickets that changed since we are here, of which the history is to be read yet."""
    ids = _unread(turn, Q(updated__gte=turn.connection.made - SOON))
    turn.read(ids)
    return bool(ids)


def past(turn: Turn) -> bool:
    """A page of the past."""
    at = turn.connection
    if at.back_done is not None or not (turn.has_time or turn.ahead.holds):
        return False
    if at.back_begun is None:
        turn.save(back_begun=turn.clock())
    page, newer = turn.ahead.back(at.back, to_instant(at.since))
    turn.keep_past([one for one in page.tickets if one.id not in newer])
    _goes_on(page, at.back)
    turn.save(
        back=page.cursor,
        back_read=at.back_read + len(page.tickets),
        back_total=at.back_total if page.total is None else page.total,
        back_done=None if page.more else turn.clock(),
    )
    return True


def deepened(turn: Turn) -> bool:
    """Other tickets of which the history is to be read yet, the newest first."""
    ids = _unread(turn, Q()) if turn.has_time else []
    turn.read(ids)
    return bool(ids)


def _unread(turn: Turn, which: Q) -> list[str]:
    now = turn.clock()
    may = Q(missed=0) | Q(missed__lt=MISSED_MOST, read__lte=now - SOON) | Q(read__lte=now - LATER)
    rows: QuerySet[Remote] = Remote.objects.filter(
        which, may, provider=turn.connection.provider_id, connection=turn.connection, shallow=True
    )
    return list(
        rows.order_by("-updated").values_list("external_id", flat=True)[: max(A_READ, turn.kind.reads)]
    )


def _goes_on(page: Page, cursor: str) -> None:
    """A source that sends round and round must not be asked for ever."""
    if page.more and page.cursor == cursor:
        raise Odd("it says that there is more, and then tells the same page again")


STEPS: Sequence[Callable[[Turn], bool]] = (
    begin,
    nudged,
    changed,
    handing.write,
    set_up,
    live,
    past,
    contact_pages.read,
    deepened,
    proving.prove,
)
"""The most urgent first."""

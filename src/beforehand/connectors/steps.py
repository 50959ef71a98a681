"""The steps of a turn. Each does a little of one thing, keeps it, and says whether there was anything to do."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from beforehand.engine.instants import HOUR, SECOND, to_instant

from . import contact_pages, handing, proving
from .contract import Page
from .models import Nudged, Remote
from .trouble import Odd
from .turn import Turn

A_READ = 20
"""Tickets that are read in a step, unless the source likes to be asked for more."""
SET_UP_EVERY = timedelta(hours=6)
MISSED_MOST = 5
SOON, LATER = timedelta(minutes=5), timedelta(days=1)
"""A ticket that could not be read is tried again soon, and after MISSED_MOST times later."""


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


def end(turn: Turn, going: Callable[[], bool]) -> None:
    """Keep what was read ahead, while it is going, and read no more."""
    turn.ahead.ends = True
    while going() and turn.ahead.holds and past(turn):
        pass


def next_at(turn: Turn) -> int:
    """When there is something to do again, where nothing is now."""
    looked = turn.connection.looked
    now = to_instant(turn.clock())
    if looked is None:
        return now
    first = to_instant(looked) + turn.connection.interval * SECOND
    if (writes := handing.due(turn)) is not None:
        first = min(first, to_instant(writes))
    return min(max(first, now), now + HOUR)

"""The hub: one thread that hears what has changed, reads anew what that can touch, and says what is different.

However many browsers show the same board, it is read once. Nothing is read while nobody looks.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Collection
from datetime import datetime

from django.db import Error as DatabaseFault
from django.db import close_old_connections, connection

from beforehand.people.models import Provider
from beforehand.promises.book import current
from beforehand.tickets.notices import Heard, Listener
from beforehand.web import moment
from beforehand.web.board import passed
from beforehand.web.board_shown import Viewed
from beforehand.web.ticket_page import ViewedTicket

from .board_view import BoardView
from .streams import Stream, message
from .ticket_view import TicketView
from .touch import Memory
from .view import Tick, View

LOOK, REST, SLOWLY = 0.25, 0.3, 1.0
"""Seconds between two looks at what has changed, the least between two rounds of reading, and those between two looks
at what nobody tells: that terms are others, that a deadline has passed."""
BUSY = 1.5
"""How long it rests after a round, as a multiple of what the round took."""
UNSEEN = 30.0
"""Seconds for which a view that nobody shows any more is kept: a page that is loaded again soon comes back."""
LATE = 20.0
"""Seconds without a round after which pages are no longer told that all is well."""
LONGEST_LIST = 400
"""Changed tickets that are looked at one by one; of more, every view is read."""
AGAIN = message("again", {})
_log = logging.getLogger(__name__)


Which = Viewed | ViewedTicket


class Shown:
    """A view and those who look at it. `streams` belongs to the event loop's thread, all else to the hub's."""

    def __init__(self, view: View) -> None:
        self.view, self.stale, self.seen = view, True, time.monotonic()
        self.streams: set[Stream] = set()


class House:
    """What the hub knows of one provider: its terms, its tickets as last seen, up to when deadlines were watched."""

    def __init__(self) -> None:
        self.memory, self.revision = Memory(), ""
        self.since: datetime | None = None

    def unsaid(self, provider: int, now: datetime) -> set[int] | None:
        """The tickets that time has moved since the last call; None for any of them: other terms, a clock set back."""
        revision = current(Provider.objects.get(pk=provider)).revision
        since, self.since = self.since, now
        other, self.revision = bool(self.revision) and self.revision != revision, revision
        if other or (since is not None and now < since):
            return None
        return passed(provider, since, now) if since is not None else set()


def make_view(viewed: Which) -> View:
    """The view of a board or a ticket."""
    return BoardView(viewed) if isinstance(viewed, Viewed) else TicketView(viewed)


class Hub:
    """All open pages of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wake, self._over = threading.Event(), False
        self._thread: threading.Thread | None = None
        self._joining: list[Stream] = []
        self._shown: dict[Which, Shown] = {}
        self._houses: dict[int, House] = {}
        self._listener: Listener | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._taken: list[Stream] = []
        self._slowly_at = self._rest_until = self._read_at = 0.0

    def join(self, stream: Stream) -> None:
        """Let a stream have its whole view, and from then on what changes. From the event loop."""
        self._loop = asyncio.get_running_loop()
        with self._lock:
            self._joining.append(stream)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="hub", daemon=True)
                self._thread.start()
        self._wake.set()

    def stop(self) -> None:
        """Read nothing more; from any thread."""
        self._over = True
        self._wake.set()

    def wait(self) -> None:
        """Until its thread has ended."""
        if self._thread is not None:
            self._thread.join()

    def leave(self, stream: Stream) -> None:
        """A stream has ended. From the event loop."""
        shown = self._shown.get(stream.viewed)
        if shown is not None:
            shown.streams.discard(stream)
        with self._lock:
            if stream in self._joining:
                self._joining.remove(stream)

    @property
    def well(self) -> bool:
        """Whether what was sent last can be relied on: it has read, or had nothing to read, not long ago."""
        return not self._shown or time.monotonic() - self._read_at < LATE

    def _run(self) -> None:
        while not self._over:
            self._wake.wait(LOOK if self._shown else None)
            self._wake.clear()
            try:
                if not self._over:
                    self._round()
            except Exception:  # noqa: BLE001
                # Whatever it is, no page may go on calling itself live: all are told to come again.
                _log.exception("Live pages: nothing can be read; trying again")
                for shown in self._shown.values():
                    self._call(_end_all, list(shown.streams))
                self._call(_end_all, self._taken)
                self._forget_all()
                time.sleep(1)
        self._forget_all()

    def _forget_all(self) -> None:
        if self._listener is not None:
            self._listener.close()
        self._listener, self._taken = None, []
        self._shown.clear()
        self._houses.clear()
        connection.close()

    def _round(self) -> None:
        close_old_connections()
        if self._listener is None:
            self._listener = Listener()  # before anything is read, so that nothing falls in between
        with self._lock:
            self._taken, self._joining = self._joining, []
        self._read(self._taken)
        for stream in self._taken:
            shown = self._shown.get(stream.viewed)
            if shown is None:
                self._call(stream.end, AGAIN)
            else:
                self._call(_take_in, shown, stream, shown.view.whole(stream.have, moment.now()))
        self._taken = []
        self._read_at = time.monotonic()
        self._forget_unseen()

    def _read(self, joining: Collection[Stream]) -> None:
        """Read what somebody looks at and what is stale, unless the last round was only just."""
        wanted = {stream.viewed for stream in joining}
        for viewed in wanted:
            if viewed not in self._shown:
                self._shown[viewed] = Shown(make_view(viewed))
        if wanted or time.monotonic() >= self._rest_until:
            assert self._listener is not None
            self._mark(self._listener.look())
            for shown in self._shown.values():
                if shown.streams:
                    shown.seen = time.monotonic()
            self._read_stale(
                {v for v, shown in self._shown.items() if shown.stale and (shown.streams or v in wanted)}
            )

    def _mark(self, heard: Heard) -> None:
        """Mark the views that must be read anew: by what was heard, by other terms, by time that has passed."""
        now, slowly = moment.now(), time.monotonic() >= self._slowly_at
        if slowly:
            self._slowly_at = time.monotonic() + SLOWLY
        for provider in {viewed.provider for viewed in self._shown}:
            house = self._houses.setdefault(provider, House())
            unsaid = house.unsaid(provider, now) if slowly else set()
            tickets = heard.tickets.get(provider, set()) | (unsaid or set())
            any_of_them = heard.missed or provider in heard.anybody or unsaid is None
            any_of_them = any_of_them or len(tickets) > LONGEST_LIST
            if any_of_them:
                house.memory = Memory()  # what it knows may be what was before a restore
            changes = [] if any_of_them or not tickets else house.memory.changes(tickets)
            for viewed, shown in self._shown.items():
                if viewed.provider == provider and not shown.stale:
                    due = shown.view.due is not None and now >= shown.view.due
                    shown.stale = any_of_them or due or bool(changes and shown.view.touched(changes))

    def _read_stale(self, stale: Collection[Which]) -> None:
        began, ticks = time.monotonic(), dict[int, Tick]()
        for viewed in stale:
            shown = self._shown[viewed]
            try:
                if viewed.provider not in ticks:
                    provider = Provider.objects.get(pk=viewed.provider)
                    ticks[viewed.provider] = Tick(moment.now(), provider, current(provider), {})
                said = shown.view.read(ticks[viewed.provider])
            except DatabaseFault:
                raise
            except Exception:  # noqa: BLE001
                # One page that cannot be read must not hold up the others: its browsers are told to come again.
                _log.exception("Live pages: %s cannot be read", viewed)
                del self._shown[viewed]
                self._call(_end_all, list(shown.streams))
                continue
            shown.stale = False
            if said is not None:
                self._call(_say_to_all, shown, said)
        if stale:
            now = time.monotonic()
            self._rest_until = now + max(REST, BUSY * (now - began))

    def _forget_unseen(self) -> None:
        long_ago = time.monotonic() - UNSEEN
        for viewed in [v for v, shown in self._shown.items() if not shown.streams and shown.seen < long_ago]:
            del self._shown[viewed]
        if not self._shown:
            self._forget_all()

    def _call(self, function: Callable[..., None], *arguments: object) -> None:
        assert self._loop is not None
        if self._loop.is_closed():
            return  # the server has stopped meanwhile, and every stream with it
        self._loop.call_soon_threadsafe(function, *arguments)


def _take_in(shown: Shown, stream: Stream, whole: bytes) -> None:
    if not stream.ended:
        stream.put(whole)
        shown.streams.add(stream)


def _say_to_all(shown: Shown, said: bytes) -> None:
    for stream in shown.streams:
        stream.put(said)


def _end_all(streams: Collection[Stream]) -> None:
    for stream in streams:
        stream.end(AGAIN)

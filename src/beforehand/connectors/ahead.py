"""Reads pages of the past while those before them are kept, where a source lets us: it computes, and we do not wait.

A page is handed out in its turn and no sooner, and so is whatever went wrong with it. What was read of a ticket after
a page had been listed is newer than what the page says of it, and stays: the page is kept without that ticket.
"""

from collections import deque
from collections.abc import Callable, Iterable, Set
from concurrent.futures import Future, ThreadPoolExecutor

from .abilities import Listed, ListsBack
from .contract import Page, Reader

DEPTH = 2
"""Pages that are read at once, each by a thread of its own: as many calls as an endpoint takes at a time."""


class _Reading:
    """A page that is being read. `newer`: tickets that were read since it was begun."""

    def __init__(
        self, asked: tuple[str, int], listed: "Future[Listed | None]", whole: "Future[Page]"
    ) -> None:
        self.asked, self.listed, self.whole = asked, listed, whole
        self.newer: set[str] = set()


def _read(lists: ListsBack, listed: "Future[Listed | None]", cursor: str, since: int) -> Page:
    """A page, by a thread of its own; that it is listed is told as soon as it is, or that nothing came of it."""
    found = None
    try:
        found = lists.list_back(cursor, since)
    finally:
        listed.set_result(found)
    return Page(found.read(), found.cursor, found.more, found.total)


class Ahead:
    """The past of one source, for one turn. `may`: whether calls are left to read what nobody waits for yet.

    Only its own threads read, and they do nothing else: all of this is called by the one thread that keeps.
    """

    def __init__(self, reader: Reader, may: Callable[[], bool]) -> None:
        self._reader, self._may = reader, may
        self._lists = reader if isinstance(reader, ListsBack) else None
        self._pool = ThreadPoolExecutor(DEPTH, "ahead")
        self._held: deque[_Reading] = deque()
        self.ends = False
        """Whether nothing more is begun: what is held is kept yet."""

    @property
    def holds(self) -> bool:
        """Whether a page was begun that has not had its turn."""
        return bool(self._held)

    def back(self, cursor: str, since: int) -> tuple[Page, Set[str]]:
        """The page of the past at a cursor, and those of its tickets of which something newer is kept by now."""
        if self._lists is None:
            return self._reader.back(cursor, since), frozenset()
        if not self._held or self._held[0].asked != (cursor, since):
            self.drop()
            self._begin(self._lists, cursor, since)
        self._go_on(self._lists)
        reading = self._held.popleft()
        page = reading.whole.result()
        self._go_on(self._lists)
        return page, reading.newer

    def outdate(self, tickets: Iterable[str]) -> None:
        """These have been read now: what was read ahead of them is older."""
        some = set(tickets)
        for reading in self._held:
            reading.newer |= some

    def drop(self) -> None:
        """Forget what was read ahead; it is read again in its turn."""
        for reading in self._held:
            reading.whole.cancel()
        self._held.clear()

    def close(self) -> None:
        """No thread of it runs any more. Calls that are being made are waited for."""
        self.drop()
        self._pool.shutdown(cancel_futures=True)

    def _go_on(self, lists: ListsBack) -> None:
        """Begin the page after the last that was begun, as soon as it is known where, if there is room for it."""
        if self.ends or not self._held or len(self._held) >= DEPTH or not self._may():
            return
        last = self._held[-1]
        listed = last.listed.result()
        if listed is not None and listed.more and listed.cursor != last.asked[0]:
            self._begin(lists, listed.cursor, last.asked[1])

    def _begin(self, lists: ListsBack, cursor: str, since: int) -> None:
        listed: Future[Listed | None] = Future()
        whole = self._pool.submit(_read, lists, listed, cursor, since)
        self._held.append(_Reading((cursor, since), listed, whole))

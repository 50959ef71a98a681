"""A source that is scripted, and a connection to it that is worked by hand, in the real database."""

from collections.abc import Callable, Sequence
from contextlib import closing

from tests.connectors.conftest import NOW, Hand

from beforehand.connectors.contract import Connector, Page, Right, SetUp, Tells, Told, Word, at_creation
from beforehand.connectors.limits import Limits
from beforehand.connectors.steps import STEPS
from beforehand.connectors.turn import Turn
from beforehand.engine import history as h
from beforehand.engine.instants import HOUR, to_instant
from beforehand.tickets.events import TicketEvent

BORN = to_instant(NOW) - 24 * HOUR


class Source:
    """A ticket system of plain dictionaries, which keeps its histories behind single calls, as most do."""

    def __init__(self) -> None:
        self.tickets: dict[str, tuple[int, str]] = {}
        self.feed: list[str] = []
        self.bad: dict[str, Exception] = {}
        self.asked: list[str] = []
        self.gone: set[str] = set()
        self.page = 2
        self.on: Callable[[str], None] = lambda call: None

    def put(self, ticket: str, status: str, at: int = BORN) -> None:
        self.tickets[ticket] = at, status
        self.feed.append(ticket)

    def _told(self, ticket: str, deep: bool) -> Told:
        updated, status = self.tickets[ticket]
        events = [TicketEvent(ticket, h.created(BORN, id="created", flags=0))]
        if deep:
            events.append(at_creation(ticket, BORN, "status", "New"))
            if status != "New":
                events.append(TicketEvent(ticket, h.status(updated, status, id=f"s-{updated}")))
        return Told(
            ticket, updated, {"status": status}, events, frozenset(["status"]) if deep else frozenset(), deep
        )

    def _ask(self, call: str) -> None:
        self.asked.append(call)
        self.on(call)

    def check(self) -> Sequence[Right]:
        return ()

    def set_up(self) -> SetUp:
        self._ask("set_up")
        return SetUp([Word("status", "1", "New")])

    def begin(self) -> str:
        self._ask("begin")
        return str(len(self.feed))

    def changes(self, cursor: str) -> Page:
        self._ask("changes")
        start = int(cursor)
        some = self.feed[start : start + self.page]
        told = [self._told(ticket, False) for ticket in dict.fromkeys(some)]
        return Page(told, str(start + len(some)), start + len(some) < len(self.feed))

    def back(self, cursor: str, since: int) -> Page:
        self._ask("back")
        left = sorted((t for t in self.tickets if not cursor or t < cursor), reverse=True)
        some = left[: self.page]
        return Page(
            [self._told(t, False) for t in some],
            some[-1] if some else cursor,
            len(left) > len(some),
            len(self.tickets),
        )

    def read(self, ids: Sequence[str]) -> Sequence[Told]:
        self._ask(f"read {' '.join(ids)}")
        for ticket in ids:
            if ticket in self.bad:
                raise self.bad[ticket]
        return [
            Told(t, 0, gone=True) if t in self.gone or t not in self.tickets else self._told(t, True)
            for t in ids
        ]

    def ids_between(self, since: int, until: int) -> Sequence[str] | None:
        return [t for t in self.tickets if since <= BORN < until]


KIND = Connector(
    "scripted", "Scripted", (), Tells(0), lambda _settings, _line: SOURCE, lambda tickets: tickets
)
SOURCE = Source()


class Driven(Hand):
    source: Source
    kind = KIND
    limits: Limits | None = None

    def turn(self) -> Turn:
        limits = self.limits or Limits(lambda: to_instant(self.now))
        return Turn(self.take(), self.kind, self.source, lambda: self.now, limits)  # type: ignore[arg-type]

    def work(self, turn: Turn | None = None, most: int = 500) -> None:
        """Steps until nothing is left to do."""
        with closing(turn or self.turn()) as turn:
            for _ in range(most):
                if not any(step(turn) for step in STEPS):
                    return
        raise AssertionError("it never ends")

    def status(self, ticket: str) -> list[str]:
        return [event.value for event in self.told(ticket) if event.kind == h.STATUS]

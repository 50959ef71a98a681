"""A source that exists in a test alone: a connector whose reader is handed over, and connections to it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from json import loads

from django.conf import settings

from beforehand.connectors.contract import Connector, Forged, Hook, Nudge, Page, Right, SetUp, Tells, Told
from beforehand.connectors.line import Line
from beforehand.connectors.models import Connection
from beforehand.connectors.registry import register, withdraw
from beforehand.connectors.trouble import Down, Trouble
from beforehand.engine import history as h
from beforehand.engine.instants import SECOND, to_instant
from beforehand.kernel.secrets import seal
from beforehand.people.models import Provider
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.models import Source

SECRET = "a-secret-of-thirty-letters-or-so"
PATH = "p" * 43


class Desk:
    """A ticket system that keeps what it is told, and does what is put into `moods`, one for each writing.

    refuse: it raises what is right for 403; lose: it takes it and answers nothing; down: it takes nothing.
    """

    def __init__(self) -> None:
        self.tickets: dict[str, int] = {}
        self.read_ids: list[str] = []
        self.notes: list[tuple[str, str]] = []
        self.fields: dict[str, dict[str, str]] = {}
        self.polls = 0
        self.moods: list[Trouble | str] = []

    def check(self) -> Sequence[Right]:
        return ()

    def set_up(self) -> SetUp:
        return SetUp(())

    def begin(self) -> str:
        return "begun"

    def changes(self, cursor: str) -> Page:
        self.polls += 1
        return Page((), cursor, False)

    def back(self, cursor: str, _since: int) -> Page:
        return Page((), cursor, False)

    def read(self, ids: Sequence[str]) -> Sequence[Told]:
        self.read_ids += ids
        return [self._told(one) for one in ids]

    def ids_between(self, _since: int, _until: int) -> Sequence[str] | None:
        return None

    def _told(self, ticket: str) -> Told:
        if ticket not in self.tickets:
            return Told(ticket, 0, gone=True)
        at = self.tickets[ticket]
        return Told(
            ticket, at, {"subject": "Mail is down"}, [TicketEvent(ticket, h.created(at, id="created"))]
        )

    def write_note(self, ticket: str, text: str) -> None:
        self._write(lambda: self.notes.append((ticket, text)))

    def write_fields(self, ticket: str, values: Mapping[str, str]) -> None:
        self._write(lambda: self.fields.update({ticket: dict(values)}))

    def _write(self, do: object) -> None:
        assert callable(do)
        mood = self.moods.pop(0) if self.moods else "take"
        if isinstance(mood, Trouble):
            raise mood
        do()
        if mood == "lose":
            raise Down("it gave no whole answer in time")


def hear(told: Mapping[str, str], hook: Hook) -> Nudge:
    """A webhook of this source: its secret as a header, tickets and perhaps a number as JSON."""
    if hook.headers.get("x-secret") != told.get("hook_secret"):
        raise Forged
    said = loads(hook.body)
    return Nudge(said["tickets"], said.get("seq"))


@contextmanager
def known(desk: object) -> Iterator[Connector]:
    """While it lasts there is a connector "made-up", which asks this desk."""

    def open_(_told: Mapping[str, str], _line: Line) -> Desk:
        return desk  # type: ignore[return-value]

    made = Connector("made-up", "Made up", (), Tells(SECOND), open_, lambda n: n, hear)
    register(made)
    try:
        yield made
    finally:
        withdraw(made.slug)


def connected(
    provider: Provider,
    now: datetime,
    connector: str = "made-up",
    source: Source | None = None,
    **more: object,
) -> Connection:
    """A connection in use, whose past is read."""
    source = source or Source.objects.create(
        provider=provider, slug=connector, name="The desk", precision=SECOND
    )
    values: dict[str, object] = {
        "path": PATH, "hook_secret": seal(SECRET, settings.SECRET_KEY), "cursor": "begun", "looked": now,
        "back_done": now, "set_up_read": now, "proved": now.date(), "since": now, "made": now,
    } | more  # fmt: skip
    return Connection.objects.create(provider=provider, source=source, connector=connector, **values)


def stamp(now: datetime) -> int:
    """The instant in whole seconds, as such a source tells it."""
    return to_instant(now) // SECOND * SECOND

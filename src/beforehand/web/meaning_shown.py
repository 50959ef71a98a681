"""What a source's words mean here, as the page of meaning shows it: with proposals, and the tickets they touch."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Count

from beforehand.connectors.models import Connection, Word
from beforehand.engine.terms import StatusMap
from beforehand.kernel.names import fold
from beforehand.people.models import Team
from beforehand.people.staff import Staff
from beforehand.promises.book import Book
from beforehand.promises.models import Client, ClientKey
from beforehand.tickets.mending import Unmapped, tickets_touched, unmapped
from beforehand.tickets.models import Ticket

from .meaning_contracts import Contracts
from .meaning_unmet import Unmet, unmet

SHOWN = 100
"""Clients and people of one look; the rest comes once these are confirmed."""
SHOWN_TOUCHED = 12
BESIDES = ("responded", "planned")
"""What a status may say besides its state (clock.md 3.2)."""
_FORMS = re.compile(
    r"\b(ltd|limited|inc|llc|llp|plc|gmbh|ag|kg|co|corp|company|group|the|sa|bv|pty)\b|[^\w ]"
)


class Meant(NamedTuple):
    """A word of the source. `chosen`: what it means now, else as proposed; `settled` whether that counts."""

    row: Word
    chosen: str
    settled: bool
    why: str
    tickets: int
    says: Sequence[str] = ()
    """What a status says besides its state."""


class Board(NamedTuple):
    """The statuses of a board; of all boards where the source has one list of them."""

    name: str
    statuses: Sequence[Meant]


class Matched(NamedTuple):
    """A client of the source's, and ours where one is proposed."""

    row: Word
    ours: str
    why: str
    tickets: int


class Joining(NamedTuple):
    """Somebody, or a team, whom nobody here is called like. `known`: somebody is called as they are there now."""

    row: Word
    tickets: int
    known: bool = False


class Meaning:
    """What the page of one connection shows."""

    def __init__(self, connection: Connection, book: Book) -> None:
        self.connection, self.book = connection, book
        rows = Word.objects.filter(provider=connection.provider_id, connection=connection)
        self._words: dict[str, list[Word]] = {}
        for row in rows.order_by("board", "name", "pk"):
            self._words.setdefault(row.kind, []).append(row)
        self._tickets = Ticket.objects.filter(provider=connection.provider_id, source=connection.source_id)

    @property
    def read(self) -> bool:
        """Whether anything is known of the source's set-up yet."""
        return bool(self._words)

    def _counts(self, *fields: str) -> dict[tuple[Any, ...], int]:
        rows = self._tickets.values_list(*fields).annotate(count=Count("pk")).order_by()
        return {tuple(row[:-1]): row[-1] for row in rows}

    @cached_property
    def statuses(self) -> StatusMap:
        """What statuses mean as of now."""
        return self.book.uncovered.terms.statuses

    @cached_property
    def boards(self) -> list[Board]:
        """The statuses by board: those to be confirmed first, those with the most tickets of them foremost."""
        counts = self._counts("board", "status")
        groups: dict[str, list[Meant]] = {}
        for row in self._words.get("status", []):
            there = self.statuses.meaning(row.board, row.name)
            tickets = _sum(counts, row.board, row.name)
            if row.gone is not None and not tickets:
                continue
            state = there.state if there else row.proposed
            said = [name for name in BESIDES if getattr(there, name, False)]
            meant = Meant(row, state, there is not None, row.why, tickets, said)
            groups.setdefault(row.board, []).append(meant)
        return [Board(name, _sorted(group)) for name, group in groups.items()]

    @cached_property
    def unmapped(self) -> list[Unmapped]:
        """Statuses that tickets have had and nobody mapped."""
        return unmapped(self.connection.source, self.statuses)

    @cached_property
    def touched(self) -> list[Ticket]:
        """The latest of the tickets that have had one of them."""
        return list(tickets_touched(self.connection.source)[:SHOWN_TOUCHED]) if self.unmapped else []

    @cached_property
    def strangers(self) -> list[Unmapped]:
        """Those of them that the source's set-up does not know (any more): to be mapped in the agreement file."""
        known = {row.name for row in self._words.get("status", [])}
        return [one for one in self.unmapped if one.status not in known]

    @cached_property
    def priorities(self) -> list[Meant]:
        """The priorities, and what each is called here."""
        counts = self._counts("priority")
        known = {fold(name): name for name in self.our_priorities}
        found = []
        for row in self._words.get("priority", []):
            now = row.ours if row.confirmed and row.ours else row.name
            settled = row.confirmed or fold(row.name) in known
            found.append(
                Meant(
                    row,
                    now if settled else row.proposed,
                    settled,
                    "agreements call it so" if fold(now) in known else row.why or "no agreement names it",
                    counts.get((now,), 0),
                )
            )
        return _sorted(found)

    @cached_property
    def our_priorities(self) -> list[str]:
        """Every priority that a line of an agreement names."""
        rows = self.book.rows
        listed = list(rows.terms.priorities) if rows.terms else []
        lines = [*rows.edition_lines.values(), *rows.version_lines.values()]
        return list(
            dict.fromkeys([*listed, *(one.priority for group in lines for one in group if one.priority)])
        )

    @cached_property
    def types(self) -> list[Meant]:
        """The types of tickets, and the origin that each means."""
        counts = self._counts("board", "type")
        return self._origins("type", lambda row: _sum(counts, row.board, row.name))

    @cached_property
    def origin_boards(self) -> list[Meant]:
        """The boards, and the origin of the tickets on each whose type means none."""
        counts = self._counts("board")
        return self._origins("board", lambda row: counts.get((row.name,), 0))

    @cached_property
    def channels(self) -> list[Meant]:
        """The channels, and the origin of the tickets of each whose type and board mean none."""
        counts = self._counts("channel")
        return self._origins("channel", lambda row: counts.get((row.name,), 0))

    @cached_property
    def creators(self) -> list[Meant]:
        """Who types tickets in, and the origin of those of which nothing else says one. Nobody counts them."""
        return self._origins("creator", lambda _: 0)

    def _origins(self, kind: str, count: Any) -> list[Meant]:
        return _sorted(
            Meant(row, row.ours if row.confirmed else row.proposed, row.confirmed, row.why, count(row))
            for row in self._words.get(kind, [])
            if row.gone is None or count(row)
        )

    @cached_property
    def contracts(self) -> Contracts | None:
        """The contracts, where the source has any."""
        rows = self._words.get("contract", [])
        return Contracts(self.connection, self.book, rows) if rows else None

    @cached_property
    def unmet(self) -> list[Unmet]:
        """Lines of agreements that meet no ticket."""
        return unmet(self.book)

    @cached_property
    def clients(self) -> tuple[list[Matched], int]:
        """Clients that nobody here is called like, with whom each may be; and how many tickets name one that is."""
        counts = self._counts("client_name")
        known = {key.folded for keys in self.book.rows.keys.values() for key in keys}
        guess = _Guess(self.connection)
        found, settled = [], 0
        for row in self._words.get("client", []):
            tickets = counts.get((row.name,), 0)
            met = self.book.client(row.name) if fold(row.name) in known else None
            if met is not None and not (met.id in guess.met and guess.of(row)[0] not in ("", met.name)):
                settled += 1
            elif row.gone is None or tickets:
                ours, why = guess.of(row)
                found.append(Matched(row, ours, why, tickets))
        found.sort(key=lambda one: (-one.tickets, not one.ours, one.row.name))
        return found, settled

    @cached_property
    def our_clients(self) -> list[str]:
        """The names of our clients."""
        return sorted(client.name for client in self.book.clients)

    @cached_property
    def people(self) -> tuple[list[Joining], int]:
        """People of the source's whom nobody here is called like, and how many are known."""
        staff, counts = Staff(self.connection.provider), self._counts("assignee")
        return self._joining("person", lambda name: staff.named(name) is not None, counts)

    @cached_property
    def teams(self) -> tuple[list[Joining], int]:
        """The same of teams."""
        rows = Team.objects.filter(provider=self.connection.provider_id)
        known, counts = set(rows.values_list("folded", flat=True)), self._counts("team")
        return self._joining("team", lambda name: fold(name) in known, counts)

    def _joining(
        self, kind: str, is_known: Any, counts: Mapping[tuple[Any, ...], int]
    ) -> tuple[list[Joining], int]:
        rows = [row for row in self._words.get(kind, []) if row.gone is None]
        fresh = [
            Joining(row, counts.get((row.name,), 0), is_known(row.named))
            for row in rows
            if not is_known(row.name)
        ]
        return sorted(fresh, key=lambda one: (-one.tickets, one.row.name)), len(rows) - len(fresh)


def _sum(counts: Mapping[tuple[Any, ...], int], board: str, name: str) -> int:
    if board:
        return counts.get((board, name), 0)
    return sum(count for (_, called), count in counts.items() if called == name)


def _sorted(some: Iterable[Meant]) -> list[Meant]:
    return sorted(some, key=lambda one: (one.settled, -one.tickets, one.row.name))


class _Guess:
    """Which of our clients one of theirs may be: by the key that the agreement file has of it, else by a like name."""

    def __init__(self, connection: Connection) -> None:
        clients = Client.objects.filter(provider=connection.provider_id)
        self.met = set(clients.filter(listed=False).values_list("pk", flat=True))
        listed = dict(clients.filter(listed=True).values_list("pk", "name"))
        keys = ClientKey.objects.filter(provider=connection.provider_id, client__in=listed)
        rows = list(keys.values_list("kind", "text", "client_id"))
        self._keys = {fold(text): listed[pk] for kind, text, pk in rows if kind == ClientKey.Kind.KEY}
        self._like: dict[str, str] = {}
        for _, text, pk in rows:
            if like := _like(text):
                self._like.setdefault(like, listed[pk])

    def of(self, row: Word) -> tuple[str, str]:
        """The name of ours and why; "" where none is like it."""
        if ours := self._keys.get(fold(row.key)):
            return ours, "its key stands in the agreement file"
        ours = self._like.get(_like(row.name), "") or self._like.get(_like(row.named), "")
        return ours, "the names are alike" if ours else ""


def _like(name: str) -> str:
    """A name without what companies add to it."""
    return " ".join(_FORMS.sub(" ", fold(name)).split())

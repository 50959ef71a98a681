"""A source's contracts, and the agreements that name them: by their names alone a ticket is under one or is not."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from django.db.models import Count, QuerySet

from beforehand.connectors.meaning import ours
from beforehand.connectors.meaning_changes import clients_of
from beforehand.connectors.models import Connection, Word
from beforehand.kernel.names import fold
from beforehand.promises.book import Book, ClientRef
from beforehand.tickets.models import Ticket

SHOWN, SHOWN_TOUCHED = 100, 12


class Contract(NamedTuple):
    """A contract that no agreement of its client names, while some of theirs name others. `chosen`: what agreements may
    call it."""

    row: Word
    client: str
    chosen: str
    why: str
    tickets: int
    settled: bool = False


class Unmet(NamedTuple):
    """A contract that an agreement names, in words, and that no contract of the client is called like."""

    where: str
    contract: str
    hint: str


class Contracts:
    """What the page of meaning says of contracts."""

    def __init__(self, connection: Connection, book: Book, rows: Sequence[Word]) -> None:
        self._connection, self._book = connection, book
        self._named = Named(book)
        whose = clients_of(rows)
        self._theirs: dict[int, list[Word]] = {}
        """The contracts of our clients."""
        for row in rows:
            client = book.client(whose[row.pk]) if row.pk in whose else None
            if client is not None:
                self._theirs.setdefault(client.id, []).append(row)
        self._clients = {client.id: client for client in book.clients}
        self.strangers = len(rows) - sum(map(len, self._theirs.values()))

    @cached_property
    def _counts(self) -> Mapping[tuple[int | None, str], int]:
        rows = self._tickets.values_list("client", "contract").annotate(count=Count("pk")).order_by()
        return {(client, contract): count for client, contract, count in rows}

    @property
    def _tickets(self) -> QuerySet[Ticket]:
        return Ticket.objects.filter(provider=self._connection.provider_id, source=self._connection.source_id)

    @cached_property
    def open(self) -> list[Contract]:
        """Those that nobody named, though agreements of their clients name contracts: the most tickets first."""
        found = []
        for pk, rows in self._theirs.items():
            named = self._named.of(pk)
            for row in rows if named else ():
                tickets = self._counts.get((pk, ours(row)), 0)
                if ours(row) not in named and (row.gone is None or tickets):
                    chosen, why = _proposed(row, named, {ours(one) for one in rows})
                    found.append(Contract(row, self._clients[pk].name, chosen, why, tickets))
        return sorted(found, key=lambda one: (-one.tickets, one.client, one.row.name))

    @cached_property
    def settled(self) -> list[Contract]:
        """Those that somebody said are called otherwise here."""
        return [
            Contract(row, self._clients[pk].name, ours(row), "", self._counts.get((pk, ours(row)), 0), True)
            for pk, rows in self._theirs.items()
            for row in rows
            if row.confirmed and ours(row) in self._named.of(pk)
        ]

    @property
    def shown(self) -> tuple[Sequence[Contract], Sequence[Contract]]:
        """As many as one look takes, those to be decided first."""
        some = self.open[:SHOWN]
        return some, self.settled[: SHOWN - len(some)]

    @property
    def more(self) -> int:
        """How many are left."""
        return len(self.open) + len(self.settled) - sum(map(len, self.shown))

    @property
    def named(self) -> int:
        """How many are called as an agreement of their client calls them."""
        each = ((row, self._named.of(pk)) for pk, rows in self._theirs.items() for row in rows)
        return sum(ours(row) in named for row, named in each)

    @property
    def no_matter(self) -> int:
        """How many make no difference: no agreement of their client names any contract."""
        return sum(len(rows) for pk, rows in self._theirs.items() if not self._named.of(pk))

    @property
    def count(self) -> int:
        """The tickets under those that nobody named."""
        return sum(one.tickets for one in self.open)

    @property
    def touched(self) -> list[Ticket]:
        """The latest of these tickets."""
        some = [one for one in self.open if one.tickets]
        clients = {client.name: client.id for client in self._clients.values()}
        pairs = {(clients[one.client], ours(one.row)) for one in some}
        rows = self._tickets.filter(
            client__in={pk for pk, _ in pairs}, contract__in={name for _, name in pairs}
        )
        # A contract of the same name may be another client's, who has an agreement for it.
        found = (
            row
            for row in rows.order_by("-created")[: 20 * SHOWN_TOUCHED]
            if (row.client_id, row.contract) in pairs
        )
        return [row for row, _ in zip(found, range(SHOWN_TOUCHED), strict=False)]

    @cached_property
    def unmet(self) -> list[Unmet]:
        """What agreements name and nothing is called like."""
        return [
            Unmet(where, contract, _hint(contract, rows))
            for pk, rows in self._theirs.items()
            for contract, where in self._named.own(self._clients[pk]).items()
            if contract not in {ours(row) for row in rows} and not self._has_tickets(pk, contract)
        ]

    def _has_tickets(self, client: int, contract: str) -> bool:
        """Whether another source has tickets under it."""
        others = Ticket.objects.filter(
            provider=self._connection.provider_id, client=client, contract=contract
        )
        return others.exists()

    @cached_property
    def names(self) -> list[str]:
        """Every contract that an agreement names."""
        return sorted({name for pk in self._theirs for name in self._named.of(pk)})


class Named:
    """The contracts that agreements name, at whatever time they are in force."""

    def __init__(self, book: Book) -> None:
        self._rows, self._own = book.rows, dict[int | None, dict[str, str]]()

    def of(self, client: int) -> Collection[str]:
        """Those that an agreement of a client, or of every client, names."""
        return self._names(client).keys() | self._names(None).keys()

    def own(self, client: ClientRef) -> Mapping[str, str]:
        """Those that agreements of the client's own name, each with where."""
        return {name: f"{client.name}, {where}" for name, where in self._names(client.id).items()}

    def _names(self, client: int | None) -> dict[str, str]:
        if client not in self._own:
            self._own[client] = dict(self._found(client))
        return self._own[client]

    def _found(self, client: int | None) -> Iterable[tuple[str, str]]:
        rows = self._rows
        for agreement in rows.agreements.get(client, []):
            if agreement.contract:
                yield agreement.contract, f"agreement “{agreement.name}”"
            for version in rows.versions.get(agreement.pk, []):
                lines = list(rows.version_lines.get(version.pk, []))
                for edition in rows.editions.get(version.plan_id, []) if version.plan_id else ():
                    lines += rows.edition_lines.get(edition.pk, [])
                for line in lines:
                    if line.contract:
                        yield (
                            line.contract,
                            f"agreement “{agreement.name}”, line “{line.name or line.contract}”",
                        )


def _proposed(row: Word, named: Collection[str], taken: Collection[str]) -> tuple[str, str]:
    """What agreements may call a contract, and why; "" where nothing is like it."""
    if row.named in named:
        return row.named, "the source calls it so now"
    like = [
        name for name in named if name not in taken and _like(name) in {_like(row.named), _like(row.name)}
    ]
    if len(like) == 1:
        return like[0], "the names are alike"
    return "", "no agreement of theirs names it"


def _hint(contract: str, rows: Iterable[Word]) -> str:
    now = next((row for row in rows if row.named == contract), None)
    if now is not None:
        return f"its tickets have the name that it was first known by, {now.name}"
    return "nothing is called so"


def _like(name: str) -> str:
    return " ".join(re.sub(r"[^\w]|\b(19|20)\d\d\b", " ", fold(name)).split())

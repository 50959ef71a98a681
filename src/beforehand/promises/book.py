"""What each client was promised, and when: rows turned into what the engine reads (clock.md 2).

A Book is one revision of a provider's promises, read in a dozen queries however many clients there are. The
engine's objects are made when first asked for, and shared by all who were promised the same.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from copy import copy
from datetime import date
from functools import cached_property
from typing import NamedTuple

from django.db import transaction

from beforehand.engine.coverage import MARGIN, Coverage
from beforehand.engine.instants import DAY
from beforehand.engine.table import day_number
from beforehand.engine.zones import stretches
from beforehand.kernel.names import fold
from beforehand.people.models import Provider
from beforehand.promises import models
from beforehand.promises.build import Builder, Held, InForce
from beforehand.promises.ladders import Ladder, Ladders, from_stored
from beforehand.promises.rows import has_rows, read_rows, stored_revision

__all__ = ["Book", "ClientRef", "InForce", "current"]

_latest: dict[int, "Book"] = {}
_Spell = tuple[int, int | None, Held]


class ClientRef(NamedTuple):
    """A client that a ticket can belong to."""

    id: int
    name: str
    zone: str


class _Period(NamedTuple):
    """From an instant until the next period's: the versions in force."""

    start: int
    held: tuple[Held, ...]


def current(provider: Provider) -> "Book":
    """The provider's Book at the stored revision; the one already made is used while that is the same."""
    book = _latest.get(provider.pk)
    if book is None or not _is_latest(book, provider):
        book = _latest[provider.pk] = Book(provider)
    return book


def _is_latest(book: "Book", provider: Provider) -> bool:
    """Whether a Book made before says what is stored now.

    Before anything is promised there is no revision to go by; a Book without anything in it then holds while nothing
    is stored.
    """
    if book.revision or not book.rows.are_none:
        return bool(book.revision) and book.revision == stored_revision(provider)
    return book.uncovered.zone == provider.zone and not has_rows(provider)


class Book:
    """The promises of one provider at one revision."""

    def __init__(self, provider: Provider) -> None:
        rows = read_rows(provider)
        self.provider, self.rows = provider, rows
        self.revision = rows.revision
        self._builder = Builder(provider.zone, rows)
        self.uncovered = self._builder.uncovered()
        self._plans = {plan.pk: plan for plan in rows.plans}
        for editions in rows.editions.values():
            for edition in editions:
                edition.plan = self._plans[edition.plan_id]
        self._clients = {row.pk: ClientRef(row.pk, row.name, row.zone) for row in rows.clients}
        self._known = {
            key.folded: self._clients[key.client_id] for keys in rows.keys.values() for key in keys
        }
        self._periods: dict[int, list[_Period]] = {}
        self._in_force: dict[tuple[int, int], InForce] = {}

    @property
    def takes_in_unknown(self) -> bool:
        """Whether the provider says that unknown clients become clients; else their tickets are uncovered."""
        return self.rows.terms is not None and self.rows.terms.take_in_unknown

    @cached_property
    def ladders(self) -> Ladders:
        """Who is told before a promise breaks."""
        own = [from_stored(row.name, row.said, row.in_hours) for row in self.rows.ladders]
        return Ladders(own, self.rows.terms.priorities if self.rows.terms else ())

    @property
    def clients(self) -> list[ClientRef]:
        """Every client that is known."""
        return list(self._clients.values())

    def with_ladders(self, own: Sequence[Ladder]) -> "Book":
        """The same promises with other ladders of the provider's own: to see what would be."""
        other = copy(self)
        other.ladders = Ladders(own, self.ladders.priorities)
        return other

    def client(self, key: str) -> ClientRef | None:
        """The client that a key, name or alias means, case and white space folded; None if it means none."""
        folded = fold(key)
        known = self._known.get(folded)
        if known is None and folded and self.takes_in_unknown:
            known = self._taken_in_elsewhere(folded)
        return known

    def take_in(self, names: Iterable[str]) -> None:
        """Makes clients of the names that nobody knows, where the provider says so; elsewhere does nothing.

        Call it with the clients of a batch, before asking for them and outside any transaction (RuntimeError
        otherwise: what a Book remembers must not be rolled back).
        """
        if not self.takes_in_unknown:
            return
        for name in names:
            folded = fold(name)
            if folded and folded not in self._known:
                self._take_in(" ".join(name.split()), folded)

    def in_force(self, client_id: int, created_at: int) -> InForce | None:
        """What holds for a client's ticket created at that instant (2.1); None if nothing does: uncovered."""
        periods = self._periods.get(client_id)
        if periods is None:
            periods = self._periods[client_id] = self._periods_of(client_id)
        k = bisect_right(periods, created_at, key=lambda period: period.start) - 1
        if k < 0 or not periods[k].held:
            return None
        key = (client_id, k)
        if key not in self._in_force:
            zone = self._clients[client_id].zone
            self._in_force[key] = self._builder.in_force(periods[k].held, client_id, zone)
        return self._in_force[key]

    def build_all(self) -> None:
        """Everything that was ever in force for anybody, built. Raises engine.errors.Invalid where it cannot be."""
        for client_id in self._clients:
            self._periods[client_id] = self._periods_of(client_id)
            for period in self._periods[client_id]:
                self.in_force(client_id, period.start)
        everyone = self.rows.agreements.get(None, [])
        held = [s for a in everyone for s in self._spells_of(a, self.provider.zone)]
        for _, _, one in held:
            self._builder.in_force([one], 0, self.provider.zone)

    def coverage_id(self, coverage: Coverage) -> int | None:
        """The row of a coverage that this Book gave; None for the round-the-clock one that needs no row."""
        return self._builder.shelf.id_of(coverage)

    @cached_property
    def _dates(self) -> tuple[int, int]:
        """Two instants around all dates from or until which something holds."""
        versions = [version for group in self.rows.versions.values() for version in group]
        editions = [edition for group in self.rows.editions.values() for edition in group]
        days = [row.since for row in (*versions, *editions)] + [v.until for v in versions if v.until]
        first = min(days).year // 10 * 10
        last = max(days).year // 10 * 10 + 10
        return day_number(date(first, 1, 1)) * DAY - MARGIN, day_number(date(last, 1, 1)) * DAY + MARGIN

    def _periods_of(self, client_id: int) -> list[_Period]:
        """When which versions are in force, by the dates of the client's zone.

        Every client's agreement serves those that have none of their own, until the first of theirs begins.
        """
        ref = self._clients.get(client_id)
        if ref is None:
            return []
        own = [s for a in self.rows.agreements.get(client_id, []) for s in self._spells_of(a, ref.zone)]
        first = min((start for start, _, _ in own), default=None)
        spells = [
            (start, first if end is None or (first is not None and first < end) else end, held)
            for agreement in self.rows.agreements.get(None, [])
            for start, end, held in self._spells_of(agreement, ref.zone)
            if first is None or start < first
        ] + own
        edges = sorted({s for s, _, _ in spells} | {e for _, e, _ in spells if e is not None})
        return [
            _Period(edge, tuple(held for s, e, held in spells if s <= edge and (e is None or edge < e)))
            for edge in edges
        ]

    def _spells_of(self, agreement: models.Agreement, zone_name: str) -> list[_Spell]:
        """From when until when each version of an agreement holds, one spell for each edition of its plan.

        A version without `until` ends where the next one begins.
        """
        versions = self.rows.versions.get(agreement.pk, [])
        if not versions:
            return []
        zone = stretches(zone_name, *self._dates)

        def midnight(day: date, later: int = 0) -> int:
            return zone.opening((day_number(day) + later) * DAY)

        spells: list[_Spell] = []
        for version, following in zip(versions, [*versions[1:], None], strict=True):
            ends = [midnight(version.until, 1)] if version.until else []
            ends += [midnight(following.since)] if following else []
            editions = self.rows.editions.get(version.plan_id, []) if version.plan_id else []
            cuts = [(midnight(edition.since), edition) for edition in editions]
            spells += _spells(agreement, version, midnight(version.since), min(ends, default=None), cuts)
        return spells

    def _taken_in_elsewhere(self, folded: str) -> ClientRef | None:
        """The client that another process has made of this name meanwhile: that changes no revision."""
        keys = models.ClientKey.objects.filter(provider=self.provider, folded=folded, client__listed=False)
        key = keys.select_related("client").first()
        return None if key is None else self._remember(key.client, folded)

    def _remember(self, client: models.Client, folded: str) -> ClientRef:
        ref = ClientRef(client.pk, client.name, client.zone)
        self._clients[ref.id] = self._known[folded] = ref
        return ref

    def _take_in(self, name: str, folded: str) -> None:
        with transaction.atomic(durable=True):
            key = models.ClientKey.objects.filter(provider=self.provider, folded=folded).first()
            if key is None:
                client, _ = models.Client.objects.get_or_create(
                    provider=self.provider, name=name, defaults={"zone": self.provider.zone, "listed": False}
                )
                key, _ = models.ClientKey.objects.get_or_create(
                    provider=self.provider,
                    folded=folded,
                    defaults={"client": client, "kind": models.ClientKey.Kind.NAME, "text": name},
                )
        self._remember(key.client, folded)


def _spells(
    agreement: models.Agreement,
    version: models.Version,
    start: int,
    end: int | None,
    cuts: list[tuple[int, models.Edition]],
) -> list[_Spell]:
    """The stretches of a version, one for each edition of its plan that is sold meanwhile."""
    if not cuts:
        return [(start, end, Held(agreement, version, None))]
    spells = []
    ends = [*(begins for begins, _ in cuts[1:]), None]
    for (begins, edition), ceases in zip(cuts, ends, strict=True):
        first = max(start, begins)
        last = min((e for e in (end, ceases) if e is not None), default=None)
        if last is None or first < last:
            spells.append((first, last, Held(agreement, version, edition)))
    return spells

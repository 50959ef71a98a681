"""The people of a client as their page shows them: under which names sources know them, their tier, and why."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from beforehand.engine.instants import to_instant
from beforehand.kernel.names import fold
from beforehand.promises.book import Book
from beforehand.promises.models import Client, Contact, ContactKey, ContactTier
from beforehand.promises.tiers import PERSON, Tiered, tier_at
from beforehand.tickets.models import Source, Ticket


class Known(NamedTuple):
    """A source that knows a contact: under which id, and how it calls them now."""

    source: str
    key: ContactKey


class ContactLine(NamedTuple):
    """A contact. `tier` as of now, `why` it is that; `ours`: somebody here said so."""

    contact: Contact
    known: Sequence[Known]
    tier: str
    why: str
    ours: bool
    tickets: int


class People:
    """The people of one client, as of now."""

    def __init__(self, client: Client, book: Book, now: datetime) -> None:
        self._client, self._book, self._now = client, book, to_instant(now)
        keys = book.rows.keys.get(client.pk, ())
        folds = {key.folded for key in keys} | {fold(client.name)}
        self._keys = ContactKey.objects.filter(provider=client.provider_id, client_folded__in=folds)
        self._sources = dict(Source.objects.filter(provider=client.provider_id).values_list("slug", "name"))

    @cached_property
    def any(self) -> bool:
        """Whether anybody of theirs is known."""
        return self._keys.exists()

    def found(self, words: str) -> QuerySet[Contact]:
        """Those in whose name or address these words are, by name: those who have a tier, or had one, first."""
        keys = self._keys
        if words:
            keys = keys.filter(Q(folded__contains=fold(words)) | Q(email__contains=words.lower()))
        tiers = ContactTier.objects.filter(provider=self._client.provider_id, contact=OuterRef("pk"))
        some = self._all().filter(pk__in=keys.values("contact_id"))
        return some.annotate(tiered=Exists(tiers)).order_by("-tiered", "name", "pk")

    def some(self, wanted: Collection[int]) -> list[Contact]:
        """Those of them with these keys."""
        return list(self._all().filter(pk__in=self._keys.filter(contact__in=wanted).values("contact_id")))

    def _all(self) -> QuerySet[Contact]:
        return Contact.objects.filter(provider=self._client.provider_id)

    def lines(self, some: Iterable[Contact]) -> list[ContactLine]:
        """Contacts with all that is known of them."""
        contacts = list(some)
        wanted = [one.pk for one in contacts]
        keys: dict[int, list[ContactKey]] = {}
        for key in ContactKey.objects.filter(provider=self._client.provider_id, contact__in=wanted).order_by(
            "pk"
        ):
            keys.setdefault(key.contact_id, []).append(key)
        said: dict[int, list[Tiered]] = {}
        tiers = ContactTier.objects.filter(provider=self._client.provider_id, contact__in=wanted)
        for row in tiers:
            said.setdefault(row.contact_id, []).append(Tiered(row.source, to_instant(row.since), row.tier))
        counts = self._counts([key.name for some_keys in keys.values() for key in some_keys])
        return [self._line(one, keys.get(one.pk, []), said.get(one.pk, []), counts) for one in contacts]

    def _line(
        self,
        contact: Contact,
        keys: Sequence[ContactKey],
        said: Sequence[Tiered],
        counts: dict[tuple[str, str], int],
    ) -> ContactLine:
        own = keys[0].source if keys else ""
        tier = tier_at(said, own, self._now)
        ours = any(one.source == PERSON and one.since <= self._now for one in said)
        told = sorted({one.source for one in said if one.source != PERSON and one.tier == tier})
        why = "said here" if ours else f"{self._named(told[0])} says so" if tier and told else ""
        return ContactLine(
            contact,
            [Known(self._named(key.source), key) for key in keys],
            tier,
            why,
            ours,
            sum(counts.get((key.source, key.name), 0) for key in keys),
        )

    def _named(self, slug: str) -> str:
        return self._sources.get(slug, slug)

    def _counts(self, names: Collection[str]) -> dict[tuple[str, str], int]:
        rows = Ticket.objects.filter(
            provider=self._client.provider_id, client=self._client.pk, contact__in=names
        )
        counted = rows.values_list("source__slug", "contact").annotate(count=Count("pk")).order_by()
        return {(source, name): count for source, name, count in counted}

    @cached_property
    def promised(self) -> list[str]:
        """The tiers that lines of agreements name."""
        rows = self._book.rows
        lines = [*rows.edition_lines.values(), *rows.version_lines.values()]
        return sorted({line.tier for group in lines for line in group if line.tier})

    @property
    def tiers(self) -> list[str]:
        """Those to choose from: what agreements name, else the usual one."""
        return self.promised or ["VIP"]

"""What can be switched on, whether it is, and what it would have rung in the last 24 hours."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Count

from beforehand.alerts.ladders import ladders_of
from beforehand.alerts.models import Delivery, Switch
from beforehand.engine.codes import BESIDE
from beforehand.engine.instants import to_instant
from beforehand.engine.saying import Moment, Saying
from beforehand.people.models import Provider
from beforehand.promises.book import Book
from beforehand.promises.ladders import BUILT_IN
from beforehand.promises.models import Client
from beforehand.tickets.models import Clock, Source, Ticket
from beforehand.tickets.open_clocks import literally_open

DAY = timedelta(days=1)
SOURCE, CLIENT, LADDER = Switch.Kind.SOURCE, Switch.Kind.CLIENT, Switch.Kind.LADDER
_FROM = {SOURCE: "alert__ticket__source", CLIENT: "alert__ticket__client", LADDER: "alert__ladder"}


class Item(NamedTuple):
    """A source, a client or a ladder. `rehearsed`: what it would have rung; `late`: a client's late clocks."""

    kind: str
    key: str
    name: str
    on: Switch | None
    since: Moment | None
    rehearsed: int
    late: int = 0
    own: bool = True

    @property
    def only(self) -> str:
        """The tickets that alone ring, in words; "" where all do."""
        return "" if self.on is None else only(self.on)


def only(row: Switch) -> str:
    """Of which priorities and types tickets ring, in words."""
    return "; ".join(", ".join(each) for each in (row.priorities, row.types) if each)


class Items:
    """Everything of a provider that can be switched, read once."""

    def __init__(self, provider: Provider, book: Book, now: datetime, zone: str) -> None:
        self.provider, self.book, self.now = provider, book, now
        self._how = Saying(to_instant(now), zone, 0, 1)
        rows = Switch.objects.filter(provider=provider).select_related("by")
        self._on: Mapping[tuple[str, str], Switch] = {(row.kind, row.key): row for row in rows}
        late = Clock.objects.filter(
            literally_open(), provider=provider, late_at__lt=now, metric__lt=BESIDE[0]
        )
        counted = late.values("ticket__client").annotate(count=Count("metric")).order_by()
        self._late = {str(row["ticket__client"]): row["count"] for row in counted}

    def sources(self) -> list[Item]:
        """The sources by name."""
        make = self._maker(SOURCE)
        rows = Source.objects.filter(provider=self.provider).order_by("name")
        return [make(str(row.pk), row.name) for row in rows]

    def clients(self) -> list[Item]:
        """The clients, those with most late clocks first."""
        make = self._maker(CLIENT)
        rows = Client.objects.filter(provider=self.provider).order_by("name")
        found = [make(str(row.pk), row.name) for row in rows]
        return sorted(found, key=lambda item: -item.late)

    def client(self, row: Client) -> Item:
        """One client."""
        return self._maker(CLIENT)(str(row.pk), row.name)

    def ladders(self) -> list[Item]:
        """The ladders: the provider's own ones, then those built in."""
        make = self._maker(LADDER)
        own = {ladder.name for ladder in self.book.ladders.own}
        names = sorted(own) + [ladder.name for ladder in BUILT_IN if ladder.name not in own]
        return [make(name, name)._replace(own=name in own) for name in names]

    def named(self) -> set[tuple[str, str]]:
        """All there is, by kind and key."""
        found = {(LADDER, name) for name in ladders_of(self.book)}
        for kind, model in ((SOURCE, Source), (CLIENT, Client)):
            keys = model.objects.filter(provider=self.provider).values_list("pk", flat=True)
            found |= {(kind, str(pk)) for pk in keys}
        return {(str(kind), key) for kind, key in found}

    def _maker(self, kind: Switch.Kind) -> Callable[[str, str], Item]:
        rows = Delivery.objects.filter(
            provider=self.provider, state=Delivery.State.REHEARSED, created__gte=self.now - DAY
        )
        counts = {
            str(row[_FROM[kind]]): row["count"]
            for row in rows.values(_FROM[kind]).annotate(count=Count("pk")).order_by()
        }

        def make(key: str, name: str) -> Item:
            on = self._on.get((kind, key))
            late = self._late.get(key, 0) if kind == CLIENT else 0
            since = None if on is None else self._how.at(to_instant(on.since))
            return Item(str(kind), key, name, on, since, counts.get(key, 0), late)

        return make


def kinds_of_tickets(provider: Provider, client: Client) -> tuple[list[str], list[str]]:
    """The priorities and the types that a client's tickets have, to choose from."""
    rows = Ticket.objects.filter(provider=provider, client=client).order_by()
    found = [set(rows.values_list(name, flat=True).distinct()) - {""} for name in ("priority", "type")]
    return sorted(found[0]), sorted(found[1])

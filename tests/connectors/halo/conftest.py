"""A HaloPSA, a provider who is connected to it, and a hand that makes the turns of a worker."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from tests.connectors.halo.fake import Halo, halo_at
from tests.tickets.conftest import make_provider

from beforehand.connectors import sync
from beforehand.connectors.halo.reader import Reader
from beforehand.connectors.limits import Limits
from beforehand.connectors.line import Line
from beforehand.connectors.models import Connection
from beforehand.connectors.secrets import sealed
from beforehand.engine.history import Event, History
from beforehand.engine.instants import to_instant
from beforehand.kernel.due.handlers import Going
from beforehand.promises.models import StatusMapping
from beforehand.tickets.known import events_of
from beforehand.tickets.models import Clock, Source, Ticket

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
STATES = {
    "In Progress": "working",
    "With User": "waiting-on-client",
    "With Vendor": "waiting-on-vendor",
    "Re-Opened": "working",
}


def at(text: str) -> datetime:
    """An instant: "10 09:20" is of March 2026, in UTC, as London then is."""
    return datetime.strptime(f"2026-03-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


@pytest.fixture
def halo() -> Iterator[Halo]:
    with halo_at(NOW) as running:
        yield running


def settings_of(halo: Halo, **more: str) -> dict[str, str]:
    return {"address": halo.url, "client_id": "id-of-ours", "client_secret": "s3cret"} | more


@pytest.fixture
def reader(halo: Halo) -> Iterator[Callable[..., Reader]]:
    """Readers of it under settings, over one line."""
    limits = Limits(lambda: to_instant(halo.now), at_a_time=2)
    with Line(limits, allow_private=True, pause=0.01) as line:
        yield lambda **more: Reader(settings_of(halo, **more), line)


class Hand:
    """A connection whose clock stands where the source's is put; `pull` makes a turn as a worker does."""

    def __init__(self, connection: Connection, halo: Halo) -> None:
        self.id, self.halo, self.skew = connection.pk, halo, timedelta()

    @property
    def connection(self) -> Connection:
        return Connection.objects.select_related("source", "provider").get(pk=self.id)

    def pull(self, when: datetime | None = None) -> sync.Came:
        self.halo.now = when or self.halo.now
        row = self.connection
        row.turn += 1
        row.save(update_fields=["turn"])
        return sync.pull(row, Going(lambda: self.halo.now + self.skew, lambda: True), 1e9)

    def kept(self, ticket: int) -> list[Event]:
        return events_of(self.connection.source, [str(ticket)])[str(ticket)]

    def told(self, ticket: int) -> list[tuple[str, str, str]]:
        """What is in effect of a ticket: when, what, and which event says so."""
        return [
            (f"{datetime.fromtimestamp(e.at / 1e6, UTC):%d %H:%M}", f"{e.field} {e.value}".strip(), e.id)
            for e in History(self.kept(ticket)).events
        ]

    def changes(self, ticket: int, field: str) -> list[tuple[str, str]]:
        """The values that a field had, and since when."""
        kind = {"status": 4, "assignee": 2}.get(field, 3)
        return [
            (f"{datetime.fromtimestamp(e.at / 1e6, UTC):%d %H:%M}", e.value)
            for e in History(self.kept(ticket)).events
            if e.kind == kind and (kind != 3 or e.field == field)
        ]

    def ticket(self, number: int) -> Ticket:
        return Ticket.objects.get(source=self.connection.source, external_id=str(number))

    def clocks(self, number: int) -> Mapping[int, Clock]:
        """Its clocks by metric, the last of each."""
        return {
            one.metric: one for one in Clock.objects.filter(ticket=self.ticket(number)).order_by("number")
        }


@pytest.fixture
def hand(db: None, halo: Halo) -> Hand:
    provider = make_provider("northwind")
    for status, state in STATES.items():
        StatusMapping.objects.create(provider=provider, board="", status=status, state=state)
    source = Source.objects.create(provider=provider, slug="halo", name="HaloPSA", precision=1_000_000)
    settings = settings_of(halo)
    connection = Connection.objects.create(
        provider=provider,
        source=source,
        connector="halo",
        secrets=sealed({"client_secret": settings.pop("client_secret")}),
        settings=settings,
        allow_private=True,
        since=NOW - timedelta(days=12),
        made=NOW,
        path="path-of-halo",
    )
    return Hand(connection, halo)

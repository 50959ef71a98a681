"""A provider whose source is asked, and what drives it by hand."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from tests.tickets.conftest import make_provider

from beforehand.connectors import sync
from beforehand.connectors.models import Connection
from beforehand.connectors.secrets import sealed
from beforehand.engine.history import Event, History
from beforehand.kernel.due.handlers import Going
from beforehand.people.models import Provider
from beforehand.tickets.known import events_of
from beforehand.tickets.models import Source

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)


class Hand:
    """A connection and the clock that stands where it is put; `pull` makes a turn as a worker does."""

    def __init__(self, connection: Connection) -> None:
        self.id, self.now = connection.pk, NOW

    @property
    def connection(self) -> Connection:
        return Connection.objects.select_related("source", "provider").get(pk=self.id)

    def going(self, is_fresh: Callable[[], bool] = lambda: True) -> Going:
        return Going(lambda: self.now, is_fresh)

    def take(self) -> Connection:
        """Take a turn, as a worker's claim does."""
        row = self.connection
        row.turn += 1
        row.save(update_fields=["turn"])
        return row

    def pull(self, long: float = 1e9) -> sync.Came:
        return sync.pull(self.take(), self.going(), long)

    def later(self, **more: float) -> sync.Came:
        """The same, when so much time has passed."""
        self.now += timedelta(**more)
        return self.pull()

    def kept(self, *tickets: str) -> dict[str, list[Event]]:
        return events_of(self.connection.source, list(tickets))

    def told(self, ticket: str) -> tuple[Event, ...]:
        """The events of a ticket that are in effect."""
        return History(self.kept(ticket)[ticket]).events


def make_connection(
    provider: Provider, connector: str, secrets: dict[str, str], **settings: str
) -> Connection:
    source = Source.objects.create(
        provider=provider, slug=f"{connector}-1", name="The PSA", precision=1_000_000
    )
    return Connection.objects.create(
        provider=provider,
        source=source,
        connector=connector,
        settings=settings,
        secrets=sealed(secrets),
        allow_private=True,
        since=NOW - timedelta(days=12),
        made=NOW,
        path=f"path-of-{connector}",
    )


@pytest.fixture
def provider() -> Provider:
    return make_provider("northwind")

"""A tenant, a reader of it, and a connection that is pulled by hand."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.connectors.connectwise.fake import Tenant, when
from tests.connectors.connectwise.serving import serve
from tests.connectors.connectwise.world import CLIENT, COMPANY, PRIVATE, PUBLIC

from beforehand.connectors import sync
from beforehand.connectors.connectwise import CONNECTOR, hooks
from beforehand.connectors.connectwise.reader import Reader
from beforehand.connectors.contract import Hook, Nudge, Unsure
from beforehand.connectors.limits import Limits
from beforehand.connectors.line import Line
from beforehand.connectors.models import Connection
from beforehand.connectors.secrets import sealed
from beforehand.engine.history import Event, History
from beforehand.kernel.due.handlers import Going
from beforehand.people.accounts import create_provider
from beforehand.promises.file.load import load
from beforehand.tickets.known import events_of
from beforehand.tickets.models import Source

AGREEMENT = """
provider: {name: Desk, zone: UTC, coverage: Office, unknown clients: become clients}
statuses:
  every board:
    New: working
    In Progress: working
    Re-Opened: working
    Waiting on Client: waiting-on-client
    Waiting on Vendor: waiting-on-vendor
    Completed: resolved
    Closed: closed
coverages:
  Office: {zone: UTC, hours: Mon-Fri 9:00-17:00}
plans:
  Standard:
    editions:
      - from: 2020-01-01
        lines:
          - {response: 1h, resolution: 4h}
every client:
  agreements:
    Support:
      versions:
        - {from: 2020-01-01, plan: Standard}
"""


class Hand:
    """A connection and our clock, which stands where it is put; `pull` makes a turn as a worker does."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self.id, self.now = connection.pk, now

    @property
    def connection(self) -> Connection:
        return Connection.objects.select_related("source", "provider").get(pk=self.id)

    def pull(self) -> sync.Came:
        """A turn, until nothing is left."""
        row = self.connection
        row.turn += 1
        row.save(update_fields=["turn"])
        return sync.pull(row, Going(lambda: self.now, lambda: True), 1e9)

    def at(self, text: str) -> sync.Came:
        """The same, at an instant."""
        self.now = when(text)
        return self.pull()

    def told(self, ticket: str) -> tuple[Event, ...]:
        """The events of a ticket that are in effect."""
        return History(events_of(self.connection.source, [ticket])[ticket]).events

    def statuses(self, ticket: str) -> list[tuple[str, str]]:
        """Its statuses, and since when by the clock."""
        return [(clock(e.at), e.value) for e in self.told(ticket) if e.kind == 4]


def clock(at: int) -> str:
    return datetime.fromtimestamp(at / 1e6, UTC).strftime("%d %H:%M")


def heard(settings: Mapping[str, str], hook: Hook, fetch: hooks.Fetch) -> Nudge:
    """What it says in the end, whether its key had to be fetched or not."""
    try:
        return hooks.heard(settings, hook, fetch)
    except Unsure as unsure:
        return unsure.sure()


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    with serve(Tenant()) as served:
        yield served


@pytest.fixture
def settings(tenant: Tenant) -> dict[str, str]:
    return {
        "site": tenant.url,
        "company": COMPANY,
        "public_key": PUBLIC,
        "private_key": PRIVATE,
        "client_id": CLIENT,
    }


@pytest.fixture
def open_reader(tenant: Tenant, settings: dict[str, str]) -> Iterator[Callable[..., Reader]]:
    """Opens a reader; `more` settings come on top."""
    lines: list[Line] = []

    def one(**more: str) -> Reader:
        lines.append(Line(Limits(lambda: 0), allow_private=True, pause=0.01))
        return Reader(settings | more, lines[-1])

    yield one
    for line in lines:
        line.close()


@pytest.fixture
def reader(open_reader: Callable[..., Reader]) -> Reader:
    return open_reader()


@pytest.fixture
def hand(db: None, settings: dict[str, str], tmp_path: Path) -> Hand:
    now = when("02 08:00")
    desk = create_provider("Desk", "UTC", now)
    file = tmp_path / "agreement.yaml"
    file.write_text(AGREEMENT)
    load(file, desk, now)
    source = Source.objects.create(provider=desk, slug="psa", name="PSA", precision=CONNECTOR.tells.precision)
    secrets = {name: settings[name] for name in ("private_key", "client_id")}
    connection = Connection.objects.create(
        provider=desk,
        source=source,
        connector=CONNECTOR.slug,
        settings={name: value for name, value in settings.items() if name not in secrets},
        secrets=sealed(secrets),
        allow_private=True,
        since=now - timedelta(days=30),
        made=now,
        path="path-of-the-hook",
    )
    return Hand(connection, now)

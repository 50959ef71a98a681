"""A desk with one agreement for everybody, and logs taken in from texts."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from beforehand.connectors.log.importing import Came, Import, open_logs
from beforehand.connectors.log.mapping import LogMapping
from beforehand.connectors.log.notation import parse_mapping
from beforehand.connectors.log.source import source_of
from beforehand.people.accounts import create_provider
from beforehand.people.models import Provider
from beforehand.promises.file.load import load
from beforehand.tickets.models import Event

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
AGREEMENT = """
provider: {name: Desk, zone: UTC, coverage: Office, unknown clients: become clients}
statuses:
  every board: {New: working, Waiting: waiting-on-client, Resolved: resolved, Closed: closed}
coverages:
  Office: {zone: UTC, hours: Mon-Fri 9:00-17:00}
plans:
  Standard:
    editions:
      - from: 2020-01-01
        lines:
          - {response: 4h, resolution: 8h}
          - {priority: P1, response: 1h, resolution: 2h}
every client:
  agreements:
    Support:
      versions:
        - {from: 2020-01-01, plan: Standard}
"""
CHANGES = """
name: Changes
source: changes
precision: 1m
dates: ["%d/%m/%Y %H:%M"]
missing: ["?"]
files:
  changes:
    rows: changes
    ticket: id
    created: opened
    changed: updated
    sequence: "no"
    author: {column: who, automation: [robot], clients: [caller]}
    fields: {status: state, client: client, priority: priority, team: team, assignee: owner}
    ignore: [closed_at]
"""
HEADER = "id,no,opened,updated,who,state,client,priority,team,owner,closed_at\n"
LOG = HEADER + (
    "T1,0,2/3/2026 09:00,2/3/2026 09:05,ann,New,Contoso,P3,?,?,5/3/2026 09:00\n"
    "T1,1,2/3/2026 09:00,2/3/2026 10:00,bob,New,Contoso,P1,Network,bob,5/3/2026 09:00\n"
    "T1,2,2/3/2026 09:00,2/3/2026 10:00,bob,New,Contoso,P1,Network,bob,5/3/2026 09:00\n"
    "T1,4,2/3/2026 09:00,3/3/2026 11:00,robot,Closed,Contoso,P1,Network,?,5/3/2026 09:00\n"
    "T2,0,3/3/2026 09:00,3/3/2026 09:00,ann,New,?,P3,?,?,?\n"
    "T2,1,3/3/2026 09:00,3/3/2026 09:30,ann,Resolved,Fabrikam,P3,?,?,?\n"
)

Take = Callable[..., Came]


@pytest.fixture
def provider(db: None, tmp_path: Path) -> Provider:
    desk = create_provider("Desk", "UTC", NOW)
    file = tmp_path / "agreement.yaml"
    file.write_text(AGREEMENT)
    load(file, desk, NOW)
    return desk


@pytest.fixture
def changes() -> LogMapping:
    return parse_mapping(CHANGES, "changes.yaml")


@pytest.fixture
def take(provider: Provider, changes: LogMapping, tmp_path: Path) -> Take:
    """Takes in a text (or bytes) as a log; `run` and `remembered` are the rows at once and the tickets in memory."""

    def one(
        content: str | bytes, mapping: LogMapping = changes, name: str = "log.csv", run: int = 5_000,
        remembered: int = 4_000,
    ) -> Came:  # fmt: skip
        file = tmp_path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        ((log, _, lines),) = open_logs([str(file)], mapping)
        work = Import(source_of(provider, mapping, ""), mapping, NOW, remembered)
        return work.take(log, lines, None, lambda *_: None, run)

    return one


def told() -> list[tuple[str, str, str, str]]:
    """All events there are: ticket, id, instant, value."""
    events = Event.objects.select_related("ticket").order_by(
        "ticket__external_id", "at", "seq", "kind", "event_id"
    )
    return [(e.ticket.external_id, e.event_id, e.at.strftime("%d %H:%M"), e.value) for e in events]


def counts(came: Came) -> tuple[int, int, int]:
    """Rows taken, known already, rejected."""
    assert came.taken + came.known + came.rejected == came.rows
    return (came.taken, came.known, came.rejected)

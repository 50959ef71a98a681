"""Logs with one row for a ticket and its dates."""

from beforehand.connectors.log.notation import parse_mapping
from beforehand.engine.codes import MET, RESOLUTION, RESPONSE
from beforehand.tickets.models import Clock, Ticket

from .conftest import Take, counts, told

MAPPING = parse_mapping(
    """
name: Tickets
source: tickets
tells: {responded: yes}
zone: Europe/London
delimiter: ";"
dates: [iso]
files:
  tickets:
    rows: tickets
    ticket: id
    created: opened
    changed: updated
    moments: {contacted: called, responded: answered, resolved: solved, closed: closed}
    statuses: {resolved: Resolved, closed: Closed}
    fields:
      status: state
      client: client
      subject: title
      type: {columns: [kind, sub], joined: "-"}
      priority: {column: priority, values: {"1": P1, "2": P2}, empty: P3}
""",
    "tickets.yaml",
)
HEADER = "id;opened;updated;called;answered;solved;closed;state;client;title;kind;sub;priority\n"
ROW = "7;2026-03-02 09:00;{};2026-03-02 08:50;2026-03-02 09:30;{};;{};Contoso;Printer;hardware;printer;{}\n"


def test_dates_become_events_and_stop_the_clocks(take: Take) -> None:
    take(HEADER + ROW.format("2026-03-02 12:00", "2026-03-02 10:00", "Resolved", "1"), MAPPING)
    verdicts = dict(Clock.objects.values_list("metric", "verdict"))
    assert (verdicts[RESPONSE], verdicts[RESOLUTION]) == (MET, MET)
    ticket = Ticket.objects.get()
    assert (ticket.type, ticket.priority, ticket.subject) == ("hardware - printer", "P1", "Printer")


def test_a_later_export_tells_what_changed_meanwhile(take: Take) -> None:
    take(HEADER + ROW.format("2026-03-02 12:00", "", "New", "2"), MAPPING)
    came = take(HEADER + ROW.format("2026-03-03 12:00", "2026-03-03 10:00", "Resolved", ""), MAPPING)
    assert counts(came) == (1, 0, 0)
    assert [one[1:] for one in told()][-3:] == [
        ("resolved 2026-03-03T10:00:00Z", "03 10:00", "Resolved"),
        ("2026-03-03T12:00:00Z#0/priority", "03 12:00", "P3"),
        ("2026-03-03T12:00:00Z#0/status", "03 12:00", "Resolved"),
    ]


def test_stamps_are_of_the_zone_the_mapping_says(take: Take) -> None:
    row = ROW.format("2026-07-02 12:00", "", "New", "2").replace("2026-03-02", "2026-07-02")
    take(HEADER + row, MAPPING)
    assert Ticket.objects.get().created.hour == 8

"""The due dates that a source told on its newest tickets, for what its set-up does not tell of its SLAs."""

from collections.abc import Collection, Iterator

from django.db.models import Q

from beforehand.engine.codes import CHANGED, STATUS
from beforehand.engine.instants import to_instant
from beforehand.promises.draft.due_dates import Due
from beforehand.promises.models import StatusMapping
from beforehand.tickets.models import Event, PsaView, Ticket

from .contract import DueDates
from .models import Connection, Word
from .registry import connectors

NEWEST = 10_000
"""So many tickets are looked through, the newest first, however many there are."""
EACH = 300
"""Of these so many of each SLA and priority."""
_AT_ONCE = 400
_RUNS = ("working", "resolved", "closed")
_MOVES = ("priority", "contract")


def due_dates(connection: Connection) -> list[Due]:
    """Those that a source told, newest ticket first; none where its set-up tells all, or it tells no due dates."""
    told = dict(_told(connection))
    moved = _moved(connection, told)
    return [
        Due(dates.sla, priority, metric, created, due, ticket not in moved)
        for ticket, (created, priority, dates) in told.items()
        for metric, due in dates.by_metric.items()
    ]


def _told(connection: Connection) -> Iterator[tuple[int, tuple[int, str, DueDates]]]:
    """By ticket when it was created, its priority, and its due dates."""
    kind = connectors().get(connection.connector)
    if kind is None or kind.due_dates is None:
        return
    provider = connection.provider_id
    tickets = Ticket.objects.filter(provider=provider, source=connection.source_id, created__isnull=False)
    newest = list(tickets.order_by("-created", "pk").values_list("pk", "created", "priority")[:NEWEST])
    counts: dict[tuple[str, str], int] = {}
    for start in range(0, len(newest), _AT_ONCE):
        some = newest[start : start + _AT_ONCE]
        views = PsaView.objects.filter(provider=provider, ticket__in=[ticket for ticket, *_ in some])
        said = dict(views.values_list("ticket_id", "said"))
        for ticket, created, priority in some:
            dates = kind.due_dates(said.get(ticket, {}))
            counts[dates.sla, priority] = counts.get((dates.sla, priority), 0) + 1
            if created and dates.sla and dates.by_metric and counts[dates.sla, priority] <= EACH:
                yield ticket, (to_instant(created), priority, dates)


def _moved(connection: Connection, tickets: Collection[int]) -> set[int]:
    """Tickets to which something happened that may have moved a due date: another priority or contract, or a status
    of which nobody knows that the clock runs on in it."""
    runs = _running(connection)
    ids = list(tickets)
    values: dict[tuple[int, str], set[str]] = {}
    moved: set[int] = set()
    kinds = Q(kind=STATUS) | Q(kind=CHANGED, field__in=_MOVES)
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        rows = Event.objects.filter(kinds, provider=connection.provider_id, ticket__in=some, retracts="")
        for ticket, kind, field, value in rows.values_list("ticket_id", "kind", "field", "value"):
            if kind == STATUS:
                had = not runs.get(value, False)
            else:
                had = len(values.setdefault((ticket, field), set()) | {value}) > 1
                values[ticket, field].add(value)
            if had:
                moved.add(ticket)
    return moved


def _running(connection: Connection) -> dict[str, bool]:
    """By status whether clocks run on in it: as somebody said, else as it is proposed."""
    words = Word.objects.filter(provider=connection.provider_id, connection=connection, kind="status")
    found = {name: proposed in _RUNS for name, proposed in words.values_list("name", "proposed")}
    for status, state in StatusMapping.objects.filter(provider=connection.provider_id).values_list(
        "status", "state"
    ):
        found[status] = state in _RUNS
    return found

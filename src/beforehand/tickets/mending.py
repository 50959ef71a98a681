"""What stands between tickets and their clients' figures, and has to be mended: uncovered ones, unmapped statuses."""

from collections.abc import Mapping
from typing import NamedTuple

from django.db import connection
from django.db.models import Count, F, Func, Q, QuerySet
from django.db.models.fields import BooleanField

from beforehand.engine.codes import RESOLVED, STATUS
from beforehand.engine.terms import StatusMap
from beforehand.people.models import Provider

from .models import Source, Ticket

CREATION, CLIENT, AGREEMENT, LINE = "creation", "client", "agreement", "line"
WHY: Mapping[str, Q] = {
    CLIENT: Q(created__isnull=False, client=None),
    AGREEMENT: Q(client__isnull=False, version=None),
    LINE: Q(version__isnull=False),
    CREATION: Q(created=None),
}
"""Why a ticket is uncovered (2.3), the one that is mended first foremost: nobody knows its client's name; no agreement
of the client was in force when it was created; no line of that agreement fits; its creation has not been told."""

BY_STATUS = (1, 3)
"""What the engine's scan marks a ticket with of which a status (1), perhaps an origin too (2), is not mapped."""


def uncovered(provider: Provider, source: Source | None = None) -> QuerySet[Ticket]:
    """Tickets that no agreement covers; they are in no client's figures."""
    found = Ticket.objects.filter(provider=provider, covered=False)
    return found if source is None else found.filter(source=source)


def why_uncovered(ticket: Ticket) -> str:
    """The reason out of WHY for a ticket that is uncovered."""
    if ticket.created is None:
        return CREATION
    if ticket.client_id is None:
        return CLIENT
    return AGREEMENT if ticket.version_id is None else LINE


def reasons(provider: Provider) -> dict[str, int]:
    """How many tickets are uncovered, by reason, in WHY's order; without those that nobody has."""
    each = {f"for_{name}": Count("pk", filter=which) for name, which in WHY.items()}
    counts = uncovered(provider).aggregate(**each)
    return {name: counts[f"for_{name}"] for name in WHY if counts[f"for_{name}"]}


def unknown_clients(provider: Provider, source: Source | None = None) -> list[tuple[str, int]]:
    """The names of clients that nobody knows, each with its tickets, the most first."""
    found = uncovered(provider, source).filter(WHY[CLIENT]).values_list("client_name")
    return list(found.annotate(count=Count("pk")).order_by("-count", "client_name"))


class Unmapped(NamedTuple):
    """A status that nobody mapped (3.2): the tables of statuses that it is missing in, and the tickets that had it."""

    status: str
    boards: tuple[str, ...]
    tickets: int
    events: int


def unmapped(source: Source, statuses: StatusMap) -> list[Unmapped]:
    """The statuses of a source's tickets that nobody mapped, the most tickets first."""
    found: dict[str, list[tuple[str, int, int]]] = {}
    with connection.cursor() as cursor:
        # Out of the tickets that the engine marked for it; the condition is the index's own.
        cursor.execute(
            "SELECT t.board, e.value, COUNT(DISTINCT t.id), COUNT(*)"
            " FROM tickets_ticket t JOIN tickets_event e ON e.ticket_id = t.id AND e.provider_id = t.provider_id"
            " WHERE t.provider_id = %s AND t.source_id = %s AND NOT (t.unmapped = 0)"
            # What takes a status back names none.
            " AND e.kind = %s AND e.retracts = '' GROUP BY t.board, e.value ORDER BY t.board",
            [source.provider_id, source.pk, STATUS],
        )
        for board, status, tickets, events in cursor.fetchall():
            if statuses.meaning(board, status) is None:
                found.setdefault(status, []).append((board, tickets, events))
    listed = [
        Unmapped(
            status, tuple(board for board, _, _ in of), sum(t for _, t, _ in of), sum(e for _, _, e in of)
        )
        for status, of in found.items()
    ]
    return sorted(listed, key=lambda one: (-one.tickets, one.status))


def touched_by_unmapped(source: Source) -> int:
    """How many tickets have had any status that nobody mapped: one that has had several is one ticket."""
    return tickets_touched(source).count()


def tickets_touched(source: Source) -> QuerySet[Ticket]:
    """The tickets that have had any status that nobody mapped, the latest first."""
    marked = Ticket.objects.filter(provider=source.provider_id, source=source).exclude(unmapped=0)
    return marked.filter(unmapped__in=BY_STATUS).order_by("-pk")


def open_without_clock(provider: Provider) -> int:
    """Open uncovered tickets of a provider who has said no triage target: no clock shows them on the board."""
    unresolved = Func(F("state"), template=f"%(expressions)s < {RESOLVED}", output_field=BooleanField())
    return uncovered(provider).filter(unresolved, created__isnull=False).count()

"""What a key has to be able to read, and whether it can; and whether its histories can be understood."""

from collections.abc import Sequence

from beforehand.connectors.contract import Right
from beforehand.connectors.trouble import Forbidden, Missing, Odd

from . import audit
from .client import Client
from .lookup import ALL, WITHOUT, Lookup
from .names import Item

HOW = "Admin, Resources/Users (HR), Security Levels: give the API user's level View All of it."
NEEDED = {
    "Tickets": "Tickets are what is watched.",
    "TicketNotes": "Notes say when a client was answered.",
    "TimeEntries": "Time entries say what was done when.",
    "Resources": "Technicians, by name.",
}
BESIDE = (
    "Companies", "Contacts", "Contracts", "CompanyLocations", "ServiceLevelAgreementResults", "ServiceCalls",
    "ServiceCallTickets", "InternalLocationWithBusinessHours", "HolidaySets",
)  # fmt: skip


def check(client: Client, lookup: Lookup, patterns: audit.Patterns) -> list[Right]:
    """Each right by itself, one call each."""
    client.memory.lacks.clear()
    found = [Right(entity, _can(client, entity), why, HOW) for entity, why in NEEDED.items()]
    found += [Right(entity, _can(client, entity), f"Without it {WITHOUT[entity]}", HOW) for entity in BESIDE]
    return [*found, *_histories(client, lookup, patterns)] if found[0].ok else found


def _can(client: Client, entity: str) -> bool:
    try:
        client.count(entity, [ALL])
    except (Forbidden, Missing, Odd):
        return False
    return True


def _histories(client: Client, lookup: Lookup, patterns: audit.Patterns) -> list[Right]:
    """Looks at a few tickets: their histories are text, and only a look shows whether our patterns fit it."""
    rows, _ = client.page("Tickets", [{"op": "exist", "field": "completedDate"}])
    read: list[Sequence[Item]] = []
    for row in rows[-3:]:
        read.append(
            lookup.optional("TicketHistory", [{"op": "eq", "field": "ticketID", "value": row.get("id")}])
        )
    may = "TicketHistory" not in client.memory.lacks
    right = Right("TicketHistory", may, f"Without it {WITHOUT['TicketHistory']}", HOW)
    if not may or not any(read):
        return [right]
    names = lookup.names()
    said = [audit.read(one, names, patterns) for one in read if one]
    return [
        right,
        Right(
            "The words of histories",
            any("status" in one.changes for one in said),
            "Without them changes of status between two looks are only seen to lie between them.",
            "Copy what the history of a ticket says of a change into the setting 'How the history says a change'.",
        ),
    ]

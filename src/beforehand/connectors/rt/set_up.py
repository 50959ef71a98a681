"""What RT says of how it is set up, and which rights its user has."""

from collections.abc import Sequence

from beforehand.connectors.contract import Piece, Right, SetUp, Word

from .client import Client
from .names import Names
from .translate import DOMAIN, QUEUE

STATUSES = {
    "new": ("working", "new in RT's default lifecycle"),
    "open": ("working", "open in RT's default lifecycle"),
    "stalled": ("waiting-on-client", "RT's default lifecycle has it for tickets that wait"),
    "resolved": ("resolved", "resolved in RT's default lifecycle"),
    "rejected": ("closed", "RT ends with it tickets that nobody works on"),
    "deleted": ("closed", "RT has it for spam and the like"),
}
HOW = "Admin, Queues, the queue, Group Rights or User Rights"
FIELD_HOW = "Admin, Custom Fields, the field, Applies To and User Rights"
LOOKED = 20
"""Tickets that are looked at for a custom field."""
SLA = (
    "RT keeps its service levels in its configuration files and tells them to no program: enter what they promise as an"
    " agreement. The level of each ticket, and its due date, are read."
)
OWN_LIFECYCLE = "the statuses of the lifecycle {}: they appear here as soon as a ticket has them"


def check(client: Client, names: Names, queues: Sequence[str], client_by: str) -> list[Right]:
    """The three rights, each by trying, and the field that clients are told by. A comment that is not seen may not be
    there: then it is said so.
    """
    seen = {str(queue.get("Name")) for queue in names.queues()}
    lost = [name for name in queues if name not in seen]
    tickets = client.search("tickets", "id > 0", "Status", size=1)["items"]
    query = "ObjectType = 'RT::Ticket' AND Type = 'Comment' AND id > 0"
    comments = client.search("transactions", query, "Type", order="DESC", size=20)["items"]
    field = [] if client_by in (DOMAIN, QUEUE) or not tickets else [_field(client, client_by)]
    missing = f"queues that are not seen: {', '.join(lost)}" if lost else HOW
    return [
        Right("SeeQueue", bool(seen) and not lost, "to see the queues", missing),
        Right("ShowTicket", bool(tickets), "to see tickets and what happened to them", HOW),
        Right(
            "ShowTicketComments",
            bool(comments),
            "to see internal work, without which some of it is missing from a ticket's page",
            f"{HOW}. Where there is no comment at all yet, nobody can tell whether it is given",
        ),
        *field,
    ]


def _field(client: Client, name: str) -> Right:
    """Whether the latest tickets have a custom field: RT shows of them those that its user may see."""
    rows = client.search("tickets", "id > 0", "CustomFields", order="DESC", size=LOOKED)["items"]
    fields = [field for row in rows for field in row.get("CustomFields") or ()]
    seen = {str(field.get("name", "")).casefold() for field in fields if isinstance(field, dict)}
    purpose = f"to tell clients by the custom field “{name}”"
    how = f"Its name in the settings of this connection, else {FIELD_HOW}"
    return Right("SeeCustomField", name.casefold() in seen, purpose, how)


def read(names: Names, queues: Sequence[str]) -> SetUp:
    """Queues as boards, and the statuses that RT comes with."""
    some = [queue for queue in names.queues() if not queues or queue.get("Name") in queues]
    words = [
        Word(
            "board", str(queue["id"]), str(queue.get("Name") or queue["id"]),
            said={"about": str(queue.get("Description") or ""), "lifecycle": str(queue.get("Lifecycle") or "")},
        )
        for queue in some
    ]  # fmt: skip
    words += [Word("status", name, name, proposed=state, why=why) for name, (state, why) in STATUSES.items()]
    others = sorted({str(queue.get("Lifecycle") or "default") for queue in some} - {"default"})
    pieces = [
        Piece(
            "type",
            str(queue["id"]),
            str(queue.get("Name") or queue["id"]),
            {"sla": queue.get("SLADisabled") != "1"},
        )
        for queue in some
    ]
    return SetUp(words, pieces, [SLA, *(OWN_LIFECYCLE.format(name) for name in others)])

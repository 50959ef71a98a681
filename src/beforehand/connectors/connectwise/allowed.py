"""Whether the role lets us do what its owner switched on, as far as ConnectWise tells before something is written.

Of rights to add and to edit it tells nothing. Which custom fields tickets have stands in the tickets, and callbacks in
their list.
"""

from collections.abc import Iterator, Sequence

from ..contract import Right
from ..line import Forbidden
from ..wanted import FIELDS, NOTES, Wanted, field_rights, fields_unseen
from . import callbacks
from .client import Client
from .values import Row, named, text
from .write import NUMBERS

LOOKED = 50
"""Tickets that are looked at for custom fields: they may be a board's own."""
ROLE = "System > Security Roles > the role of the API member"
DESK = "Service Desk > Service Tickets"
CALLBACKS = "System > Table Setup"


def check(client: Client, wanted: Wanted) -> list[Right]:
    """One call for fields, one for the callback."""
    found = []
    if wanted.notes:
        found.append(_desk("add", "to add internal notes", NOTES))
    if wanted.fields:
        found.append(_desk("edit", "to keep fields up", FIELDS))
        found += _fields(client, wanted.fields)
    if wanted.calls:
        found.append(_callback(client, wanted.calls))
    return found


def _desk(level: str, purpose: str, by: str) -> Right:
    how = f"{ROLE} > {DESK}: {level.title()} Level “All”"
    return Right(f"{DESK}: {level}", None, purpose, how, by)


def _fields(client: Client, wanted: Sequence[str]) -> Iterator[Right]:
    try:
        rows = client.page("service/tickets", {"orderBy": "id desc", "pageSize": str(LOOKED)}).rows
    except Forbidden:
        rows = []
    held = [
        (named(row, "board"), _captions(row)) for row in rows if isinstance(row.get("customFields"), list)
    ]
    if not held:
        yield from fields_unseen(
            wanted, "Only tickets tell which fields there are, and none can be looked at."
        )
        return
    # A caption is found whatever its letters, as when it is written.
    every = {caption: fault for _, captions in held for caption, fault in captions.items()}
    there = {name: every[_folded(name)] for name in wanted if _folded(name) in every}
    for name, right in zip(wanted, field_rights(wanted, there), strict=True):
        without = sorted({board for board, captions in held if _folded(name) not in captions})
        some = f"; tickets on {', '.join(without)} do not have it" if right.ok and without else ""
        yield right._replace(purpose=right.purpose + some)


def _captions(row: Row) -> dict[str, str]:
    """The custom fields of a ticket, and why one cannot hold what we write."""
    fields = [field for field in row["customFields"] if isinstance(field, dict)]
    return {_folded(text(field.get("caption"))): _fault(text(field.get("type"))) for field in fields}


def _fault(kind: str) -> str:
    if kind in NUMBERS:
        return "it holds numbers only"
    return f"it is a {kind.lower()}" if kind in ("Button", "Checkbox") else ""


def _folded(name: str) -> str:
    return name.strip().lower()


def _callback(client: Client, address: str) -> Right:
    """Whether it still calls us. What the role lacks to register a callback is said where one is registered."""
    name, purpose = f"{CALLBACKS}: inquire", "to see whether it still calls us"
    try:
        there = callbacks.is_there(client, address)
    except Forbidden:
        return Right(name, False, purpose, f"{ROLE} > {CALLBACKS}: Inquire Level “All”")
    purpose = "to hear of changes at once"
    if there:
        return Right("Callback", True, purpose)
    fault = f"{purpose}: it was withdrawn or switched off there, or goes to another address"
    return Right("Callback", False, fault, "On this page, under Can it call us: register it again")

"""Which rights of the API member's security role are there: each is tried by reading a single row."""

from collections.abc import Sequence
from typing import NamedTuple

from ..contract import Right
from ..line import Forbidden, Missing
from .client import Client


class Needed(NamedTuple):
    """A right by the module and the function of the security role, and the call that needs it."""

    name: str
    path: str
    purpose: str
    params: tuple[tuple[str, str], ...] = ()


NEEDED = (
    Needed("Service Desk > Service Tickets", "service/tickets", "no ticket is read at all"),
    Needed(
        "System > API Reports",
        "system/audittrail",
        "when a status, an owner or a priority changed is only as exact as the polling",
        (("type", "Ticket"),),
    ),
    Needed(
        "Time & Expense > Time Entry",
        "time/entries",
        "time that was booked, and what clients were told with it, is taken from notes alone",
    ),
    Needed("System > Table Setup", "service/boards", "boards, statuses, priorities and SLAs are not known"),
    Needed(
        "System > Member Maintenance",
        "system/members",
        "persons and programs cannot be told from one another",
    ),
    Needed(
        "Companies > Company Maintenance",
        "company/companies",
        "clients cannot be matched before their tickets",
    ),
    Needed(
        "Companies > Contacts",
        "company/contacts",
        "contacts are known by their tickets alone, without a tier",
    ),
    Needed("Finance > Agreements", "finance/agreements", "agreements are known by their tickets alone"),
)


def check(client: Client) -> Sequence[Right]:
    """Try each; whoever is not known at all is told so by the first (Unauthorised)."""
    latest = (
        client.page("service/tickets", {"orderBy": "id desc", "pageSize": "1", "fields": "id"}).rows
        if _is_allowed(client, NEEDED[0], "")
        else []
    )
    ticket = str(latest[0].get("id", "")) if latest else "1"
    return [_right(needed, _is_allowed(client, needed, ticket)) for needed in NEEDED]


def _is_allowed(client: Client, needed: Needed, ticket: str) -> bool:
    params = {"pageSize": "1", **dict(needed.params), **({"id": ticket} if needed.params else {})}
    try:
        client.page(needed.path, params)
    except Forbidden:
        return False
    except Missing:
        return True  # it has no such row, and may say so
    return True


def _right(needed: Needed, ok: bool) -> Right:
    how = f"System > Security Roles > the role of the API member > {needed.name}: Inquire Level “All”"
    return Right(f"{needed.name}: inquire", ok, f"without it: {needed.purpose}", how)

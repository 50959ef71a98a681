"""The people of clients, whom HaloPSA calls users. An important contact is a VIP; it has no other tier."""

import json
from typing import Any

from beforehand.connectors.abilities import ContactPage
from beforehand.connectors.contract import Contact

from .client import MOST_PAGES, SIZE, Client
from .cursors import OVERLAP
from .names import UNASSIGNED
from .values import Row, flag, key, text

VIP = "VIP"


def page(client: Client, cursor: str) -> ContactPage:
    """A page of all users, or of those that changed: a hundred a call.

    `begun` is the source's time at the first page, from which the next look goes on.
    """
    at: dict[str, Any] = json.loads(cursor) if cursor else {"since": 0}
    number = int(at.get("page", 1))
    found = client.users(max(at["since"] - OVERLAP, 0), number)
    begun = at.get("begun") or found.at or at["since"]
    read = int(at.get("read", 0)) + len(found.rows)
    full = len(found.rows) >= SIZE or (found.total is not None and read < found.total)
    told = [one for row in found.rows if (one := contact(row)) is not None]
    if found.rows and full and number < MOST_PAGES:
        on = {"since": at["since"], "page": number + 1, "begun": begun, "read": read}
        return ContactPage(told, json.dumps(on), True)
    return ContactPage(told, json.dumps({"since": max(begun, at["since"])}), False)


def contact(row: Row) -> Contact | None:
    """A user, as far as it is needed; none where it is an agent's own, a program's, or nobody's."""
    id_, client = key(row.get("id")), key(row.get("client_id"))
    if not id_ or key(row.get("linked_agent_id")) or flag(row.get("isserviceaccount")):
        return None
    return Contact(
        id_,
        text(row.get("name")) or f"{text(row.get('firstname'))} {text(row.get('surname'))}".strip(),
        text(row.get("emailaddress")),
        "" if client == UNASSIGNED else text(row.get("client_name")),
        "" if client == UNASSIGNED else client,
        VIP if flag(row.get("isimportantcontact")) else "",
        not flag(row.get("inactive")),
    )


def of_ticket(row: Row) -> Contact | None:
    """Whom a ticket names, where it names somebody by an id."""
    id_ = key(row.get("user_id"))
    return Contact(id_, text(row.get("user_name"))) if id_ else None

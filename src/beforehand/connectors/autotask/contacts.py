"""The people of clients: five hundred a call. Autotask has no tiers; an owner may have given them a field of their own.

They are 40 calls for 20,000 people, once, and then one every few hours. Single rows would be a call for each.
"""

import json
from typing import Any

from beforehand.connectors.abilities import ContactPage
from beforehand.connectors.contract import Contact
from beforehand.engine.instants import MINUTE

from .client import Client
from .names import Item, Names, name_of
from .stamps import written

OVERLAP = 5 * MINUTE
YES, NO = ("yes", "true", "1", "y"), ("no", "false", "0", "n", "none")


def page(client: Client, cursor: str, field: str, now: int) -> ContactPage:
    """A page of all contacts in use, or of those that were changed since, by Autotask's clock."""
    at: dict[str, Any] = json.loads(cursor) if cursor else {"since": 0}
    where: Item = {"op": "eq", "field": "isActive", "value": 1}
    if at["since"]:
        where = {"op": "gte", "field": "lastModifiedDate", "value": written(at["since"] - OVERLAP)}
    rows, following = client.page("Contacts", [where], at.get("next", ""))
    began = at.get("began") or now
    told = [contact(row, field) for row in rows if isinstance(row.get("id"), int)]
    if following:
        return ContactPage(told, json.dumps({**at, "began": began, "next": following}), True)
    return ContactPage(told, json.dumps({"since": began}), False)


def contact(row: Item, field: str) -> Contact:
    """A contact, as far as it is needed."""
    company = row.get("companyID")
    return Contact(
        str(row["id"]),
        name_of("contact", row),
        str(row.get("emailAddress") or ""),
        client_key="" if company is None else str(company),
        tier=_tier(row, field),
        in_use=row.get("isActive") not in (0, False),
    )


def of_ticket(ticket: Item, names: Names) -> Contact | None:
    """Whom a ticket names."""
    key = ticket.get("contactID")
    return None if key is None else Contact(str(key), names.named("contact", key))


def _tier(row: Item, field: str) -> str:
    fields = row.get("userDefinedFields")
    for one in fields if isinstance(fields, list) and field else ():
        if isinstance(one, dict) and str(one.get("name", "")).casefold() == field.casefold():
            said = str(one.get("value") if one.get("value") is not None else "").strip()
            if said.casefold() in YES:
                return field
            return "" if said.casefold() in NO else said
    return ""

"""The people of clients: a thousand a call, and of each no more than is kept. A tier is one of a contact's types."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from beforehand.engine.instants import MINUTE

from ..abilities import ContactPage
from ..contract import Contact, Setting
from .client import PAGE, Client
from .values import Row, key_of, named, stamp, text, updated

OVERLAP = 5 * MINUTE
TIERS = "VIP"
SETTING = Setting(
    "tiers",
    "Contact types that are tiers",
    "As your agreements name them, with commas between; the first that a contact has is theirs.",
    example="VIP, Executive",
    required=False,
    default=TIERS,
)
FIELDS = "id,firstName,lastName,company,types,communicationItems,inactiveFlag,_info"


def tiers_of(settings: Mapping[str, str]) -> list[str]:
    """The contact types that are tiers."""
    said = settings.get(SETTING.name, "").strip() or TIERS
    return [name.strip() for name in said.split(",") if name.strip()]


def page(client: Client, cursor: str, tiers: Sequence[str]) -> ContactPage:
    """A page of all contacts in use, or of those that were saved since."""
    at: dict[str, Any] = json.loads(cursor) if cursor else {"mark": 0}
    since = f"lastUpdated>[{stamp(max(at['mark'] - OVERLAP, 0))}]" if at["mark"] else "inactiveFlag=false"
    found = client.page(
        "company/contacts",
        {"conditions": since, "orderBy": "id", "pageSize": str(PAGE), "fields": FIELDS, **at.get("next", {})},
        forward=True,
    )
    stamps = [changed for row in found.rows if (changed := updated(row)) is not None]
    begun = at.get("begun") or found.at or max(stamps, default=at["mark"])
    told = [contact(row, tiers) for row in found.rows if key_of(row)]
    if found.more:
        return ContactPage(told, json.dumps({**at, "begun": begun, "next": dict(found.more)}), True)
    return ContactPage(told, json.dumps({"mark": max(begun, at["mark"])}), False)


def contact(row: Row, tiers: Sequence[str]) -> Contact:
    """A contact, as far as it is needed."""
    name = " ".join(filter(None, (text(row.get("firstName")), text(row.get("lastName")))))
    theirs = {text(one.get("name")).casefold() for one in _rows(row, "types")}
    return Contact(
        key_of(row),
        name,
        _mail(row),
        named(row, "company"),
        key_of(row, "company"),
        next((tier for tier in tiers if tier.casefold() in theirs), ""),
        row.get("inactiveFlag") is not True,
    )


def of_ticket(row: Row) -> Contact | None:
    """Whom a ticket names, where it names one that there is."""
    key = key_of(row, "contact")
    name = named(row, "contact") or text(row.get("contactName"))
    return Contact(key, name, text(row.get("contactEmailAddress"))) if key else None


def _mail(row: Row) -> str:
    """The address of a contact; the first where none is the usual one."""
    mails = [
        one
        for one in _rows(row, "communicationItems")
        if text(one.get("communicationType")) == "Email" or named(one, "type").casefold() == "email"
    ]
    mails.sort(key=lambda one: one.get("defaultFlag") is not True)
    return text(mails[0].get("value")) if mails else ""


def _rows(row: Row, name: str) -> list[Row]:
    said = row.get(name)
    return [one for one in said if isinstance(one, Mapping)] if isinstance(said, list) else []

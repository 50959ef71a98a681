"""Whether a key may write what its owner switched on, and whether the fields are there: Autotask tells all of it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from beforehand.connectors.contract import Right
from beforehand.connectors.trouble import Forbidden, Missing, Odd
from beforehand.connectors.wanted import FIELDS, NOTES, Wanted, field_rights, fields_unseen

from .client import Client
from .names import Item

LEVEL = "Admin, Resources/Users (HR), Security Levels"
ADD = f"{LEVEL}: let the API user's level add ticket notes."
EDIT = f"{LEVEL}: let the API user's level edit tickets."
_NONE, _ALL = ("none", "0"), ("all", "1")
"""How it says whose tickets a right is for; some documents have numbers."""


def check(client: Client, wanted: Wanted) -> list[Right]:
    """One call for notes, two for fields."""
    found = []
    if wanted.notes:
        found.append(_right(client, "TicketNotes", "Create", "to add internal notes", ADD, NOTES))
    if wanted.fields:
        found.append(_right(client, "Tickets", "Update", "to keep fields up", EDIT, FIELDS))
        found += _fields(client, wanted.fields)
    return found


def _right(client: Client, entity: str, what: str, purpose: str, how: str, by: str) -> Right:
    name = f"{entity}: {what.lower()}"
    try:
        said = client.call("GET", f"{entity}/entityInformation").get("info")
    except (Forbidden, Missing, Odd):
        said = None
    info: Mapping[str, Any] = said if isinstance(said, dict) else {}
    told = info.get(f"userAccessFor{what}")
    access = "" if told is None else str(told).casefold()
    if info.get(f"can{what}") is False or access in _NONE:
        return Right(name, False, purpose, how)
    if access in _ALL:
        return Right(name, True, purpose)
    some = "It is given for some tickets only. " if access in ("restricted", "2") else ""
    return Right(name, None, purpose, some + how, by)


def _fields(client: Client, wanted: Sequence[str]) -> Iterator[Right]:
    try:
        rows = client.call("GET", "Tickets/entityInformation/userDefinedFields").get("fields")
    except (Forbidden, Missing, Odd):
        rows = None
    if not isinstance(rows, list):
        return fields_unseen(wanted, "Autotask does not list its user-defined fields to this key.")
    fields = [row for row in rows if isinstance(row, dict)]
    there = {str(row.get("name")): _fault(row) for row in fields}
    return field_rights(wanted, there, {str(row.get("label")): str(row.get("name")) for row in fields})


def _fault(field: Item) -> str:
    """Why a field cannot hold what we write."""
    if field.get("isReadOnly") is True:
        return "it is read only"
    if field.get("isPickList") is True:
        return "it takes only values of its list"
    if str(field.get("type")).casefold() in ("integer", "long", "short", "double", "decimal"):
        return "it holds numbers only"
    return ""

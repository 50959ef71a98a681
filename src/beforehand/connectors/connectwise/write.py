"""Writing back, where the owner switched it on: internal notes, custom fields, and the callback."""

from collections.abc import Mapping
from typing import Any

from ..line import Odd
from .client import Client
from .values import Row, key_of, text

ABOUT = "Beforehand"
_NUMBERS = ("Number", "Percent", "Currency")
_TRUE = ("1", "true", "yes", "on")


def note(client: Client, ticket: str, said: str) -> None:
    """An internal note: the client never sees it, and nobody is mailed."""
    body = {
        "text": said,
        "internalAnalysisFlag": True,
        "detailDescriptionFlag": False,
        "resolutionFlag": False,
        "processNotifications": False,
    }
    client.call("POST", f"service/tickets/{ticket}/notes", json=body)


def fields(client: Client, ticket: str, values: Mapping[str, str]) -> None:
    """Custom fields by caption. What they hold already is not written again: each write saves the ticket. Raises Odd
    where there is no such field, or where it cannot hold the value.
    """
    held = client.one(f"service/tickets/{ticket}").get("customFields")
    rows = [row for row in held if isinstance(row, dict)] if isinstance(held, list) else []
    by_caption = {text(row.get("caption")).lower(): row for row in rows}
    lacking = [name for name in values if name.strip().lower() not in by_caption]
    if lacking:
        raise Odd(f"tickets have no custom field {' and none '.join(f'“{name}”' for name in lacking)}")
    changed = []
    for name, value in values.items():
        row = by_caption[name.strip().lower()]
        fresh = _value(row, value)
        if fresh != row.get("value"):
            changed.append({**row, "value": fresh})
    if changed:
        patch = [{"op": "replace", "path": "customFields", "value": changed}]
        client.call("PATCH", f"service/tickets/{ticket}", json=patch)


def callback(client: Client, url: str) -> None:
    """Have ticket changes told to an address. There can be one of each: a second is refused, an idle one is woken."""
    for row in client.all("system/callbacks", {}):
        if text(row.get("url")) == url and text(row.get("type")).lower() == "ticket":
            if row.get("inactiveFlag") is True:
                patch = [{"op": "replace", "path": "inactiveFlag", "value": False}]
                client.call("PATCH", f"system/callbacks/{key_of(row)}", json=patch)
            return
    body = {
        "id": 0,
        "url": url,
        "objectId": 1,
        "type": "ticket",
        "level": "owner",
        "description": ABOUT,
        "payloadVersion": "3.0.0",
        "inactiveFlag": False,
        "isSelfSuppressedFlag": True,
    }
    client.call("POST", "system/callbacks", json=body)


def _value(field: Row, value: str) -> Any:
    """A value as a field of its type holds it."""
    kind = text(field.get("type"))
    if not value.strip():
        return None
    if kind in _NUMBERS:
        try:
            return float(value)
        except ValueError:
            raise Odd(f"the custom field “{text(field.get('caption'))}” holds numbers only") from None
    if kind == "Checkbox":
        return value.strip().lower() in _TRUE
    return value

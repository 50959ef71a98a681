"""Writing back, where the owner switched it on: internal notes and custom fields."""

from collections.abc import Mapping
from typing import Any

from ..line import Missing, Odd
from .client import Client
from .values import Row, text

NUMBERS = ("Number", "Percent", "Currency")
"""Types of custom fields that hold nothing else."""
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
    """Custom fields by caption. What they hold already is not written again: each write saves the ticket. Raises
    Missing where there is no such field, Odd where it cannot hold the value.
    """
    held = client.one(f"service/tickets/{ticket}").get("customFields")
    rows = [row for row in held if isinstance(row, dict)] if isinstance(held, list) else []
    by_caption = {text(row.get("caption")).lower(): row for row in rows}
    lacking = [name for name in values if name.strip().lower() not in by_caption]
    if lacking:
        raise Missing(f"tickets have no custom field {' and none '.join(f'“{name}”' for name in lacking)}")
    changed = []
    for name, value in values.items():
        row = by_caption[name.strip().lower()]
        fresh = _value(row, value)
        if fresh != row.get("value"):
            changed.append({**row, "value": fresh})
    if changed:
        patch = [{"op": "replace", "path": "customFields", "value": changed}]
        client.call("PATCH", f"service/tickets/{ticket}", json=patch)


def _value(field: Row, value: str) -> Any:
    """A value as a field of its type holds it."""
    kind = text(field.get("type"))
    if not value.strip():
        return None
    if kind in NUMBERS:
        try:
            return float(value)
        except ValueError:
            raise Odd(f"the custom field “{text(field.get('caption'))}” holds numbers only") from None
    if kind == "Checkbox":
        return value.strip().lower() in _TRUE
    return value

"""The due dates that Autotask tells on a ticket, from which is inferred what it does not tell of its SLAs. Pure."""

from collections.abc import Mapping
from typing import Any

from beforehand.connectors.contract import DueDates

from .stamps import instant

_FIELDS = {
    "response": "firstResponseDueDateTime",
    "plan": "resolutionPlanDueDateTime",
    "resolution": "resolvedDueDateTime",
}


def due_dates(view: Mapping[str, Any]) -> DueDates:
    """What a view says of them; no SLA and no dates where it says nothing."""
    found = {metric: instant(view.get(field)) for metric, field in _FIELDS.items()}
    return DueDates(
        str(view.get("sla") or ""), {metric: at for metric, at in found.items() if at is not None}
    )

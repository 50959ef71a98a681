"""What Autotask itself says of a ticket's SLA: its SLA, its dates and its verdicts. Pure."""

from typing import Any

from beforehand.connectors.contract import KEPT, RESOLUTION_KEPT, RESPONSE_KEPT

from .names import Item, Names
from .stamps import instant

_STAMPS = (
    "firstResponseDueDateTime", "firstResponseDateTime", "resolutionPlanDueDateTime", "resolutionPlanDateTime",
    "resolvedDueDateTime", "resolvedDateTime", "serviceLevelAgreementPausedNextEventHours", "completedDate",
)  # fmt: skip
_DUE = ("firstResponseDueDateTime", "resolutionPlanDueDateTime", "resolvedDueDateTime")
_RESULTS = ("firstResponseElapsedHours", "resolutionPlanElapsedHours", "resolutionElapsedHours")


def view_of(ticket: Item, result: Item | None, names: Names) -> dict[str, Any]:
    """What Autotask itself says of its SLA, under its own names. None is no breach: nothing is said yet."""
    said = result or {}
    name = names.label("serviceLevelAgreementID", ticket.get("serviceLevelAgreementID"))
    view = {stamp: ticket[stamp] for stamp in _STAMPS if ticket.get(stamp) is not None}
    view |= {figure: said[figure] for figure in _RESULTS if said.get(figure) is not None}
    view["sla"] = name or str(said.get("serviceLevelAgreementName") or "")
    met = ticket.get("serviceLevelAgreementHasBeenMet")
    view[KEPT] = met if isinstance(met, bool) else None
    view[RESPONSE_KEPT] = _kept(ticket, said.get("isFirstResponseMet"), "firstResponse")
    view["plan kept"] = _kept(ticket, said.get("isResolutionPlanMet"), "resolutionPlan")
    view[RESOLUTION_KEPT] = _kept(ticket, said.get("isResolutionMet"), "resolved")
    return view if view["sla"] or any(name in view for name in _DUE) else {}


def _kept(ticket: Item, said: Any, name: str) -> bool | None:
    """Its verdict on a step, where it has one: its result, else what its own two stamps say."""
    if isinstance(said, bool):
        return said
    due, done = (instant(ticket.get(f"{name}{end}")) for end in ("DueDateTime", "DateTime"))
    return None if due is None or done is None else done <= due

"""What HaloPSA itself says of a ticket's SLA: kept as told, for whoever compares it with ours."""

from collections.abc import Sequence
from typing import Any

from beforehand.connectors.contract import RESOLUTION_KEPT, RESPONSE_KEPT

from .names import Names
from .values import Row, first_instant, flag, instant, iso, key, text, whole

DATES = (
    "respondbydate", "responsedate", "responsestartdate", "first_responsedate", "fixbydate", "dateclosed",
    "dateassigned", "sla_start_date", "slaactiondate", "laststatuschangestatusdate", "startdate", "targetdate",
    "deadlinedate",
)  # fmt: skip
NUMBERS = (
    "slaholdtime", "slatimeleft", "slatimeelapsed", "slapercused", "responsetime", "elapsed_response_hours",
)  # fmt: skip
IDS = ("sla_id", "priority_id", "contract_id", "parent_id", "merged_into_id", "source")
TEXTS = ("slastate", "slaresponsestate", "slaexcuse", "slaresponseexcuse", "site_timezone", "timezonename")
FLAGS = ("onhold", "excludefromsla", "hasbeenclosed", "fixbydateadjusted", "respondbydateadjusted")
NEEDED = ("status_id", "client_id", "lastupdate", "sla_id", "respondbydate", "fixbydate")
INSIDE = {"I": True, "O": False}
"""Inside the target, or outside of it."""
MOST = 50
"""Holds, changes and appointments that are kept of each."""


def of_ticket(row: Row, names: Names) -> dict[str, Any]:
    """The view of a ticket, or of a row of the list, with what it should have and has not."""
    said: dict[str, Any] = {name: iso(instant(row[name])) for name in DATES if name in row}
    said |= {name: row[name] for name in NUMBERS if isinstance(row.get(name), int | float)}
    said |= {name: whole(row[name]) for name in IDS if name in row}
    said |= {name: text(row[name]) for name in TEXTS if name in row}
    said |= {name: flag(row[name]) for name in FLAGS if name in row}
    said["sla"] = names.name("SLA", key(row.get("sla_id")), text(row.get("sla_name")))
    said[RESPONSE_KEPT], said[RESOLUTION_KEPT] = _verdicts(row)
    missing = [name for name in NEEDED if name not in row]
    if "last_update" in row and "lastupdate" in missing:
        missing.remove("lastupdate")
    return said | ({"missing": missing} if missing else {})


def _verdicts(row: Row) -> tuple[bool | None, bool | None]:
    """Of the response and the resolution: of a ticket that is left out neither, of one not yet closed no resolution,
    and of one not yet answered no response that was kept: it is inside of its time only so far."""
    if flag(row.get("excludefromsla")):
        return None, None
    response, resolution = (
        INSIDE.get(text(row.get(name)).upper()) for name in ("slaresponsestate", "slastate")
    )
    closed = instant(row.get("dateclosed")) is not None
    if response and not closed and first_instant(row, "responsedate", "first_responsedate") is None:
        response = None
    return response, resolution if closed else None


def of_actions(actions: Sequence[Row]) -> dict[str, Any]:
    """What actions tell of Halo's own clocks: holds and releases, other SLAs, the first response."""
    said: dict[str, Any] = {}
    responses = [at for one in actions if flag(one.get("action_isresponse")) and (at := _at(one)) is not None]
    if responses:
        said["first response action"] = iso(min(responses))
    holds = [
        f"{iso(_at(one))}: {whole(one.get('new_slastatus'))}"
        for one in actions
        if whole(one.get("new_slastatus")) is not None
    ]
    others = [
        f"{iso(_at(one))}: SLA {key(one.get('new_sla_id'))}" for one in actions if key(one.get("new_sla_id"))
    ]
    return said | ({"holds": holds[-MOST:]} if holds else {}) | ({"slas": others[-MOST:]} if others else {})


def of_appointments(appointments: Sequence[Row]) -> dict[str, Any]:
    """The appointments of a ticket, those that took place and those to come, a line of text each."""
    some = [_appointment(one) for one in appointments]
    return {"appointments": some[-MOST:]} if some else {}


def _appointment(one: Row) -> str:
    start, end = first_instant(one, "start_date", "startdate"), first_instant(one, "end_date", "enddate")
    parts = [
        f"{iso(start) or 'no start'} to {iso(end) or 'no end'}",
        text(one.get("agent_name")) or f"agent {key(one.get('agent_id'))}",
        text(one.get("appointment_type_name")),
        f"complete_status {one['complete_status']}" if "complete_status" in one else "",
    ]
    return ", ".join(part for part in parts if part)


def _at(action: Row) -> int | None:
    return first_instant(action, "datetime", "actiondatecreated")

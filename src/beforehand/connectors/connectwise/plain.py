"""A tenant's set-up in the words that are one for all sources: what they can say of it, and what has no place there."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from beforehand.promises.psa import DAYS, Calendar, HolidayList, Serves, Sla, Status, Target

from ..contract import Piece, serving
from ..hours import date_of, listed, week
from .values import Row, key_of, named, text

HOUR = 60.0
HOURS = {"response": "respondHours", "plan": "planWithin", "resolution": "resolutionHours"}
ALWAYS, OURS, CUSTOM, CLIENTS = "AllHours", "MyCalendar", "Custom", "Customer"
"""On which hours an SLA is based: all, those of the provider's calendar, of one of its own, or of the client."""
_RESPONDS = {"NotResponded": False, "Responded": True}
_RESOLVES = {"NotResponded": False, "Responded": False, "ResolutionPlan": False, "Resolved": True}
_STAGES = ("NotResponded", "Responded", "ResolutionPlan", "Resolved", "NoEscalation")


def status(row: Row, board: str) -> Status:
    """A status: it holds where ConnectWise's clock stands still. Whether one of a later stage counts as a response, and
    whether a waiting one ends anything, is not told.
    """
    stage = text(row.get("escalationStatus"))
    holds = stage == "NoEscalation" if stage in _STAGES else None
    return Status(
        key_of(row), text(row.get("name")), board, holds, _RESPONDS.get(stage), _RESOLVES.get(stage)
    )


def sla(row: Row, priorities: Sequence[Row] | None, ours: str, missing: list[str]) -> Sla:
    """An SLA, with what it promises else for some priorities; None: those could not be read. `ours`: the key of the
    provider's own calendar.
    """
    name, based = text(row.get("name")), text(row.get("basedOn"))
    always = based == ALWAYS
    calendar = {OURS: ours, CUSTOM: key_of(row, "customCalendar")}.get(based, "")
    if based in (OURS, CUSTOM) and not calendar:
        missing.append(f"the calendar of the SLA “{name}” is not told: confirm in which hours it runs")
    elif based not in (ALWAYS, OURS, CUSTOM, CLIENTS):
        missing.append(f"the SLA “{name}” does not say on which hours it is based: confirm them")
    if priorities is None:
        return Sla(key_of(row), name, None, calendar, always)
    targets = list(_targets(row, "", always))
    general = {target.metric for target in targets}
    for own in priorities:
        priority = named(own, "priority")
        targets += _targets(own, priority, always)
        for metric, field in HOURS.items():
            if own.get(field) == 0 and metric in general:
                missing.append(
                    f"the SLA “{name}” has 0 hours of {metric} for “{priority}”: confirm whether it promises none"
                )
    return Sla(key_of(row), name, tuple(targets), calendar, always)


def _targets(row: Row, priority: str, always: bool) -> Iterator[Target]:
    for metric, field in HOURS.items():
        hours = row.get(field)
        if isinstance(hours, int | float) and not isinstance(hours, bool) and hours > 0:
            yield Target(metric, hours * HOUR, priority, always)


def calendar(row: Row, ours: str, zone_hint: str, missing: list[str]) -> Calendar:
    """A calendar, which says no zone."""
    name = text(row.get("name"))
    hours, odd = week({day: (row.get(f"{day}StartTime"), row.get(f"{day}EndTime")) for day in DAYS})
    if odd:
        missing.append(f"the hours of the calendar “{name}” on {', '.join(odd)} cannot be read")
    lists = tuple(filter(None, [key_of(row, "holidayList")]))
    key = key_of(row)
    return Calendar(key, name, hours, "", zone_hint, lists, bool(ours) and key == ours, tuple(odd))


def holidays(row: Row, days: Iterable[Row], missing: list[str]) -> HolidayList:
    """A list of holidays; those of some hours only are named."""
    found, parts = [], []
    for day in days:
        date = date_of(day.get("date"))
        if day.get("allDayFlag") is False or not date:
            parts.append(text(day.get("name")))
        else:
            found.append((date, text(day.get("name")), False))
    if parts:
        missing.append(f"holidays that are not whole days are left out of drafts: {listed(parts)}")
    return HolidayList(key_of(row), text(row.get("name")), tuple(sorted(found)))


def serves(agreements: Iterable[Row], companies: Iterable[Row], slas: Iterable[Row]) -> Iterator[Piece]:
    """Whom SLAs serve: clients under agreements, clients with an SLA or hours of their own, and whoever has none. An
    agreement that is over served until then: tickets of that time are held to it.
    """
    known = {key_of(row): row for row in companies}
    default = next((key_of(row) for row in slas if row.get("defaultFlag") is True), "")
    for row in agreements:
        company: Mapping[str, Any] = known.get(key_of(row, "company"), {})
        client = text(company.get("name")) or named(row, "company")
        if not key_of(row, "sla") or not client:
            continue
        until, stopped = _until(row)
        yield serving(
            Serves(
                f"agreement {key_of(row)}", key_of(row, "sla"), client, text(row.get("name")),
                date_of(row.get("startDate")), until, key_of(company, "calendar"), stopped,
            )
        )  # fmt: skip
    for key, row in known.items():
        own, hours = key_of(row, "sla"), key_of(row, "calendar")
        if text(row.get("name")) and (own or (hours and default)):
            yield serving(Serves(f"client {key}", own or default, text(row.get("name")), calendar=hours))
    if default:
        yield serving(Serves("default", default))


def is_over(agreement: Row) -> bool:
    """Whether an agreement was cancelled or set inactive."""
    stopped = text(agreement.get("agreementStatus")) in ("Cancelled", "Inactive")
    return stopped or agreement.get("cancelledFlag") is True


def _until(agreement: Row) -> tuple[str, bool]:
    """Until when an agreement serves, "" for no end; and whether it was stopped and does not say when."""
    ends = "" if agreement.get("noEndingDateFlag") is True else date_of(agreement.get("endDate"))
    if not is_over(agreement):
        return ends, False
    cancelled = date_of(agreement.get("dateCancelled"))
    return (min(filter(None, (ends, cancelled))), False) if cancelled else (ends, True)

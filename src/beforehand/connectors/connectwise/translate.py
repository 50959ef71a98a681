"""Tickets in our words. Pure: what ConnectWise answered, and nothing else, says what is told."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from beforehand.engine import history as h
from beforehand.tickets.events import TicketEvent

from ..contract import KEPT, Told, at_creation, field_event
from ..telling import SEEN
from ..trouble import Odd
from . import contacts
from .audit import FIELDS, Change, Trail
from .people import Members, is_mail
from .values import Row, instant, key_of, named, text, updated, within

SERVICE = "ServiceTicket"
VIEW = (
    "slaStatus", "isInSla", "dateResponded", "dateResplan", "dateResolved", "respondMinutes", "resPlanMinutes",
    "resolveMinutes", "minutesBeforeWaiting", "minutesWaiting", "respondedSkippedMinutes", "resplanSkippedMinutes",
    "respondedHours", "respondedBy", "resplanHours", "resplanBy", "resolutionHours", "resolvedBy",
    "escalationStartDateUTC", "escalationLevel", "severity", "impact", "requiredDate", "closedDate", "closedBy",
    "closedFlag", "customerUpdatedFlag", "recordType", "parentTicketId",
)  # fmt: skip
"""What ConnectWise itself says of a ticket's SLA, kept as it is."""
KEYS = {
    "status": "status", "assignee": "owner", "client": "company", "priority": "priority", "type": "type",
    "board": "board", "site": "site", "contract": "agreement", "channel": "source", "team": "team",
}  # fmt: skip
"""Where a ticket has the ids of what its fields name."""
KINDS = {field: "person" if field == "assignee" else field for field in FIELDS}
"""Of which kind of word the values of a field in the audit trail are."""
First = Callable[[str, str, str], str]
SHOWN = 5
"""Rows of the audit trail that could not be read are shown, so many of them."""


def as_told(_kind: str, name: str, _board: str) -> str:
    """Where nothing is known to have had another name."""
    return name


class Deep(NamedTuple):
    """What was read of a ticket besides itself. `trail` is None where the audit trail may not be read; `absorbed`: the
    tickets that were merged into it; `lacking`: what could not be read, in words; `first` as of abilities.Recalls.
    """

    trail: Trail | None
    members: Members
    messages: Sequence[TicketEvent]
    absorbed: Sequence[Row] = ()
    lacking: Sequence[str] = ()
    first: First = as_told


def shallow(row: Row, site: str, company: str) -> Told:
    """A ticket as a list has it. Raises Odd where it lacks what no ticket can be told without."""
    ticket, last, born = key_of(row), updated(row), creation(row)
    lacks = [
        name
        for name, found in (("id", ticket or None), ("_info.lastUpdated", last), ("_info.dateEntered", born))
        if found is None
    ]
    if last is None or born is None or not ticket:
        raise Odd(f"ticket {ticket or 'without a number'} comes without {' and '.join(lacks)}")
    by = text(within(row, "_info").get("enteredBy"))
    events = [TicketEvent(ticket, h.created(born, id="created", flags=0, person=by))]
    if merge := _merged(row, ticket, last):
        events.append(merge)
    keys = {field: key for field, name in KEYS.items() if (key := key_of(row, name))}
    said, who = fields(row, site, company), contacts.of_ticket(row)
    into = key_of(row, "mergedParentTicket")
    return Told(ticket, last, said, events, deep=False, view=view(row), keys=keys, contact=who, into=into)


def deep(row: Row, site: str, company: str, more: Deep) -> Told:
    """A ticket with its history and its messages."""
    told = shallow(row, site, company)
    born = told.events[0].event.at
    events, exact = [_typed_in(told.events[0], more.members), *told.events[1:], *more.messages], set()
    said = {} if more.trail is None else histories(more.trail, told.fields, more.first)
    for field, changes in said.items():
        exact.add(field)
        events += _changes(told.id, field, born, told.fields.get(field, ""), changes, more.members)
    events += [event for other in more.absorbed if (event := _absorbed(row, told.id, other)) is not None]
    return told._replace(
        events=events, exact=frozenset(exact), deep=True, view={**told.view, **_lacking(more, exact)}
    )


def histories(trail: Trail, now: Mapping[str, str], first: First) -> dict[str, Sequence[Change]]:
    """The histories of a ticket's fields that are whole."""
    board = first("board", now.get("board", ""), "")
    found = {}
    for field, kind in KINDS.items():
        history = trail.history(field, now.get(field, ""), lambda name, kind=kind: first(kind, name, board))  # type: ignore[misc]
        if history is not None:
            found[field] = history
    return found


def _typed_in(creation: TicketEvent, members: Members) -> TicketEvent:
    """The creation with who made the ticket: what came by mail or the portal, the client did."""
    by = creation.event.person
    flags = 0 if not by or is_mail(by) else members.flags(by)
    return TicketEvent(creation.ticket, creation.event._replace(flags=flags))


def fields(row: Row, site: str, company: str) -> dict[str, str]:
    """The fields of a ticket as they stand now; all of them each time."""
    told = {
        "status": named(row, "status"),
        "assignee": named(row, "owner"),
        "client": named(row, "company"),
        "priority": named(row, "priority"),
        "type": named(row, "type"),
        "board": named(row, "board"),
        "site": text(row.get("siteName")) or named(row, "site"),
        "contract": named(row, "agreement"),
        "channel": named(row, "source"),
        "team": named(row, "team"),
        "contact": text(row.get("contactName")) or named(row, "contact"),
        "number": key_of(row),
        "subject": text(row.get("summary")),
        "url": _page(site, company, key_of(row)),
    }
    # A service ticket's origin is for its type, board and source to say.
    if text(row.get("recordType")) not in ("", SERVICE):
        told["origin"] = "project"
    return told


def view(row: Row) -> dict[str, Any]:
    """What ConnectWise says of the ticket's SLA."""
    said: dict[str, Any] = {
        name: value for name in VIEW if isinstance(value := row.get(name), str | int | float | bool)
    }
    return {
        **said,
        **{name: named(row, name) for name in ("sla", "agreement", "priority") if named(row, name)},
        **_verdict(row),
    }


def _verdict(row: Row) -> Mapping[str, bool]:
    """Whether the SLA was kept as a whole, said of a ticket that has one and is over: until then it is only so far.

    Of response and resolution by themselves ConnectWise says none, and what its minutes count is not sure.
    """
    said = row.get("isInSla")
    over = row.get("closedFlag") is True or instant(row.get("dateResolved")) is not None
    return {KEPT: said} if isinstance(said, bool) and over and key_of(row, "sla") else {}


def creation(row: Row) -> int | None:
    """When a ticket was made."""
    return instant(within(row, "_info").get("dateEntered")) or instant(row.get("dateEntered"))


def _page(site: str, company: str, ticket: str) -> str:
    """Where people see it: at the host where they sign in, which is not the API's."""
    host = site.replace("://api-", "://", 1)
    return (
        f"{host}/v4_6_release/services/system_io/Service/fv_sr100_request.rails"
        f"?service_recid={quote(ticket, safe='')}&companyName={quote(company, safe='')}"
    )


def _changes(
    ticket: str, field: str, born: int, now: str, changes: Sequence[Change], members: Members
) -> list[TicketEvent]:
    """A field's whole history. One never changed has been what it is since creation."""
    first = (changes[0].old or "") if changes else now
    told = [at_creation(ticket, born, field, first)] if first else []
    for change in changes:
        event = field_event(
            f"audit-{field}-{change.at}-{change.turn}",
            change.at,
            field,
            change.new,
            seq=change.turn,
            flags=members.flags(change.by),
            person=members.name(change.by),
        )
        told.append(TicketEvent(ticket, event))
    return told


def _merged(row: Row, ticket: str, last: int) -> TicketEvent | None:
    """That it was merged into another: when it was closed by that, else at its last change."""
    into = key_of(row, "mergedParentTicket")
    if not into:
        return None
    closed = instant(row.get("closedDate"))
    id_ = f"merged-{into}" if closed is not None else f"{SEEN}merged-{into}"
    return TicketEvent(ticket, h.merged(last if closed is None else closed, into, id=id_, flags=0))


def _absorbed(row: Row, ticket: str, other: Row) -> TicketEvent | None:
    """That another of the same client was merged into this one (clock.md 3.9)."""
    key, since, last = key_of(other), creation(other), updated(other)
    at = instant(other.get("closedDate")) or last
    if not key or since is None or at is None or key_of(other, "company") != key_of(row, "company"):
        return None
    return TicketEvent(ticket, h.absorbed(at, key, since, id=f"absorbed-{key}", flags=0))


def _lacking(more: Deep, exact: set[str]) -> Mapping[str, Any]:
    """What of its history is not there, for its page."""
    lacking = list(more.lacking)
    if more.trail is None:
        return {"lacking": lacking} if lacking else {}
    broken = [field for field in FIELDS if field not in exact]
    rows = more.trail.suspects(broken)
    if broken:
        lacking.append(f"the audit trail of {', '.join(broken)} does not add up")
    said: dict[str, Any] = {"lacking": lacking} if lacking else {}
    if rows and broken:
        said |= {"unread": len(rows), "unread rows": list(rows[:SHOWN])}
    return said

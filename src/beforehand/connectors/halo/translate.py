"""A ticket of HaloPSA in our words. Pure: the answers and the names of the set-up decide what is told."""

from collections.abc import Sequence

from beforehand.connectors.contract import Told, field_event
from beforehand.connectors.line import Odd
from beforehand.connectors.telling import SEEN
from beforehand.engine import history as h
from beforehand.engine.codes import ASSIGNED, BY_PERSON, PUBLIC, VISIT
from beforehand.tickets.events import TicketEvent

from . import contacts, view
from .actions import events_of
from .literals import Literals, is_visit, took_place
from .names import UNASSIGNED, Names
from .values import Row, first_instant, flag, instant, iso, key, text

KEYS = {
    "status": "status_id", "assignee": "agent_id", "client": "client_id", "type": "tickettype_id", "site": "site_id",
    "contract": "contract_id",
}  # fmt: skip
"""Where a row has the ids of what its fields name."""


def updated_of(row: Row) -> int | None:
    """When a ticket changed last: it has two names in different versions; without it, the latest of its other dates."""
    stamp = first_instant(row, "lastupdate", "last_update")
    if stamp is not None:
        return stamp
    dates = [instant(row.get(name)) for name in ("lastactiondate", "dateoccurred", "dateclosed")]
    return max((date for date in dates if date is not None), default=None)


def shallow(row: Row, names: Names, address: str) -> Told:
    """A row of the list: how the ticket stands, with none of its history."""
    return _told(row, names, address)._replace(deep=False)


def deep(
    ticket: Row,
    actions: Sequence[Row],
    appointments: Sequence[Row],
    names: Names,
    literals: Literals,
    address: str,
    ours: str = "",
) -> Told:
    """A ticket with all its actions and appointments."""
    base = _told(ticket, names, address)
    if base.gone:
        return base
    created = _created(ticket)
    acted = events_of(ticket, created, actions, names, literals, ours)
    events = [*base.events, *acted.events, *visits(base.id, appointments, names, literals)]
    fields = dict(base.fields)
    if "assignee" in acted.exact:
        events = _assigned_as_told(events)
        fields["assignee"] = _assignee(ticket, names)
    said = dict(base.view) | view.of_actions(actions) | view.of_appointments(appointments)
    return base._replace(fields=fields, events=events, exact=acted.exact, deep=True, view=said)


def gone(ticket: str, at: int = 0) -> Told:
    """A ticket that is there no more; 0: Halo does not say since when."""
    return Told(ticket, at, gone=True)


def visits(ticket: str, appointments: Sequence[Row], names: Names, literals: Literals) -> list[TicketEvent]:
    """Appointments at the client's place that took place: somebody was there from their start on."""
    found = []
    for one in appointments:
        at, id_ = first_instant(one, "start_date", "startdate"), key(one.get("id"))
        if at is None or not id_ or not (is_visit(one, literals) and took_place(one, literals)):
            continue
        person = names.name("Agent", key(one.get("agent_id")), text(one.get("agent_name")))
        flags = BY_PERSON | PUBLIC | VISIT
        found.append(TicketEvent(ticket, h.message(at, flags=flags, id=f"visit-{id_}", person=person)))
    return found


def _told(row: Row, names: Names, address: str) -> Told:
    id_, updated = key(row.get("id")), updated_of(row)
    if not id_ or updated is None:
        raise Odd("HaloPSA told a ticket without an id, or without any date")
    if flag(row.get("deleted")):
        return gone(id_, updated)
    created = _created(row)
    events = [TicketEvent(id_, h.created(created, id="created", flags=0))]
    fields = _fields(row, names, address)
    assigned = _assignment(row, names, created, updated)
    if assigned is not None:
        events.append(TicketEvent(id_, assigned))
    elif key(row.get("agent_id")):
        fields["assignee"] = _assignee(row, names)
    into = _into(row)
    if into:
        events.append(TicketEvent(id_, _merged(row, into, updated)))
    who, seen = contacts.of_ticket(row), view.of_ticket(row, names)
    return Told(id_, updated, fields, events, view=seen, keys=_keys(row), contact=who, into=into)


def _into(row: Row) -> str | None:
    """The ticket that it is part of; None where the row has nothing of that kind."""
    into = key(row.get("merged_into_id"))
    if "merged_into_id" not in row:
        return None
    return "" if into == key(row.get("id")) else into


def _merged(row: Row, into: str, updated: int) -> h.Event:
    """When it was closed for that; where it is not, it was at some time before it changed last."""
    closed = instant(row.get("dateclosed"))
    if closed is not None:
        return h.merged(closed, into, id=f"merged-{into}", flags=0)
    seen = instant(row.get("lastactiondate")) or updated
    return h.merged(seen, into, id=f"{SEEN}merged-{into}", flags=0)


def _created(row: Row) -> int:
    at = first_instant(row, "dateoccurred", "datecreated")
    if at is None:
        raise Odd(f"HaloPSA told ticket {key(row.get('id'))} without its dateoccurred")
    return at


def _fields(row: Row, names: Names, address: str) -> dict[str, str]:
    """The fields that a row tells; of one that it does not have nothing is said."""
    id_ = key(row.get("id"))
    said: dict[str, str | None] = {
        "number": id_,
        "url": f"{address}/tickets?id={id_}",
        "subject": _text(row, "summary"),
        "status": _named(row, "Status", "status_id", "status_name", names),
        "type": _named(row, "TicketType", "tickettype_id", "tickettype_name", names),
        "client": _client(row),
        "site": _text(row, "site_name"),
        "contact": _text(row, "user_name"),
        "team": _text(row, "team"),
        "contract": _contract(row, names),
        "priority": _priority(row, names),
    }
    return {name: value for name, value in said.items() if value is not None}


def _keys(row: Row) -> dict[str, str]:
    """The ids of what its fields name; of a team Halo tells the name alone."""
    sla, priority = key(row.get("sla_id")), key(row.get("priority_id"))
    said = {field: key(row.get(name)) for field, name in KEYS.items()}
    said["priority"] = f"{sla}-{priority}" if sla and priority else ""
    if said["assignee"] == UNASSIGNED:
        said["assignee"] = ""
    if said["client"] == UNASSIGNED:
        said["client"] = ""
    return {field: id_ for field, id_ in said.items() if id_}


def _text(row: Row, name: str) -> str | None:
    return text(row.get(name)) if name in row else None


def _named(row: Row, table: str, id_: str, name: str, names: Names) -> str | None:
    return names.name(table, key(row.get(id_)), text(row.get(name))) or None


def _client(row: Row) -> str | None:
    id_ = key(row.get("client_id"))
    if not id_:
        return _text(row, "client_name")
    return "" if id_ == UNASSIGNED else text(row.get("client_name")) or f"Client {id_}"


def _contract(row: Row, names: Names) -> str | None:
    if "contract_id" not in row and "contract_ref" not in row:
        return None
    return text(row.get("contract_ref")) or names.name("ClientContract", key(row.get("contract_id")))


def _priority(row: Row, names: Names) -> str | None:
    id_ = key(row.get("priority_id"))
    return names.priority(key(row.get("sla_id")), id_, text(row.get("priority_name"))) if id_ else None


def _assignee(row: Row, names: Names) -> str:
    id_ = key(row.get("agent_id"))
    return "" if id_ in ("", UNASSIGNED) else names.name("Agent", id_, text(row.get("agent_name")))


def _assignment(row: Row, names: Names, created: int, updated: int) -> h.Event | None:
    """The last assignment, of which Halo keeps the instant but not who made it."""
    name, at = _assignee(row, names), instant(row.get("dateassigned"))
    if not name or at is None or not created <= at <= updated:
        return None
    id_ = f"assigned-{key(row.get('agent_id'))}-{iso(at)}"
    return field_event(id_, at, "assignee", name, flags=0)


def _assigned_as_told(events: Sequence[TicketEvent]) -> list[TicketEvent]:
    """Where actions tell assignments, the last one by its own instant is one more only if no action told it."""
    last = ("", -1)
    for one in events:
        if one.event.kind == ASSIGNED and not one.event.id.startswith("assigned-"):
            last = (one.event.value, one.event.at)
    return [
        one
        for one in events
        if not one.event.id.startswith("assigned-") or (one.event.value != last[0] and one.event.at > last[1])
    ]

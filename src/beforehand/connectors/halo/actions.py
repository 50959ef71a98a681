"""A ticket's actions as events: what was written, by whom and to whom, and each change that an action tells."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from beforehand.connectors.contract import came, field_event
from beforehand.engine import history as h
from beforehand.engine.codes import BY_AUTOMATION, BY_CLIENT, BY_PERSON, PUBLIC, VISIT
from beforehand.tickets.events import LONGEST_MESSAGE, TicketEvent, Written

from . import literals as known
from .literals import Literals
from .names import UNASSIGNED, Names
from .values import Row, first_instant, flag, key, text, whole


class Told(NamedTuple):
    """Events, and the fields of which actions tell each change."""

    events: list[TicketEvent]
    exact: frozenset[str]


class Acted(NamedTuple):
    """An action with what is needed of it over and over. `seq`: of what it says; what it changes comes right after.
    `part`: the ticket with which it came along into this one.
    """

    row: Row
    id: str
    seq: int
    at: int
    flags: int
    person: str
    part: str = ""


def events_of(
    ticket: Row, created: int, actions: Sequence[Row], names: Names, literals: Literals, ours: str = ""
) -> Told:
    """The events of a ticket's actions. `ours` is the application that we write as: what it wrote is no news."""
    id_ = key(ticket.get("id"))
    acted = _in_order(actions, names, literals, ours)
    own = [one._replace(at=max(one.at, created)) for one in acted if not one.part]
    events: list[TicketEvent] = []
    for one in acted:
        events += _message(id_, one, ticket, literals)
    events += [TicketEvent(id_, event) for event in absorbed(created, acted)]
    exact = set()
    for field, made in (
        ("status", _statuses(created, own, names)),
        ("assignee", _changes("assignee", own, lambda row: _agent(row, names))),
        ("priority", _changes("priority", own, lambda row: _priority(row, ticket, names))),
        ("team", _changes("team", own, lambda row: text(row.get("new_team")))),
    ):
        events += [TicketEvent(id_, event) for event in made]
        if made:
            exact.add(field)
    return Told(events, frozenset(exact))


def absorbed(created: int, acted: Sequence[Acted]) -> list[h.Event]:
    """The tickets that were merged into this one: each clock began with the first of the actions that came along."""
    begins: dict[str, int] = {}
    for one in acted:
        if one.part:
            begins[one.part] = min(begins.get(one.part, one.at), one.at)
    return [
        h.absorbed(created, other, since, id=f"absorbed-{other}", flags=0)
        for other, since in sorted(begins.items())
    ]


def _in_order(actions: Sequence[Row], names: Names, literals: Literals, ours: str) -> list[Acted]:
    found = []
    for row in actions:
        seq = whole(row.get("id"))
        at = first_instant(row, "datetime", "actiondatecreated")
        if seq is None or at is None or (ours and text(row.get("actionby_application_id")) == ours):
            continue
        flags = who(row, names, literals)
        agent = known.agent_of(row)
        person = names.name("Agent", agent) if flags & BY_PERSON and agent else ""
        id_, part = f"action-{seq}", key(row.get("merged_from_ticketid"))
        found.append(Acted(row, came(part, id_) if part else id_, 2 * seq, at, flags, person, part))
    return sorted(found, key=lambda one: (one.at, one.seq))


def who(action: Row, names: Names, literals: Literals) -> int:
    """Who did it: by the ids of agent and client's person, which are plain; else by values that may mean otherwise."""
    agent, user = known.agent_of(action), known.user_of(action)
    if agent and agent != UNASSIGNED:
        return BY_AUTOMATION if names.is_program(agent) else BY_PERSON
    if user or known.is_received(action, literals) or known.is_clients(action, literals):
        return BY_CLIENT
    return BY_PERSON if not agent and known.is_agents(action, literals) else BY_AUTOMATION


def is_public(action: Row, ticket: Row, literals: Literals) -> bool:
    """Whether the client sees it: a mail to them, a response, or a note that is not hidden."""
    if not flag(action.get("hiddenfromuser")) or flag(action.get("action_isresponse")):
        return True
    return known.is_sent(action, literals) and _went_to_client(action, ticket)


def _went_to_client(action: Row, ticket: Row) -> bool:
    """Whether a hidden mail went to whoever reported the ticket: such a mail to a supplier is no contact."""
    to = f"{text(action.get('emailto'))} {text(action.get('emailcc'))}".casefold().strip()
    reporter = text(ticket.get("reportedby")).casefold()
    return not to or "@" not in reporter or reporter in to


def _message(ticket: str, one: Acted, whole_ticket: Row, literals: Literals) -> list[TicketEvent]:
    """What was written; an action without words, mail and work is a change and no more."""
    words = (text(one.row.get("note")) or text(one.row.get("emailbody")))[:LONGEST_MESSAGE]
    mailed = bool(text(one.row.get("emaildirection")))
    if not (words or mailed or one.row.get("timetaken")):
        return []
    if one.flags & BY_CLIENT:
        event = h.client_message(one.at, id=one.id, seq=one.seq, person=one.person)
    else:
        by_itself = one.flags & BY_AUTOMATION and not known.is_sent(one.row, literals)
        seen = is_public(one.row, whole_ticket, literals) and not by_itself
        flags = one.flags | (PUBLIC if seen else 0)
        if one.flags & BY_PERSON and (one.row.get("traveltime") or 0):
            flags |= VISIT  # somebody travelled for it
        event = h.message(one.at, flags=flags, id=one.id, seq=one.seq, person=one.person)
    return [Written(ticket, event, words) if words else TicketEvent(ticket, event)]


def _statuses(created: int, acted: Sequence[Acted], names: Names) -> list[h.Event]:
    """The statuses from creation on. One that an action found, and none had set, came at some time before it."""
    events: list[h.Event] = []
    now, last = "", created
    for one in acted:
        old, new = key(one.row.get("old_status")), key(one.row.get("new_status"))
        if not now and (old or new):
            now = old or new
            first = names.name("Status", now)
            events.append(field_event("new-status", created, "status", first, flags=0))
        if old and new and old != now:
            found = names.name("Status", old)
            until = one.at if one.at > last else None
            seen = {"flags": 0, "until": until, "seq": one.seq}
            events.append(field_event(f"{one.id}-before", last, "status", found, **seen))
            now = old
        if new and new != now:
            value = names.name("Status", new, text(one.row.get("new_status_name")))
            events.append(_change(one, "status", value))
            now = new
        if new:
            last = max(last, one.at)
    return events


def _changes(field: str, acted: Sequence[Acted], value: Callable[[Row], str | None]) -> list[h.Event]:
    """The changes of a field of which actions tell the new value alone."""
    events: list[h.Event] = []
    for one in acted:
        said = value(one.row)
        if said is not None and (said or field == "assignee") and (not events or events[-1].value != said):
            events.append(_change(one, field, said))
    return events


def _change(one: Acted, field: str, value: str) -> h.Event:
    flags = one.flags & ~PUBLIC
    return field_event(
        f"{one.id}-{field}", one.at, field, value, flags=flags, seq=one.seq + 1, person=one.person
    )


def _agent(row: Row, names: Names) -> str | None:
    agent = key(row.get("new_agent"))
    if not agent:
        return None
    return "" if agent == UNASSIGNED else names.name("Agent", agent)


def _priority(row: Row, ticket: Row, names: Names) -> str | None:
    priority = key(row.get("new_priority"))
    if not priority:
        return None
    return names.priority(key(row.get("new_sla_id")) or key(ticket.get("sla_id")), priority)

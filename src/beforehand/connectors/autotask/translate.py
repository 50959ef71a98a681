"""Autotask's JSON as tickets in our words. Pure; what it does not know of passes, what is missing is named."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from beforehand.connectors.contract import Told, field_event
from beforehand.connectors.trouble import Odd
from beforehand.engine import history
from beforehand.engine.codes import BY_AUTOMATION, BY_CLIENT, BY_PERSON, PUBLIC
from beforehand.engine.instants import SECOND
from beforehand.tickets.events import LONGEST_MESSAGE, TicketEvent, Written

from . import audit, contacts
from .names import KEYS, Item, Names
from .settings import several, value
from .stamps import instant
from .view import view_of

NEW, COMPLETE = "1", "5"
"""The two statuses that are the same in every Autotask."""
PUBLIC_NOTE = 1
_SAME = 5 * SECOND
_UNFIT = re.compile("[\x00\ud800-\udfff]")


class Manner(NamedTuple):
    """What the owner's settings and the zone make of a ticket."""

    type: str
    web: str
    patterns: audit.Patterns
    automatic_notes: tuple[str, ...]
    service_calls: bool
    first: audit.First = audit.as_told


class Rest(NamedTuple):
    """What there is of a ticket besides itself; no history where this key may not read it."""

    notes: Sequence[Item] = ()
    times: Sequence[Item] = ()
    calls: Sequence[Item] = ()
    history: Sequence[Item] = ()
    result: Item | None = None
    merged_into: str = ""


def manner(told: Mapping[str, str], web: str, first: audit.First = audit.as_told) -> Manner:
    """What settings make of it."""
    return Manner(
        value(told, "type"),
        web,
        audit.Patterns(told),
        tuple(name.casefold() for name in several(told, "automatic_notes")),
        value(told, "service_calls") == "yes",
        first,
    )


def shallow(ticket: Item, names: Names, how: Manner) -> Told:
    """A ticket by itself, without its history and messages."""
    created, updated = stamps_of(ticket)
    id_ = str(ticket["id"])
    fields, events = _fields(ticket, names, how), [_birth(id_, created, ticket, names)]
    events += _completion(id_, created, ticket, names, fields)
    who, keys = contacts.of_ticket(ticket, names), _keys(ticket, how)
    return Told(id_, updated, fields, events, deep=False, keys=keys, contact=who)


def deep(ticket: Item, rest: Rest, names: Names, how: Manner) -> Told:
    """A ticket with all that there is of it."""
    created, updated = stamps_of(ticket)
    id_ = str(ticket["id"])
    fields, events = _fields(ticket, names, how), [_birth(id_, created, ticket, names)]
    said = audit.read(rest.history, names, how.patterns, how.first)
    exact = set(said.changes)
    for name, changes in said.changes.items():
        sure = audit.until(changes, fields.get(name, ""), updated, how.first)
        events += _transitions(id_, created, ticket, names, name, sure)
    for name in _unchanged(ticket, said):
        exact.add(name)
        flags = _creator(ticket, names) & BY_PERSON
        events.append(TicketEvent(id_, field_event(f"new-{name}", created, name, fields[name], flags=flags)))
    if "status" not in exact:
        events += _completion(id_, created, ticket, names, fields)
    into, merge = _merge(ticket, rest, said.changes.get("status", ()), how)
    events += [TicketEvent(id_, one) for one in merge]
    events += filter(None, (_note(id_, note, names, how) for note in rest.notes))
    events += filter(None, (_time(id_, entry, names) for entry in rest.times))
    if how.service_calls:
        events += filter(None, (_call(id_, call, names) for call in rest.calls))
    who, view = contacts.of_ticket(ticket, names), view_of(ticket, rest.result, names)
    keys = _keys(ticket, how)
    return Told(id_, updated, fields, events, frozenset(exact), True, view, keys=keys, contact=who, into=into)


def _merge(
    ticket: Item, rest: Rest, statuses: Sequence[audit.Change], how: Manner
) -> tuple[str | None, Sequence[history.Event]]:
    """The ticket that this one is part of, and since when. Merging completes it, and Autotask undoes no merge: one that
    was reopened after it is worked on as a ticket of its own again. None where its history does not say.
    """
    merged = audit.merged(rest.history, how.patterns)
    if merged is None:
        return ("" if rest.history else None), ()
    at, _, mark = merged
    now = str(ticket.get("status"))
    if now != COMPLETE or any(one.at > at and one.new != statuses[-1].new for one in statuses):
        return "", ()
    if not rest.merged_into:
        return None, ()
    return rest.merged_into, [history.merged(at, rest.merged_into, id=mark)]


def _unchanged(ticket: Item, said: audit.Audit) -> Iterable[str]:
    """Fields that are since creation as they are: a history that can be read tells no change of them."""
    if "status" in said.quiet and str(ticket.get("status")) == NEW:
        yield "status"
    if "assignee" in said.quiet and said.changes and ticket.get("assignedResourceID") is not None:
        yield "assignee"


def is_whole(ticket: Item) -> bool:
    """Whether it has what no ticket can be without."""
    return isinstance(ticket.get("id"), int) and instant(ticket.get("createDate")) is not None


def stamps_of(ticket: Item) -> tuple[int, int]:
    """When it was created, and changed last."""
    created = instant(ticket.get("createDate"))
    if not isinstance(ticket.get("id"), int) or created is None:
        raise Odd(f"a ticket of Autotask has no {'createDate' if 'id' in ticket else 'id'}")
    changed = instant(ticket.get("lastActivityDate")) or instant(
        ticket.get("lastTrackedModificationDateTime")
    )
    return created, max(changed or created, created)


def _fields(ticket: Item, names: Names, how: Manner) -> dict[str, str]:
    site = ticket.get("companyLocationID")
    fields = {
        "status": names.label("status", ticket.get("status")),
        "assignee": names.person(ticket.get("assignedResourceID")),
        "client": names.named("client", ticket.get("companyID")),
        "priority": names.label("priority", ticket.get("priority")),
        "type": names.label(how.type, ticket.get(how.type)),
        "board": names.label("queueID", ticket.get("queueID")),
        "site": names.named("site", site),
        "contract": names.named("contract", ticket.get("contractID")),
        "channel": names.label("source", ticket.get("source")),
        "contact": names.named("contact", ticket.get("contactID")),
        "number": str(ticket.get("ticketNumber") or ""),
        "subject": str(ticket.get("title") or ""),
    }
    if ticket.get("rmmAlertID") or ticket.get("monitorID"):
        fields["origin"] = "machine"
    if how.web:
        fields["url"] = (
            f"{how.web}/Autotask/AutotaskExtend/ExecuteCommand.aspx?Code=OpenTicketDetail&TicketID={ticket['id']}"
        )
    return {name: fit(said) for name, said in fields.items()}


def _keys(ticket: Item, how: Manner) -> dict[str, str]:
    said = {field: ticket.get(name) for field, name in (*KEYS.items(), ("type", how.type))}
    return {field: str(key) for field, key in said.items() if key is not None and key != ""}


def _birth(id_: str, created: int, ticket: Item, names: Names) -> TicketEvent:
    return TicketEvent(id_, history.created(created, id="created", flags=_creator(ticket, names)))


def _creator(ticket: Item, names: Names) -> int:
    if ticket.get("createdByContactID"):
        return BY_CLIENT
    return _who(ticket.get("creatorResourceID"), names)


def _who(resource: Any, names: Names) -> int:
    """By whom something is: nobody known is nobody."""
    if resource is None:
        return 0
    person = names.people.get(str(resource))
    return BY_AUTOMATION if person is not None and person.automatic else BY_PERSON


def _completion(
    id_: str, created: int, ticket: Item, names: Names, fields: dict[str, str]
) -> Iterable[TicketEvent]:
    """Of a completed ticket whose history is not read, or cannot be: it was completed when the ticket says so, and not
    at its creation. Its status is told by that alone.
    """
    done = instant(ticket.get("completedDate"))
    if done is None or str(ticket.get("status")) != COMPLETE:
        return ()
    status = fields.pop("status")
    by = ticket.get("completedByResourceID")
    last = field_event(
        _completed(done),
        max(done, created),
        "status",
        status,
        flags=_who(by, names),
        person=fit(names.person(by)),
    )
    return (TicketEvent(id_, last),)


def _transitions(
    id_: str, created: int, ticket: Item, names: Names, name: str, changes: Sequence[audit.Change]
) -> Iterable[TicketEvent]:
    first = min(created, changes[0].at)
    flags = _creator(ticket, names) & BY_PERSON
    if changes[0].old:
        yield TicketEvent(id_, field_event(f"new-{name}", first, name, fit(changes[0].old), flags=flags))
    last, turn, done = first, 0, instant(ticket.get("completedDate"))
    for change in changes:
        turn = turn + 1 if change.at == last else 0
        last = change.at
        flags, mark = _who(change.who, names), f"audit-{change.row}"
        if name == "status" and done is not None and abs(change.at - done) <= _SAME and change is changes[-1]:
            mark = _completed(done)
        yield TicketEvent(
            id_,
            field_event(
                mark, change.at, name, fit(change.new), flags=flags, seq=turn, person=_name(change, names)
            ),
        )


def _completed(at: int) -> str:
    """The id of a completion: a poll that knows its instant and a history that tells it mean the same."""
    return f"completed-{at}"


def _name(change: audit.Change, names: Names) -> str:
    return "" if change.who is None else fit(names.person(change.who))


def _note(id_: str, note: Item, names: Names, how: Manner) -> TicketEvent | None:
    at, mark = instant(note.get("createDateTime")), f"note-{note.get('id')}"
    if at is None:
        return None
    text = fit(str(note.get("description") or note.get("title") or ""))[:LONGEST_MESSAGE]
    contact = note.get("createdByContactID")
    if contact:
        who = fit(names.known["contact"].get(str(contact), ""))
        return Written(id_, history.client_message(at, id=mark, person=who), text)
    kind = names.notes.get(str(note.get("noteType")))
    flags = _who(note.get("creatorResourceID"), names)
    if kind is not None and kind.label.casefold().startswith(how.automatic_notes):
        flags = BY_AUTOMATION
    if note.get("publish") == PUBLIC_NOTE:
        flags |= PUBLIC
    person = fit(names.person(note.get("creatorResourceID")))
    return Written(id_, history.message(at, flags=flags, id=mark, person=person), text)


def _time(id_: str, entry: Item, names: Names) -> TicketEvent | None:
    """Work on the ticket: it is said to be done at its end, and the client sees its summary."""
    at = next(
        filter(
            None, map(instant, (entry.get(n) for n in ("endDateTime", "startDateTime", "createDateTime")))
        ),
        None,
    )
    if at is None:
        return None
    text = fit(str(entry.get("summaryNotes") or "")).strip()[:LONGEST_MESSAGE]
    flags = _who(entry.get("resourceID"), names) | (PUBLIC if text else 0)
    person = fit(names.person(entry.get("resourceID")))
    event = history.message(at, flags=flags, id=f"time-{entry.get('id')}", person=person)
    return Written(id_, event, text) if text else TicketEvent(id_, event)


def _call(id_: str, call: Item, names: Names) -> TicketEvent | None:
    """A service call is an appointment: from when it is made on the client has a plan."""
    at = instant(call.get("createDateTime"))
    if at is None or instant(call.get("startDateTime")) is None:
        return None
    flags = _who(call.get("creatorResourceID"), names)
    return TicketEvent(id_, history.planned(at, id=f"call-{call.get('id')}", flags=flags))


def fit(text: str) -> str:
    """A text that can be kept."""
    return _UNFIT.sub("\ufffd", text)

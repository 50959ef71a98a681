"""A ticket of RT and its transactions in our words: pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from beforehand.connectors.contract import Contact, Told, at_creation, field_event
from beforehand.connectors.trouble import Odd
from beforehand.engine import history as h
from beforehand.engine.codes import BY_AUTOMATION, BY_CLIENT, BY_PERSON, PUBLIC
from beforehand.engine.instants import SECOND, to_instant
from beforehand.tickets.events import TicketEvent, Written

from .client import Item, number
from .names import NOBODY, SYSTEM, Names

DOMAIN, QUEUE = "domain", "queue"
"""By what clients are told; anything else is the name of a custom field."""
EXACT = {
    "status": "Status", "assignee": "Owner", "board": "Queue", "priority": "Priority", "tier": "SLA",
    "subject": "Subject",
}  # fmt: skip
"""Fields of which RT keeps every change, and what it calls them."""
VIEW = ("SLA", "Due", "Starts", "Started", "Resolved", "Told")
"""What RT says of its SLA. No verdict is among it: its one Due is the nearest date by which anything is due, an answer
or the solution, so that a ticket that was resolved before or after it may have kept either, or not.
"""
MERGED = "MergedInto"


class Settings(NamedTuple):
    """What the owner set: RT's address, and by what clients are told."""

    url: str
    client: str


def told_of(
    item: Item, history: Sequence[Item], texts: Mapping[str, str], names: Names, at: Settings
) -> Told:
    """A ticket as `item` says it is, with its transactions and the texts of its messages by transaction."""
    ticket, created = str(number(item)), instant(item.get("Created"))
    if created is None:
        raise Odd(f"RT told ticket {ticket} without the instant of its creation")
    past = sorted((row for row in history if row.get("Created")), key=number)
    updated = instant(item.get("LastUpdated")) or created
    fields = _fields(item, names, at)
    events = [TicketEvent(ticket, _creation(created, item, names))]
    for name, theirs in EXACT.items():
        rows = [row for row in past if _is_of(row, theirs)]
        # What changed between the reading of the ticket and of its history is as the history has it.
        if rows and _at(rows[-1]) >= updated:
            fields[name] = _value(name, rows[-1].get("NewValue"), names)
        events += _changes(ticket, created, name, rows, fields[name], names)
    events += [
        _message(ticket, row, item, texts, names)
        for row in past
        if row.get("Type") in ("Correspond", "Comment")
    ]
    events += _absorbed(ticket, past)
    if fields["status"] == "deleted":
        events += _deleted(ticket, past)
    return Told(
        ticket,
        max(updated, *map(_at, past[-1:]), created),
        fields,
        events,
        frozenset(EXACT),
        view={name: _plain(item, name) for name in VIEW},
        keys=_keys(item, names, at),
        contact=contact_of(item),
        named=_named(past, names),
        into="",
    )


def merged_of(ticket: str, into: str, history: Sequence[Item]) -> Told:
    """A ticket that is part of another by now; of itself RT keeps its transactions alone."""
    past = sorted((row for row in history if row.get("Created")), key=number)
    links = [row for row in past if row.get("Type") == "AddLink" and row.get("Field") == MERGED]
    if not links:
        raise Odd(f"RT has ticket {ticket} as part of {into}, and does not say since when")
    at = _at(row := links[-1])
    event = h.merged(at, into, id=f"merged-{row['id']}", seq=number(row))
    return Told(ticket, at, {}, [TicketEvent(ticket, event)], into=into)


def instant(said: object) -> int | None:
    """An instant in microseconds, UTC where no zone is said; None where RT has none, which it writes as 1970."""
    if not said or not isinstance(said, str):
        return None
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        raise Odd(f"RT told an instant that is none: {said[:40]!r}") from None
    found = to_instant(at if at.tzinfo else at.replace(tzinfo=UTC))
    return found if found >= 86_400 * SECOND else None


def _fields(item: Item, names: Names, at: Settings) -> dict[str, str]:
    ticket, queue = str(number(item)), _id(item.get("Queue"))
    contact, mail = _requestor(item)
    board = names.queue(queue) if queue else ""
    return {
        "status": str(item.get("Status") or ""),
        "assignee": _owner(_id(item.get("Owner")), names),
        "board": board,
        "priority": str(item.get("Priority") or "0"),
        "tier": str(item.get("SLA") or ""),
        "subject": str(item.get("Subject") or ""),
        "number": ticket,
        "url": f"{at.url}/Ticket/Display.html?id={ticket}",
        "contact": contact,
        "client": _client(item, board, mail, at),
    }


def _keys(item: Item, names: Names, at: Settings) -> dict[str, str]:
    """The ids of queue and owner: RT tells an owner by the login, which may be another's tomorrow."""
    queue, owner = _id(item.get("Queue")), _id(item.get("Owner"))
    said = {"board": queue, "assignee": names.person(owner).id if owner else ""}
    if at.client == QUEUE:
        said["client"] = queue
    return {field: id_ for field, id_ in said.items() if id_}


def _named(past: Sequence[Item], names: Names) -> dict[tuple[str, str], str]:
    """The ids of the queues and owners of its history, by the names that they have now; of a name that several have,
    none.
    """
    ids: dict[tuple[str, str], set[str]] = {}
    for row in past:
        for side in ("OldValue", "NewValue"):
            said = str(row.get(side) or "")
            if _is_of(row, "Queue") and said.isdecimal():
                ids.setdefault(("board", names.queue(said)), set()).add(said)
            elif _is_of(row, "Owner") and said:
                ids.setdefault(("assignee", _owner(said, names)), set()).add(names.person(said).id)
    return {one: some.pop() for one, some in ids.items() if one[1] and len(some) == 1 and "" not in some}


def _client(item: Item, board: str, mail: str, at: Settings) -> str:
    if at.client == DOMAIN:
        return mail.rpartition("@")[2].casefold()
    if at.client == QUEUE:
        return board
    fields = item.get("CustomFields")
    for field in fields if isinstance(fields, list) else ():
        if str(field.get("name", "")).casefold() == at.client.casefold():
            return ", ".join(map(str, field.get("values") or ()))
    return ""


def _requestor(item: Item) -> tuple[str, str]:
    """The first requestor's name, and mail address."""
    some = item.get("Requestor")
    first = some[0] if isinstance(some, list) and some else None
    if not isinstance(first, dict):
        return "", ""
    login = str(first.get("id") or "")
    mail = str(first.get("EmailAddress") or (login if "@" in login else ""))
    return str(first.get("RealName") or mail or login), mail


def contact_of(item: Item) -> Contact | None:
    """The first requestor, whom RT knows by a login."""
    some = item.get("Requestor")
    login = _id(some[0]) if isinstance(some, list) and some else ""
    return Contact(login, *_requestor(item)) if login else None


def _requestors(item: Item) -> set[str]:
    some = item.get("Requestor")
    return {_id(one) for one in some} if isinstance(some, list) else set()


def _is_of(row: Item, theirs: str) -> bool:
    """Whether a transaction is a change of a field; of an owner RT tells it as one of a watcher besides."""
    return row.get("Field") == theirs and row.get("Type") not in ("SetWatcher", "AddWatcher", "DelWatcher")


def _changes(
    ticket: str, created: int, name: str, rows: Sequence[Item], now: str, names: Names
) -> list[TicketEvent]:
    """What a field was at creation, and each change of it."""
    first = _value(name, rows[0].get("OldValue"), names) if rows else now
    events = [at_creation(ticket, created, name, first)] if first else []
    for row in rows:
        value, who = _value(name, row.get("NewValue"), names), _id(row.get("Creator"))
        event = field_event(str(number(row)), _at(row), name, value, seq=number(row), **_by(who, names))
        events.append(TicketEvent(ticket, event))
    return events


def _value(name: str, said: object, names: Names) -> str:
    text = "" if said is None else str(said)
    if name == "assignee":
        return _owner(text, names)
    if name == "board":
        return names.queue(text) if text.isdecimal() else text
    return text or ("0" if name == "priority" else "")


def _owner(id_: str, names: Names) -> str:
    return names.person(id_).name if id_ and id_ != NOBODY else ""


def _by(who: str, names: Names, public: bool = False) -> dict[str, Any]:
    """Who did something, as flags and name."""
    shown = PUBLIC if public else 0
    if who == SYSTEM:
        return {"flags": BY_AUTOMATION | shown}
    person = names.person(who)
    return {"flags": (BY_PERSON if person.ours else BY_CLIENT) | shown, "person": person.name}


def _creation(created: int, item: Item, names: Names) -> h.Event:
    who = _id(item.get("Creator"))
    if not who:
        return h.created(created, id="created", flags=0)
    by = {"flags": BY_CLIENT} if who in _requestors(item) else _by(who, names)
    return h.created(created, id="created", **by)


def _message(ticket: str, row: Item, item: Item, texts: Mapping[str, str], names: Names) -> TicketEvent:
    """Correspondence is the client's where a requestor wrote it who is none of ours; a comment is never public."""
    id_, who, public = str(number(row)), _id(row.get("Creator")), row.get("Type") == "Correspond"
    by = _by(who, names, public)
    theirs = public and by["flags"] & BY_CLIENT
    if public and not theirs and who in _requestors(item) and who != _id(item.get("Owner")):
        # One of ours who asks for something is a client in that ticket, as RT itself has it.
        theirs, by = True, {**by, "flags": BY_CLIENT | PUBLIC}
    make = h.client_message if theirs else h.message
    event = make(_at(row), id=id_, seq=int(id_), **by)
    text = texts.get(id_, "")
    return Written(ticket, event, text) if text else TicketEvent(ticket, event)


def _absorbed(ticket: str, past: Sequence[Item]) -> list[TicketEvent]:
    """Tickets that became part of this one; the reader says since when each was there."""
    return [
        TicketEvent(
            ticket, h.absorbed(_at(row), row["Merged"], row["Since"], id=str(number(row)), seq=number(row))
        )
        for row in past
        if row.get("Type") == "AddLink" and row.get("Field") == MERGED and row.get("Since")
    ]


def _deleted(ticket: str, past: Sequence[Item]) -> list[TicketEvent]:
    rows = [row for row in past if _is_of(row, "Status") and row.get("NewValue") == "deleted"]
    return [
        TicketEvent(ticket, h.deleted(_at(row), id=f"deleted-{number(row)}", seq=number(row), flags=0))
        for row in rows[-1:]
    ]


def linked(row: Item) -> str:
    """The ticket that a transaction of a link names: its URI ends with the id."""
    id_ = str(row.get("NewValue") or "").rpartition("/")[2]
    return id_ if id_.isdecimal() else ""


def _at(row: Item) -> int:
    at = instant(row.get("Created"))
    if at is None:
        raise Odd("RT told something that happened without its instant")
    return at


def _id(said: object) -> str:
    return str(said.get("id") or "") if isinstance(said, dict) else str(said or "")


def _plain(item: Item, name: str) -> str:
    said = item.get(name)
    if name == "SLA":
        return str(said or "")
    return str(said) if instant(said) is not None else ""

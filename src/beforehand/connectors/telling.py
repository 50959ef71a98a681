"""What a reading of a ticket adds to what is kept of it: pure, and the same for all sources.

What a source tells is a function of its state, what polls saw is not. So a change that was only seen to lie between two
looks is kept as such, and taken back when a history tells it exactly: whatever mix of polls, webhooks and histories
came in what order, once the history has been read the effective events are those of the history (clock.md 4.4).

Messages are never taken back: what was said was said, though a note is deleted later.
"""

from collections.abc import Iterable, Sequence

from beforehand.engine.codes import ASSIGNED, CHANGED, CREATED, DELETED, KINDS, STATUS
from beforehand.engine.history import Event
from beforehand.engine.history import deleted as deletion
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.texts import JUDGED

from .contract import Told, field_event

SEEN, NEW, TAKEN_BACK, GONE = "seen-", "new-", "not-", "gone"
FIELD_KINDS = {CHANGED, STATUS, ASSIGNED}


def bring(kept: Sequence[Event], told: Told, before: int | None) -> list[TicketEvent]:
    """The events that have to be added so that those in effect say what the source says.

    `kept` are all events of the ticket, in effect or not; `before` is the source's stamp of the last reading in which
    every field was as it is kept, None for none.
    """
    here = [event for event in kept if event.kind not in _OURS]
    ids = {event.id for event in kept}
    standing = in_effect(here)
    if told.gone:
        if any(event.kind == DELETED for event in standing):
            return []
        return [TicketEvent(told.id, deletion(told.updated, id=_free(GONE, ids), flags=0))]
    by_field = {name: [e for e in told.events if field_of(e.event) == name] for name in told.exact}
    others = [one for one in told.events if field_of(one.event) not in told.exact]
    fresh, gone = _messages(others, standing, ids), _over(told, standing)
    for name in sorted(told.exact | told.fields.keys()):
        said = told.fields.get(name)
        now = [event for event in standing if field_of(event) == name]
        if name in told.exact:
            wants = [one.event for one in by_field[name]]
            wants += _at_first(told, wants, now)
            wants += _unexplained(told, name, said, wants, now, before)
            gone += _missing(now, wants)
            fresh += [TicketEvent(told.id, event) for event in _missing(wants, now)]
        elif said is not None:
            fresh += [TicketEvent(told.id, event) for event in _seen(told, name, said, now, before)]
    return [*(_renamed(one, ids) for one in fresh), *(_taken_back(told.id, event, ids) for event in gone)]


_OURS = frozenset(KINDS.index(name) for name in ("excluded", "approved", "included"))
"""What people say here; no source has a word in it."""


def in_effect(events: Iterable[Event]) -> list[Event]:
    """Events that nothing supersedes or takes back, in effective order."""
    some = list(events)
    gone = {event.retracts for event in some} | {event.supersedes for event in some}
    left = (event for event in some if event.id not in gone and not event.retracts)
    return sorted(left, key=lambda event: (event.at, event.seq, event.kind, event.id))


def field_of(event: Event) -> str:
    """The field that an event is of, as a connector names it; "" for one of another kind."""
    if event.kind == STATUS:
        return "status"
    if event.kind == ASSIGNED:
        return "assignee"
    return event.field if event.kind == CHANGED else ""


def _over(told: Told, standing: Sequence[Event]) -> list[Event]:
    """What the ticket's being there takes back: that it is gone, and a creation at another instant."""
    births = {one.event.at for one in told.events if one.event.kind == CREATED}
    return [
        event
        for event in standing
        if event.kind == DELETED or (births and event.kind == CREATED and event.at not in births)
    ]


def _messages(wanted: Iterable[TicketEvent], standing: Sequence[Event], ids: set[str]) -> list[TicketEvent]:
    """Of creation, messages and the like those that are not kept yet. One kept under its id stays as it is, but for a
    creation that the source has moved.
    """
    fresh = []
    births = {event.at for event in standing if event.kind == CREATED}
    for one in wanted:
        if one.event.kind == CREATED:
            if one.event.at not in births:
                fresh.append(one)
        elif one.event.id not in ids:
            fresh.append(one)
    return fresh


def _at_first(told: Told, wants: Sequence[Event], now: Sequence[Event]) -> list[Event]:
    """What a field was seen to be at first, where its history begins with a change and does not say from what."""
    first = min((event.at for event in wants), default=None)
    if first is None or first <= _created(told):
        return []
    return [event for event in now if event.id.startswith(NEW) and event.at < first][:1]


def _unexplained(
    told: Told, name: str, said: str | None, wants: Sequence[Event], now: Sequence[Event], before: int | None
) -> list[Event]:
    """What a field became since the last change that its history tells: a history may come late, or say it in words
    that nobody can read.
    """
    last = max(wants, key=lambda event: (event.at, event.seq), default=None)
    if said is None or said == ("" if last is None else last.value):
        return []
    for event in reversed(now):
        if event.id.startswith((SEEN, NEW)) and event.value == said:
            return [event]
    return [_sighting(told, name, said, before if last is None else max(before or 0, last.at))]


def _seen(told: Told, name: str, said: str, now: Sequence[Event], before: int | None) -> list[Event]:
    """A change of a field of which there is no history, or none yet."""
    last = now[-1].value if now else None
    if said == (last or ""):
        return []
    if last is None:
        return [field_event(NEW + name, _created(told), name, said, flags=0)]
    return [_sighting(told, name, said, before)]


def _sighting(told: Told, name: str, said: str, before: int | None) -> Event:
    """A change that lies after one look and not after the other (4.4)."""
    first = _created(told) if before is None else min(before, told.updated)
    until = None if first == told.updated else told.updated
    return field_event(f"{SEEN}{name}-{told.updated}", first, name, said, flags=0, until=until)


def _created(told: Told) -> int:
    births = [one.event.at for one in told.events if one.event.kind == CREATED]
    return min(births, default=told.updated)


def _missing(some: Iterable[Event], there: Iterable[Event]) -> list[Event]:
    """Those of some that are not there, by what they say and not by their ids."""
    left = [_said(event) for event in there]
    found = []
    for event in some:
        if _said(event) in left:
            left.remove(_said(event))
        else:
            found.append(event)
    return found


def _said(event: Event) -> tuple[object, ...]:
    return (*event._replace(id="", flags=event.flags & ~JUDGED, supersedes="", retracts=""),)


def _free(wanted: str, ids: set[str]) -> str:
    """An id that nothing has had yet: one that was taken back stays taken back."""
    found, number = wanted, 1
    while found in ids:
        number += 1
        found = f"{wanted}~{number}"
    ids.add(found)
    return found


def _renamed(told: TicketEvent, ids: set[str]) -> TicketEvent:
    free = _free(told.event.id, ids)
    if free == told.event.id:
        return told
    text = getattr(told, "text", None)
    event = told.event._replace(id=free)
    return TicketEvent(told.ticket, event) if text is None else type(told)(told.ticket, event, text)  # type: ignore[call-arg]


def _taken_back(ticket: str, event: Event, ids: set[str]) -> TicketEvent:
    return TicketEvent(
        ticket, Event(event.at, event.kind, _free(TAKEN_BACK + event.id, ids), retracts=event.id)
    )

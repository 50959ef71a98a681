"""What a reading of a ticket adds to what is kept of it: pure, and the same for all sources.

What a source tells is a function of its state, what polls saw is not. So a change that was only seen to lie between two
looks is kept as such, and taken back when a history tells it exactly: whatever mix of polls, webhooks and histories
came in what order, once the history has been read the effective events are those of the history (clock.md 4.4).

Messages are never taken back: what was said was said, though a note is deleted later. A merge is, once the ticket is
told to be one of its own again.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from beforehand.engine.codes import ASSIGNED, CHANGED, CREATED, DELETED, KINDS, MERGED, STATUS
from beforehand.engine.history import Event, order
from beforehand.engine.history import deleted as deletion
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.rows import SHOWN
from beforehand.tickets.texts import JUDGED

from .contract import CAME, Told, field_event

Looks = tuple[int, int | None]
"""When a ticket came to be, and the source's stamp of it when it was looked at before."""
SEEN, NEW, TAKEN_BACK, GONE, AGAIN = "seen-", "new-", "not-", "gone", "~"


def is_old(told: Told, updated: int, deep: int | None) -> bool:
    """Whether it was read at an earlier state than is kept: of all as of `updated`, with its history as of `deep`.

    One of the same stamp is not: stamps are coarse, and it may have changed in the same second.
    """
    if told.gone or not told.updated:
        return False
    if told.deep:
        return deep is not None and told.updated < deep
    return told.updated < updated


def bring(kept: Sequence[Event], told: Told, before: int | None) -> list[TicketEvent]:
    """The events that have to be added so that those in effect say what the source says.

    `kept` are all events of the ticket, in effect or not; `before` is the source's stamp of the last reading in which
    every field was as it is kept, None for none.
    """
    ids = {event.id for event in kept}
    standing = in_effect(event for event in kept if event.kind not in _OURS)
    if told.gone:
        if any(event.kind == DELETED for event in standing):
            return []
        return [TicketEvent(told.id, _deletion(told, before, free_id(GONE, ids)))]
    by_field, born = _by_field(told.events, told.exact), _born(told, standing)
    merged, apart = _merges(told, standing)
    others = [one for one in by_field.pop("", []) if told.into is None or one.event.kind != MERGED]
    fresh, gone = [*_messages(others, standing, ids), *merged], [*_over(told, standing), *apart]
    for name in sorted(told.exact | told.fields.keys()):
        said = told.fields.get(name)
        now = [event for event in standing if field_of(event) == name]
        if name in told.exact:
            wants = [one.event for one in by_field.get(name, [])]
            wants += _at_first(wants, now, born)
            wants += _unexplained(told, name, said, wants, now, (born, before))
            gone += _missing(now, wants)
            fresh += [TicketEvent(told.id, event) for event in _missing(wants, now)]
        elif said is not None:
            fresh += [TicketEvent(told.id, event) for event in _seen(told, name, said, now, (born, before))]
    return [*(_renamed(one, ids) for one in fresh), *(taken_back(told.id, event, ids) for event in gone)]


def _by_field(events: Iterable[TicketEvent], exact: frozenset[str]) -> dict[str, list[TicketEvent]]:
    """What is told, by the field of which it is; under "" whatever is of none whose history is told."""
    found: dict[str, list[TicketEvent]] = {}
    for one in events:
        name = field_of(one.event)
        found.setdefault(name if name in exact else "", []).append(one)
    return found


def _deletion(told: Told, before: int | None, id_: str) -> Event:
    """That it is gone: since some instant after the last reading, where the source does not say when."""
    first = told.updated if before is None else min(before, told.updated)
    return deletion(first, id=id_, flags=0, until=told.updated if first < told.updated else None)


_OURS = frozenset(KINDS.index(name) for name in ("excluded", "approved", "included"))
"""What people say here; no source has a word in it."""


def in_effect(events: Iterable[Event]) -> list[Event]:
    """Events that nothing supersedes or takes back, in effective order."""
    some = list(events)
    gone = {event.retracts for event in some} | {event.supersedes for event in some}
    left = (event for event in some if event.id not in gone and not event.retracts)
    return sorted(left, key=order)


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
    ends = {one.event.id for one in told.events if one.event.kind == DELETED}
    return [
        event
        for event in standing
        if (event.kind == DELETED and event.id not in ends)
        or (births and event.kind == CREATED and event.at not in births)
    ]


def _merges(told: Told, standing: Sequence[Event]) -> tuple[list[TicketEvent], list[Event]]:
    """The merge that is to be added, and those that are to be taken back, so that the ticket is part of what its
    source says, and else one of its own (3.9). An instant that is only seen moves none that is known.
    """
    if told.into is None:
        return [], []
    there = [event for event in standing if event.kind == MERGED]
    said = [one for one in told.events if one.event.kind == MERGED and one.event.value == told.into][-1:]
    sure = {one.event.at for one in said if not one.event.id.startswith(SEEN)}
    right = [event for event in there if event.value == told.into and (not sure or event.at in sure)][:1]
    return [] if right else said, [event for event in there if event not in right]


def _messages(wanted: Iterable[TicketEvent], standing: Sequence[Event], ids: set[str]) -> list[TicketEvent]:
    """Of creation, messages and the like those that are not kept yet. One kept under its id stays as it is, but for a
    creation that the source has moved, and for what went away with a ticket that was part of this one.
    """
    fresh, some = [], list(wanted)
    births = {event.at for event in standing if event.kind == CREATED}
    said = {one.event.id for one in some}
    for one in some:
        if one.event.kind == CREATED:
            if one.event.at not in births:
                fresh.append(one)
        elif one.event.id.startswith(CAME):
            if not any(event.id.partition(AGAIN)[0] == one.event.id for event in standing):
                fresh.append(_in_place(one, [event for event in standing if event.id not in said]))
        elif one.event.id not in ids:
            fresh.append(one)
    return fresh


def _in_place(one: TicketEvent, others: Sequence[Event]) -> TicketEvent:
    """In the place of the same message as it was kept before its id said with which ticket it came along: it is no
    second one, and goes with that ticket again.
    """
    event = one.event
    alike = (e for e in others if (e.at, e.kind) == (event.at, event.kind) and event.id.endswith(f"-{e.id}"))
    same = next(alike, None)
    return one if same is None else _with(one, event._replace(supersedes=same.id))


def _at_first(wants: Sequence[Event], now: Sequence[Event], born: int) -> list[Event]:
    """What a field was seen to be at first, where its history begins with a change and does not say from what."""
    first = min((event.at for event in wants), default=None)
    if first is None or first <= born:
        return []
    return [event for event in now if event.id.startswith(NEW) and event.at < first][:1]


def _unexplained(
    told: Told, name: str, said: str | None, wants: Sequence[Event], now: Sequence[Event], looks: Looks
) -> list[Event]:
    """What a field became since the last change that its history tells: a history may come late, or say it in words
    that nobody can read.
    """
    last = max(wants, key=order, default=None)
    if said is None or said == ("" if last is None else last.value):
        return []
    seen = now[-1] if now else None
    if seen is None or not seen.id.startswith((SEEN, NEW)) or seen.value != said:
        return [_sighting(told, name, said, looks, last)]
    if last is None or order(seen) > order(last):
        return [seen]
    # It was seen already, and its history has come nearer since.
    until = told.updated if seen.until is None else seen.until
    return [_sighting(told._replace(updated=until), name, said, looks, last)]


def _seen(told: Told, name: str, said: str, now: Sequence[Event], looks: Looks) -> list[Event]:
    """A change of a field of which there is no history, or none yet."""
    last = now[-1] if now else None
    if said == ("" if last is None else last.value):
        return []
    if last is None and name not in _MOVING:
        return [field_event(NEW + name, looks[0], name, said, flags=0)]
    return [_sighting(told, name, said, looks, last)]


_MOVING = frozenset(("status", "assignee"))
"""What nobody may take to have been so from creation on, where it is seen for the first time: any other field is."""


def _sighting(told: Told, name: str, said: str, looks: Looks, last: Event | None) -> Event:
    """A change that lies after one look and not after the other (4.4), and after the last one that is known."""
    born, before = looks
    first = min(max(born, before or born), told.updated)
    seq = 0
    if last is not None and last.at >= first:
        first, seq = last.at, last.seq + 1
    if name in SHOWN:  # no clock asks when
        return field_event(
            f"{SEEN}{name}-{told.updated}", max(first, told.updated), name, said, flags=0, seq=seq
        )
    until = told.updated if first < told.updated else None
    return field_event(f"{SEEN}{name}-{told.updated}", first, name, said, flags=0, seq=seq, until=until)


def _born(told: Told, standing: Iterable[Event]) -> int:
    """When the ticket came to be: as it is told now, else as it is kept."""
    births = [one.event.at for one in told.events if one.event.kind == CREATED]
    births = births or [event.at for event in standing if event.kind == CREATED]
    return min(births, default=told.updated)


def _missing(some: Sequence[Event], there: Sequence[Event]) -> list[Event]:
    """Those of some that are not there, by what they say and not by their ids."""
    if not some or not there:
        return list(some)
    left = Counter(map(_said, there))
    found = []
    for event in some:
        if left[_said(event)]:
            left[_said(event)] -= 1
        else:
            found.append(event)
    return found


def _said(event: Event) -> tuple[object, ...]:
    """What an event says; not by whom, since people get other names."""
    return (*event._replace(id="", person="", flags=event.flags & ~JUDGED, supersedes="", retracts=""),)


def free_id(wanted: str, ids: set[str]) -> str:
    """An id that nothing has had yet: one that was taken back stays taken back."""
    found, number = wanted, 1
    while found in ids:
        number += 1
        found = f"{wanted}{AGAIN}{number}"
    ids.add(found)
    return found


def _renamed(told: TicketEvent, ids: set[str]) -> TicketEvent:
    free = free_id(told.event.id, ids)
    return told if free == told.event.id else _with(told, told.event._replace(id=free))


def _with(told: TicketEvent, event: Event) -> TicketEvent:
    """What is told, of another event, with its words."""
    text = getattr(told, "text", None)
    return TicketEvent(told.ticket, event) if text is None else type(told)(told.ticket, event, text)  # type: ignore[call-arg]


def taken_back(ticket: str, event: Event, ids: set[str]) -> TicketEvent:
    """The event that takes another back; `ids` are those that the ticket has had."""
    id_ = free_id(TAKEN_BACK + event.id, ids)
    return TicketEvent(ticket, Event(event.at, event.kind, id_, since=event.since, retracts=event.id))

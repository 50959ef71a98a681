"""What happened to one ticket, in effective order (clock.md 4.4)."""

from collections.abc import Iterable
from operator import itemgetter
from typing import NamedTuple

from .codes import (
    ABSORBED,
    APPROVED,
    ASSIGNED,
    BY_CLIENT,
    BY_PERSON,
    CHANGED,
    CLIENT_MESSAGE,
    CREATED,
    DELETED,
    EXCLUDED,
    INCLUDED,
    KINDS,
    MERGED,
    MESSAGE,
    PLAN,
    PUBLIC,
    STARTS,
    STATUS,
    TOLD,
)
from .errors import Fault, Invalid


class Event(NamedTuple):
    """One thing that happened. `at` in microseconds; `kind` and `flags` from codes.py.

    `seq` is the source's own sequence, `id` its event id. `field` and `value` say what changed (kind CHANGED), the
    status (STATUS), the assignee (ASSIGNED, "" for nobody), the other ticket (MERGED, ABSORBED), the reason
    (EXCLUDED). `until`: known only to lie between `at` and `until`. `since`: the planned start (STARTS) or the start
    of the absorbed ticket (ABSORBED). `supersedes` and `retracts` name another event by id.
    """

    at: int
    kind: int
    id: str = ""
    seq: int = 0
    value: str = ""
    field: str = ""
    flags: int = BY_PERSON
    person: str = ""
    until: int | None = None
    since: int | None = None
    supersedes: str = ""
    retracts: str = ""


class Source(NamedTuple):
    """What a source tells: the precision of its stamps (1.5), whether messages, its own responded-at, texts."""

    precision: int = 0
    messages: bool = True
    responded: bool = False
    texts: bool = True


TELLS_ALL = Source()


def created(at: int, **more: object) -> Event:
    """The ticket came to be in the source."""
    return _event(at, CREATED, more)


def client_message(at: int, **more: object) -> Event:
    """The client wrote or called. Before creation it is the contact that starts the clocks (3.1)."""
    more.setdefault("flags", BY_CLIENT | PUBLIC)
    return _event(at, CLIENT_MESSAGE, more)


def message(at: int, flags: int = BY_PERSON | PUBLIC, **more: object) -> Event:
    """The provider wrote, called, visited or booked time; `flags` say who, whether public, and the judgements."""
    return _event(at, MESSAGE, {"flags": flags, **more})


def status(at: int, value: str, **more: object) -> Event:
    """The status became `value`, in the source's own words."""
    return _event(at, STATUS, {"value": value, **more})


def assigned(at: int, value: str, **more: object) -> Event:
    """The ticket got an owner, or none when `value` is empty."""
    return _event(at, ASSIGNED, {"value": value, **more})


def changed(at: int, name: str, value: str, **more: object) -> Event:
    """A field (priority, type, site, ..., client, origin) became `value`."""
    return _event(at, CHANGED, {"field": name, "value": value, **more})


def planned(at: int, **more: object) -> Event:
    """A plan was given to the client."""
    return _event(at, PLAN, more)


def told_responded(at: int, **more: object) -> Event:
    """The source's own "responded at", taken where it gives no messages (3.4)."""
    return _event(at, TOLD, more)


def merged(at: int, into: str, **more: object) -> Event:
    """This ticket was merged into another (3.9)."""
    return _event(at, MERGED, {"value": into, **more})


def absorbed(at: int, other: str, since: int, **more: object) -> Event:
    """Another ticket, whose clocks began at `since`, was merged into this one (3.9)."""
    return _event(at, ABSORBED, {"value": other, "since": since, **more})


def deleted(at: int, **more: object) -> Event:
    """The ticket was deleted in the source."""
    return _event(at, DELETED, more)


def starts(at: int, since: int, **more: object) -> Event:
    """A recurring ticket is planned to start at `since` (2.6)."""
    return _event(at, STARTS, {"since": since, **more})


def excluded(at: int, reason: str, **more: object) -> Event:
    """A person took the ticket out of the figures (3.10)."""
    return _event(at, EXCLUDED, {"value": reason, **more})


def approved(at: int, **more: object) -> Event:
    """A second person agreed to the exclusion (3.10)."""
    return _event(at, APPROVED, more)


def included(at: int, **more: object) -> Event:
    """The exclusion was taken back."""
    return _event(at, INCLUDED, more)


def _event(at: int, kind: int, more: dict[str, object]) -> Event:
    return Event(at, kind, **more)  # type: ignore[arg-type]


class History:
    """The events of one ticket in effective order, and what was left out of it and why.

    Immutable. Invalid when an event has no instant in order (`until` before `at`) or none is `created`; of several
    created events the earliest holds.
    """

    __slots__ = ("conflicts", "events", "replaced", "source", "uncertain")

    def __init__(self, events: Iterable[Event], source: Source = TELLS_ALL) -> None:
        kept, self.conflicts = _distinct(events)
        effective, self.replaced = _effective(kept)
        effective.sort(key=order)
        self.source = source
        vague = [e for e in effective if e.until is not None]
        births = [e for e in effective if e.kind == CREATED]
        if len(births) > 1:  # the earliest holds, the others contradict it
            self.conflicts += tuple(births[1:])
            effective = [e for e in effective if e.kind != CREATED or e is births[0]]
        self.events: tuple[Event, ...] = tuple(effective)
        self.uncertain = bool(vague)
        """Whether an event is known only to lie between two instants (4.4)."""
        if vague or not births:
            faults = [_until_fault(e) for e in vague if e.until is not None and e.until < e.at]
            if not births:
                faults.append(Fault("history", "no created event", "exactly one"))
            if faults:
                raise Invalid(faults)


def _until_fault(e: Event) -> Fault:
    place, found = f"event {e.id or KINDS[e.kind]}", f"until {e.until}, before at {e.at}"
    return Fault(place, found, "an instant not before `at`")


order = itemgetter(0, 3, 1, 2)
"""Rule 4.4, of an event: its instant, the source's own sequence, the kind, the event id."""


def _distinct(events: Iterable[Event]) -> tuple[list[Event], tuple[Event, ...]]:
    """The same source event twice is one; with other content the first stays, the second is a conflict (4.4)."""
    told = list(events)
    ids = [event.id for event in told]
    if "" not in ids and len({*ids}) == len(ids):
        return told, ()
    first: dict[str, Event] = {}
    kept, conflicts = [], []
    for event in told:
        known = first.get(event.id)
        if known is None:
            if event.id:
                first[event.id] = event
            kept.append(event)
        elif known != event:
            conflicts.append(event)
    return kept, tuple(conflicts)


def _effective(events: list[Event]) -> tuple[list[Event], tuple[Event, ...]]:
    """Events without those that another supersedes or retracts; a retraction itself says nothing more.

    Of several that supersede one event, the one with the greatest id holds: which arrived last is unknown to us.
    """
    if not [event for event in events if event.supersedes or event.retracts]:
        return events, ()
    heirs: dict[str, str] = {}
    gone: set[str] = set()
    for event in events:
        if event.supersedes:
            gone.add(event.supersedes)
            rival = heirs.get(event.supersedes)
            if rival is not None:
                gone.add(min(rival, event.id))
            heirs[event.supersedes] = max(rival or event.id, event.id)
        if event.retracts:
            gone.add(event.retracts)
    kept = [e for e in events if e.id not in gone and not e.retracts]
    replaced = tuple(e for e in events if e.id in gone)
    return kept, replaced

"""What a ticket that became part of another hands on to it: the start of its clocks (clock.md 3.9).

Some sources tell a survivor what it absorbed, some only the other whom it went into, and each may be read first. So
what is kept of both decides, whichever came: the survivor has the start of a ticket of its own client, told by its
source or worked out here, and that of another client's by neither.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from beforehand.engine import history as h
from beforehand.engine.codes import ABSORBED, CLIENT_MESSAGE, CREATED, MERGED, V_MERGED
from beforehand.engine.history import Event
from beforehand.promises.book import Book
from beforehand.tickets import store
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.models import Event as Row

from .models import Connection, Remote
from .telling import field_of, free_id, in_effect, taken_back

JOINED = "joined-"
"""The ids of what is worked out here."""


class Joining:
    """The tickets of a connection that merges touch, with all their events: those just told, and others as kept.

    `absent`: survivors that are not here and were not asked for yet; they may be older than what is read.
    """

    def __init__(self, connection: Connection, told: Mapping[str, Sequence[Event]], book: Book) -> None:
        self._connection, self._book = connection, book
        self._events = {ticket: list(events) for ticket, events in told.items()}
        self.absent: list[str] = []

    def joined(self, strangers: Collection[str]) -> list[TicketEvent]:
        """The events that survivors have to be given besides. `strangers`: those told for which others may have been
        kept that went into them, since they were not here then, or were another client's.
        """
        pairs = [pair for ticket, events in self._events.items() for pair in _pairs(ticket, events)]
        if strangers:
            pairs += self._gone_into(strangers)
        self._load(name for pair in pairs for name in pair)
        found: list[TicketEvent] = []
        seen: set[tuple[str, str]] = set()
        while pairs:
            part, whole = pairs.pop()
            if (part, whole) in seen or part == whole:
                continue
            seen.add((part, whole))
            fresh = self._owed(part, whole)
            if fresh:
                found += fresh
                self._events[whole] += [one.event for one in fresh]
                # What it was itself part of begins with it.
                onward = [pair for pair in _pairs(whole, self._events[whole]) if pair[0] == whole]
                self._load(into for _, into in onward)
                seen -= set(onward)
                pairs += onward
        return found

    def _owed(self, part: str, whole: str) -> list[TicketEvent]:
        """What a survivor lacks of one that went into it, or has without right."""
        standing, begins = in_effect(self._events[whole]), _begin(self._events[part])
        merged = next(
            (e for e in in_effect(self._events[part]) if e.kind == MERGED and e.value == whole), None
        )
        if merged is None or begins is None or _begin(standing) is None:
            return []
        there = [event for event in standing if event.kind == ABSORBED and event.value == part]
        right = [event for event in there if not event.id.startswith(JOINED)]
        wanted = h.absorbed(merged.at, part, begins, id=JOINED + part, flags=0)
        theirs, ours = self._client(part), self._client(whole)
        missing: list[Event] = []
        if theirs and ours and theirs != ours:
            right = []
        elif ours and theirs and not right:
            right = [event for event in there if (event.at, event.since) == (wanted.at, begins)][:1]
            missing = [] if right else [wanted]
        ids = {event.id for event in self._events[whole]}
        fresh = [taken_back(whole, event, ids) for event in there if event not in right]
        return fresh + [TicketEvent(whole, event._replace(id=free_id(event.id, ids))) for event in missing]

    def _client(self, ticket: str) -> object:
        """Whose ticket it is by now: our client where it is matched, else its name; "" where nobody says."""
        standing = reversed(in_effect(self._events[ticket]))
        name = next((event.value for event in standing if field_of(event) == "client"), "")
        known = self._book.client(name) if name else None
        return name if known is None else known.id

    def _gone_into(self, survivors: Collection[str]) -> list[tuple[str, str]]:
        """Tickets that are kept as having gone into these, each with the one it went into."""
        at = self._connection
        rows = Row.objects.filter(
            provider=at.provider_id,
            kind=MERGED,
            value__in=survivors,
            ticket__source=at.source_id,
            ticket__out=V_MERGED,
        )
        return list(rows.values_list("ticket__external_id", "value"))

    def _load(self, names: Iterable[str]) -> None:
        """Read what is kept of tickets."""
        at = self._connection
        missing = sorted(set(names) - self._events.keys())
        if not missing:
            return
        held = store.tickets_of(at.provider_id, at.source_id, missing)
        events = store.events_of([ticket for ticket, _ in held.values()], at.provider_id)
        self._events |= {name: events[held[name][0]] if name in held else [] for name in missing}
        unknown = [name for name in missing if not self._events[name]]
        asked = Remote.objects.filter(provider=at.provider_id, connection=at, external_id__in=unknown)
        self.absent += sorted(set(unknown) - set(asked.values_list("external_id", flat=True)))


def _pairs(ticket: str, events: Sequence[Event]) -> list[tuple[str, str]]:
    """The merges in which a ticket has a part: which went into which."""
    into = [(ticket, event.value) for event in events if event.kind == MERGED and not event.retracts]
    return [*into, *((event.value, ticket) for event in events if event.kind == ABSORBED and event.value)]


def _begin(events: Sequence[Event]) -> int | None:
    """Where the clocks of a ticket begin (3.1), with what it took over itself; None while its creation is not told."""
    standing = in_effect(events)
    born = min((event.at for event in standing if event.kind == CREATED), default=None)
    if born is None:
        return None
    asked = [event.at for event in standing if event.kind == CLIENT_MESSAGE]
    taken = [event.since for event in standing if event.kind == ABSORBED and event.since is not None]
    return min([born, *asked, *taken])

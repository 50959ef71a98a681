"""What a ticket that became part of another hands on to it: the start of its clocks (clock.md 3.9).

Some sources tell a survivor what it absorbed, some only the other whom it went into, and each may be read first. So
what is kept of both decides, whichever came: the survivor has the start of a ticket of its own client, as that ticket
has it. Only of one that is not here, or not since when, is the survivor's word all there is. One that is a ticket of
its own again takes its start with it, and what came along with it: what a survivor says of its past is no more then.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db.models import F

from beforehand.engine import history as h
from beforehand.engine.codes import ABSORBED, CLIENT_MESSAGE, CREATED, MERGED, V_MERGED
from beforehand.engine.history import Event
from beforehand.promises.book import Book
from beforehand.tickets import store
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.models import Event as Kept
from beforehand.tickets.models import Ticket

from .contract import came
from .models import Connection, Remote
from .telling import field_of, free_id, in_effect, taken_back

JOINED = "joined-"
"""The ids of what is worked out here."""


class Joining:
    """The tickets of a connection that merges touch, with all their events: `kept`, and those told just now.

    `absent`: survivors that are not here and were not asked for yet; they may be older than what is read. `behind`:
    those that may have said what came along with a ticket before it was known to be part of them, so that it was not
    kept. `denied`: of what was told, by ticket and id, what is not to be kept.
    """

    def __init__(
        self,
        connection: Connection,
        kept: Mapping[str, Sequence[Event]],
        told: Mapping[str, Sequence[Event]],
        book: Book,
    ) -> None:
        self._connection, self._book = connection, book
        self._new = {ticket for ticket in told if not kept.get(ticket)}
        self._events = {ticket: [*kept.get(ticket, ()), *events] for ticket, events in told.items()}
        self._fresh = {(ticket, event.id) for ticket, events in told.items() for event in events}
        self.absent: list[str] = []
        self.behind: set[str] = set()
        self.denied: set[tuple[str, str]] = set()

    def joined(self, strangers: Collection[str]) -> list[TicketEvent]:
        """The events that survivors have to be given besides. `strangers`: those told for which others may have been
        kept that went into them or took them in, since they were not here then, or were another client's.
        """
        pairs = [pair for ticket, events in self._events.items() for pair in _pairs(ticket, events)]
        if strangers:
            pairs += self._gone_into(strangers) + self._taken_in(strangers)
        self._load(name for pair in pairs for name in pair)
        found: list[TicketEvent] = []
        seen: set[tuple[str, str]] = set()
        while pairs:
            part, whole = pairs.pop(_first(pairs))
            if (part, whole) in seen or part == whole:
                continue
            seen.add((part, whole))
            fresh, gone = self._settled(part, whole)
            if fresh or gone:
                found += fresh + self._without(whole, gone)
                # What it was itself part of begins with it.
                onward = [pair for pair in _pairs(whole, self._events[whole]) if pair[0] == whole]
                self._load(into for _, into in onward)
                seen -= set(onward)
                pairs += onward
        return [one for one in found if (one.ticket, one.event.id) not in self.denied]

    def _settled(self, part: str, whole: str) -> tuple[list[TicketEvent], list[Event]]:
        """What a survivor lacks of one that went into it, and what it has without right."""
        theirs, standing = self._events[part], in_effect(self._events[whole])
        begins, merged = _begin(theirs), _merge(theirs, whole)
        if _begin(standing) is None:
            return [], []
        there = [event for event in standing if event.kind == ABSORBED and event.value == part]
        along = [event for event in standing if event.id.startswith(came(part, ""))]
        if merged is None:
            # Of one that is not here nobody else says anything.
            known = begins is not None or any(event.kind == MERGED for event in theirs)
            return [], [*there, *along] if known else []
        one, other = self._client(part), self._client(whole)
        if one and other and one != other:
            return [], [*there, *along]
        if (part, merged.id) in self._fresh:
            self.behind.add(whole)
        if not (one and other and begins is not None):
            return [], [event for event in there if event.id.startswith(JOINED)]
        # What its source says of it goes before what was worked out.
        there.sort(key=lambda event: event.id.startswith(JOINED))
        right = [event for event in there if event.since == begins][:1]
        gone = [event for event in there if event not in right]
        if right:
            return [], gone
        ids = {event.id for event in self._events[whole]}
        fresh = h.absorbed(merged.at, part, begins, id=free_id(JOINED + part, ids), flags=0)
        self._events[whole].append(fresh)
        self._fresh.add((whole, fresh.id))
        self.behind.add(whole)
        return [TicketEvent(whole, fresh)], gone

    def _without(self, ticket: str, gone: Iterable[Event]) -> list[TicketEvent]:
        """The events that take back what was kept; what is not kept yet never is."""
        events, back = self._events[ticket], []
        for event in gone:
            if (ticket, event.id) in self._fresh:
                self.denied.add((ticket, event.id))
                events.remove(event)
            else:
                back.append(taken_back(ticket, event, {one.id for one in events}))
                events.append(back[-1].event)
        return back

    def _client(self, ticket: str) -> object:
        """Whose ticket it is by now: our client where it is matched, else its name; "" where nobody says."""
        standing = reversed(in_effect(self._events[ticket]))
        name = next((event.value for event in standing if field_of(event) == "client"), "")
        known = self._book.client(name) if name else None
        return name if known is None else known.id

    def _gone_into(self, survivors: Collection[str]) -> list[tuple[str, str]]:
        """Tickets that are kept as having gone into these, each with the one it went into."""
        at = self._connection
        rows = Kept.objects.filter(
            provider=at.provider_id,
            ticket__in=Ticket.objects.filter(provider=at.provider_id, source=at.source_id, out=V_MERGED),
            kind=MERGED,
            value__in=survivors,
            retracts="",
        )
        return list(rows.values_list("ticket__external_id", "value"))

    def _taken_in(self, parts: Collection[str]) -> list[tuple[str, str]]:
        """Those of these tickets that are here only now, with each that is kept as having taken them in, and may have
        them no more: its clocks begin before it was made.
        """
        new = [part for part in parts if part in self._new]
        if not new:
            return []
        at = self._connection
        rows = Kept.objects.filter(
            provider=at.provider_id,
            ticket__in=Ticket.objects.filter(
                provider=at.provider_id, source=at.source_id, start__lt=F("created")
            ),
            kind=ABSORBED,
            value__in=new,
            retracts="",
        )
        return list(rows.values_list("value", "ticket__external_id"))

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


def _first(pairs: Sequence[tuple[str, str]]) -> int:
    """The place of a merge whose part has no such to be settled itself: else a start would be handed on that is none,
    and another each time that the same is told.
    """
    wholes = {whole for part, whole in pairs if part != whole}
    return next((place for place, (part, _) in enumerate(pairs) if part not in wholes), -1)


def _merge(events: Sequence[Event], whole: str) -> Event | None:
    """That a ticket is part of another."""
    return next((e for e in in_effect(events) if e.kind == MERGED and e.value == whole), None)


def _begin(events: Sequence[Event]) -> int | None:
    """Where the clocks of a ticket begin (3.1), with what it took over itself; None while its creation is not told."""
    standing = in_effect(events)
    born = min((event.at for event in standing if event.kind == CREATED), default=None)
    if born is None:
        return None
    asked = [event.at for event in standing if event.kind == CLIENT_MESSAGE]
    taken = [event.since for event in standing if event.kind == ABSORBED and event.since is not None]
    return min([born, *asked, *taken])

"""The one way in: events are kept for good, and the clocks they move are read again in the same transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from django.db import transaction

from beforehand.engine import history as engine
from beforehand.engine.instants import to_instant
from beforehand.kernel.faults import refuse_if_any
from beforehand.promises.book import Book, current

from . import events, notices, store
from .events import TicketEvent
from .models import Source
from .reading import Kept, clients_named, derive, tells


class Appended(NamedTuple):
    """What came of some events: counts of each, and how many tickets they touched. `tickets` were read again."""

    taken: int
    known: int
    conflicts: int
    tickets: int

    def __add__(self, other: tuple[int, ...]) -> "Appended":  # type: ignore[override]
        return Appended(*(a + b for a, b in zip(self, other, strict=True)))


def append(
    source: Source, arrived: Iterable[TicketEvent], now: datetime, book: Book | None = None, at_once: int = 1
) -> Appended:
    """Keep events and read their tickets' clocks again (clock.md 4.4). The only writer of tickets.

    Idempotent by event id and independent of order: the same event again is known, the same id with other content a
    conflict. One transaction for each ticket, or for `at_once` tickets where many come together (an import); a
    ticket's events are always kept together or not at all. Raises Refused, with nothing kept, for events that cannot
    be.
    """
    batch = list(arrived)
    refuse_if_any(events.faults(batch))
    by_ticket: dict[str, list[engine.Event]] = {}
    for ticket, event in batch:
        by_ticket.setdefault(ticket, []).append(event)
    book = book or current(source.provider)
    book.take_in(clients_named(chain.from_iterable(by_ticket.values())))
    total = Appended(0, 0, 0, 0)
    names = list(by_ticket)
    for start in range(0, len(names), at_once):
        some = {name: by_ticket[name] for name in names[start : start + at_once]}
        with transaction.atomic():
            total += _append(source, some, to_instant(now), book)
    return total


def _append(source: Source, arrived: dict[str, list[engine.Event]], received: int, book: Book) -> Appended:
    provider = source.provider_id
    held = store.hold_tickets(provider, source.pk, list(arrived))
    old = [ticket for ticket, has_events in held.values() if has_events]
    before = store.events_of(old, provider) if old else {}
    events, conflicts, touched = [], [], []
    for name, fresh in arrived.items():
        ticket, _ = held[name]
        taken, contradicting = _sift(before.get(ticket, []), fresh)
        events += [store.event_row(provider, ticket, event, received) for event in taken]
        conflicts += [store.conflict_row(provider, ticket, event, received) for event in contradicting]
        if taken:
            touched.append(Kept(ticket, source.pk, before.get(ticket, []) + taken))
    derived = derive(provider, {source.pk: tells(source)}, touched, book)
    store.insert(events, conflicts)
    store.replace(derived, {kept.ticket for kept in touched if before.get(kept.ticket)})
    notices.tell(provider, [kept.ticket for kept in touched])
    known = sum(map(len, arrived.values())) - len(events) - len(conflicts)
    return Appended(len(events), known, len(conflicts), len(arrived))


def _sift(
    before: Sequence[engine.Event], fresh: Iterable[engine.Event]
) -> tuple[list[engine.Event], list[engine.Event]]:
    """The events that are new, and those whose id is known with other content."""
    known = {event.id: event for event in before}
    taken, conflicts = [], []
    for event in fresh:
        first = known.get(event.id)
        if first is None:
            known[event.id] = event
            taken.append(event)
        elif first != event:
            conflicts.append(event)
    return taken, conflicts

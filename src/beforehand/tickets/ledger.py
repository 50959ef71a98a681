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

from . import events, notices, store, watching
from .events import TicketEvent
from .models import Source
from .reading import Kept, clients_named, derive, tells
from .rollups import Moves
from .texts import Judge, Texts, texts_of

TAKEN, KNOWN, CONFLICT = range(3)
"""What came of an event: kept; there already; its id known with other content (4.4)."""


class Appended(NamedTuple):
    """What came of some events: counts of each, and how many tickets they touched. `tickets` were read again."""

    taken: int
    known: int
    conflicts: int
    tickets: int

    def __add__(self, other: tuple[int, ...]) -> "Appended":  # type: ignore[override]
        return Appended(*(a + b for a, b in zip(self, other, strict=True)))


class Batch(NamedTuple):
    """Events of one source that are kept together or not at all."""

    source: Source
    events: Sequence[TicketEvent]


def append(
    source: Source, arrived: Iterable[TicketEvent], now: datetime, book: Book | None = None, at_once: int = 1
) -> Appended:
    """Keep events and read their tickets' clocks again (clock.md 4.4). The only writer of tickets, with the next.

    Idempotent by event id and independent of order: the same event again is known, the same id with other content a
    conflict. One transaction for each ticket, or for `at_once` tickets where many come together (an import); a
    ticket's events are always kept together or not at all. Raises Refused, with nothing kept, for events that cannot
    be.
    """
    batch = list(arrived)
    refuse_if_any(events.faults(batch))
    by_ticket, texts = _by_ticket(batch), texts_of(batch)
    book = book or current(source.provider)
    book.take_in(clients_named(event for _, event in batch))
    total = Appended(0, 0, 0, 0)
    names = list(by_ticket)
    for start in range(0, len(names), at_once):
        some = {name: by_ticket[name] for name in names[start : start + at_once]}
        with transaction.atomic():
            moves = Moves()
            came = _append(source, some, to_instant(now), book, moves, texts)
            moves.write()
        total += _count([outcome for outcomes in came.values() for outcome in outcomes], len(some))
    return total


def append_together(batches: Sequence[Batch], now: datetime) -> list[list[int]]:
    """Keep several batches, of any sources, in one transaction; gives what came of each event of each batch.

    Many who wait for the disk so wait once. Raises Refused, with nothing kept, where an event of any cannot be kept;
    whoever gathers batches looks for `events.faults` of each before.
    """
    refuse_if_any(chain.from_iterable(events.faults(batch.events) for batch in batches))
    sources: dict[int, list[int]] = {}
    for place, batch in enumerate(batches):
        sources.setdefault(batch.source.pk, []).append(place)
    books = {}
    for places in sources.values():
        source = batches[places[0]].source
        books[source.pk] = current(source.provider)
        named = (event for place in places for _, event in batches[place].events)
        books[source.pk].take_in(clients_named(named))
    came: list[list[int]] = [[] for _ in batches]
    with transaction.atomic():
        moves = Moves()
        # In one order, so that two processes never wait for each other.
        for pk in sorted(sources):
            source = batches[sources[pk][0]].source
            arrived = [told for place in sources[pk] for told in batches[place].events]
            by_ticket, texts = _by_ticket(arrived), texts_of(arrived)
            outcomes = _append(source, by_ticket, to_instant(now), books[pk], moves, texts)
            each = {name: iter(some) for name, some in outcomes.items()}
            for place in sources[pk]:
                came[place] = [next(each[ticket]) for ticket, _ in batches[place].events]
        moves.write()
    return came


def _by_ticket(arrived: Iterable[TicketEvent]) -> dict[str, list[engine.Event]]:
    by_ticket: dict[str, list[engine.Event]] = {}
    for ticket, event in arrived:
        by_ticket.setdefault(ticket, []).append(event)
    return by_ticket


def _count(outcomes: Sequence[int], tickets: int) -> Appended:
    return Appended(outcomes.count(TAKEN), outcomes.count(KNOWN), outcomes.count(CONFLICT), tickets)


def _append(
    source: Source,
    arrived: dict[str, list[engine.Event]],
    received: int,
    book: Book,
    moves: Moves,
    texts: Texts,
) -> dict[str, list[int]]:
    """Within a transaction: keeps what is new; what came of each event, in the order in which they were given."""
    provider = source.provider_id
    held = store.hold_tickets(provider, source.pk, list(arrived))
    old = [ticket for ticket, has_events in held.values() if has_events]
    before = store.events_of(old, provider) if old else {}
    rows, conflicts, touched = [], [], []
    outcomes: dict[str, list[int]] = {}
    judge = Judge(provider, texts)
    for name, told in arrived.items():
        ticket, _ = held[name]
        fresh = judge.settle(name, ticket, told, before.get(ticket, []))
        outcomes[name] = sifted = _sift(before.get(ticket, []), fresh)
        taken = [event for event, outcome in zip(fresh, sifted, strict=True) if outcome == TAKEN]
        rows += [store.event_row(provider, ticket, event, received) for event in taken]
        conflicts += [
            store.conflict_row(provider, ticket, event, received)
            for event, outcome in zip(fresh, sifted, strict=True)
            if outcome == CONFLICT
        ]
        if taken:
            touched.append(Kept(ticket, source.pk, before.get(ticket, []) + taken))
    derived = derive(provider, {source.pk: tells(source)}, touched, book)
    store.insert(rows, conflicts)
    judge.write(keep=source.provider.keep_texts)
    store.replace(provider, derived, {kept.ticket for kept in touched if before.get(kept.ticket)}, moves)
    watching.ask(provider, derived.tickets, received)
    notices.tell(
        provider, [held[name][0] for name, some in outcomes.items() if some.count(KNOWN) < len(some)]
    )
    return outcomes


def _sift(before: Sequence[engine.Event], fresh: Iterable[engine.Event]) -> list[int]:
    """What comes of each event that arrived, one after the other."""
    known = {event.id: event for event in before}
    outcomes = []
    for event in fresh:
        first = known.setdefault(event.id, event)
        outcomes.append(TAKEN if first is event else KNOWN if first == event else CONFLICT)
    return outcomes

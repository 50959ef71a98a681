"""Tickets' events held to their clients' agreements: which terms, which clocks, which rows. All that is derived."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from beforehand.engine.clock import compile_terms, records_of
from beforehand.engine.codes import BESIDE, CHANGED, CREATED, STOPPED
from beforehand.engine.history import Event, History, order
from beforehand.engine.history import Source as Tells
from beforehand.engine.record import COVER, LINE, METRIC, NUMBER, RUN
from beforehand.engine.rules import Compiled
from beforehand.engine.scan import H_LAST_LINE, H_SIZE
from beforehand.engine.settle import settle
from beforehand.engine.terms import Terms
from beforehand.promises.book import Book, ClientRef, InForce

from .models import Source
from .rollups import Key, Place, tallied
from .rows import Row, Standing, clock_id, clock_row, standing, ticket_row

_UNBORN = [0] * H_SIZE

AT_ONCE = 1_000
"""From so many tickets under the same terms on, they are read in columns (engine/columns.py)."""


class Kept(NamedTuple):
    """A ticket by its id, the id of its source, and all its events in the order in which they arrived."""

    ticket: int
    source: int
    events: Sequence[Event]


class Derived(NamedTuple):
    """Rows by id: the derived columns of tickets (TICKET_COLUMNS) and clocks (CLOCK_COLUMNS).

    `keys`: those of the roll-ups in which the clocks count.
    """

    tickets: dict[int, Row]
    clocks: dict[int, Row]
    keys: dict[int, Key]


class Held(NamedTuple):
    """The client a ticket belongs to and the terms it is held to for its whole life (2.1); None where unknown."""

    client: ClientRef | None
    terms: InForce


class _Born(NamedTuple):
    kept: Kept
    history: History
    now: Standing
    held: Held


def tells(source: Source) -> Tells:
    """What a source tells, as the engine takes it."""
    return Tells(source.precision, source.messages, source.responded, source.texts)


def clients_named(events: Iterable[Event]) -> set[str]:
    """The clients that events name, for a Book to take in."""
    return {event.value for event in events if event.kind == CHANGED and event.field == "client"}


def terms_of(book: Book, now: Standing) -> Held:
    """The version in force at the ticket's creation, of the client it now belongs to (2.1, 2.3, 4.3)."""
    client = book.client(now.fields.get("client", ""))
    if client is None or now.created is None:
        return Held(None, book.uncovered)
    return Held(client, book.in_force(client.id, now.created) or book.uncovered)


def derive(provider: int, sources: dict[int, Tells], tickets: Iterable[Kept], book: Book) -> Derived:
    """Read tickets as their last events leave them (5.4). `sources` tells what each source id tells."""
    derived = Derived({}, {}, {})
    groups: dict[int, list[_Born]] = {}
    for kept in tickets:
        if not any(event.kind == CREATED for event in kept.events):
            derived.tickets[kept.ticket] = _unborn(kept)
            continue
        history = History(kept.events, sources[kept.source])
        now = standing(history.events)
        held = terms_of(book, now)
        groups.setdefault(id(held.terms.terms), []).append(_Born(kept, history, now, held))
    for group in groups.values():
        _derive_group(provider, group, derived)
    return derived


def _unborn(kept: Kept) -> Row:
    """A ticket of which the creation has not arrived yet: its events are kept, it has no clocks."""
    events = sorted(kept.events, key=order)
    return ticket_row(standing(events), None, None, False, events[-1].at, len(events), _UNBORN)


def _derive_group(provider: int, group: list[_Born], derived: Derived) -> None:
    """Tickets that are held to the same terms, though perhaps of several clients."""
    terms = group[0].held.terms
    compiled = compile_terms(terms.terms, terms.coverage)
    for (kept, history, now, held), (head, records) in zip(group, _walked(group, compiled), strict=True):
        version = held.terms.version_id
        last = _last(history, terms.terms)
        covered = version is not None and head[H_LAST_LINE] >= 0
        client = held.client
        runs = sum(record[RUN] != STOPPED and record[METRIC] < BESIDE[0] for record in records)
        ticket = ticket_row(
            now, None if client is None else client.id, version, covered, last, len(kept.events), head, runs
        )
        derived.tickets[kept.ticket] = ticket
        place = None
        if client is not None and version is not None:
            place = Place(client.id, client.zone, terms.terms.name)
        for record in records:
            coverage = compiled.coverages[record[COVER]]
            row = clock_row(provider, kept.ticket, version, last, coverage, record)
            if place is not None:
                row = tallied(row, ticket, place, _line_name(compiled, record), derived.keys)
            derived.clocks[clock_id(kept.ticket, record[METRIC], record[NUMBER])] = row


def _line_name(compiled: Compiled, record: Sequence[int]) -> str:
    return compiled.terms.lines[record[LINE]].name if record[LINE] >= 0 else ""


def _walked(group: list[_Born], compiled: Compiled) -> Iterator[tuple[list[int], list[list[int]]]]:
    """What scan.py says of each ticket, and the records of its clocks: one by one, or many at once."""
    if len(group) < AT_ONCE:
        for born in group:
            yield records_of(compiled, born.history, _last(born.history, compiled.terms))
        return
    # Importing and compiling costs seconds, which only a rereading earns back.
    from beforehand.engine import columns

    histories = (born.history for born in group)
    yield from columns.read_columns(columns.encode(histories, compiled), compiled).tickets()


def _last(history: History, terms: Terms) -> int:
    """The instant of the last event, an uncertain one at the end that is worse for us (4.4)."""
    events = settle(history.events, terms) if history.uncertain else history.events
    return events[-1].at

"""A ticket's events held to its client's agreement: which terms, which clocks, which rows."""

from collections.abc import Sequence
from typing import NamedTuple

from beforehand.engine.clock import compile_terms, records_of
from beforehand.engine.codes import CREATED
from beforehand.engine.history import Event, History, order
from beforehand.engine.history import Source as Tells
from beforehand.engine.scan import H_LAST_LINE, H_SIZE
from beforehand.promises.book import Book, InForce

from .models import Source
from .rows import Row, Standing, clock_row, standing, ticket_row

BEFORE_CREATION = [0] * H_SIZE
"""What is known of a ticket whose creation has not arrived yet: nothing."""


class Reader:
    """What is needed to read the tickets of a source: what it tells, and the provider's agreements."""

    __slots__ = ("book", "source", "tells")

    def __init__(self, source: Source, book: Book) -> None:
        self.source, self.book = source, book
        self.tells = Tells(source.precision, source.messages, source.responded, source.texts)


class Held(NamedTuple):
    """The client a ticket belongs to and the terms it is held to for its whole life (2.1); None where unknown."""

    client: int | None
    terms: InForce


def terms_of(book: Book, now: Standing) -> Held:
    """The version in force at the ticket's creation, of the client it now belongs to (2.1, 2.3, 4.3)."""
    client = book.client(now.fields.get("client", ""))
    if client is None:
        return Held(None, book.uncovered)
    found = book.in_force(client.id, now.created) if now.created is not None else None
    return Held(client.id, found or book.uncovered)


def history_of(events: Sequence[Event], tells: Tells) -> History | None:
    """The history of a ticket; None as long as its creation has not arrived."""
    return History(events, tells) if any(event.kind == CREATED for event in events) else None


def read_ticket(reader: Reader, ticket: int, events: Sequence[Event]) -> tuple[Row, list[Row]]:
    """The ticket's derived columns and the rows of its clocks, as its last event leaves them (5.4)."""
    provider = reader.source.provider_id
    history = history_of(events, reader.tells)
    if history is None:
        last = max(event.at for event in events)
        return ticket_row(standing(sorted(events, key=order)), None, None, False, last, len(events), BEFORE_CREATION), []
    now = standing(history.events)
    held = terms_of(reader.book, now)
    compiled = compile_terms(held.terms.terms, held.terms.coverage)
    last = history.events[-1].at
    head, records = records_of(compiled, history, last)
    version = held.terms.version_id
    covered = version is not None and head[H_LAST_LINE] >= 0
    clocks = [clock_row(provider, ticket, version, last, record) for record in records]
    return ticket_row(now, held.client, version, covered, last, len(events), head), clocks

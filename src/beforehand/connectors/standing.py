"""How a ticket stands, in the three words that a source may keep beside it: deadline, risk, winning line."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from beforehand.engine.clock import compile_terms
from beforehand.engine.codes import BESIDE, BREACHED, PAUSED, STOPPED
from beforehand.engine.instants import to_datetime, to_instant
from beforehand.promises.book import Book
from beforehand.tickets.models import Clock, Ticket

DEADLINE, RISK, LINE = "deadline", "risk", "line"
LATE, HIGH, SOME, LOW, WAITS = "1 late", "2 high", "3 some", "4 low", "5 waits"
"""So that a list sorted by it has the worst first: late; 90% of a target used; half of one; less; all are paused."""


class Stands(NamedTuple):
    """What is said of a ticket by name, and the next instant at which something else is to be."""

    said: Mapping[str, str]
    next: int | None


def stands(ticket: Ticket, clocks: Sequence[Clock], book: Book, now: int) -> Stands:
    """A ticket's promises as of now; nothing of a ticket without any that goes on, but for the line that won."""
    promised = sorted((one for one in clocks if one.metric < BESIDE[0]), key=lambda one: one.pk)
    going = [one for one in promised if one.run != STOPPED]
    running = [one for one in going if one.run != PAUSED and one.deadline is not None]
    first = min(running, key=lambda one: to_instant(one.deadline) if one.deadline else 0, default=None)
    deadline = ""
    if first is not None and first.deadline is not None:
        deadline = to_datetime(to_instant(first.deadline)).strftime("%Y-%m-%dT%H:%M:%SZ")
    shown = first or next(iter(going), None) or next(iter(promised), None)
    said = {
        DEADLINE: deadline,
        RISK: min((_risk(one, now) for one in going), default=""),
        LINE: "" if shown is None else _line(shown, ticket, book),
    }
    return Stands(said, min((at for one in running for at in _moments(one) if at > now), default=None))


def _moments(clock: Clock) -> list[int]:
    """The instants at which the risk of a running clock becomes another. Late it is after its last instant."""
    at = [to_instant(one) for one in (clock.at_50, clock.at_90) if one is not None]
    return at + ([] if clock.late_at is None else [to_instant(clock.late_at) + 1])


def _risk(clock: Clock, now: int) -> str:
    late_at = None if clock.late_at is None else to_instant(clock.late_at)
    if clock.verdict == BREACHED or (clock.run != PAUSED and late_at is not None and late_at < now):
        return LATE
    if clock.run == PAUSED:
        return WAITS
    for at, risk in ((clock.at_90, HIGH), (clock.at_50, SOME)):
        if at is not None and to_instant(at) <= now:
            return risk
    return LOW


def _line(clock: Clock, ticket: Ticket, book: Book) -> str:
    """The name of the line that the clock's row names by its place in the terms it was read with."""
    terms = None
    if clock.version_id is not None and ticket.client_id is not None and ticket.created is not None:
        terms = book.in_force(ticket.client_id, to_instant(ticket.created))
    if terms is None:
        return ""
    lines = compile_terms(terms.terms, terms.coverage).terms.lines
    return lines[clock.line].name if 0 <= clock.line < len(lines) else ""

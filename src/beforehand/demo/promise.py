"""What the agreement promises for a simulated ticket: the generator times its technicians by it."""

from collections.abc import Mapping
from typing import NamedTuple

from beforehand.engine.coverage import Coverage
from beforehand.engine.instants import HOUR, SECOND
from beforehand.engine.terms import Target
from beforehand.promises.book import Book, InForce

_TRIAGE = {"response": 4 * HOUR, "resolution": 24 * HOUR}
"""How long people take where nothing is promised."""


class Promise(NamedTuple):
    """Times in microseconds of business time in `coverage`; `update` is 0 where no updates are promised."""

    coverage: Coverage
    response: int
    resolution: int
    update: int


def terms_of(book: Book, client: str, at: int) -> InForce:
    """What holds for a ticket of that client created at that instant."""
    ref = book.client(client)
    return (book.in_force(ref.id, at) if ref else None) or book.uncovered


def promise_of(held: InForce, fields: Mapping[str, str]) -> Promise:
    """What is promised for a ticket with these fields."""
    line = held.terms.choose(fields).winner
    own = line.coverage if line and line.coverage else held.coverage
    targets = {target.metric: target for target in (line.targets if line else ())}
    clock = targets.get("resolution") or targets.get("response")
    coverage = Coverage.always() if clock and clock.round_the_clock else own
    return Promise(
        coverage,
        _amount(targets.get("response"), own) or _TRIAGE["response"],
        _amount(targets.get("resolution"), own) or _TRIAGE["resolution"],
        _amount(targets.get("update"), own),
    )


def hours_of(held: InForce) -> Coverage:
    """The hours in which the client's people work: those of most of its lines."""
    lines = [line.coverage for line in held.terms.lines if line.coverage]
    kinds = [coverage for coverage in lines if not coverage.is_always]
    return max(kinds, key=kinds.count) if kinds else held.coverage


def later(coverage: Coverage, start: int, amount: int) -> int:
    """The whole second at which that much business time has passed. ValueError where coverage never opens."""
    found = coverage.add(start, amount)
    if found is None:
        raise ValueError(f"{coverage!r} has no {amount} microseconds left after {start}")
    return -(-found // SECOND) * SECOND


def _amount(target: Target | None, coverage: Coverage) -> int:
    if target is None:
        return 0
    if target.amount:
        return target.amount
    calendar = target.calendar or coverage
    days = {window.day for window in calendar.weekly}
    # A usual day is near enough: this times people, and the engine alone says when it is due.
    usual = sum(window.closes - window.opens for window in calendar.weekly) // max(len(days), 1)
    return target.days * usual * SECOND

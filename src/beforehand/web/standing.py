"""Where an open clock stands now: its stored row, read with the time that has passed since (clock.md 5.4)."""

import hashlib
from functools import lru_cache
from typing import NamedTuple

from beforehand.engine.clock import compile_terms
from beforehand.engine.codes import BREACHED, METRICS, NOT_STARTED, OFF_HOURS, PAUSED, RUNNING, STATES
from beforehand.engine.coverage import Coverage
from beforehand.engine.instants import to_instant
from beforehand.engine.record import UNREACHABLE
from beforehand.engine.saying import Amount, Moment, Saying
from beforehand.promises.book import Book
from beforehand.tickets.models import Clock

FIRST_THRESHOLD, LAST_THRESHOLD = 500, 900
"""In thousandths of the target: from the first a row shows amber, from the second more of it."""


class Now(NamedTuple):
    """An open clock as of now. Durations in microseconds; `left` is negative when late, None without a target."""

    run: int
    used: int
    left: int | None
    opens: int | None
    """When it goes on, while off hours."""


class Row(NamedTuple):
    """A line of the board, ready to be shown."""

    clock: Clock
    metric: str
    client: str
    state: str
    """running, off hours, paused, not started, late, used up."""
    risk: str
    """"" while all is well, else amber, high, late."""
    left: Amount | None
    over: Amount | None
    permille: int
    due: Moment | None
    due_theirs: Moment | None
    goes_on: Moment | None
    goes_on_theirs: Moment | None
    zone: str
    waits: str
    paused: bool
    broken: bool
    """Whether its breach is settled: by its events, whatever its time left says."""
    coverage: Coverage
    used: int
    used_at: int
    """The instant to which `used` holds: now, or the start that is still to come. From there a script counts on."""
    alerted: tuple[str, ...]
    """Who has it, or the step that its ladder has reached and who was told; empty while there is no alert."""
    rev: str
    """Another word for other facts: a row whose rev is the same shows the same, time passed aside."""

    @property
    def hours(self) -> str:
        """The name of its coverage among those that a script is given."""
        return named(self.coverage)

    @property
    def plain(self) -> bool:
        """Whether the state says nothing that the time left does not say already."""
        return self.state in ("running", "late") and not self.waits


def stand(clock: Clock, coverage: Coverage, now: int) -> Now:
    """The stored clock brought up to `now`: it runs on unless it was paused at its last event."""
    used, opens = clock.used, None
    if clock.run == PAUSED:
        run = PAUSED
    elif now < to_instant(clock.start):
        run = NOT_STARTED
    else:
        used += coverage.between(max(to_instant(clock.last_at), to_instant(clock.start)), now)
        run = RUNNING if coverage.is_open(now) else OFF_HOURS
        opens = coverage.next_open(now) if run == OFF_HOURS else None
    left = None if clock.target >= UNREACHABLE else clock.target - used
    return Now(run, used, left, opens)


def coverage_of(clock: Clock, book: Book) -> Coverage:
    """The coverage that the clock's row names by its place in the terms it was read with."""
    ticket = clock.ticket
    terms = None
    if clock.version_id is not None and ticket.client_id is not None and ticket.created is not None:
        terms = book.in_force(ticket.client_id, to_instant(ticket.created))
    terms = terms or book.uncovered
    coverages = compile_terms(terms.terms, terms.coverage).coverages
    # Terms may have been changed since the row was written; it is read again soon, and until then this is nearest.
    return coverages[clock.cover] if clock.cover < len(coverages) else terms.coverage


def row_of(clock: Clock, book: Book, now: int, zone: str, alerted: tuple[str, ...] = ()) -> Row:
    """What the board shows of an open clock; `zone` is the viewer's, `alerted` what its alert says."""
    coverage = coverage_of(clock, book)
    at = stand(clock, coverage, now)
    client = clock.ticket.client
    theirs = client.zone if client is not None else book.provider.zone
    facts = _facts(clock, coverage, client.zone if client else "", client.name if client else "")
    how, there = Saying(now, zone, at.used, clock.target), Saying(now, theirs, at.used, clock.target)
    late = at.left is not None and (at.left < 0 or clock.verdict == BREACHED)
    used_up = at.left is not None and at.left == 0 and not late and at.run == OFF_HOURS
    due = to_instant(clock.deadline) if clock.deadline is not None and (late or at.run != PAUSED) else None
    permille = at.used * 1000 // clock.target
    return Row(
        clock=clock,
        metric=METRICS[clock.metric],
        client=client.name if client is not None else clock.ticket.client_name,
        state="late" if late else "used up" if used_up else RUN_WORDS[at.run],
        risk="late" if late else _risk(permille),
        left=None if at.left is None or late else how.left(at.left),
        over=how.used(-at.left) if late and at.left is not None else None,
        permille=permille,
        due=None if due is None else how.at(due),
        due_theirs=None if due is None or theirs == zone else there.at(due),
        goes_on=None if at.opens is None else how.at(at.opens),
        goes_on_theirs=None if at.opens is None or theirs == zone else there.at(at.opens),
        zone=theirs,
        waits=_waits(clock, at.run),
        paused=at.run == PAUSED,
        broken=clock.verdict == BREACHED,
        coverage=coverage,
        used=at.used,
        used_at=max(now, to_instant(clock.start)),
        alerted=alerted,
        rev=hashlib.blake2b(repr((facts, zone, how.today, alerted)).encode(), digest_size=6).hexdigest(),
    )


def _facts(clock: Clock, coverage: Coverage, *client: str) -> tuple[object, ...]:
    """All that a row says, but for what time makes of it."""
    ticket = clock.ticket
    return (
        *client, named(coverage), clock.start, clock.last_at, clock.target, clock.used, clock.verdict, clock.run,
        clock.deadline, ticket.number, ticket.subject, ticket.client_name, ticket.priority, ticket.assignee,
        ticket.state, ticket.covered, ticket.excluded,
    )  # fmt: skip


@lru_cache(maxsize=2_000)
def named(coverage: Coverage) -> str:
    """A short name for a coverage, the same for equal ones in every process."""
    parts = (coverage.zone, coverage.weekly, coverage.closures, coverage.openings)
    return hashlib.blake2b(repr(parts).encode(), digest_size=6).hexdigest()


RUN_WORDS = {RUNNING: "running", OFF_HOURS: "off hours", PAUSED: "paused", NOT_STARTED: "not started"}


def _risk(permille: int) -> str:
    if permille < FIRST_THRESHOLD:
        return ""
    return "amber" if permille < LAST_THRESHOLD else "high"


def _waits(clock: Clock, run: int) -> str:
    """On whom a paused clock waits, by its ticket's state."""
    if run != PAUSED:
        return ""
    return {
        STATES[1]: "waiting on client",
        STATES[2]: "waiting on vendor",
        STATES[3]: "put off by the client",
    }.get(STATES[clock.ticket.state], "waiting")

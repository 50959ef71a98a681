"""From a ticket's events and the agreements to the rows of Ticket and Clock: all that is derived, in one place."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from beforehand.engine.codes import ASSIGNED, CHANGED, CREATED, FIELDS, STATE_BITS, STATUS, STOPPED
from beforehand.engine.coverage import Coverage
from beforehand.engine.history import Event
from beforehand.engine.instants import NEVER
from beforehand.engine.record import (
    BREACH,
    COVER,
    CYCLE,
    DEADLINE,
    FIRST_STOP,
    LATER,
    LINE,
    MARKS,
    METRIC,
    NUMBER,
    REACHED,
    RUN,
    START,
    STOP,
    STOPS,
    TARGET,
    THRESHOLDS,
    USED,
    VERDICT,
)
from beforehand.engine.scan import H_EXCLUDED, H_ORIGIN, H_OUT, H_START, H_STATUS, H_UNMAPPED
from beforehand.engine.zones import tzdata_version

SHOWN = ("number", "subject", "url", "team", "contact")
"""Fields of a ticket that only pages use; no line can name them."""

TICKET_COLUMNS = (
    "number", "subject", "url", "team", "contact", "client_name", "client_id", "version_id", "covered",
    *FIELDS, "origin", "status", "state", "assignee",
    "created", "start", "last_at", "excluded", "out", "unmapped", "events", "tzdata", "runs",
)  # fmt: skip
CLOCK_COLUMNS = (
    "id", "provider_id", "ticket_id", "version_id", "metric", "number", "line", "cover", "start", "last_at", "target",
    "used", "verdict", "run", "deadline", "at_50", "at_75", "at_90", "at_100", "reached", "cycle", "stop",
    "first_stop", "stops", "breached_at", "marks", "later_target", "due_at", "late_at", "tally",
)  # fmt: skip

Row = tuple[int | str | None, ...]


class Standing(NamedTuple):
    """What a ticket's effective events say it is now: the last value of each field, its status and assignee."""

    fields: Mapping[str, str]
    status: str
    assignee: str
    created: int | None


def standing(events: Iterable[Event]) -> Standing:
    """The ticket as its events, in effective order, leave it."""
    fields: dict[str, str] = {}
    status = assignee = ""
    created = None
    for event in events:
        if event.kind == CHANGED:
            fields[event.field] = event.value
        elif event.kind == STATUS:
            status = event.value
        elif event.kind == ASSIGNED:
            assignee = event.value
        elif event.kind == CREATED:
            created = event.at
    return Standing(fields, status, assignee, created)


OF_TICKET, OF_METRIC = 1 << 19, 1 << 16
"""What one ticket and one metric weigh in the id of a clock."""


def clock_id(ticket: int, metric: int, number: int) -> int:
    """The id of a clock: of 63 bits 16 are its number, 3 its metric, the rest the ticket's id."""
    return ticket * OF_TICKET | metric * OF_METRIC | number


def ticket_of(clock: int) -> int:
    """The ticket's id out of the id of one of its clocks."""
    return clock // OF_TICKET


VERDICT_AT, STOP_AT, BREACHED_AT, TALLY_AT = map(
    CLOCK_COLUMNS.index, ("verdict", "stop", "breached_at", "tally")
)
"""Places in a clock's row."""


def clock_row(
    provider: int, ticket: int, version: int | None, last_at: int, coverage: Coverage, r: Sequence[int]
) -> Row:
    """The row of a clock from its record, which was walked to its ticket's last event with 50, 75, 90 and 100%.

    `coverage` is the one it runs under. In which roll-up it counts is left open.
    """
    reached, run = r[REACHED], r[RUN]
    at = [None if t == NEVER else t for t in r[THRESHOLDS : THRESHOLDS + 4]]
    due = at[reached] if run != STOPPED and reached < 4 else None
    deadline, stop, first, breach = (
        None if r[k] == NEVER else r[k] for k in (DEADLINE, STOP, FIRST_STOP, BREACH)
    )
    late = None
    if run != STOPPED:
        late = breach if breach is not None else None if deadline is None else coverage.next_open(deadline)
    return (
        clock_id(ticket, r[METRIC], r[NUMBER]), provider, ticket, version, r[METRIC], r[NUMBER], r[LINE], r[COVER],
        r[START], last_at, r[TARGET], r[USED], r[VERDICT], run, deadline, *at, reached, r[CYCLE], stop, first, r[STOPS],
        breach, r[MARKS], r[LATER] or None, due,
        late, None,
    )  # fmt: skip


def ticket_row(
    now: Standing,
    client: int | None,
    version: int | None,
    covered: bool,
    last_at: int,
    events: int,
    head: Sequence[int],
    runs: int = 0,
) -> Row:
    """The derived columns of a ticket, in the order of TICKET_COLUMNS; `runs` are its open clocks of promises."""
    get = now.fields.get
    start = None if now.created is None or head[H_START] == NEVER else head[H_START]
    return (
        *(get(name, "") for name in SHOWN), get("client", ""), client, version, covered,
        *(get(name, "") for name in FIELDS), head[H_ORIGIN], now.status, head[H_STATUS] & STATE_BITS,
        now.assignee, now.created, start, last_at, head[H_EXCLUDED], head[H_OUT], head[H_UNMAPPED], events,
        tzdata_version(), runs,
    )  # fmt: skip

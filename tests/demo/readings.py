"""Tickets of a world as the engine reads them, without a database."""

from dataclasses import dataclass

from beforehand.demo.promise import terms_of
from beforehand.demo.world import World
from beforehand.engine.clock import compile_terms, records_of
from beforehand.engine.codes import (
    BREACHED,
    FIRST_REPLY,
    MEANINGFUL,
    MET,
    METRICS,
    PAUSED,
    RESOLVED,
    STATE_BITS,
    STOPPED,
    VERDICTS,
)
from beforehand.engine.history import Event, History, Source
from beforehand.engine.instants import NEVER
from beforehand.engine.record import DEADLINE, METRIC, RUN, USED, VERDICT
from beforehand.engine.scan import H_ORIGIN, H_OUT, H_STATUS
from beforehand.tickets.rows import standing


@dataclass
class Found:
    """A ticket as it stands: `verdicts` and `used` by metric where its clocks have stopped in scope."""

    client: str
    priority: str
    origin: int
    assignee: str
    covered: bool
    open: bool
    late: bool
    paused: bool
    deadlines: list[int]
    verdicts: dict[str, str]
    used: dict[str, int]

    def due_within(self, now: int, time: int) -> bool:
        return any(now < deadline <= now + time for deadline in self.deadlines)


def read_all(world: World, now: int) -> list[Found]:
    """Every ticket up to `now`."""
    told = ((birth, world.told(birth, None, now)) for birth in world.births(None, now))
    return [_read(world, [event.event for event in events], birth.at, now) for birth, events in told]


def _read(world: World, events: list[Event], created: int, now: int) -> Found:
    told = standing(events)
    client = told.fields["client"]
    held = terms_of(world.book, client, created)
    head, records = records_of(compile_terms(held.terms, held.coverage), History(events, Source()), now)
    ours = [r for r in records if r[METRIC] not in (MEANINGFUL, FIRST_REPLY)]
    running = [r for r in ours if r[RUN] != STOPPED]
    judged = [r for r in records if r[VERDICT] in (MET, BREACHED) and held.version_id is not None]
    return Found(
        client,
        told.fields["priority"],
        head[H_ORIGIN],
        told.assignee,
        held.version_id is not None,
        not head[H_OUT] and head[H_STATUS] & STATE_BITS < RESOLVED,
        any(r[VERDICT] == BREACHED for r in running),
        any(r[RUN] == PAUSED for r in running),
        [r[DEADLINE] for r in running if r[DEADLINE] != NEVER],
        {METRICS[r[METRIC]]: VERDICTS[r[VERDICT]] for r in judged},
        {METRICS[r[METRIC]]: r[USED] for r in judged if r[RUN] == STOPPED},
    )

"""Who would be told of a ticket that nobody does anything about, and when: what the engine would do, and nothing kept.

Clocks are read, steps taken and links resolved by what does it for real tickets, one look after the other, each at the
instant that the last one named.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from beforehand.engine import history as h
from beforehand.engine.history import Event
from beforehand.people.models import Provider
from beforehand.people.staff import Staff
from beforehand.promises.book import Book, ClientRef
from beforehand.promises.file.ladders import say_at
from beforehand.promises.ladders import Ladder, Link, Step
from beforehand.tickets.models import Source, Ticket
from beforehand.tickets.reading import Held

from .channels import Places
from .decide import LATE, Chain, Decision, Facts, State, apart, decide, in_question
from .facts import ClockFacts, facts_of
from .quiet import quiet_for
from .recipients import Recipient, resolve
from .rehearsal import Rehearsal

MOST_LOOKS = 500
Resolve = Callable[[Link, Step, int], tuple[Recipient, ...]]


class Asked(NamedTuple):
    """The ticket that is thought up. `at`: the instant of its creation; `client` None: nobody knows whose it is."""

    at: int
    client: ClientRef | None
    priority: str = ""
    type: str = ""
    team: str = ""
    assignee: str = ""
    source: Source | None = None


class Told(NamedTuple):
    """Somebody who would be told, in which role and over which channel; until when it would wait, None: at once."""

    name: str
    role: str
    channel: str
    waits_until: int | None


class Turn(NamedTuple):
    """A link of a chain: at which instant it is told, and who it is then; nobody where the chain moves on at once."""

    at: int
    link: Link
    told: tuple[Told, ...]


@dataclass
class Reached:
    """A step and its turns. `apart`: microseconds between them, in the time in which the ladder's chains wait."""

    step: Step
    at: int
    apart: int
    turns: list[Turn] = field(default_factory=list)

    @property
    def said(self) -> str:
        """Where it stands."""
        return say_at(self.step)

    @property
    def shrunk(self) -> bool:
        """Whether its turns are nearer to each other than the ladder says, so that the last one is in time."""
        return len(self.step.chain) > 1 and self.apart < self.step.every


@dataclass
class Climbed:
    """A clock and the steps of its ladder as they are reached. `off`: what keeps it in rehearsal, by kind."""

    metric: str
    target: int
    deadline: int | None
    ladder: Ladder
    off: tuple[str, ...]
    steps: list[Reached] = field(default_factory=list)


class Preview(NamedTuple):
    """What would be of the ticket. `cut`: it goes on, and nobody wants to read how."""

    held: Held
    clocks: tuple[Climbed, ...]
    cut: bool


def preview(provider: Provider, book: Book, asked: Asked) -> Preview:
    """What would be done about a ticket of which nothing is heard after its creation. Reads, and writes nothing."""
    ticket, events = made_up(provider, asked)
    staff, places, rehearsal = Staff(provider), Places(provider), Rehearsal(provider.pk)

    def who(link: Link, step: Step, at: int) -> tuple[Recipient, ...]:
        return resolve(link, step, ticket, staff, places, at)

    def told(one: Recipient, step: Step, at: int) -> Told:
        quiet = quiet_for(staff, one.technician, provider.zone, at)
        until = {"quiet": quiet.quiet_until, "normal": quiet.normal_until}.get(step.urgency)
        later = until if until is not None and until > at else None
        return Told(one.who.name, one.role, one.reach.channel, later)

    climbers: dict[tuple[int, int, int], _Climber] = {}
    now: int | None = asked.at
    held = Held(asked.client, book.uncovered)
    for _ in range(MOST_LOOKS):
        facts = None if now is None else facts_of(ticket, events, book, now)
        if facts is None or now is None:
            break
        held, nexts = facts.held, []
        for clock in facts.clocks:
            if clock.key not in climbers:
                climbers[clock.key] = _Climber(clock, rehearsal.off(ticket, clock.ladder.name), who, told)
            nexts.append(climbers[clock.key].look(clock, held, now))
        now = min((at for at in nexts if at is not None), default=None)
    return Preview(held, tuple(one.climbed for one in climbers.values()), now is not None)


def made_up(provider: Provider, asked: Asked) -> tuple[Ticket, Sequence[Event]]:
    """The ticket and its events, neither of them kept."""
    client = asked.client
    fields = {
        "client": "" if client is None else client.name,
        "priority": asked.priority,
        "type": asked.type,
        "team": asked.team,
    }
    told = [h.created(asked.at)]
    told += [h.changed(asked.at, name, value) for name, value in fields.items() if value]
    if asked.assignee:
        told.append(h.assigned(asked.at, asked.assignee))
    events = [event._replace(id=str(number), seq=number) for number, event in enumerate(told)]
    ticket = Ticket(
        provider=provider, source=asked.source or Source(provider=provider), priority=asked.priority,
        client_name=fields["client"], client_id=None if client is None else client.id,
        type=asked.type, team=asked.team, assignee=asked.assignee,
    )  # fmt: skip
    return ticket, events


class _Climber:
    """One clock: what was decided so far."""

    def __init__(
        self,
        clock: ClockFacts,
        off: tuple[str, ...],
        who: Resolve,
        told: Callable[[Recipient, Step, int], Told],
    ) -> None:
        reading = clock.reading
        self.climbed = Climbed(reading.metric, reading.target, reading.deadline, clock.ladder, off)
        self.who, self.told = who, told
        self.state = State()
        self._keys: dict[int, set[str]] = {}
        self._reached: dict[int, Reached] = {}

    def look(self, clock: ClockFacts, held: Held, now: int) -> int | None:
        """Decide as of an instant; when to look again."""
        steps, pace = clock.ladder.steps, clock.pace(held)
        facts = Facts(clock.running, clock.reading.deadline, clock.rungs, waits=clock.waits)
        decision = decide(steps, facts, self.state, self._somebody(steps, clock, now), now, pace)
        for taken in decision.taken:
            step = steps[taken.step]
            reached = Reached(step, taken.at, apart(step, taken.at, facts.deadline, pace))
            self._reached[taken.step] = reached
            self.climbed.steps.append(reached)
        self._tell(steps, decision, now)
        settled = self.state.settled | {taken.step for taken in decision.taken}
        self.state = State(now - LATE, settled, decision.chain)
        return decision.next

    def _somebody(self, steps: Sequence[Step], clock: ClockFacts, now: int) -> dict[int, list[bool]]:
        chain: Chain | None = self.state.chain
        asked = in_question(clock.rungs, self.state.settled, chain.step if chain else None, now)
        return {
            step: [bool(self._fresh(steps[step], step, link, now)) for link in steps[step].chain]
            for step in asked
        }

    def _fresh(self, step: Step, number: int, link: Link, now: int) -> list[Recipient]:
        """Those of a link who were not told of the step yet."""
        return [one for one in self.who(link, step, now) if one.key not in self._keys.get(number, ())]

    def _tell(self, steps: Sequence[Step], decision: Decision, now: int) -> None:
        for tell in decision.tells:
            step = steps[tell.step]
            link = step.chain[tell.place]
            some = [] if tell.nobody else self._fresh(step, tell.step, link, now)
            self._keys.setdefault(tell.step, set()).update(one.key for one in some)
            turn = Turn(now, link, tuple(self.told(one, step, now) for one in some))
            self._reached[tell.step].turns.append(turn)

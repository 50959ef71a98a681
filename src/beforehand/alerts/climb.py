"""One clock on its ladder: what was decided before, the decision, and the rows that come of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from beforehand.engine.codes import METRICS
from beforehand.engine.instants import to_instant
from beforehand.kernel.due.handlers import Next
from beforehand.kernel.fields import from_micros
from beforehand.promises.file.ladders import say_at
from beforehand.promises.ladders import Step

from .actions import action
from .decide import LIVE, OVERDUE, Chain, Decision, Facts, Rung, State, Taken, Tell, decide, in_question
from .delivering import delivery
from .dismissing import NOISE
from .facts import ClockFacts, TicketFacts
from .holding import LONGEST
from .incidents import ask_to_close
from .models import Alert, Delivery, StepTaken
from .numbers import by_number, said
from .recipients import Recipient, resolve
from .remarks import STOPPED, reached

if TYPE_CHECKING:
    from .monitor import Look

_TAKEN_OFF = "the step was taken off the ladder"
_SETTLED = {"met": Alert.Outcome.SAVED, "breached": Alert.Outcome.LATE}


class Climb:
    """What is done about one clock in one look."""

    def __init__(
        self, look: Look, facts: TicketFacts, clock: ClockFacts, alert: Alert | None, seen: int | None
    ) -> None:
        self.look, self.facts, self.clock, self.alert, self.seen = look, facts, clock, alert, seen
        self.taken = look.store.steps(alert)
        at, place = (alert.chain_step, alert.chain_place) if alert else (None, 0)
        self.steps: Mapping[int, Step] = by_number(clock.ladder.steps, self.taken, at, place)
        self.rungs = tuple(
            Rung(number, rung.at) for number, rung in zip(self.steps, clock.rungs, strict=True)
        )
        self.moved = False
        """Whether anything came of it that pages show."""
        self._links: dict[tuple[int, int], tuple[Recipient, ...]] = {}

    def go(self) -> Next:
        """Decide, write what was decided, and say when to look again."""
        alert, reading = self.alert, self.clock.reading
        if alert is not None and alert.ended is not None and not reading.is_open:
            return None
        running = self.clock.running
        # What somebody said is noise tells nothing more, whatever is put on its ladder.
        noise = any(row.how == NOISE for row in self.taken)
        settled = frozenset(self.steps) if noise else frozenset(row.step for row in self.taken)
        chain = self._chain()
        held = self._held()
        facts = Facts(running, reading.deadline, self.rungs, self._action(), self.clock.waits)
        state = State(self.seen, settled, chain, held)
        decision = decide(
            self.steps, facts, state, self._somebody(), self.look.instant, self.clock.pace(self.facts.held)
        )
        before = self.alert
        over = "" if running else f"{STOPPED}: {reading.verdict}"
        self._write(decision, over)
        self.moved = self.alert is not None and (
            before is None or bool(decision.taken or decision.tells or decision.ended) or not running
        )
        if not running and self.alert is not None and self.alert.ended is None:
            verdict = reading.verdict
            steps = self.look.store.steps(self.alert)
            end(self.alert, steps, self.look.now, over, verdict)
        return decision.next

    def _chain(self) -> Chain | None:
        alert = self.alert
        if alert is None or alert.chain_step is None or alert.chain_start is None:
            return None
        at = None if alert.chain_next is None else to_instant(alert.chain_next)
        if alert.chain_step not in self.steps:
            return None  # it was taken off the ladder meanwhile
        if at is not None and alert.chain_place >= len(self.steps[alert.chain_step].chain):
            at = None
        if at is not None and self._undelivered(alert, alert.chain_step):
            at = min(at, self.look.instant)
        return Chain(alert.chain_step, to_instant(alert.chain_start), alert.chain_place, at)

    def _held(self) -> int | None:
        """Until when somebody has it: at most to the deadline, be it one that came to be earlier since they said so."""
        alert, deadline = self.alert, self.clock.reading.deadline
        if alert is None or alert.held_until is None:
            return None
        held, said_at = to_instant(alert.held_until), self.look.store.said(alert)
        if deadline is None or said_at is None:
            return held
        return min(held, deadline if deadline > said_at else said_at + LONGEST)

    def _undelivered(self, alert: Alert, step: int) -> bool:
        """Whether nobody of the link that was told last could be reached: the next one's turn is now."""
        told = self.look.store.told(alert)
        states = {one.state for one in told if one.step == step and one.place == alert.chain_place - 1}
        # Who was not it any more is not who was told.
        return states - {Delivery.State.DROPPED} == {Delivery.State.FAILED}

    def _action(self) -> str:
        alert = self.alert
        if alert is None or alert.chain_step is None or alert.chain_known is None:
            return ""
        ids = {event.id for event in self.facts.arrived[alert.chain_known :]}
        if not ids or alert.chain_step not in self.steps:
            return ""
        ticket, terms = self.facts.ticket, self.facts.held.terms.terms
        moves = self.steps[alert.chain_step].moves
        return action(
            self.facts.history.events, ids, terms.statuses, ticket.board, moves, ticket.source.texts
        )

    def _somebody(self) -> dict[int, Sequence[bool]]:
        """For the steps whose chain may go on now, which links resolve to anybody who was not told of it yet."""
        known, chain = {row.step for row in self.taken}, self.alert.chain_step if self.alert else None
        found: dict[int, Sequence[bool]] = {}
        for step in in_question(self.rungs, known, chain, self.look.instant) & self.steps.keys():
            told: set[str] = self._told(step) if self.alert is not None else set()
            found[step] = [
                any(one.key not in told for one in self._link(step, place))
                for place in range(len(self.steps[step].chain))
            ]
        return found

    def _told(self, step: int) -> set[str]:
        return {one.recipient for one in self.look.store.told(self.alert) if one.step == step}

    def _link(self, step: int, place: int) -> tuple[Recipient, ...]:
        key = (step, place)
        if key not in self._links:
            it, look = self.steps[step], self.look
            self._links[key] = resolve(
                it.chain[place], it, self.facts.ticket, look.staff, look.places, look.instant
            )
        return self._links[key]

    def _write(self, decision: Decision, over: str) -> None:
        now, before = self.look.now, self.alert
        if before is not None and before.chain_step is not None:
            ended = decision.ended or over or ("" if before.chain_step in self.steps else _TAKEN_OFF)
            for row in self.taken:
                if row.step == before.chain_step:
                    self._go_on(row, ended)
        if decision.taken:
            self._open(decision.taken)
        alert = self.alert
        if alert is None:
            return
        rows = [self._take(alert, taken) for taken in decision.taken]
        self._keep_chain(alert, decision.chain)
        alert.ladder = self.clock.ladder.name
        if decision.ended and decision.chain is None:
            ask_to_close(alert, now)
        alert.rehearsal = not self.look.rehearsal.rings(self.facts.ticket, alert.ladder)
        alert.held_until = None if decision.held_until is None else from_micros(decision.held_until)
        if alert.held_until is None:
            alert.held_by = ""
        for tell in decision.tells:
            self._tell(alert, tell)
        self._remark(alert, rows)

    def _remark(self, alert: Alert, rows: Iterable[StepTaken]) -> None:
        """What rings is worth a note on the ticket."""
        deadline = None if self.clock.waits else self.clock.reading.deadline
        for row in rows:
            if row.how in (LIVE, OVERDUE) and not alert.rehearsal:
                self.look.store.remark(reached(alert, row, deadline, self.look.provider.zone))

    def _take(self, alert: Alert, taken: Taken) -> StepTaken:
        step = self.steps[taken.step]
        row = StepTaken(
            provider=self.look.provider, alert=alert, step=taken.step, how=taken.how, said=say_at(step),
            at=from_micros(taken.at), taken=self.look.now, links=said(step.chain),
        )  # fmt: skip
        self.look.store.take(row)
        return row

    def _go_on(self, row: StepTaken, ended: str) -> None:
        """The chain of a step is over, or goes on, perhaps as another than when the step was taken."""
        if ended:
            row.ended, row.ended_by = self.look.now, ended[:200]
        elif row.links:
            row.links = said(self.steps[row.step].chain)

    def _open(self, taken: Sequence[Taken]) -> None:
        last = taken[-1]
        step, reading = self.steps[last.step], self.clock.reading
        if self.alert is None:
            ticket = self.facts.ticket
            self.alert = Alert(
                provider=self.look.provider, ticket=ticket, metric=METRICS.index(reading.metric),
                number=reading.number, cycle=reading.cycle, ladder=self.clock.ladder.name, opened=self.look.now,
                rehearsal=True,
            )  # fmt: skip
            self.look.store.add(self.alert)
        self.alert.reached, self.alert.reached_at = say_at(step), from_micros(last.at)
        self.alert.expects = step.expects
        self.alert.ended = None

    def _keep_chain(self, alert: Alert, chain: Chain | None) -> None:
        if chain is None:
            alert.chain_step = alert.chain_start = alert.chain_next = alert.chain_known = None
            alert.chain_place = 0
            return
        if alert.chain_step != chain.step or alert.chain_known is None:
            alert.chain_known = len(self.facts.arrived)
        alert.chain_step, alert.chain_place = chain.step, chain.place
        alert.chain_start = from_micros(chain.start)
        alert.chain_next = None if chain.next_at is None else from_micros(chain.next_at)

    def _tell(self, alert: Alert, tell: Tell) -> None:
        if tell.nobody:
            for row in self.look.store.steps(alert):
                if row.step == tell.step:
                    row.nobody = [*row.nobody, tell.place]
            return
        told = self._told(tell.step)
        for recipient in self._link(tell.step, tell.place):
            if recipient.key not in told:
                made = delivery(alert, self.steps[tell.step], tell, recipient, self.look.now)
                self.look.store.deliver(made, recipient.reach)


def end(alert: Alert, steps: Iterable[StepTaken], now: datetime, why: str, verdict: str) -> None:
    """The alert is over; what it led to is kept."""
    for row in steps:
        if row.step == alert.chain_step and row.ended is None:
            row.ended, row.ended_by = now, why[:200]
    alert.ended, alert.ended_by = now, why[:200]
    if not alert.outcome:
        alert.outcome = _SETTLED.get(verdict, Alert.Outcome.NOISE)
    alert.chain_next = alert.held_until = None
    ask_to_close(alert, now)

"""One clock on its ladder: what was decided before, the decision, and the rows that come of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from beforehand.engine.codes import METRICS
from beforehand.engine.instants import to_instant
from beforehand.kernel.due.handlers import Next
from beforehand.kernel.fields import from_micros
from beforehand.promises.file.ladders import say_at
from beforehand.promises.ladders import Step

from .actions import action
from .decide import WALL, Chain, Decision, Facts, Pace, State, Taken, Tell, decide
from .delivering import deliver, recipient_of
from .facts import ClockFacts, TicketFacts
from .incidents import ask_to_close
from .models import Alert, Delivery, StepTaken
from .recipients import Recipient, resolve

if TYPE_CHECKING:
    from .monitor import Look

_SETTLED = {"met": Alert.Outcome.SAVED, "breached": Alert.Outcome.LATE}


class Climb:
    """What is done about one clock in one look."""

    def __init__(
        self, look: Look, facts: TicketFacts, clock: ClockFacts, alert: Alert | None, seen: int | None
    ) -> None:
        self.look, self.facts, self.clock, self.alert, self.seen = look, facts, clock, alert, seen
        self.steps: Sequence[Step] = clock.ladder.steps
        self.taken = list(StepTaken.objects.filter(provider=look.provider, alert=alert)) if alert else []
        self.moved = False
        """Whether anything came of it that pages show."""
        self._links: dict[tuple[int, int], tuple[Recipient, ...]] = {}

    def go(self) -> Next:
        """Decide, write what was decided, and say when to look again."""
        alert, reading = self.alert, self.clock.reading
        if alert is not None and alert.ended is not None and not reading.is_open:
            return None
        running = reading.is_open and reading.verdict in ("none", "breached")
        settled = frozenset(row.step for row in self.taken)
        chain = self._chain()
        held = None if alert is None or alert.held_until is None else to_instant(alert.held_until)
        waits = reading.run == "paused" and reading.verdict == "none"
        facts = Facts(running, reading.deadline, self.clock.rungs, self._action(), waits)
        state = State(self.seen, settled, chain, held)
        decision = decide(self.steps, facts, state, self._somebody(), self.look.instant, self._pace())
        before = self.alert
        self._write(decision)
        self.moved = self.alert is not None and (
            before is None or bool(decision.taken or decision.tells or decision.ended) or not running
        )
        if not running and self.alert is not None and self.alert.ended is None:
            verdict = reading.verdict
            self.end(self.alert, self.look.now, f"the clock stopped: {verdict}", verdict)
        return decision.next

    def _chain(self) -> Chain | None:
        alert = self.alert
        if alert is None or alert.chain_step is None or alert.chain_start is None:
            return None
        at = None if alert.chain_next is None else to_instant(alert.chain_next)
        if alert.chain_step >= len(self.steps) or alert.chain_place > len(self.steps[alert.chain_step].chain):
            return None  # the ladder was made shorter meanwhile
        if at is not None and alert.chain_place >= len(self.steps[alert.chain_step].chain):
            at = None
        if at is not None and self._undelivered(alert, alert.chain_step):
            at = min(at, self.look.instant)
        return Chain(alert.chain_step, to_instant(alert.chain_start), alert.chain_place, at)

    def _undelivered(self, alert: Alert, step: int) -> bool:
        """Whether nobody of the link that was told last could be reached: the next one's turn is now."""
        told = Delivery.objects.filter(
            provider=self.look.provider, alert=alert, step=step, place=alert.chain_place - 1
        )
        states = set(told.values_list("state", flat=True))
        return states == {Delivery.State.FAILED}

    def _action(self) -> str:
        alert = self.alert
        if alert is None or alert.chain_step is None or alert.chain_known is None:
            return ""
        ids = {event.id for event in self.facts.arrived[alert.chain_known :]}
        if not ids or alert.chain_step >= len(self.steps):
            return ""
        ticket, terms = self.facts.ticket, self.facts.held.terms.terms
        moves = self.steps[alert.chain_step].moves
        return action(
            self.facts.history.events, ids, terms.statuses, ticket.board, moves, ticket.source.texts
        )

    def _pace(self) -> Pace:
        if not self.clock.ladder.in_hours:
            return WALL
        hours = self.facts.held.terms.coverage
        return Pace(hours.add, hours.between)

    def _somebody(self) -> dict[int, Sequence[bool]]:
        """For the steps whose chain may go on now, which links resolve to anybody who was not told of it yet."""
        now, known = self.look.instant, {row.step for row in self.taken}
        current = {self.alert.chain_step} if self.alert and self.alert.chain_step is not None else set()
        reached = {r.step for r in self.clock.rungs if r.at is not None and r.at <= now} - known
        found: dict[int, Sequence[bool]] = {}
        for step in (current | reached) & set(range(len(self.steps))):
            told: set[str] = self._told(step) if self.alert is not None else set()
            found[step] = [
                any(one.key not in told for one in self._link(step, place))
                for place in range(len(self.steps[step].chain))
            ]
        return found

    def _told(self, step: int) -> set[str]:
        rows = Delivery.objects.filter(provider=self.look.provider, alert=self.alert, step=step)
        return {recipient_of(key) for key in rows.values_list("key", flat=True)}

    def _link(self, step: int, place: int) -> tuple[Recipient, ...]:
        key = (step, place)
        if key not in self._links:
            it, look = self.steps[step], self.look
            self._links[key] = resolve(
                it.chain[place], it, self.facts.ticket, look.staff, look.places, look.instant
            )
        return self._links[key]

    def _write(self, decision: Decision) -> None:
        now, before = self.look.now, self.alert
        if decision.ended and before is not None and before.chain_step is not None:
            rows = StepTaken.objects.filter(provider=self.look.provider, alert=before, step=before.chain_step)
            rows.update(ended=now, ended_by=decision.ended[:200])
        if decision.taken:
            self._open(decision.taken)
        alert = self.alert
        if alert is None:
            return
        for taken in decision.taken:
            StepTaken.objects.create(
                provider=self.look.provider, alert=alert, step=taken.step, how=taken.how,
                said=say_at(self.steps[taken.step]), at=from_micros(taken.at), taken=now,
            )  # fmt: skip
        self._keep_chain(alert, decision.chain)
        if decision.ended and decision.chain is None:
            ask_to_close(alert, now)
        alert.rehearsal = not self.look.rehearsal.rings(self.facts.ticket, alert.ladder)
        alert.held_until = None if decision.held_until is None else from_micros(decision.held_until)
        if alert.held_until is None:
            alert.held_by = ""
        alert.save()
        for tell in decision.tells:
            self._tell(alert, tell)

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
        self.alert.reached, self.alert.reached_at = say_at(step), from_micros(last.at)
        self.alert.expects = step.expects
        self.alert.ended = None
        self.alert.save()

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
            row = StepTaken.objects.get(provider=self.look.provider, alert=alert, step=tell.step)
            row.nobody = [*row.nobody, tell.place]
            row.save(update_fields=["nobody"])
            return
        told = self._told(tell.step)
        for recipient in self._link(tell.step, tell.place):
            if recipient.key not in told:
                deliver(alert, self.steps[tell.step], tell, recipient, self.look.now)

    @staticmethod
    def end(alert: Alert, now: datetime, why: str, verdict: str) -> None:
        """The alert is over; what it led to is kept."""
        if alert.chain_step is not None:
            step = StepTaken.objects.filter(provider=alert.provider_id, alert=alert, step=alert.chain_step)
            step.filter(ended__isnull=True).update(ended=now, ended_by=why[:200])
        alert.ended, alert.ended_by = now, why[:200]
        if not alert.outcome:
            alert.outcome = _SETTLED.get(verdict, Alert.Outcome.NOISE)
        alert.chain_next = alert.held_until = None
        alert.save()
        ask_to_close(alert, now)

"""When each link of a step's chain should have been told: its own arithmetic, by what was known and what people did.

Part of the second check (audit.py). Where two things happened so near to each other that either may have come first, a
link may be told, or not: `Link.must` is then off.
"""

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from beforehand.engine.instants import HOUR, to_instant

from .audit_due import Call
from .audit_known import Known, Stand
from .audit_was import Was
from .models import Delivery, StepTaken


class Link(NamedTuple):
    """A link of a chain, told from `early` on and by `late`, if it `must` be told; whom it told, as far as it did."""

    call: Call
    place: int
    early: int
    late: int
    must: bool
    rows: Sequence[Delivery]
    nobody: bool


class _Still(Enum):
    GOES_ON, MAYBE, ENDED = range(3)


class Chains:
    """The chains of a ticket's steps. Instants until `until`; `grace` is how near two can be to be one."""

    def __init__(self, known: Known, was: Was, calls: Sequence[Call], until: int, grace: int) -> None:
        self.known, self.was, self.calls, self.until, self.grace = known, was, calls, until, grace

    def links(self, call: Call, row: StepTaken) -> Iterator[Link]:
        """The links that should have been told of a step that was taken, until its chain ended or time did."""
        step, key = call.ladder.steps[call.step], call.key
        began = early = late = to_instant(row.taken)
        must = call.must
        for place in range(len(step.chain)):
            early, late = self._held(call, early, -self.grace), self._held(call, late, self.grace)
            early, late = min(early, late), max(early, late)
            still = self._still(call, place, began, early, late)
            if still is _Still.ENDED:
                return
            must = must and still is _Still.GOES_ON and late + self.grace <= self.until
            rows, nobody = self.was.told.get((key, call.name, place), ()), place in row.nobody
            yield Link(call, place, early, late, must, rows, nobody)
            must = must and bool(rows or nobody)
            at = min((to_instant(one.created) for one in rows), default=late)
            following = (at, at) if nobody and not rows else self._following(call, place, at, rows)
            if following is None:
                return
            early, late = following

    def _held(self, call: Call, at: int, margin: int) -> int:
        """The instant, or when the hold ends that somebody has by then."""
        while True:
            holds = self.was.holds.get(call.key, ())
            said = [self._until(call, *hold) for hold in holds if hold[0] <= at + margin]
            if not said or said[-1] <= at:
                return at
            at = said[-1]

    def _until(self, call: Call, since: int, until: int) -> int:
        """Until when a hold held: to the deadline at most, also to one that what arrived meanwhile made earlier; said
        when that was over, for an hour.
        """
        for at in self.known.arrivals:
            stand = self.known.stands(at).get(call.key) if since < at < until else None
            if stand is not None and stand.deadline is not None:
                most = stand.deadline if stand.deadline > since else since + HOUR
                until = min(until, max(at, most))
        return until

    def _still(self, call: Call, place: int, began: int, early: int, late: int) -> _Still:
        """Whether the chain still goes on by then."""
        first, last = early - self.grace, late + self.grace
        later = [one for one in self.calls if one.key == call.key and one.has_chain and one.at > call.at]
        if any(one.must and one.at <= first for one in later):
            return _Still.ENDED
        silenced = self.was.silenced(call.key)
        if silenced is not None and silenced <= first:
            return _Still.ENDED
        moves = call.ladder.steps[call.step].moves
        waited = place > 0 or early > began
        if waited and self.known.acted(began + self.grace, first, moves):
            return _Still.ENDED
        before, after = self._stand(call, max(first, call.at)), self._stand(call, last)
        if before is None and after is None:
            return _Still.ENDED
        unsure = (
            any(one.early <= last for one in later)
            or (silenced is not None and silenced <= last)
            or (waited and self.known.acted(began - self.grace, last, moves))
            or before is None
            or after is None
            or after.ladder.steps != call.ladder.steps
        )
        return _Still.MAYBE if unsure else _Still.GOES_ON

    def _stand(self, call: Call, at: int) -> Stand | None:
        """The clock, where by what was known at an instant it runs, or waits."""
        stand = self.known.stands(at).get(call.key)
        return stand if stand is not None and stand.running else None

    def _following(self, call: Call, place: int, at: int, rows: Sequence[Delivery]) -> tuple[int, int] | None:
        """When the next link is told, at the earliest and the latest, if one was told `at`."""
        # What arrived in the same moment may have been known, or not.
        planned = {self._planned(call, place + 1, at, by) for by in (at - self.grace, at, at + self.grace)}
        known = [one for one in planned if one is not None]
        if not known or None in planned:
            return None
        early, late = min(known), max(known)
        given_up = self.was.given_up(rows)
        if given_up is not None:
            # Nobody was reached: it is the next one's turn.
            early, late = min(early, given_up), min(late, max(given_up, at))
        return early, late

    def _planned(self, call: Call, place: int, at: int, by: int) -> int | None:
        """By the step's own interval, or a shorter one by which the last of the chain still hears before the deadline;
        counted from where the step stands, or from now where that is over.
        """
        stand = self.known.stands(at, by=max(by, call.at)).get(call.key)
        if stand is None:
            return None
        step, hours = call.ladder.steps[call.step], stand.hours if call.ladder.in_hours else None
        left = 0
        if stand.deadline is not None and stand.deadline > call.rung:
            left = hours.between(call.rung, stand.deadline) if hours else stand.deadline - call.rung
        people = len(step.chain)
        every = left // people if 0 < left < step.every * people else step.every

        def after(start: int, amount: int) -> int | None:
            return hours.add(start, amount) if hours else start + amount

        planned = after(call.rung, every * place)
        return planned if planned is None or planned > at else after(at, every)

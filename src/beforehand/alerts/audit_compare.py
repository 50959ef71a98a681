"""Holds what was told of a ticket to what should have been: each difference in words. Part of audit.py."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from beforehand.engine.codes import METRICS
from beforehand.engine.instants import to_instant
from beforehand.promises.file.ladders import say_at

from .audit_chain import Chains, Link
from .audit_due import FRESH, Call, Calls
from .audit_known import Key, Known
from .audit_rings import Rings
from .audit_waits import Waits
from .audit_was import LIVE, NOISE, OVERDUE, PASSED, Was
from .ladders import in_words
from .models import Delivery, Finding, StepTaken

Kind = Finding.Kind
CHANGED = "the agreements changed meanwhile"
_OPEN = (Delivery.State.WAITING, Delivery.State.SENDING)


class Scope(NamedTuple):
    """What is judged: from `since` until `until`, by what is known since `base`; `grace` is what may pass between an
    instant and what is done at it. `awake`: when a worker is known to have worked, in order.
    """

    base: int
    since: int
    until: int
    grace: int
    awake: Sequence[int]
    rings: Rings
    waits: Waits

    def was_awake(self, start: int, end: int) -> bool:
        """Whether a worker is known to have worked after one instant, and by the other."""
        return bisect_right(self.awake, end) > bisect_right(self.awake, start)

    def was_away(self, start: int, end: int) -> bool:
        """Whether nothing says that a worker was there between two instants."""
        return not self.was_awake(start + self.grace, end - 2 * self.grace)


class Difference(NamedTuple):
    """Something that was not as it should be: `said` without times, `due` and `found` those times."""

    kind: Kind
    key: Key
    step: str
    place: int
    whom: str
    due: int | None
    found: int | None
    said: str


class Judged(NamedTuple):
    """What a ticket came to: steps that were judged, those of them that were late and said so, others, differences."""

    steps: int
    explained: int
    reasons: Counter[str]
    differences: list[Difference]


def compare(known: Known, was: Was, scope: Scope) -> Judged:
    """Judge one ticket."""
    return _Judge(known, was, scope).go()


class _Judge:
    def __init__(self, known: Known, was: Was, scope: Scope) -> None:
        self.known, self.was, self.scope = known, was, scope
        self.calls = Calls(known, scope.base, scope.until, scope.grace)
        self.chains = Chains(known, was, self.calls.made, scope.until, scope.grace)
        self.judged: set[tuple[Key, str]] = set()
        self.explained: set[tuple[Key, str]] = set()
        self.reasons: Counter[str] = Counter()
        self.found: list[Difference] = []
        self.allowed: set[tuple[Key, str, int]] = set()

    def go(self) -> Judged:
        for key, steps in self.calls.before.items():
            self._allow(key, steps)
            self.reasons[CHANGED] += sum(at > self.scope.since for at in steps.values())
        for call in self.calls.made:
            self._call(call)
        for (key, step, place), rows in self.was.told.items():
            self._rows(key, step, place, rows)
        reasons = +self.reasons
        return Judged(len(self.judged), len(self.explained), reasons, self.found)

    def _allow(self, key: Key, steps: Iterable[str]) -> None:
        told = [name for name in self.was.told if name[0] == key]
        self.allowed |= {name for name in told if name[1] in set(steps)}

    def _is_inside(self, at: int) -> bool:
        return self.scope.since < at <= self.scope.until

    def _call(self, call: Call) -> None:
        row = self.was.steps.get((call.key, call.name))
        if not call.must:
            self._allow(call.key, [call.name])
            if call.why and self._is_inside(call.at):
                self.reasons[call.why] += 1
            return
        if self._is_silenced(call, row) or call.at + self.scope.grace > self.scope.until:
            self._allow(call.key, [call.name])
            return
        if row is not None and to_instant(row.taken) <= self.scope.base:
            # By the agreements of before it was reached before.
            self._allow(call.key, [call.name])
            self.reasons[CHANGED] += self._is_inside(call.at)
            return
        if row is None or row.said != call.name:
            self._not_taken(call, "the step was not taken")
            return
        if self._is_inside(call.at):
            self.judged.add((call.key, call.name))
        if row.how in (LIVE, OVERDUE):
            self._lateness(call, row)
            self._chain(call, row)
        elif row.how != PASSED or not self._may_be_passed(call, to_instant(row.taken)):
            self._not_taken(call, "it was passed over, and no later step was told in its stead")

    def _is_silenced(self, call: Call, row: StepTaken | None) -> bool:
        silenced = self.was.silenced(call.key)
        if row is not None and row.how == NOISE:
            return True
        return silenced is not None and silenced <= call.at + self.scope.grace

    def _may_be_passed(self, call: Call, taken: int) -> bool:
        """Whether a step could be left out: another was reached as well by then, or the clock waits, after nobody
        worked for a while.
        """
        later = any(
            one.key == call.key and call.at <= one.at <= taken for one in self.calls.made if one is not call
        )
        stand = self.known.stands(taken).get(call.key)
        waits = stand is not None and stand.waits
        if not (later or waits) or not self.scope.was_away(call.at, taken):
            return False
        self._explain(call, call.at)
        return True

    def _not_taken(self, call: Call, why: str) -> None:
        self._allow(call.key, [call.name])
        if not self._is_inside(call.at) or not self.scope.was_awake(
            call.at + self.scope.grace, self.scope.until
        ):
            return  # Else the next check knows more.
        self.judged.add((call.key, call.name))
        self._differs(Kind.MISSING, call, 0, call.at, None, why)

    def _lateness(self, call: Call, row: StepTaken) -> None:
        taken = to_instant(row.taken)
        # What is seen for the first time may come with ten thousand others.
        by = call.at + (max(FRESH, self.scope.grace) if call.sight else self.scope.grace)
        if taken <= by or not self._is_inside(call.at):
            return
        if row.how == OVERDUE and self.scope.was_away(call.at, taken):
            self._explain(call, call.at)
        else:
            self._differs(Kind.LATE, call, 0, call.at, taken, "the step was taken late")

    def _explain(self, call: Call, at: int) -> None:
        if self._is_inside(at):
            self.explained.add((call.key, call.name))

    def _chain(self, call: Call, row: StepTaken) -> None:
        last: Link | None = None
        for link in self.chains.links(call, row):
            self.allowed.add((call.key, call.name, link.place))
            self._link(link)
            if link.rows:
                last = link
            elif not link.nobody and link.late + self.scope.grace > self.scope.until:
                break
        if last is not None:
            self._unheard(last)

    def _link(self, link: Link) -> None:
        call, grace = link.call, self.scope.grace
        at = min((to_instant(row.created) for row in link.rows), default=None)
        if at is None:
            if (
                link.must
                and not link.nobody
                and self._is_inside(link.late)
                and self.scope.was_awake(link.late + grace, self.scope.until)
            ):
                self._differs(Kind.MISSING, call, link.place, link.late, None, "nobody was told")
            return
        early = max(link.early, call.early)
        if at < early - grace:
            self._differs(Kind.UNWANTED, call, link.place, early, at, "it was told before its time")
        elif link.must and at > link.late + grace and self._is_inside(link.late):
            if at - link.late > FRESH and self.scope.was_away(link.late, at):
                self._explain(call, link.late)
            else:
                self._differs(Kind.LATE, call, link.place, link.late, at, "it was told late")

    def _unheard(self, link: Link) -> None:
        """A chain whose last messages reached nobody, after which nobody was told of this clock."""
        given_up = self.was.given_up(link.rows)
        if given_up is None or not self._is_inside(given_up + self.scope.grace):
            return
        heard = any(
            row.state != Delivery.State.FAILED and to_instant(row.created) >= given_up - self.scope.grace
            for (key, _, _), rows in self.was.told.items()
            if key == link.call.key
            for row in rows
        )
        if not heard:
            why = "it could not be delivered, and nobody was told after"
            self._differs(Kind.UNHEARD, link.call, link.place, given_up, None, why)

    def _rows(self, key: Key, step: str, place: int, rows: Sequence[Delivery]) -> None:
        """The messages to a link: whether anything called for them, and whether they went in time."""
        first = min(to_instant(row.created) for row in rows)
        taken, role = self.was.steps.get((key, step)), ", ".join(dict.fromkeys(row.role for row in rows))
        said = taken.said if taken is not None else step
        # What was told before went by other agreements, and on another ladder perhaps.
        known = first > self.scope.base
        if (key, step, place) not in self.allowed and known and self._is_inside(first):
            self._add(Kind.UNWANTED, key, said, place, role, None, first, "nothing called for it")
        for row in rows:
            late = self._is_late(row)
            if late is not None:
                kind = Kind.WAITING if row.sent is None else Kind.LATE
                why = "the message still waits" if row.sent is None else "the message went late"
                sent = None if row.sent is None else to_instant(row.sent)
                self._add(kind, key, said, place, row.role, late, sent, f"{why}, and nothing says why")
                break
        rehearsed = [row for row in rows if row.state == Delivery.State.REHEARSED]
        if rehearsed and self._is_inside(first) and self._rang(key, first):
            why = "it only rehearsed, though everything was switched on"
            self._add(Kind.MISSING, key, said, place, role, first, None, why)

    def _is_late(self, row: Delivery) -> int | None:
        """By when a message should have gone that did not, without a reason; None where all is well."""
        ends = self.scope.until if row.sent is None else to_instant(row.sent)
        if row.state not in (*_OPEN, Delivery.State.SENT) or (
            row.sent is not None and self.was.was_refused(row)
        ):
            return None
        by = self.scope.waits.latest(row)
        if ends <= by + self.scope.grace or not self._is_inside(by):
            return None
        away = self.scope.was_away(by, ends) if row.sent is not None else not self.scope.was_awake(by, ends)
        return None if (away and ends - by > FRESH) or (away and row.sent is None) else by

    def _rang(self, key: Key, at: int) -> bool:
        alert = self.was.alerts[key]
        client, priority, kind = self.known.held_to(at)
        rings = self.scope.rings.rang(self.known.ticket.source_id, client, alert.ladder, priority, kind)
        return rings is not None and rings < at - self.scope.grace

    def _differs(self, kind: Kind, call: Call, place: int, due: int, found: int | None, why: str) -> None:
        step = call.ladder.steps[call.step]
        whom = in_words(step.chain[place]) if place < len(step.chain) else "the board"
        self._add(kind, call.key, say_at(step), place, whom, due, found, why)

    def _add(
        self,
        kind: Kind,
        key: Key,
        step: str,
        place: int,
        whom: str,
        due: int | None,
        found: int | None,
        why: str,
    ) -> None:
        said = f"{METRICS[key[0]]}, {step}, {whom}: {why}"
        self.found.append(Difference(kind, key, step, place, whom, due, found, said))

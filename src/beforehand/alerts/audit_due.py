"""Which steps should have been told of a ticket, and when: worked out anew from what was known at each instant.

Part of the second check (audit.py). It goes from one arrival of events to the next, and in between reads the clocks as
they ran by what was known. It is written apart from decide.py, by what docs/guide/alerts.md promises.
"""

from typing import NamedTuple

from beforehand.engine.instants import MINUTE
from beforehand.promises.file.ladders import say_at
from beforehand.promises.ladders import Ladder

from .audit_known import Key, Known, Stand

FRESH = 10 * MINUTE
"""What arrives late but puts a step no further back than this is of the present; further back it is of the past."""
CROWDED = "events arrived in the same minute"
UNKNOWN = "what was known before is too long ago"


class Call(NamedTuple):
    """A step that was reached at `rung`, and should have been told at `at`; none told before `early`.

    `must`: it should; else it may, and `why` says what cannot be judged of it ("" where a later step was told in its
    stead). `sight`: the ticket had never been looked at before.
    """

    key: Key
    step: int
    rung: int
    at: int
    early: int
    must: bool
    ladder: Ladder
    why: str = ""
    sight: bool = False

    @property
    def name(self) -> str:
        """Where the step stands, as it is written."""
        return say_at(self.ladder.steps[self.step])

    @property
    def has_chain(self) -> bool:
        """Whether anybody is told at this step: others only show on the board."""
        return bool(self.ladder.steps[self.step].chain)


class Calls:
    """The steps of a ticket's clocks from `base` until `until`.

    `before`: steps by clock that were reached until `base`: nothing is said of when. `made` are those since.
    """

    def __init__(self, known: Known, base: int, until: int, grace: int) -> None:
        self.known, self.base, self.until, self.grace = known, base, until, grace
        self.before: dict[Key, dict[str, int]] = {}
        self._made: dict[tuple[Key, int], Call] = {}
        self._settled: dict[Key, set[int]] = {}
        self._seen = False
        """Whether a clock of the ticket had ever been seen to run."""
        marks = [base, *(at for at in known.arrivals if base < at < until)]
        for start, end in zip(marks, [*marks[1:], until], strict=True):
            stands = [stand for stand in known.stands(end, by=start).values() if stand.running]
            for stand in stands:
                self._between(stand, start, end)
            self._seen = self._seen or bool(stands)

    @property
    def made(self) -> list[Call]:
        """In the order in which they should have been told."""
        return sorted(self._made.values(), key=lambda call: (call.at, call.rung, call.step))

    def _between(self, stand: Stand, start: int, end: int) -> None:
        """The steps that a clock reached while nothing new arrived, and those that the arrival at `start` put back."""
        settled = self._settled.setdefault(stand.key, set())
        reached = sorted(
            (at, step)
            for step, at in enumerate(stand.instants)
            if at is not None and at <= end and step not in settled
        )
        moved = [(at, step) for at, step in reached if at <= start]
        live = [(at, step) for at, step in reached if at > start]
        if moved and start == self.base:
            self.before[stand.key] = {say_at(stand.ladder.steps[step]): at for at, step in moved}
        elif moved:
            self._arrived(stand, moved, start, bool(live) and live[0][0] <= start + self.grace)
        settled |= {step for _, step in moved}
        for place, (at, step) in enumerate(live):
            # Whoever looks a moment later finds both, and tells the later one.
            followed = place + 1 < len(live) and live[place + 1][0] <= at + self.grace
            crowded = end < self.until and at + self.grace > end
            self._make(Call(stand.key, step, at, at, at, not (followed or crowded), stand.ladder,
                            CROWDED if crowded else ""))  # fmt: skip
            if not crowded:
                settled.add(step)

    def _arrived(self, stand: Stand, moved: list[tuple[int, int]], start: int, followed: bool) -> None:
        """Steps that lie before the arrival which made them: the last is told, unless it is of the past."""
        last, step = moved[-1]
        old = start - last
        sight = not self._seen
        why = ""
        if sight and self.known.count(self.base):
            why = UNKNOWN
        elif sight:
            if stand.waits and old > FRESH:
                return
        elif old >= FRESH + self.grace:
            return
        elif old > FRESH - self.grace:
            why = CROWDED
        self._make(Call(stand.key, step, last, start, start, not (why or followed), stand.ladder, why, sight))
        for at, earlier in moved[:-1]:
            if (stand.key, earlier) in self._made or why:
                self._make(Call(stand.key, earlier, at, start, start, False, stand.ladder))

    def _make(self, call: Call) -> None:
        known = self._made.get((call.key, call.step))
        early = call.early if known is None else min(known.early, call.early)
        self._made[call.key, call.step] = call._replace(early=early)

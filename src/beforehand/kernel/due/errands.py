"""Errands that are being run, each in a thread, none of which writes to the database."""

import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

from .handlers import Claim, Errand, Going

THREADS = 24
A_LANE = 9
"""Errands of one lane that are out: a server that hangs must not stop the others."""
AT_A_TIME = 3
"""Of these so many are run at a time: mail servers are known that take no more connections of one sender (Exchange
Online). The others wait for their turn, so that a lane is not idle while the worker is at something else.
"""


class Back(NamedTuple):
    """An errand that was run: what came of it, or why nothing did."""

    claim: Claim
    errand: Errand
    job: Any
    result: Any
    error: Exception | None = None


class Errands:
    """Those of one worker. All but `_run` is for the worker's own thread; `wake` is set when one is back."""

    def __init__(self, going: Going, wake: threading.Event) -> None:
        self._going, self._wake = going, wake
        self._pool = ThreadPoolExecutor(THREADS, "errand")
        self._out: dict[int, tuple[Claim, Future[Back]]] = {}
        self._lanes: Counter[int] = Counter()
        self._doors: dict[int, threading.Semaphore] = {}

    @property
    def ids(self) -> set[int]:
        """The rows that are being done, or whose end is not noted yet."""
        return set(self._out)

    @property
    def room(self) -> int:
        """How many more can be run."""
        return THREADS - len(self._out)

    @property
    def full(self) -> tuple[int, ...]:
        """Lanes of which no more can be."""
        return tuple(lane for lane, count in self._lanes.items() if count >= A_LANE)

    def split(self, claims: Iterable[Claim]) -> tuple[list[Claim], list[Claim]]:
        """Those for which their lane has room, of each lane the longest due, and the others."""
        fits: list[Claim] = []
        left: list[Claim] = []
        lanes = self._lanes.copy()
        for claim in sorted(claims, key=lambda claim: claim.due_at):
            (fits if lanes[claim.lane] < A_LANE else left).append(claim)
            lanes[claim.lane] += 1
        return fits, left

    def send(self, claim: Claim, errand: Errand, job: Any) -> None:
        """Have it run."""
        self._lanes[claim.lane] += 1
        door = self._doors.setdefault(claim.lane, threading.Semaphore(AT_A_TIME))
        future = self._pool.submit(self._run, claim, errand, job, door)
        self._out[claim.id] = claim, future
        future.add_done_callback(lambda _: self._wake.set())

    def back(self) -> list[Back]:
        """Those that are back; again and again, until `over`."""
        return [future.result() for _, future in self._out.values() if future.done()]

    def over(self, backs: Sequence[Back]) -> None:
        """What came of them is noted."""
        for back in backs:
            del self._out[back.claim.id]
            self._lanes[back.claim.lane] -= 1
            if not self._lanes[back.claim.lane]:
                del self._lanes[back.claim.lane], self._doors[back.claim.lane]

    def wait(self) -> None:
        """Until all are back."""
        for _, future in list(self._out.values()):
            future.result()

    def close(self) -> None:
        """Wait for those that are run; no more are."""
        self._pool.shutdown(wait=True)

    def _run(self, claim: Claim, errand: Errand, job: Any, door: threading.Semaphore) -> Back:
        try:
            with door:
                return Back(claim, errand, job, errand.run(job, self._going))
        except Exception as error:  # noqa: BLE001  (whatever it is, it must not end the worker's other work)
            return Back(claim, errand, job, None, error)

"""How many calls a source takes: a window that rolls, our share of it, and how many at a time."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from beforehand.engine.instants import SECOND

from .trouble import Limited

BUCKETS = 60
"""A window is counted in so many parts: what is kept of it is small, and errs on the careful side."""
SHORT_S = 2.0
"""A wait that a call takes by itself."""


class Limits:
    """Calls to one source, for all threads of a process. Instants in microseconds, by `clock`.

    `most` calls in `window`, None where no limit is known; `at_a_time` calls at once to one endpoint. What is used is
    kept between turns and workers as `used`, parts of the window by their number.
    """

    def __init__(
        self,
        clock: Callable[[], int],
        most: int | None = None,
        window: int = 3_600 * SECOND,
        at_a_time: int = 2,
        used: dict[str, int] | None = None,
    ) -> None:
        self._clock, self._most, self._part, self._at_a_time = (
            clock,
            most,
            max(window // BUCKETS, 1),
            at_a_time,
        )
        self._used = {int(part): count for part, count in (used or {}).items()}
        self._lock = threading.Lock()
        self._doors: dict[str, threading.BoundedSemaphore] = {}
        self.calls = 0
        """Calls made by this object."""

    @contextmanager
    def turn(self, endpoint: str, counted: bool, rest: Callable[[float], None]) -> Iterator[None]:
        """A call's place: waits for one at this endpoint; raises Limited where our share is used up.

        A short wait is spent here, by `rest`; a long one is for whoever called.
        """
        with self._door(endpoint):
            if counted:
                self._count(rest)
            yield

    def wait(self) -> float:
        """Seconds until a call is free again; 0 where one is."""
        with self._lock:
            return self._wait()

    def is_scarce(self, percent: int) -> bool:
        """Whether less than a part of our share is left."""
        with self._lock:
            return self._most is not None and (self._most - self._sum()) * 100 < self._most * percent

    def left(self) -> int | None:
        """Calls that are free now; None where no limit is known."""
        with self._lock:
            return None if self._most is None else max(self._most - self._sum(), 0)

    def used(self) -> dict[str, int]:
        """What is kept of the window."""
        with self._lock:
            self._sum()
            return {str(part): count for part, count in self._used.items()}

    def _count(self, rest: Callable[[float], None]) -> None:
        while wait := self._take():
            if wait > SHORT_S:
                raise Limited("our share of the source's calls is used up", wait)
            rest(wait)

    def _take(self) -> float:
        """Count a call, where one is free; else the seconds until one is."""
        with self._lock:
            wait = self._wait()
            if not wait:
                part = self._clock() // self._part
                self._used[part] = self._used.get(part, 0) + 1
                self.calls += 1
            return wait

    def _wait(self) -> float:
        if self._most is None or self._sum() < self._most:
            return 0.0
        over = self._sum() - self._most
        for part in sorted(self._used):
            over -= self._used[part]
            if over < 0:
                return max(((part + BUCKETS + 1) * self._part - self._clock()) / SECOND, 0.001)
        return self._part * BUCKETS / SECOND

    def _sum(self) -> int:
        last = self._clock() // self._part
        for part in [part for part in self._used if not last - BUCKETS <= part <= last]:
            count = self._used.pop(part)
            if part > last:  # the clock was set back
                self._used[last] = self._used.get(last, 0) + count
        return sum(self._used.values())

    def _door(self, endpoint: str) -> threading.BoundedSemaphore:
        with self._lock:
            return self._doors.setdefault(endpoint, threading.BoundedSemaphore(self._at_a_time))

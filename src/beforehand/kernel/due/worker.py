"""A worker: takes what is due, has it done by whoever registered for it, and never lets one row stop another."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import groupby

from django.db import DatabaseError, connection, transaction

from beforehand.kernel.fields import to_micros

from . import queue
from .crew import BEAT_S, Crew
from .handlers import Claim, Handler, Next, registered

log = logging.getLogger("beforehand.worker")
THREADS = 16
A_LANE = 6
"""Threads that one lane may keep busy: a server that hangs must not stop the others."""
LOOKS_S = 0.2
"""How often it is looked for what is due, where nothing was."""
ASKED_S = 10.0
"""How often it is asked which providers there are."""


class Hands:
    """What one that works alone, in a thread, settles its row with."""

    def __init__(self, claim: Claim, crew: Crew, clock: Callable[[], datetime]) -> None:
        self.claim, self.clock, self._crew = claim, clock, crew

    def hold(self) -> None:
        """Within a transaction: nobody takes the row over until it ends. Lost where somebody has."""
        queue.hold(self.claim, self._crew.me)

    def settle(self, at: Next) -> None:
        """Within a transaction: done, and due again at an instant or never. Lost where somebody has taken over."""
        queue.settle([self.claim], [at], self._crew.me)

    def refuse_stale(self) -> None:
        """Lost where this process has stood still for so long that another may do the same by now."""
        if not self._crew.is_fresh:
            raise queue.Lost(self.claim)


class Worker:
    """Works until `stop`. `clock` says what time it is, `providers` whose rows to look for."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        providers: Callable[[], Sequence[int]],
        handlers: Sequence[Handler] = (),
    ) -> None:
        self.clock, self._ask_providers = clock, providers
        self.handlers = {handler.kind: handler for handler in handlers or registered()}
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(THREADS, "due")
        self._lanes: Counter[int] = Counter()
        self._at: set[int] = set()
        self._lock = threading.Lock()
        self._providers: Sequence[int] = ()
        self._asked = -ASKED_S
        self._crew: Crew | None = None

    @property
    def crew(self) -> Crew:
        """This process among the workers; it joins them when it is first asked."""
        if self._crew is None:
            self._crew = Crew(self.clock())
        return self._crew

    def stop(self) -> None:
        """Take nothing more; `run` ends when what is being done is done."""
        self._stopping.set()

    def run(self, go_on: Callable[[], bool] = lambda: True) -> None:
        """Work until `stop`, or until `go_on` says no. A database that is away is waited for."""
        threading.Thread(target=self._keep_beating, name="beat", daemon=True).start()
        while not self._stopping.is_set() and go_on():
            try:
                busy = self.turn()
            except DatabaseError as error:
                log.warning("the database does not answer (%s); trying again", error)
                connection.close()
                self.look_anew()
                self._stopping.wait(1)
                continue
            if not busy:
                self._stopping.wait(LOOKS_S)
        self.close()

    def close(self) -> None:
        """Wait for what is being done, and leave."""
        self._stopping.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
        if self._crew is not None:
            try:
                self._crew.leave(self._providers)
            except DatabaseError as error:
                log.warning(
                    "the database does not answer (%s); others will see that this worker is gone", error
                )

    def turn(self) -> bool:
        """One round: of each provider and kind of which something is due, some. Whether there was anything."""
        self._look_for_providers()
        pairs = [(provider, kind) for kind in self.handlers for provider in self._providers]
        busy = False
        for provider, kind in queue.waiting(pairs, to_micros(self.clock())):
            busy |= self._take(provider, self.handlers[kind])
        return busy

    def settle_all(self) -> None:
        """Wait until nothing is being done in threads: for tests, and for those who end in good order."""
        while True:
            with self._lock:
                if not self._lanes.total():
                    return
            time.sleep(0.005)

    def look_anew(self) -> None:
        """Ask in the next round which providers there are, and whether anything is taken that nobody does."""
        self._asked = -ASKED_S

    def _look_for_providers(self) -> None:
        at = time.monotonic()
        if at - self._asked >= ASKED_S:
            self._providers, self._asked = list(self._ask_providers()), at
            if self._crew is None:
                self.crew.beat(self.clock(), self._providers)
            self._give_back_idle()
            for handler in self.handlers.values():
                if handler.of_each:
                    queue.have(handler.kind, self._providers, to_micros(self.clock()))

    def _give_back_idle(self) -> None:
        """Free what is taken under this worker's number and not being done: an answer of the database was lost, or it
        stood still. Nothing is taken meanwhile, since only this thread takes.
        """
        with transaction.atomic():
            queue.give_back_all_but(self._providers, self.crew.me, self._at)

    def _keep_beating(self) -> None:
        while not self._stopping.wait(BEAT_S):
            try:
                if self._crew is not None and (freed := self.crew.beat(self.clock(), self._providers)):
                    log.warning("took over %d rows of workers that are gone", freed)
            except DatabaseError:
                # run() says so; this thread only has to go on.
                connection.close()
        connection.close()

    def _take(self, provider: int, handler: Handler) -> bool:
        now, most = to_micros(self.clock()), handler.at_once
        full: tuple[int, ...] = ()
        if handler.alone is not None:
            with self._lock:
                most = THREADS - self._lanes.total()
                full = tuple(lane for lane, count in self._lanes.items() if count >= A_LANE)
            if most <= 0:
                return False
        claims = queue.take(handler.kind, provider, now, self.crew.me, most, full)
        if handler.many is not None and claims:
            self._do_many(handler, claims)
        elif handler.alone is not None:
            self._do_alone(handler.alone, claims)
        return bool(claims)

    def _do_many(self, handler: Handler, claims: Sequence[Claim]) -> None:
        assert handler.many is not None
        try:
            with transaction.atomic():
                nexts = handler.many(claims, self.clock())
                queue.settle(claims, nexts, self.crew.me)
        except queue.Lost:
            # It was done by another, or will be; those of this worker that nobody took are done alone.
            self._each_alone(handler, claims)
        except Exception as error:
            if isinstance(error, DatabaseError) and not connection.is_usable():
                raise
            if len(claims) > 1:
                self._each_alone(handler, claims)
            else:
                self._put_off(claims[0], error)

    def _each_alone(self, handler: Handler, claims: Sequence[Claim]) -> None:
        if len(claims) > 1:
            for claim in claims:
                self._do_many(handler, [claim])

    def _do_alone(self, do: Callable[[Claim, Hands], None], claims: Sequence[Claim]) -> None:
        # Of a lane that has room for one only one goes now; the others are given back for the next round.
        for lane, some in groupby(sorted(claims, key=lambda claim: claim.lane), lambda claim: claim.lane):
            ours = list(some)
            with self._lock:
                room = A_LANE - self._lanes[lane]
                self._lanes[lane] += min(room, len(ours))
            for claim in ours[:room]:
                self._at.add(claim.id)
                self._pool.submit(self._alone, do, claim)
            for claim in ours[room:]:
                self._give_back(claim)

    def _give_back(self, claim: Claim) -> None:
        with transaction.atomic():
            queue.settle([claim], [claim.due_at], self.crew.me)

    def _alone(self, do: Callable[[Claim, Hands], None], claim: Claim) -> None:
        try:
            do(claim, Hands(claim, self.crew, self.clock))
        except queue.Lost:
            # Where it was not, since this process only stood still, `_give_back_idle` frees it.
            log.warning("%s %d is left to another worker", claim.kind, claim.key)
        except Exception as error:  # noqa: BLE001  (whatever it is, it must not end the thread's other work)
            self._put_off(claim, error)
        finally:
            connection.close()
            with self._lock:
                self._at.discard(claim.id)
                self._lanes[claim.lane] -= 1
                if not self._lanes[claim.lane]:
                    del self._lanes[claim.lane]

    def _put_off(self, claim: Claim, error: Exception) -> None:
        log.error("%s %d failed", claim.kind, claim.key, exc_info=error)
        try:
            queue.put_off(claim, self.crew.me, to_micros(self.clock()), f"{type(error).__name__}: {error}")
        except DatabaseError as lost:
            log.warning("the database does not answer (%s); others will take what this worker has", lost)
            connection.close()

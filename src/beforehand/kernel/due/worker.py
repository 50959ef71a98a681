"""A worker: takes what is due, has it done by whoever registered for it, and never lets one row stop another."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import DatabaseError, connection, transaction

from beforehand.kernel.fields import to_micros

from . import queue
from .crew import BEAT_S, Crew
from .errands import A_LANE, Back, Errands
from .handlers import Claim, Going, Handler, Idle, registered

log = logging.getLogger("beforehand.worker")
LOOKS_S = 0.2
"""How often it is looked for what is due, where nothing was."""
PACE_S = 0.05
"""Rounds begin no faster: what falls due meanwhile is done together, for a fraction of what it costs alone."""
GIVES_WAY = 0.1
"""While more is due than is taken at once, others get the database for this part of the time: SQLite knows no queue."""
ASKED_S = 10.0
"""How often it is asked which providers there are."""


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
        self._wake = threading.Event()
        self._errands = Errands(Going(clock, lambda: self.crew.is_fresh), self._wake)
        self._providers: Sequence[int] = ()
        self._asked = -ASKED_S
        self._crew: Crew | None = None
        self._behind = False

    @property
    def crew(self) -> Crew:
        """This process among the workers; it joins them when it is first asked."""
        if self._crew is None:
            self._crew = Crew(self.clock(), slow=all(one.slow for one in self.handlers.values()))
        return self._crew

    def stop(self) -> None:
        """Take nothing more; `run` ends when what is being done is done."""
        self._stopping.set()
        self._wake.set()

    def run(self, go_on: Callable[[], bool] = lambda: True) -> None:
        """Work until `stop`, or until `go_on` says no. A database that is away is waited for."""
        threading.Thread(target=self._keep_beating, name="beat", daemon=True).start()
        while not self._stopping.is_set() and go_on():
            began = time.monotonic()
            try:
                busy = self.turn()
            except DatabaseError as error:
                log.warning("the database does not answer (%s); trying again", error)
                connection.close()
                self.look_anew()
                self._stopping.wait(1)
                continue
            took = time.monotonic() - began
            if not busy:
                self._wake.wait(LOOKS_S)
            else:
                self._stopping.wait(took * GIVES_WAY if self._behind else max(0.0, PACE_S - took))
            self._wake.clear()
        self.close()

    def close(self) -> None:
        """Wait for what is being done, and leave."""
        self._stopping.set()
        self._errands.close()
        if self._crew is not None:
            try:
                self._note()
                self._crew.leave(self._providers)
            except DatabaseError as error:
                log.warning(
                    "the database does not answer (%s); others will see that this worker is gone", error
                )

    def turn(self) -> bool:
        """One round: of each provider and kind of which something is due, some. Whether there was anything."""
        self._behind, busy = False, self._note()
        self._look_for_providers()
        pairs = [(provider, kind) for kind in self.handlers for provider in self._providers]
        for provider, kind in queue.waiting(pairs, to_micros(self.clock())):
            busy |= self._take(provider, self.handlers[kind])
        return busy

    def settle_all(self) -> None:
        """Wait until no errand is run any more, and note them: for tests, and for those who end in good order."""
        self._errands.wait()
        self._note()

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
            queue.give_back_all_but(self._providers, self.crew.me, self._errands.ids)

    def _keep_beating(self) -> None:
        while not self._stopping.wait(BEAT_S):
            try:
                if self._crew is not None and (freed := self.crew.beat(self.clock(), self._providers)):
                    log.warning("took over %d rows of workers that are gone", freed)
            except DatabaseError:
                # run() says so; this thread only has to go on.
                connection.close()
            except Exception:
                # Whatever it is: a worker that beats no more sends nothing more, and would do so in silence.
                log.exception("the beat failed; trying again")
        connection.close()

    def _take(self, provider: int, handler: Handler) -> bool:
        now = to_micros(self.clock())
        if handler.many is not None:
            claims = queue.take(handler.kind, provider, now, self.crew.me, handler.at_once)
            if len(claims) == handler.at_once:
                self._behind = True
                # Behind thousands, as after an import, what falls due just now would be late. Together with the
                # others, since much of what a look costs is the same for one and for many.
                claims += queue.take(handler.kind, provider, now, self.crew.me, handler.at_once, latest=True)
            self._do_many(handler, claims)
            return bool(claims)
        # Often all are of one lane: more than that has room for would only be given back.
        room = min(self._errands.room, A_LANE)
        if room <= 0:
            return False
        claims = queue.take(handler.kind, provider, now, self.crew.me, room, self._errands.full)
        fits, left = self._errands.split(claims)
        self._send_out(handler, fits)
        self._give_back(left)
        return bool(fits)

    def _do_many(self, handler: Handler, claims: Sequence[Claim]) -> None:
        def do() -> None:
            assert handler.many is not None
            ours = queue.hold(claims, self.crew.me)
            if ours:
                queue.settle(ours, handler.many(ours, self.clock()), self.crew.me)

        self._together(claims, do, lambda claim: self._do_many(handler, [claim]))

    def _send_out(self, handler: Handler, claims: Sequence[Claim]) -> None:
        errand, jobs = handler.errand, list[tuple[Claim, object]]()
        assert errand is not None

        def prepare() -> None:
            ours = queue.hold(claims, self.crew.me)
            made = list(zip(ours, errand.prepare(ours, self.clock()), strict=True)) if ours else []
            idle = [(claim, job.again) for claim, job in made if isinstance(job, Idle)]
            queue.settle([claim for claim, _ in idle], [at for _, at in idle], self.crew.me)
            jobs.extend((claim, job) for claim, job in made if not isinstance(job, Idle))

        if self._together(claims, prepare, lambda claim: self._send_out(handler, [claim])):
            for claim, job in jobs:
                self._errands.send(claim, errand, job)

    def _give_back(self, claims: Sequence[Claim]) -> None:
        """For when their lane has room."""
        if claims:
            with transaction.atomic():
                ours = queue.hold(claims, self.crew.me)
                queue.settle(ours, [claim.due_at for claim in ours], self.crew.me)

    def _note(self) -> bool:
        """Write down what came of errands; whether there were any. Kept where the database does not answer."""
        backs = self._errands.back()
        for back in backs:
            if back.error is not None:
                self._put_off(back.claim, back.error)
                self._errands.over([back])
        kinds: dict[str, list[Back]] = {}
        for back in backs:
            if back.error is None:
                kinds.setdefault(back.claim.kind, []).append(back)
        for some in kinds.values():
            self._note_some(some)
            self._errands.over(some)
        return bool(backs)

    def _note_some(self, backs: Sequence[Back]) -> None:
        by_claim = {back.claim: back for back in backs}

        def note() -> None:
            ours = queue.hold(list(by_claim), self.crew.me)
            done = [(by_claim[claim].job, by_claim[claim].result) for claim in ours]
            if ours:
                nexts = backs[0].errand.note(done, self.clock())
                queue.settle(ours, nexts, self.crew.me)
            for claim in by_claim.keys() - set(ours):
                log.warning("%s %d was taken over by another worker", claim.kind, claim.key)

        self._together(list(by_claim), note, lambda claim: self._note_some([by_claim[claim]]))

    def _together(
        self, claims: Sequence[Claim], do: Callable[[], None], alone: Callable[[Claim], None]
    ) -> bool:
        """Do it for all in one transaction, and say whether it was; where it fails each alone, and one that fails alone
        is put off.
        """
        if not claims:
            return False
        failed: Exception
        try:
            with transaction.atomic():
                do()
            return True
        except Exception as error:
            if isinstance(error, DatabaseError) and not connection.is_usable():
                raise
            failed = error
        if len(claims) > 1:
            for claim in claims:
                alone(claim)
        else:
            self._put_off(claims[0], failed)
        return False

    def _put_off(self, claim: Claim, error: Exception) -> None:
        log.error("%s %d failed", claim.kind, claim.key, exc_info=error)
        try:
            queue.put_off(claim, self.crew.me, to_micros(self.clock()), f"{type(error).__name__}: {error}")
        except DatabaseError as lost:
            log.warning("the database does not answer (%s); it is given back later", lost)
            connection.close()

"""The workers there are: each counts its own beat on, and looks by its own watch whether those of others go on."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction

from beforehand.kernel.models import Worker

from . import place, queue

BEAT_S = 2.0
STILL_S = 30.0
"""A worker whose beat has not moved for so long, as another sees it, is taken for dead."""
FRESH_S = 10.0
"""A worker that has not counted its own on for so long sends nothing more: others may soon take its work."""


class Crew:
    """This process among the workers of a database. No clock of a machine decides who lives: only watches do."""

    def __init__(
        self, now: datetime, watch: Callable[[], float] = time.monotonic, slow: bool = False
    ) -> None:
        self._watch, self._slow = watch, slow
        self.me: int = Worker.objects.create(place=place.here(), started=now, seen=now, slow=slow).pk
        self._seen: dict[int, tuple[int, float]] = {}
        self._beaten = watch()

    @property
    def is_fresh(self) -> bool:
        """Whether nobody can have taken this worker for dead."""
        return self._watch() - self._beaten < FRESH_S

    def beat(self, now: datetime, providers: Sequence[int]) -> int:
        """Count on, and free what those have taken that stand still; how many rows that were."""
        before = self._watch()
        with transaction.atomic():
            said = {"seen": now, "beat": int(before * 1000)}
            if not Worker.objects.filter(pk=self.me).update(**said):
                # Whoever was taken for dead comes back under the same number: its rows are others' by then.
                Worker.objects.create(pk=self.me, place=place.here(), started=now, slow=self._slow, **said)
            dead = self._dead(before)
            freed = queue.give_back(providers, dead)
            if dead:
                Worker.objects.filter(pk__in=dead).delete()
        self._beaten = before
        return freed

    def leave(self, providers: Sequence[int]) -> None:
        """End in good order."""
        with transaction.atomic():
            queue.give_back(providers, [self.me])
            Worker.objects.filter(pk=self.me).delete()

    def _dead(self, at: float) -> list[int]:
        dead = []
        for worker in Worker.objects.exclude(pk=self.me):
            beat, since = self._seen.get(worker.pk, (-1, at))
            if beat != worker.beat:
                self._seen[worker.pk] = (worker.beat, at)
            elif at - since > STILL_S:
                dead.append(worker.pk)
            if worker.pk not in dead and place.surely_gone(worker.place):
                dead.append(worker.pk)
        return dead

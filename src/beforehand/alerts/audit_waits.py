"""Until when a message may wait by the rules of quiet hours and bundling (docs/guide/alerts.md). Part of audit.py."""

from datetime import datetime, time, timedelta

from beforehand.engine.instants import HOUR, to_instant
from beforehand.engine.zones import local_datetime
from beforehand.people.models import Provider
from beforehand.people.staff import Person, Staff

from .models import Delivery

NIGHT_BEGINS, NIGHT_ENDS = 22, 7
FOLDED = HOUR
"""What is not urgent waits no longer than this for others to go with."""


class Waits:
    """The latest instants for one provider's people."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._staff: Staff | None = None

    def latest(self, row: Delivery) -> int:
        """By when a delivery goes, by its urgency and whom it is for; after a refusal, counted from its next try."""
        ready = to_instant(row.created)
        if row.due_at is not None:
            ready = max(ready, to_instant(row.due_at))
        if row.urgency == "urgent" or row.summary:
            return ready
        person = self._person(row.technician)
        calm = self._calm(row.urgency, person, ready)
        return self._calm(row.urgency, person, calm + FOLDED)

    def _person(self, pk: int | None) -> Person | None:
        if pk is None:
            return None
        self._staff = self._staff or Staff(self._provider)
        return self._staff.by_id(pk)

    def _calm(self, urgency: str, person: Person | None, at: int) -> int:
        """The instant, or when the quiet hours end in which it lies."""
        if person is None or self._staff is None or self._staff.works(person, at):
            return at
        if urgency == "quiet":
            return self._staff.next_start(person, at) or at
        local = local_datetime(self._provider.zone, at)
        if NIGHT_ENDS <= local.hour < NIGHT_BEGINS:
            return at
        morning = local.date() + timedelta(days=local.hour >= NIGHT_BEGINS)
        return to_instant(datetime.combine(morning, time(NIGHT_ENDS), local.tzinfo))

"""Roles are somebody at the instant of sending: what waited goes to whoever holds the role when its time has come."""

from datetime import datetime
from functools import cached_property

from beforehand.engine.instants import MINUTE, to_instant
from beforehand.kernel.due import queue
from beforehand.people.models import Provider
from beforehand.people.staff import Staff
from beforehand.promises.ladders import CLIENT, Step
from beforehand.tickets.watching import TICKET

from .channels import Places
from .delivering import instead, recipient_of, wait
from .ladders import step_of
from .models import Delivery
from .recipients import Recipient, resolve

WAITED = 2 * MINUTE
"""What waits no longer than this is not looked at again: the bundles of a minute, and the first tries."""


class Holders:
    """Who holds the roles of one provider now; nothing is read before it is asked for."""

    def __init__(self, provider: int, now: datetime) -> None:
        self._pk, self._now, self._instant = provider, now, to_instant(now)

    @cached_property
    def _provider(self) -> Provider:
        return Provider.objects.get(pk=self._pk)

    @cached_property
    def _staff(self) -> Staff:
        return Staff(self._provider)

    @cached_property
    def _places(self) -> Places:
        return Places(self._provider)

    def hand_on(self, row: Delivery) -> bool:
        """Whether a delivery that waited is not for whom it was any more: who holds the role now is told instead.

        Where nobody does it has failed, and the chain moves on. In the caller's transaction.
        """
        waited = self._instant - to_instant(row.created)
        somebody = row.technician is not None or row.role == CLIENT
        if not somebody or row.state != Delivery.State.WAITING or waited <= WAITED:
            return False
        row.provider = row.alert.provider = self._provider
        step = step_of(row)
        if step is None or row.place >= len(step.chain):
            return False
        link = step.chain[row.place]
        found = resolve(link, step, row.alert.ticket, self._staff, self._places, self._instant)
        if any(_is(one, row) for one in found):
            return False
        told = [one.name for one in found if self._tell(row, one, step)]
        said = f"told {', '.join(told)} instead" if told else "who is was told" if found else "nobody is"
        row.state = Delivery.State.DROPPED if found else Delivery.State.FAILED
        row.why, row.due_at = f"is not the {row.role} any more: {said}"[:300], None
        row.save(update_fields=["state", "why", "due_at"])
        if not found:
            queue.ask_again(TICKET, row.provider_id, [row.alert.ticket_id], self._instant)
        return True

    def _tell(self, row: Delivery, one: Recipient, step: Step) -> bool:
        if Delivery.objects.filter(
            provider=self._provider, alert=row.alert, step=row.step, key__contains=f".{row.step}.{one.key}."
        ).exists():
            return False
        client = one.role == CLIENT
        made = instead(
            row, one.key, one.reach, role=one.role, name=one.name, technician=one.technician,
            text=step.client_text if client else "", urgency="urgent" if client else step.urgency,
            summary=row.summary and not client,
        )  # fmt: skip
        return wait(made, one.reach, self._now)


def _is(one: Recipient, row: Delivery) -> bool:
    """Whether a delivery is for whom the link names now; a client's contact by the address."""
    if row.role == CLIENT:
        return one.key == recipient_of(row.key)
    return one.technician == row.technician

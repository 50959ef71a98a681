"""A message that could not be delivered: the recipient's next channel, and then up the chain."""

from datetime import datetime

from beforehand.engine.instants import to_instant
from beforehand.kernel.due import queue
from beforehand.people.staff import Staff
from beforehand.tickets.watching import TICKET

from .channels import ways
from .delivering import key_of, ring
from .models import Delivery, Mailbox


def fall_over(failed: Delivery, now: datetime) -> None:
    """Have the recipient told over the next channel; where there is none, the chain moves on at once."""
    person = None if failed.technician is None else Staff(failed.provider).by_id(failed.technician)
    for reach in () if person is None else ways(person):
        assert person is not None
        key = key_of(failed.alert, failed.step, f"t{person.id}", reach.channel)
        if Delivery.objects.filter(provider=failed.provider, key=key).exists():
            continue
        mailbox, _ = Mailbox.objects.get_or_create(
            provider=failed.provider, channel=reach.channel, address=reach.address
        )
        Delivery.objects.create(
            provider=failed.provider, key=key, alert=failed.alert, step=failed.step, place=failed.place,
            role=failed.role, name=failed.name, technician=failed.technician, mailbox=mailbox,
            urgency=failed.urgency, summary=failed.summary, state=Delivery.State.WAITING, created=now, due_at=now,
        )  # fmt: skip
        ring(mailbox, now)
        return
    # Whoever looks at the ticket sees that nobody of this link could be told.
    queue.ask_again(TICKET, failed.provider_id, [failed.alert.ticket_id], to_instant(now))

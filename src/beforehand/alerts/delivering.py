"""Deliveries as rows, written in the transaction of the decision: each once, whatever happens."""

from datetime import datetime
from zlib import crc32

from beforehand.engine.instants import to_instant
from beforehand.kernel.due import queue
from beforehand.promises.ladders import CLIENT, Step

from .channels import Reach
from .decide import Tell
from .models import Alert, Delivery, Mailbox
from .recipients import Recipient

MAILBOX = "mailbox"
_KEY = ("id", "provider_id", "key")


def key_of(alert: Alert, step: int, recipient: str, channel: str) -> str:
    """The idempotency key: ticket, metric, cycle, step, recipient, channel (house: one mechanism for time)."""
    return f"{alert.ticket_id}.{alert.metric}-{alert.number}.{alert.cycle}.{step}.{recipient}.{channel}"[:120]


def recipient_of(key: str) -> str:
    """The key of the recipient, out of an idempotency key."""
    return key.split(".")[4]


def delivery(alert: Alert, step: Step, tell: Tell, recipient: Recipient, now: datetime) -> Delivery:
    """That a recipient is told of a step: the row, not written yet.

    A client's contact is told of one ticket at a time, and in no summary.
    """
    client = recipient.role == CLIENT
    row = Delivery(
        provider=alert.provider, alert=alert, step=tell.step, place=tell.place, role=recipient.role,
        name=recipient.name, technician=recipient.technician, urgency="urgent" if client else step.urgency,
        summary=tell.overdue and not client, text=step.client_text if client else "",
        key=key_of(alert, tell.step, recipient.key, recipient.reach.channel),
    )  # fmt: skip
    begin(row, now)
    return row


def instead(row: Delivery, recipient: str, reach: Reach, **whom: object) -> Delivery:
    """The same told by another way, or with `whom` to somebody else: the row, not written yet."""
    fields = ("step", "place", "role", "name", "technician", "urgency", "summary")
    kept = {name: getattr(row, name) for name in fields}
    key = key_of(row.alert, row.step, recipient, reach.channel)
    return Delivery(**{**kept, "provider": row.provider, "alert": row.alert, "key": key, **whom})


def begin(row: Delivery, now: datetime) -> None:
    """It waits from now on, or is only rehearsed."""
    rehearsed = row.alert.rehearsal
    # A source may name a contact at any length, and PostgreSQL keeps no more.
    row.name, row.role = row.name[:200], row.role[:200]
    row.created, row.due_at = now, None if rehearsed else now
    row.state = Delivery.State.REHEARSED if rehearsed else Delivery.State.WAITING


def wait(row: Delivery, reach: Reach, now: datetime) -> bool:
    """A delivery, not kept yet, waits where it is reached; whether it is one that was not made already."""
    alert = row.alert
    mailbox, _ = Mailbox.objects.get_or_create(
        provider=alert.provider, channel=reach.channel, address=reach.address
    )
    row.mailbox = mailbox
    begin(row, now)
    fields = [field.attname for field in Delivery._meta.concrete_fields if field.attname not in _KEY]
    _, made = Delivery.objects.get_or_create(
        provider=alert.provider, key=row.key, defaults={name: getattr(row, name) for name in fields}
    )
    if made and not alert.rehearsal:
        queue.ask(MAILBOX, mailbox.provider_id, [mailbox.pk], to_instant(now), lane=lane(reach))
    return made


def lane(reach: Reach) -> int:
    """Mail of one server hangs together; so does everything of another channel, by its name."""
    return crc32(reach.channel.encode()) % 10_000 + 1

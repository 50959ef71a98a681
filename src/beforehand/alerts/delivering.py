"""Deliveries as rows, each once, whatever happens."""

from datetime import datetime
from zlib import crc32

from beforehand.promises.ladders import Step

from .channels import Reach
from .decide import Tell
from .models import Alert, Delivery
from .recipients import Recipient

MAILBOX = "mailbox"


def key_of(alert: Alert, step: int, recipient: str, channel: str) -> str:
    """The idempotency key: ticket, metric, cycle, step, recipient, channel (house: one mechanism for time)."""
    return f"{alert.ticket_id}.{alert.metric}-{alert.number}.{alert.cycle}.{step}.{recipient}.{channel}"[:120]


def recipient_of(key: str) -> str:
    """The key of the recipient, out of an idempotency key."""
    return key.split(".")[4]


def delivery(
    alert: Alert, step: Step, tell: Tell, recipient: Recipient, channel: str, now: datetime
) -> Delivery:
    """That a recipient is told of a step over a channel; the row, not written yet."""
    return Delivery(
        provider=alert.provider,
        key=key_of(alert, tell.step, recipient.key, channel),
        alert=alert,
        step=tell.step,
        place=tell.place,
        role=recipient.role,
        name=recipient.who.name,
        technician=recipient.technician,
        urgency=step.urgency,
        summary=tell.overdue,
        state=Delivery.State.REHEARSED if alert.rehearsal else Delivery.State.WAITING,
        created=now,
        due_at=None if alert.rehearsal else now,
    )


def lane(reach: Reach) -> int:
    """Mail of one server hangs together; so does everything of another channel, by its name."""
    return crc32(reach.channel.encode()) % 10_000 + 1

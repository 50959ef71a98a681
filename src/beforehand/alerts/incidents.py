"""Incidents that we opened with an incident tool are closed, once, when nobody is to be told of them any more."""

from datetime import datetime
from time import monotonic

from django.db import transaction
from django.db.models import QuerySet

from beforehand.engine.instants import SECOND, to_instant
from beforehand.kernel.due import queue
from beforehand.kernel.due.handlers import Claim
from beforehand.kernel.due.worker import Hands

from . import hooks
from .channels import PLACE, channel_of
from .message import thread_of
from .models import Alert, Attempt, Channel, Delivery, Mailbox
from .post import Answer

INCIDENT = "incident"
_SOON, _LATER = 2 * SECOND, 60 * SECOND
LONGEST = 24 * 3600 * SECOND
"""For how long closing is tried, from when the alert was over."""
_OPEN = (Delivery.State.WAITING, Delivery.State.SENDING, Delivery.State.SENT)


def ask_to_close(alert: Alert, now: datetime) -> None:
    """Have the incidents of an alert closed that nobody is told of any more. In the caller's transaction."""
    if _deliveries(alert).exists():
        queue.ask(INCIDENT, alert.provider_id, [alert.pk], to_instant(now))


def _deliveries(alert: Alert) -> QuerySet[Delivery]:
    """What went, or goes, to incident tools and is not closed."""
    tools = Channel.objects.filter(provider=alert.provider_id, kind__in=hooks.KEYED).values_list(
        "pk", flat=True
    )
    return Delivery.objects.filter(
        provider=alert.provider_id, alert=alert, state__in=_OPEN, closed__isnull=True,
        mailbox__channel__in=[f"{PLACE}{pk}" for pk in tools],
    )  # fmt: skip


def goes_alone(mailbox: Mailbox) -> bool:
    """Whether each delivery is a message of its own: to an incident tool, where one clock is one incident."""
    channel = channel_of(mailbox)
    return channel is not None and channel.kind in hooks.KEYED


def close_due(claim: Claim, hands: Hands) -> None:
    """Close the incidents of an alert, unless it goes on; what is not taken is tried again each minute."""
    alert = Alert.objects.filter(pk=claim.key).select_related("provider").first()
    rows = [] if alert is None else list(_deliveries(alert).select_related("mailbox__provider"))
    over = alert is not None and (alert.ended is not None or alert.chain_step is None)
    again = None
    if alert is not None and over and not alert.provider.simulated:
        for box in {row.mailbox_id: row.mailbox for row in rows}.values():
            assert box is not None
            if any(row.mailbox_id == box.pk and row.state != Delivery.State.SENT for row in rows):
                again = to_instant(hands.clock()) + _SOON  # it is being sent this moment, or dropped
            elif not _close(alert, box, hands):
                again = again or to_instant(hands.clock()) + _LATER
    if again is not None and alert is not None and again - to_instant(alert.ended or hands.clock()) > LONGEST:
        again = None
    with transaction.atomic():
        hands.hold()
        hands.settle(again)


def _close(alert: Alert, mailbox: Mailbox, hands: Hands) -> bool:
    """Whether that was the last try: it was taken, or never will be."""
    channel = channel_of(mailbox)
    if channel is None or not channel.active:
        answer, took = Answer(False, "the channel was switched off", permanent=True), 0
    else:
        hands.refuse_stale()
        began = monotonic()
        answer = hooks.close(channel, thread_of(alert))
        took = int((monotonic() - began) * 1000)
        hooks.note_try(channel, answer, hands.clock())
    now = hands.clock()
    with transaction.atomic():
        hands.hold()
        Attempt.objects.create(
            provider=alert.provider, mailbox=mailbox, message=f"close-{thread_of(alert)}"[:80], at=now, took=took,
            ok=answer.ok, answer=answer.said,
        )  # fmt: skip
        if answer.ok or answer.permanent:
            _deliveries(alert).filter(mailbox=mailbox, state=Delivery.State.SENT).update(closed=now)
    return answer.ok or answer.permanent

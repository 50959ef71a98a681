"""What became of messages, in words, and each try to hand one over."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from beforehand.alerts.models import Attempt, DayList, Delivery
from beforehand.engine.instants import to_instant
from beforehand.engine.saying import Moment, Saying
from beforehand.people.models import Provider

STATES = {
    Delivery.State.WAITING: "waits",
    Delivery.State.SENDING: "is being sent",
    Delivery.State.SENT: "told",
    Delivery.State.FAILED: "could not be delivered",
    Delivery.State.DROPPED: "not needed any more",
    Delivery.State.REHEARSED: "would have been told",
}


class Try(NamedTuple):
    """One try to hand a message over."""

    at: Moment
    row: Attempt


def tries_of(
    provider: Provider, rows: Sequence[Delivery | DayList], how: Saying
) -> dict[tuple[int | None, str], list[Try]]:
    """Each try to hand over the messages of some rows, by mailbox and message."""
    tries: dict[tuple[int | None, str], list[Try]] = defaultdict(list)
    attempts = Attempt.objects.filter(
        provider=provider,
        mailbox__in={one.mailbox_id for one in rows if one.mailbox_id is not None},
        message__in={one.message for one in rows if one.message},
    )
    for attempt in attempts.order_by("pk"):
        tries[attempt.mailbox_id, attempt.message].append(Try(how.at(to_instant(attempt.at)), attempt))
    return tries

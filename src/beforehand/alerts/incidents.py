"""Incidents that we opened with an incident tool are closed, once, when nobody is to be told of them any more."""

from collections.abc import Sequence
from datetime import datetime
from time import monotonic
from typing import NamedTuple

from django.db.models import QuerySet

from beforehand.engine.instants import SECOND, to_instant
from beforehand.kernel.due import queue
from beforehand.kernel.due.handlers import Claim, Going, Idle, Next

from . import hooks
from .channels import PLACE, Lines
from .message import thread_of
from .models import Alert, Attempt, Channel, Delivery, Mailbox, Way
from .post import Answer

INCIDENT = "incident"
_SOON, _LATER = 2 * SECOND, 60 * SECOND
LONGEST = 24 * 3600 * SECOND
"""For how long closing is tried, from when the alert was over."""
_OFF = Answer(False, "the channel was switched off", permanent=True)
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


def goes_alone(line: Channel | Way | None) -> bool:
    """Whether each delivery is a message of its own: to an incident tool, where one clock is one incident."""
    return isinstance(line, Channel) and line.kind in hooks.KEYED


class Job(NamedTuple):
    """The incidents of an alert that are closed, by mailbox. `again`: when to look at those that are on their way."""

    alert: Alert
    lines: tuple[tuple[Mailbox, Channel | None], ...]
    again: Next


class Closed(NamedTuple):
    """What came of a try: when, after how many milliseconds."""

    mailbox: Mailbox
    channel: Channel | None
    answer: Answer
    at: datetime
    took: int

    @property
    def is_last(self) -> bool:
        """Whether it was taken, or never will be."""
        return self.answer.ok or self.answer.permanent


class Closing:
    """The errand of incidents (kernel/due/handlers.py): what is not taken is tried again each minute."""

    def prepare(self, claims: Sequence[Claim], now: datetime) -> list[Job | Idle]:
        """The incidents of alerts that do not go on."""
        keys = [claim.key for claim in claims]
        alerts = {row.pk: row for row in Alert.objects.filter(pk__in=keys).select_related("provider")}
        return [_job(alerts.get(key), now) for key in keys]

    def run(self, job: Job, going: Going) -> list[Closed]:
        """Have them closed."""
        came = []
        for mailbox, channel in job.lines:
            if not going.is_fresh():
                break
            began = monotonic()
            answer = (
                _OFF if channel is None or not channel.active else hooks.close(channel, thread_of(job.alert))
            )
            came.append(Closed(mailbox, channel, answer, going.clock(), int((monotonic() - began) * 1000)))
        return came

    def note(self, done: Sequence[tuple[Job, list[Closed]]], now: datetime) -> list[Next]:
        """Write down what was answered."""
        return [_note(job, came, now) for job, came in done]


def _job(alert: Alert | None, now: datetime) -> Job | Idle:
    if alert is None or alert.provider.simulated or not (alert.ended is not None or alert.chain_step is None):
        return Idle(None)
    states: dict[int, set[str]] = {}
    boxes: dict[int, Mailbox] = {}
    for row in _deliveries(alert).select_related("mailbox"):
        if row.mailbox is not None:
            boxes[row.mailbox.pk] = row.mailbox
            states.setdefault(row.mailbox.pk, set()).add(row.state)
    known = Lines(boxes.values())
    ready = [box for pk, box in boxes.items() if states[pk] == {Delivery.State.SENT}]
    lines = [known.of(box) for box in ready]
    # What is not sent yet is being sent this moment, or dropped.
    again = _unless_long(alert, to_instant(now) + _SOON) if len(ready) < len(boxes) else None
    if not ready:
        return Idle(again)
    pairs = zip(ready, lines, strict=True)
    return Job(alert, tuple((box, line if isinstance(line, Channel) else None) for box, line in pairs), again)


def _note(job: Job, came: Sequence[Closed], now: datetime) -> Next:
    alert = job.alert
    for one in came:
        Attempt.objects.create(
            provider=alert.provider, mailbox=one.mailbox, message=f"close-{thread_of(alert)}"[:80], at=one.at,
            took=one.took, ok=one.answer.ok, answer=one.answer.said,
        )  # fmt: skip
        if one.channel is not None and one.channel.active:
            hooks.note_try(one.channel, one.answer, one.at)
        if one.is_last:
            _deliveries(alert).filter(mailbox=one.mailbox, state=Delivery.State.SENT).update(closed=one.at)
    if all(one.is_last for one in came) and len(came) == len(job.lines):
        return job.again
    return _unless_long(alert, to_instant(now) + _LATER)


def _unless_long(alert: Alert, at: int) -> Next:
    over = at if alert.ended is None else to_instant(alert.ended)
    return at if at - over <= LONGEST else None

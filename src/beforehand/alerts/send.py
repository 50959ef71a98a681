"""Sends what waits in mailboxes, and notes what the other side answered; at least once, seldom twice."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import NamedTuple

from beforehand.engine.instants import SECOND, to_instant
from beforehand.kernel.bulk import save_each
from beforehand.kernel.due import queue
from beforehand.kernel.due.handlers import Claim, Going, Idle, Next
from beforehand.kernel.fields import from_micros
from beforehand.tickets import notices
from beforehand.tickets.watching import TICKET

from . import visits
from .falling import fall_over
from .hooks import note_try
from .letters import Draft
from .models import Attempt, Channel, Delivery, Mailbox
from .outbox import put_out
from .post import Answer
from .visits import Visit

log = logging.getLogger("beforehand.send")
RETRIES = (5, 15, 60, 180, 600, 1800, 3600)
"""Seconds to the next try of what was not taken; after the last of them it has failed for good."""
STALE = timedelta(seconds=1)
"""Where nothing was sent, since this process had stood still, it is tried again after so long."""
LONG_S = 2.0
"""A visit that has taken longer sends no further message: what it has sent is to be noted."""


class Handed(NamedTuple):
    """A message that was tried: what the other side answered, when, and after how many milliseconds."""

    draft: Draft
    answer: Answer
    at: datetime
    took: int


class Sending:
    """The errand of mailboxes (kernel/due/handlers.py)."""

    def prepare(self, claims: Sequence[Claim], now: datetime) -> list[Visit | Idle]:
        """What goes now, marked as being sent."""
        return visits.prepare(claims, now)

    def run(self, job: Visit, going: Going) -> list[Handed]:
        """Hand over message after message, until one is not taken or it has taken long."""
        handed: list[Handed] = []
        first = monotonic()
        for made in job.drafts:
            # Where this process has stood still for long, another may do the same by now.
            if not going.is_fresh() or monotonic() - first > LONG_S:
                break
            began = monotonic()
            answer = _put_out(job, made, going.clock())
            handed.append(Handed(made, answer, going.clock(), int((monotonic() - began) * 1000)))
            if not answer.ok:
                break
        return handed

    def note(self, done: Sequence[tuple[Visit, list[Handed]]], now: datetime) -> list[Next]:
        """Write down what was answered, and when there is more to send."""
        by_provider: dict[int, list[tuple[Visit, list[Handed]]]] = {}
        for job, handed in done:
            by_provider.setdefault(job.mailbox.provider_id, []).append((job, handed))
        for provider, some in by_provider.items():
            _note(provider, some, now)
        return [_again(job, now if handed else now + STALE) for job, handed in done]


def _put_out(job: Visit, made: Draft, now: datetime) -> Answer:
    """Hand a message over. One that cannot even be made is one that nobody takes: the next way's turn, or the next
    one's, is now, and none of those waits that are for the same mailbox.
    """
    try:
        return put_out(job.mailbox, job.line, made, now)
    except Exception as error:
        log.exception("a message to mailbox %d could not be made", job.mailbox.pk)
        return Answer(False, f"it could not be made: {type(error).__name__}", permanent=True)


def _note(provider: int, done: Sequence[tuple[Visit, list[Handed]]], now: datetime) -> None:
    attempts, sent = [], []
    rows: list[Delivery] = []
    for job, handed in done:
        for one in handed:
            attempts.append(attempt(job.mailbox, one))
            for row in (job.rows[pk] for pk in one.draft.ids):
                _take_down(row, one)
            if one.answer.ok:
                job.mailbox.sent = one.at
                sent.append(job.mailbox)
        for made in job.drafts[len(handed) :]:
            for row in (job.rows[pk] for pk in made.ids):
                # It was not begun.
                row.state, row.tries = Delivery.State.WAITING, row.tries - 1
        rows += job.rows.values()
        if isinstance(job.line, Channel) and handed:
            note_try(job.line, handed[-1].answer, handed[-1].at)
    Attempt.objects.bulk_create(attempts)
    save_each(rows, ["state", "sent", "due_at", "why", "tries"])
    save_each(sent, ["sent"])
    failed = [row for row in rows if row.state == Delivery.State.FAILED]
    # Whoever looks at these tickets sees that nobody of a link could be told.
    lost = {row.alert.ticket_id for row in failed if not fall_over(row, now)}
    queue.ask_again(TICKET, provider, lost, to_instant(now))
    notices.tell(provider, {row.alert.ticket_id for row in rows})


def attempt(mailbox: Mailbox, one: Handed) -> Attempt:
    """A try as it is kept; of a simulated provider with what was said."""
    kept, letter = mailbox.provider.simulated, one.draft.letter
    return Attempt(
        provider=mailbox.provider, mailbox=mailbox, message=letter.id[:80], at=one.at, took=one.took, ok=one.answer.ok,
        answer=one.answer.said, subject=letter.subject[:300] if kept else "", body=letter.body if kept else "",
    )  # fmt: skip


def _take_down(row: Delivery, one: Handed) -> None:
    """What follows for a delivery from the other side's answer."""
    answer = one.answer
    if answer.ok:
        row.state, row.sent, row.due_at, row.why = Delivery.State.SENT, one.at, None, ""
    elif answer.permanent or row.tries > len(RETRIES):
        row.state, row.due_at, row.why = Delivery.State.FAILED, None, answer.said[:300]
    else:
        # Whatever may have been taken stays as one that is being sent: the next try counts as a repeat.
        row.state = Delivery.State.SENDING if answer.unsure else Delivery.State.WAITING
        row.why = answer.said[:300]
        row.due_at = from_micros(to_instant(one.at) + RETRIES[row.tries - 1] * SECOND)


def _again(job: Visit, now: datetime) -> Next:
    """When there is more to send to a mailbox, `now` at the earliest."""
    waiting = [row for row in job.rows.values() if row.state in visits.OPEN]
    instants = [job.again, *(to_instant(row.due_at or now) for row in waiting)]
    return min((max(at, to_instant(now)) for at in instants if at is not None), default=None)

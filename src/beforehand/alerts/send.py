"""Sends what waits in a mailbox: looks again, marks, hands over, notes the answer; at least once, seldom twice."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from time import monotonic
from typing import NamedTuple

from django.db import transaction

from beforehand.engine.instants import HOUR, MINUTE, to_instant
from beforehand.engine.zones import local_datetime
from beforehand.kernel.due import queue
from beforehand.kernel.due.handlers import Claim
from beforehand.kernel.due.worker import Hands
from beforehand.kernel.fields import from_micros
from beforehand.people.staff import Staff
from beforehand.tickets import notices
from beforehand.tickets.watching import TICKET

from .bundle import Limits, Plan, Quiet, Recently, Waiting, plan
from .letters import Draft, draft
from .models import Attempt, Delivery, Mailbox
from .needed import still_needed
from .outbox import put_out
from .post import Answer

RETRIES = (5, 15, 60, 180, 600, 1800, 3600)
"""Seconds to the next try of what was not taken; after the last of them it has failed for good."""
NIGHT = (22, 7)
LIMITS = Limits()
_OPEN = (Delivery.State.WAITING, Delivery.State.SENDING)


class _Todo(NamedTuple):
    """What goes out of a mailbox now, and the deliveries it is made of, by id."""

    plan: Plan
    rows: dict[int, Delivery]


def send_due(claim: Claim, hands: Hands) -> None:
    """Send what a mailbox has to send now, message after message."""
    mailbox = Mailbox.objects.select_related("provider").filter(pk=claim.key).first()
    while True:
        now = hands.clock()
        with transaction.atomic():
            hands.hold()
            todo = None if mailbox is None else _todo(mailbox, now)
            if mailbox is None or todo is None or not todo.plan.batches:
                hands.settle(None if todo is None else todo.plan.again)
                return
            made = _mark(mailbox, todo, now)
        # The last message's answer and the end of this visit are written together.
        last = len(todo.plan.batches) == 1
        _send(mailbox, todo, made, hands, last)
        if last:
            return


def _todo(mailbox: Mailbox, now: datetime) -> _Todo:
    """Drop what nobody needs any more, and say what goes now of the rest."""
    instant = to_instant(now)
    rows = list(
        Delivery.objects.filter(provider=mailbox.provider, mailbox=mailbox, state__in=_OPEN)
        .select_related("alert", "alert__ticket")
        .order_by("pk")
    )
    due, later = still_needed(rows, now)
    ready = [row for row in due if row.due_at is None or row.due_at <= now]
    later += [to_instant(row.due_at) for row in due if row.due_at is not None and row.due_at > now]
    waiting = [Waiting(row.pk, row.urgency, row.summary) for row in ready]
    planned = plan(waiting, _recently(mailbox, now), _quiet(mailbox, ready, instant), LIMITS, instant)
    again = [at for at in (planned.again, *later) if at is not None]
    return _Todo(planned._replace(again=min(again, default=None)), {row.pk: row for row in ready})


def _recently(mailbox: Mailbox, now: datetime) -> Recently:
    since = from_micros(to_instant(now) - HOUR)
    rows = Delivery.objects.filter(provider=mailbox.provider, mailbox=mailbox, sent__gt=since)
    calm = set(rows.exclude(urgency="urgent").values_list("message", "sent"))
    last = None if mailbox.sent is None else to_instant(mailbox.sent)
    return Recently(last, [to_instant(sent) for _, sent in calm if sent is not None])


def _quiet(mailbox: Mailbox, rows: Sequence[Delivery], now: int) -> Quiet:
    """Until when quiet and normal messages to this person wait."""
    who = next((row.technician for row in rows if row.technician is not None), None)
    if who is None or all(row.urgency == "urgent" for row in rows):
        return Quiet()
    staff = Staff(mailbox.provider)
    person = staff.by_id(who)
    if person is None or staff.works(person, now):
        return Quiet()
    return Quiet(staff.next_start(person, now), _night_ends(mailbox.provider.zone, now))


def _night_ends(zone: str, now: int) -> int | None:
    """When the night ends in which normal messages wait; None by day."""
    local = local_datetime(zone, now)
    if NIGHT[1] <= local.hour < NIGHT[0]:
        return None
    day = local.date() + timedelta(days=local.hour >= NIGHT[0])
    return to_instant(datetime.combine(day, time(NIGHT[1]), local.tzinfo))


def _mark(mailbox: Mailbox, todo: _Todo, now: datetime) -> Draft:
    """Write down what is being sent next. What was being sent already may have been: it is counted."""
    batch = todo.plan.batches[0]
    rows = [todo.rows[pk] for pk in batch.ids]
    for row in rows:
        row.provider = mailbox.provider
    made = draft(mailbox, rows, batch.summary, now)
    for row in rows:
        if row.state == Delivery.State.SENDING:
            row.repeats += 1
        row.state, row.message = Delivery.State.SENDING, made.letter.id
        row.tries += 1
        row.save(update_fields=["state", "message", "repeats", "tries"])
    return made


def _send(mailbox: Mailbox, todo: _Todo, made: Draft, hands: Hands, last: bool) -> None:
    hands.refuse_stale()
    began = monotonic()
    answer = put_out(mailbox, made, hands.clock())
    took = int((monotonic() - began) * 1000)
    now = hands.clock()
    rows = [todo.rows[pk] for pk in made.ids]
    with transaction.atomic():
        hands.hold()
        _note(mailbox, made, rows, answer, took, now)
        notices.tell(mailbox.provider_id, {row.alert.ticket_id for row in rows})
        if last:
            again = [to_instant(row.due_at) for row in rows if row.due_at is not None]
            again += [] if todo.plan.again is None else [todo.plan.again]
            hands.settle(min(again, default=None))


def _note(
    mailbox: Mailbox, made: Draft, rows: Sequence[Delivery], answer: Answer, took: int, now: datetime
) -> None:
    """Write down what the other side answered, and what follows from it."""
    kept = mailbox.provider.simulated
    Attempt.objects.create(
        provider=mailbox.provider, mailbox=mailbox, message=made.letter.id[:80], at=now, took=took, ok=answer.ok,
        answer=answer.said, subject=made.letter.subject[:300] if kept else "", body=made.letter.body if kept else "",
    )  # fmt: skip
    for row in rows:
        if answer.ok:
            row.state, row.sent, row.due_at, row.why = Delivery.State.SENT, now, None, ""
        elif answer.permanent or row.tries > len(RETRIES):
            row.state, row.due_at, row.why = Delivery.State.FAILED, None, answer.said[:300]
        else:
            # Whatever may have been taken stays as one that is being sent: the next try counts as a repeat.
            row.state = Delivery.State.SENDING if answer.unsure else Delivery.State.WAITING
            row.why = answer.said[:300]
            row.due_at = from_micros(to_instant(now) + RETRIES[row.tries - 1] * MINUTE // 60)
        row.save(update_fields=["state", "sent", "due_at", "why"])
        if row.state == Delivery.State.FAILED:
            # Whoever looks at the ticket sees that nobody of this link could be told.
            queue.ask_again(TICKET, row.provider_id, [row.alert.ticket_id], to_instant(now))
    if answer.ok:
        mailbox.sent = now
        mailbox.save(update_fields=["sent"])

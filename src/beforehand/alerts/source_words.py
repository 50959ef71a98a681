"""Tells owners by mail that a source cannot be read, and that it can be again: at least once, seldom twice.

Figures that are old while everybody takes them for new are worse than none, and no ticket's ladder can say so.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from time import monotonic
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from beforehand.engine.english import city
from beforehand.engine.instants import SECOND, to_instant
from beforehand.engine.saying import Saying
from beforehand.kernel.due.handlers import Claim, Going, Idle, Next
from beforehand.kernel.fields import from_micros
from beforehand.people.models import Provider, User
from beforehand.people.roles import Role
from beforehand.tickets.models import SourceState
from beforehand.tickets.sources import QUIET

from .channels import MAIL
from .letters import Draft
from .message import SOURCE, Message
from .models import Delivery, Mailbox, SourceWord
from .outbox import put_out
from .post import Letter
from .send import RETRIES, Handed, attempt
from .visits import OPEN

STALE = timedelta(days=1)
"""What could not be told for so long is told no more."""


class Todo(NamedTuple):
    """A word that goes out now, and the letter it is."""

    row: SourceWord
    draft: Draft


class Telling:
    """The errand of sources (kernel/due/handlers.py): asked for where one fails for a while, and where it is back."""

    def prepare(self, claims: Sequence[Claim], now: datetime) -> list[Todo | Idle]:
        """The first word that waits of each, marked as being sent."""
        rows = SourceState.objects.filter(source__in=[claim.key for claim in claims])
        states = {row.source_id: row for row in rows.select_related("source", "provider")}
        return [_look(states[claim.key], now) if claim.key in states else Idle(None) for claim in claims]

    def run(self, job: Todo, going: Going) -> Handed | None:
        """Hand it over."""
        if not going.is_fresh():
            return None
        began = monotonic()
        answer = put_out(job.row.mailbox, None, job.draft, going.clock())
        return Handed(job.draft, answer, going.clock(), int((monotonic() - began) * 1000))

    def note(self, done: Sequence[tuple[Todo, Handed | None]], now: datetime) -> list[Next]:
        """Write down what was answered; others may wait."""
        for job, handed in done:
            _note(job, handed)
        return [to_instant(now) + SECOND for _ in done]


def _look(state: SourceState, now: datetime) -> Todo | Idle:
    for since, back in _said(state, now):
        _ask(state, since, back, now)
    waiting = SourceWord.objects.filter(provider=state.provider, source=state.source_id, state__in=OPEN)
    waiting.filter(created__lt=now - STALE).update(state=Delivery.State.FAILED, due_at=now)
    row = waiting.select_related("mailbox__provider", "source").order_by("due_at", "pk").first()
    if row is None or row.due_at > now:
        return Idle(None if row is None else to_instant(row.due_at))
    if row.state == Delivery.State.SENDING:
        row.repeats += 1
    row.state, row.tries = Delivery.State.SENDING, row.tries + 1
    row.save(update_fields=["state", "tries", "repeats"])
    return Todo(row, _draft(state.provider, row))


def _said(state: SourceState, now: datetime) -> Iterator[tuple[datetime, bool]]:
    """Since when it has failed, for a while by now; and since when it had where that was told, and it is back."""
    told = SourceWord.objects.filter(provider=state.provider, source=state.source_id, back=False)
    last = told.order_by("-since").first()
    if last is not None and state.failing != last.since:
        yield last.since, True
    if state.failing is not None and state.failing <= now - QUIET:
        yield state.failing, False


def _ask(state: SourceState, since: datetime, back: bool, now: datetime) -> None:
    """See that each owner has a word of it, once."""
    provider, source = state.provider, state.source
    if SourceWord.objects.filter(provider=provider, source=source, since=since, back=back).exists():
        return
    owners = User.objects.filter(provider=provider, role=Role.OWNER, is_active=True).exclude(email="")
    for email in sorted(set(owners.values_list("email", flat=True))):
        mailbox, _ = Mailbox.objects.get_or_create(provider=provider, channel=MAIL, address=email)
        name = f"{provider.pk}.{source.pk}.{to_instant(since)}.{back}.{mailbox.pk}"
        SourceWord.objects.create(
            provider=provider, source=source, since=since, back=back, mailbox=mailbox, said=state.fault,
            state=Delivery.State.WAITING, created=now, due_at=now,
            message=f"source-{sha256(name.encode()).hexdigest()[:40]}@{_host()}"[:80],
        )  # fmt: skip


def _draft(provider: Provider, row: SourceWord) -> Draft:
    since = Saying(to_instant(row.created), provider.zone, 0, 1).at(to_instant(row.since)).local
    stamp = f"{since:%a %d %b %H:%M}"
    if row.back:
        line = f"{row.source.name} is read again: figures catch up by themselves"
        text = f"{row.source.name} could not be read since {stamp}. It is read again, and nothing is lost."
    else:
        line = f"{row.source.name} cannot be read since {stamp}: figures are as old as that"
        text = f"{row.source.name} cannot be read since {stamp} ({city(provider.zone)}).\n\nIt says: {row.said}\n\n"
        text += "It is tried again by itself. Until then boards, alerts and reports know nothing that happened since."
    text += f"\n\n{settings.PUBLIC_URL}{reverse('sources')}\n"
    first = SourceWord.objects.filter(
        provider=provider, source=row.source_id, since=row.since, mailbox=row.mailbox_id, back=False
    ).first()
    thread = row.message if first is None else first.message
    at = to_instant(row.created) // SECOND
    letter = Letter(row.mailbox.address, line, text, row.message, thread, at)
    return Draft(letter, Message(SOURCE, row.message, line, text, (), at), ())


def _note(job: Todo, handed: Handed | None) -> None:
    row = job.row
    if handed is None:
        row.state, row.tries = Delivery.State.WAITING, row.tries - 1
        row.save(update_fields=["state", "tries"])
        return
    answer = handed.answer
    attempt(row.mailbox, handed).save()
    row.why = "" if answer.ok else answer.said[:300]
    row.due_at = from_micros(to_instant(handed.at) + RETRIES[min(row.tries, len(RETRIES)) - 1] * SECOND)
    if answer.ok:
        row.state, row.sent = Delivery.State.SENT, handed.at
    elif answer.permanent:
        row.state = Delivery.State.FAILED
    else:
        row.state = Delivery.State.SENDING if answer.unsure else Delivery.State.WAITING
    row.save(update_fields=["state", "sent", "why", "due_at"])


def _host() -> str:
    return urlsplit(settings.PUBLIC_URL).hostname or "localhost"

"""Sends a service manager the list of their day: at least once, tried again until the day is over, seldom twice."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from time import monotonic
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.urls import reverse

from beforehand.engine.english import city
from beforehand.engine.instants import SECOND, to_instant
from beforehand.kernel.due.handlers import Claim, Going, Idle, Next
from beforehand.people import days
from beforehand.people.models import Provider, Technician
from beforehand.people.staff import Person, Staff

from . import day_list
from .channels import MAIL, Places
from .day_facts import Asked, parts_of
from .letters import Draft
from .message import DAY, Message
from .models import DayList, Delivery, Mailbox
from .outbox import put_out
from .post import Letter
from .send import RETRIES, Handed, attempt
from .visits import OPEN


class Todo(NamedTuple):
    """A list that goes out now, what it is to be of, and when the next day begins."""

    row: DayList
    mailbox: Mailbox
    asked: Asked
    after: Next


class Listing:
    """The errand of lists (kernel/due/handlers.py): due again when the next day begins."""

    def prepare(self, claims: Sequence[Claim], now: datetime) -> list[Todo | Idle]:
        """The lists of managers whose day has begun and who were not told, marked as being sent."""
        looked = [_look(claim, now) for claim in claims]
        for todo in looked:
            if isinstance(todo, Todo):
                _mark(todo.row)
        return looked

    def run(self, job: Todo, going: Going) -> Handed | None:
        """Read what there is to say, and hand it over."""
        try:
            made = _draft(job)
        finally:
            connection.close()
        if not going.is_fresh():
            return None
        began = monotonic()
        answer = put_out(job.mailbox, None, made, going.clock())
        return Handed(made, answer, going.clock(), int((monotonic() - began) * 1000))

    def note(self, done: Sequence[tuple[Todo, Handed | None]], now: datetime) -> list[Next]:
        """Write down what was answered."""
        return [_note(job, handed, now) for job, handed in done]


def _look(claim: Claim, now: datetime) -> Todo | Idle:
    row = Technician.objects.select_related("provider").filter(provider=claim.provider, pk=claim.key).first()
    staff = None if row is None else Staff(row.provider)
    manager = None if staff is None else staff.by_id(claim.key)
    if row is None or staff is None or manager is None or not staff.wants_day_list(manager):
        return Idle(None)
    instant = to_instant(now)
    after = days.next_start(staff, manager, instant)
    date = days.today(staff, manager, instant)
    _give_up(row.provider, manager, date.isoformat())
    day = days.working_day(staff, manager, date)
    if day is None or instant < day.starts:
        return Idle(after)
    found = _row(row.provider, staff, manager, day, now)
    if found is None or found.state not in OPEN or found.mailbox is None:
        return Idle(after)
    mailbox = found.mailbox
    mailbox.provider = row.provider
    asked = Asked(staff.zone_of(manager), day, days.before(staff, manager, date), now)
    return Todo(found, mailbox, asked, after)


def _mark(row: DayList) -> None:
    """Write down that it is being sent. Where it was already, it may have been: that is counted."""
    if row.state == Delivery.State.SENDING:
        row.repeats += 1
    row.state, row.tries = Delivery.State.SENDING, row.tries + 1
    row.save(update_fields=["state", "tries", "repeats"])


def _give_up(provider: Provider, manager: Person, day: str) -> None:
    """What was not told on its day is not told on another."""
    for row in DayList.objects.filter(provider=provider, day__lt=day, manager=manager.id, state__in=OPEN):
        row.state, row.why = Delivery.State.FAILED, f"its day was over; {row.why or 'no answer came'}"[:300]
        row.save(update_fields=["state", "why"])


def _row(
    provider: Provider, staff: Staff, manager: Person, day: days.WorkingDay, now: datetime
) -> DayList | None:
    """The list of a manager's day; None where nobody gets it, or whoever would gets another's that day."""
    known = DayList.objects.filter(provider=provider, day=day.date, manager=manager.id)
    if (row := known.select_related("mailbox").first()) is not None:
        return row
    who = staff.present(manager, to_instant(now))
    if who is None or (who.id != manager.id and _gets_own(staff, who, day)):
        return None
    reach = next(iter(Places(provider).ways_to(who, (MAIL,))), None)
    mailbox = None
    if reach is not None:
        mailbox, _ = Mailbox.objects.get_or_create(
            provider=provider, channel=reach.channel, address=reach.address
        )
    name = f"{provider.pk}.{who.id}.{day.date}"
    row, made = DayList.objects.get_or_create(
        provider=provider,
        day=day.date,
        technician=who.id,
        defaults={
            "manager": manager.id,
            "name": who.name,
            "mailbox": mailbox,
            "state": Delivery.State.WAITING if reach else Delivery.State.FAILED,
            "why": "" if reach else "has no e-mail address",
            "created": now,
            "message": f"day-{sha256(name.encode()).hexdigest()[:40]}@{_host()}"[:80],
        },
    )
    return row if made else None


def _gets_own(staff: Staff, who: Person, day: days.WorkingDay) -> bool:
    return staff.wants_day_list(who) and days.working_day(staff, who, day.date) is not None


def _draft(todo: Todo) -> Draft:
    row, asked = todo.row, todo.asked
    parts = parts_of(todo.mailbox.provider, asked)
    day = f"{asked.day.date:%a %d %b}"
    line = day_list.subject(day, parts)
    foot = f"Times are those of {city(asked.zone)}. Who gets this list is said at {_staff_url()}"
    text = day_list.body(day, parts, foot)
    at = to_instant(asked.now) // SECOND
    letter = Letter(todo.mailbox.address, line, text, row.message, row.message, at)
    return Draft(letter, Message(DAY, row.message, line, text, (), at), ())


def _note(todo: Todo, handed: Handed | None, now: datetime) -> Next:
    """Write down what the other side answered; when it is due again."""
    row = todo.row
    if handed is None:
        row.state, row.tries = Delivery.State.WAITING, row.tries - 1
        row.save(update_fields=["state", "tries"])
        return to_instant(now) + SECOND
    answer = handed.answer
    attempt(todo.mailbox, handed).save()
    again = to_instant(handed.at) + RETRIES[min(row.tries, len(RETRIES)) - 1] * SECOND
    row.why = "" if answer.ok else answer.said[:300]
    if answer.ok:
        row.state, row.sent = Delivery.State.SENT, handed.at
    elif answer.permanent or again >= todo.asked.day.over:
        row.state = Delivery.State.FAILED
    else:
        # As in send.py: whatever may have been taken counts as a repeat when it is sent again.
        row.state = Delivery.State.SENDING if answer.unsure else Delivery.State.WAITING
    row.save(update_fields=["state", "sent", "why"])
    return again if row.state in OPEN else todo.after


def _host() -> str:
    return urlsplit(settings.PUBLIC_URL).hostname or "localhost"


def _staff_url() -> str:
    address: str = settings.PUBLIC_URL + reverse("staff")
    return address

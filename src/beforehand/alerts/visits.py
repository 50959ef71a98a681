"""What goes out of mailboxes now: looked at again, bundled, written, and marked as being sent."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from beforehand.engine.instants import HOUR, to_instant
from beforehand.kernel.bulk import save_each
from beforehand.kernel.due.handlers import Claim, Idle, Next
from beforehand.kernel.fields import from_micros
from beforehand.people.models import Provider
from beforehand.people.staff import Staff

from .bundle import Limits, Plan, Quiet, Recently, Waiting, plan
from .channels import Lines
from .incidents import goes_alone
from .letters import Draft, Known, draft
from .models import Channel, Delivery, Mailbox, Way
from .needed import clocks_of, still_needed
from .quiet import quiet_for

LIMITS = Limits()
AT_ONCE = 4
"""Messages to one mailbox in one go: as many as may be sent twice where a worker dies before it has noted them."""
OPEN = (Delivery.State.WAITING, Delivery.State.SENDING)


class Visit(NamedTuple):
    """What goes to a mailbox in one go. `rows`: the deliveries it is made of, by id; `again`: when there is more."""

    mailbox: Mailbox
    line: Channel | Way | None
    drafts: tuple[Draft, ...]
    rows: dict[int, Delivery]
    again: Next


def prepare(claims: Sequence[Claim], now: datetime) -> list[Visit | Idle]:
    """A visit to each mailbox, or when there will be something to send. In the caller's transaction."""
    by_provider: dict[int, list[int]] = defaultdict(list)
    for claim in claims:
        by_provider[claim.provider].append(claim.key)
    found: dict[tuple[int, int], Visit | Idle] = {}
    for provider in Provider.objects.filter(pk__in=by_provider):
        visits = _Round(provider, by_provider[provider.pk], now).visits()
        found |= {(provider.pk, mailbox): visit for mailbox, visit in visits.items()}
    return [found.get((claim.provider, claim.key), Idle(None)) for claim in claims]


class _Ready(NamedTuple):
    """A delivery of an open state, as far as it is needed to say when it goes."""

    id: int
    mailbox: int
    urgency: str
    summary: bool
    due_at: datetime | None
    technician: int | None
    state: str
    message: str

    def waiting(self, alone: bool) -> Waiting:
        """As the bundles are made of it; `alone`: each is a message of its own."""
        since = None if self.due_at is None else to_instant(self.due_at)
        gone_as = self.message if self.state == Delivery.State.SENDING else ""
        return Waiting(self.id, "urgent" if alone else self.urgency, self.summary, since, gone_as)


class _Round:
    """One round over some mailboxes of a provider."""

    def __init__(self, provider: Provider, mailboxes: Collection[int], now: datetime) -> None:
        self.provider, self.now, self.instant = provider, now, to_instant(now)
        rows = Mailbox.objects.filter(provider=provider, pk__in=mailboxes)
        self.mailboxes = {row.pk: row for row in rows}
        for row in self.mailboxes.values():
            row.provider = provider

    @cached_property
    def staff(self) -> Staff:
        """The provider's people: read where something waits that is not urgent."""
        return Staff(self.provider)

    @cached_property
    def lines(self) -> Lines:
        """The channels and ways of these mailboxes."""
        return Lines(self.mailboxes.values())

    def visits(self) -> dict[int, Visit | Idle]:
        """What is sent, by mailbox."""
        waiting, later = self._waiting()
        plans = self._plans(waiting, later)
        ids = [pk for planned in plans.values() for batch in planned.batches[:AT_ONCE] for pk in batch.ids]
        rows = list(
            Delivery.objects.filter(provider=self.provider, pk__in=ids).select_related(
                "alert", "alert__ticket"
            )
        )
        for row in rows:
            row.provider = self.provider
        clocks = clocks_of(rows)
        needed, put_off = still_needed(rows, clocks, self.now)
        known = Known.of(self.provider, needed, clocks)
        by_id = {row.pk: row for row in needed}
        found: dict[int, Visit | Idle] = {}
        for pk, mailbox in self.mailboxes.items():
            planned = plans.get(pk, Plan((), None))
            found[pk] = self._visit(mailbox, self.lines.of(mailbox), planned, by_id, known)
            found[pk] = found[pk]._replace(again=self._again(planned, put_off))
        _mark([visit for visit in found.values() if isinstance(visit, Visit)])
        return found

    def _visit(
        self,
        mailbox: Mailbox,
        line: Channel | Way | None,
        planned: Plan,
        needed: Mapping[int, Delivery],
        known: Known,
    ) -> Visit | Idle:
        drafts: list[Draft] = []
        rows: dict[int, Delivery] = {}
        for batch in planned.batches[:AT_ONCE]:
            some = {pk: needed[pk] for pk in batch.ids if pk in needed}
            if some:
                drafts.append(draft(mailbox, line, [*some.values()], batch.summary, self.now, known))
                rows |= some
        return Visit(mailbox, line, tuple(drafts), rows, None) if drafts else Idle(None)

    def _again(self, planned: Plan, put_off: Mapping[int, int]) -> Next:
        """When there is more to send, or to look at."""
        again = [planned.again, *(put_off.get(pk) for batch in planned.batches for pk in batch.ids)]
        if len(planned.batches) > AT_ONCE:
            again.append(self.instant)
        return min((at for at in again if at is not None), default=None)

    def _waiting(self) -> tuple[dict[int, list[_Ready]], dict[int, int]]:
        """By mailbox what could go now, and when the first that cannot is to be tried again."""
        ready: dict[int, list[_Ready]] = defaultdict(list)
        later: dict[int, int] = {}
        rows = Delivery.objects.filter(provider=self.provider, mailbox__in=self.mailboxes, state__in=OPEN)
        names = ("pk", "mailbox", "urgency", "summary", "due_at", "technician", "state", "message")
        for row in map(_Ready._make, rows.order_by("pk").values_list(*names)):
            if row.due_at is None or row.due_at <= self.now:
                ready[row.mailbox].append(row)
            else:
                at = to_instant(row.due_at)
                later[row.mailbox] = min(at, later.get(row.mailbox, at))
        return ready, later

    def _plans(self, waiting: dict[int, list[_Ready]], later: dict[int, int]) -> dict[int, Plan]:
        calm = [pk for pk, rows in waiting.items() if any(row.urgency != "urgent" for row in rows)]
        hours = self._hours(calm)
        plans = {pk: Plan((), at) for pk, at in later.items()}
        for pk, rows in waiting.items():
            last = self.mailboxes[pk].sent
            recently = Recently(None if last is None else to_instant(last), hours.get(pk, ()))
            alone = goes_alone(self.lines.of(self.mailboxes[pk]))
            some = [row.waiting(alone) for row in rows]
            planned = plan(some, recently, self._quiet(rows), LIMITS, self.instant)
            again = [at for at in (planned.again, later.get(pk)) if at is not None]
            plans[pk] = planned._replace(again=min(again, default=None))
        return plans

    def _hours(self, mailboxes: Collection[int]) -> dict[int, list[int]]:
        """When messages that were not urgent went to mailboxes within the last hour."""
        if not mailboxes:
            return {}
        since = from_micros(self.instant - HOUR)
        rows = Delivery.objects.filter(provider=self.provider, mailbox__in=mailboxes, sent__gt=since)
        messages = set(rows.exclude(urgency="urgent").values_list("mailbox", "message", "sent"))
        hours: dict[int, list[int]] = defaultdict(list)
        for mailbox, _, sent in messages:
            if sent is not None:
                hours[mailbox].append(to_instant(sent))
        return hours

    def _quiet(self, rows: Sequence[_Ready]) -> Quiet:
        """Until when quiet and normal messages to this person wait."""
        who = next((row.technician for row in rows if row.technician is not None), None)
        if who is None or all(row.urgency == "urgent" for row in rows):
            return Quiet()
        return quiet_for(self.staff, who, self.provider.zone, self.instant)


def _mark(visits: Sequence[Visit]) -> None:
    """Write down what is being sent next. What was being sent already may have been: it is counted."""
    marked = []
    for visit in visits:
        for made in visit.drafts:
            for row in (visit.rows[pk] for pk in made.ids):
                if row.state == Delivery.State.SENDING:
                    row.repeats += 1
                row.state, row.message = Delivery.State.SENDING, made.letter.id[:80]
                row.tries += 1
                marked.append(row)
    save_each(marked, ["state", "message", "repeats", "tries"])

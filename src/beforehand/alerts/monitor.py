"""Looks at tickets whose clocks reach a step, or that changed: decides, and writes down what was decided."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property

from beforehand.engine.history import Event
from beforehand.engine.instants import to_instant
from beforehand.kernel.due.handlers import Claim, Next
from beforehand.kernel.fields import from_micros
from beforehand.people.models import Provider
from beforehand.people.staff import Staff
from beforehand.promises.book import Book, current
from beforehand.tickets import notices
from beforehand.tickets.models import Ticket
from beforehand.tickets.store import events_of
from beforehand.tickets.watching import READ_ANEW

from .channels import Places
from .climb import Climb, end
from .decide import LATE
from .facts import facts_of
from .models import Alert, Watch
from .rehearsal import Rehearsal
from .store import Store


def look_again(claims: Sequence[Claim], now: datetime) -> Sequence[Next]:
    """Decide on the alerts of tickets, and say when each is to be looked at again. In the caller's transaction."""
    nexts: dict[tuple[int, int], Next] = {}
    by_provider: dict[int, dict[int, int]] = defaultdict(dict)
    for claim in claims:
        by_provider[claim.provider][claim.key] = claim.due_at
    for pk, tickets in by_provider.items():
        provider = Provider.objects.filter(pk=pk).first()
        if provider is not None:
            look = Look(provider, now)
            looked = look.at(tickets)
            notices.tell(pk, look.moved)
            nexts |= {(pk, ticket): at for ticket, at in looked.items()}
    return [nexts.get((claim.provider, claim.key)) for claim in claims]


class Look:
    """One look at some tickets of a provider."""

    def __init__(self, provider: Provider, now: datetime) -> None:
        self.provider, self.now, self.instant = provider, now, to_instant(now)
        self.book: Book = current(provider)
        self.moved: set[int] = set()
        """Tickets of which pages now show something else."""

    # Read where a step is reached or a chain goes on: most tickets that change need none of them.

    @cached_property
    def staff(self) -> Staff:
        """The provider's people."""
        return Staff(self.provider)

    @cached_property
    def places(self) -> Places:
        """The provider's channels."""
        return Places(self.provider)

    @cached_property
    def rehearsal(self) -> Rehearsal:
        """What rings."""
        return Rehearsal(self.provider.pk)

    def at(self, tickets: Mapping[int, int]) -> dict[int, Next]:
        """Decide on each, given the instant at which it was due; when it is to be looked at again."""
        rows = {
            row.pk: row
            for row in Ticket.objects.filter(provider=self.provider, pk__in=tickets)
            .select_related("source")
            .order_by("pk")
        }
        events = events_of(list(rows), self.provider.pk)
        self.store = Store(self.provider, rows)
        alerts: dict[int, list[Alert]] = defaultdict(list)
        for alert in self.store.alerts:
            alerts[alert.ticket_id].append(alert)
        nexts = {pk: self._one(row, events[pk], alerts[pk], tickets[pk]) for pk, row in rows.items()}
        self.store.write(self.now)
        return nexts

    def _one(self, ticket: Ticket, events: Sequence[Event], alerts: list[Alert], due: int) -> Next:
        facts, watch = facts_of(ticket, events, self.book, self.instant), self.store.watches.get(ticket.pk)
        if facts is None:
            return None
        seen = None if watch is None else self._past(watch, due)
        known = {(alert.metric, alert.number, alert.cycle): alert for alert in alerts}
        nexts = []
        for clock in facts.clocks:
            climb = Climb(self, facts, clock, known.pop(clock.key, None), seen)
            nexts.append(climb.go())
            if climb.moved:
                self.moved.add(ticket.pk)
        for alert in known.values():
            if alert.ended is None:
                # Its clock is gone, or has begun anew.
                end(alert, self.store.steps(alert), self.now, "the clock began anew", "")
                self.moved.add(ticket.pk)
        after = min((at for at in nexts if at is not None), default=None)
        self._remember(ticket, watch, after)
        return after

    @cached_property
    def _anew(self) -> int:
        """Until when all was decided on of tickets that are read anew: until the agreements changed, where that was a
        moment ago. With many tickets some wait for their look, and what is reached meanwhile is not of the past.
        """
        terms = self.book.rows.terms
        changed = self.instant if terms is None else to_instant(terms.changed)
        return changed if 0 <= self.instant - changed <= LATE else self.instant

    def _past(self, watch: Watch, due: int) -> int:
        """Until when everything had been decided on when this look fell due.

        By what was known nothing was to come before `watch.next`. What a late event puts a few minutes back is of the
        present still; what another reading of the same events does is not. Nothing is decided of a time to come, where
        the machine's clock stood before it was set back.
        """
        decided = self._anew if due == READ_ANEW else due
        if watch.next is not None:
            decided = min(decided, to_instant(watch.next))
        decided = min(max(decided, to_instant(watch.seen)), self.instant)
        return decided - 1 if due == READ_ANEW else decided - LATE

    def _remember(self, ticket: Ticket, watch: Watch | None, after: Next) -> None:
        then = None if after is None else from_micros(after)
        if watch is None:
            self.store.add(Watch(provider=self.provider, ticket=ticket, seen=self.now, next=then))
            return
        watch.seen, watch.next = max(watch.seen, self.now), then

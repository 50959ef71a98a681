"""Tells tickets the tier of their contacts (clock.md 2.2), where their source tells none itself.

A tier is a field of the ticket, from each change of its contact on, and what is told depends on nothing but the
contacts that it had, the tiers that are known of them, and its creation. So it can be told anew at any time, without
a call to anybody: what is other then takes the place of what was told.
"""

import logging
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection as database
from django.db import transaction
from django.db.models import Exists, OuterRef

from beforehand.engine.codes import CREATED, DELETED
from beforehand.engine.history import Event
from beforehand.engine.instants import to_instant
from beforehand.kernel.due import queue
from beforehand.kernel.due.handlers import Claim, Going, Next
from beforehand.kernel.faults import Refused
from beforehand.promises.book import current
from beforehand.promises.contacts import tiers_of
from beforehand.promises.models import ContactKey, ContactTier
from beforehand.tickets import ledger, store
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.models import Source, Ticket

from .contract import Told, field_event
from .models import Connection
from .telling import bring, field_of, in_effect, taken_back

CONTACT = "contact"
"""The kind of due rows: a contact whose tickets are to be told their tier."""
OURS = "tier-"
"""What the ids of events begin with that were told for a contact."""
AT_ONCE = 50
LONG_S = 10.0
Tiers = Callable[[str, int], str]
log = logging.getLogger("beforehand.sync")


def without_tier(told: Told, kept: Sequence[Event]) -> Told | None:
    """A ticket whose source does not say what tier it has, without that; None where it does, now or before."""
    says = told.fields.get("tier") or any(field_of(one.event) == "tier" for one in told.events)
    if says or _is_told(kept):
        return None
    fields = {name: value for name, value in told.fields.items() if name != "tier"}
    return told._replace(fields=fields, exact=told.exact - {"tier"})


def _is_told(kept: Sequence[Event]) -> bool:
    return any(
        field_of(event) == "tier" and not event.id.startswith(OURS) and event.value
        for event in in_effect(kept)
    )


def untold(kept: Mapping[str, Sequence[Event]]) -> dict[str, Sequence[Event]]:
    """Those tickets whose source has not told their tier itself."""
    return {name: some for name, some in kept.items() if not _is_told(some)}


def withdrawn(ticket: str, kept: Sequence[Event]) -> list[TicketEvent]:
    """What takes back the tiers that a ticket was told for its contacts: its source tells its tier itself by now."""
    ids = {event.id for event in kept}
    ours = [event for event in in_effect(kept) if event.id.startswith(OURS) and field_of(event) == "tier"]
    return [taken_back(ticket, event, ids) for event in ours]


def are_said(source: Source) -> bool:
    """Whether any contact of a source has a tier, or had one."""
    # Tiers are few where contacts are many: so it is asked of those.
    keys = ContactKey.objects.filter(
        provider=source.provider_id, contact=OuterRef("contact"), source=source.slug
    )
    return ContactTier.objects.filter(Exists(keys), provider=source.provider_id).exists()


def contacts_in(events: Iterable[Event]) -> set[str]:
    """The contacts that a ticket had, as it calls them."""
    return {event.value for event in events if field_of(event) == "contact"}


def retold(ticket: str, kept: Sequence[Event], tier_of: Tiers) -> list[TicketEvent]:
    """What has to be added to a ticket's events, so that they have the tiers of its contacts."""
    standing = in_effect(kept)
    births = [event.at for event in standing if event.kind == CREATED]
    if not births:
        return []
    wants: list[TicketEvent] = []
    tier = ""
    for event in standing:
        if field_of(event) != "contact":
            continue
        now = tier_of(event.value, min(births))
        if now != tier:
            id_ = f"{OURS}{event.id}"[:200]
            wants.append(
                TicketEvent(
                    ticket, field_event(id_, event.at, "tier", now, flags=0, seq=event.seq, until=event.until)
                )
            )
        tier = now
    told = Told(ticket, 0, {"tier": tier}, wants, frozenset({"tier"}))
    return bring([event for event in kept if event.kind != DELETED], told, None)


def ask(provider: int, contacts: Collection[int], now: datetime) -> None:
    """Have the tickets of contacts told their tier, as part of the caller's transaction."""
    if contacts:
        queue.ask(CONTACT, provider, sorted(contacts), to_instant(now))


class Job(NamedTuple):
    """A contact, by its key."""

    provider: int
    contact: int


class Telling:
    """The errand (kernel/due/handlers.py)."""

    def prepare(self, claims: Sequence[Claim], _now: datetime) -> list[Job]:
        """Whose tickets."""
        return [Job(claim.provider, claim.key) for claim in claims]

    def run(self, job: Job, going: Going) -> bool:
        """Tell them for a while; whether there is more."""
        try:
            return tell(job, going)
        finally:
            database.close()

    def note(self, done: Sequence[tuple[Job, bool]], now: datetime) -> list[Next]:
        """At once again, or not any more."""
        return [to_instant(now) if more else None for _, more in done]


def tell(job: Job, going: Going, long: float = LONG_S) -> bool:
    """Tell the tickets that have the contact now, the newest first; whether some are left. One that had it before is
    told when it is read next.
    """
    began = time.monotonic()
    for key in ContactKey.objects.filter(provider=job.provider, contact=job.contact).order_by("pk"):
        source = (
            Source.objects.filter(provider=job.provider, slug=key.source).select_related("provider").first()
        )
        tickets = Ticket.objects.filter(provider=job.provider, source=source, contact=key.name)
        ids = [] if source is None else list(tickets.order_by("-pk").values_list("external_id", flat=True))
        for start in range(0, len(ids), AT_ONCE):
            if not going.is_fresh() or time.monotonic() - began > long:
                return True
            assert source is not None
            try:
                tell_some(source, ids[start : start + AT_ONCE], going.clock())
            except Refused as refused:
                log.warning("source %s: the tier of tickets cannot be kept: %s", source.slug, refused)
    return False


def tell_some(source: Source, ids: Sequence[str], now: datetime) -> int:
    """Tell some tickets of a source their tier; how many events that took."""
    with transaction.atomic():
        # Whoever pulls it waits, and this waits for whoever does: both would else tell from before the other.
        list(
            Connection.objects.filter(provider=source.provider_id, source=source).select_for_update(
                no_key=True
            )
        )
        held = store.tickets_of(source.provider_id, source.pk, ids)
        events = store.events_of([ticket for ticket, _ in held.values()], source.provider_id)
        kept = {name: events[ticket] for name, (ticket, _) in held.items()}
        arrived = told_anew(source, untold(kept))
        if arrived:
            ledger.append(source, arrived, now, current(source.provider), at_once=AT_ONCE)
    return len(arrived)


def told_anew(source: Source, kept: Mapping[str, Sequence[Event]]) -> list[TicketEvent]:
    """What tickets lack of the tiers of their contacts, by all of their events."""
    names = set().union(*(contacts_in(some) for some in kept.values())) if kept else set()
    if not names - {""}:
        return []
    tier_of = tiers_of(source.provider_id, source.slug, names)
    return [one for ticket, some in kept.items() for one in retold(ticket, some, tier_of)]

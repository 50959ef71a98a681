"""Who asked for a ticket, where no vendor tells it: events in our own words, and rows of CSV files.

Beside the name there may be an id or a mail address. The id says who it is; without one the address does, within the
client. A bare name is no identity, nor is an address of nobody's client: it stays what the ticket says, and nobody is
kept for it.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from django.db import transaction

from beforehand.engine.codes import CHANGED, CREATED
from beforehand.engine.history import Event
from beforehand.kernel.names import fold
from beforehand.promises import contacts as ours
from beforehand.promises.book import Book, current
from beforehand.promises.models import ContactKey
from beforehand.tickets import ledger
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.known import events_of
from beforehand.tickets.ledger import Batch
from beforehand.tickets.models import Source
from beforehand.tickets.reading import clients_named

from . import tiers
from .plain.reading import Asked
from .telling import field_of, in_effect

BY_MAIL = "mail-"
"""What the key of a contact begins with who is known by the address alone: a digest, so that it names nobody."""
_IS_BY_MAIL = re.compile(rf"{BY_MAIL}[0-9a-f]{{64}}")


class Asker(NamedTuple):
    """Somebody who asked, as they are told: by name, address, the source's id of them, and the ticket's client."""

    name: str
    email: str = ""
    key: str = ""
    client: str = ""


def met(source: Source, askers: Mapping[Asker, int], now: datetime, book: Book) -> dict[Asker, str]:
    """Keep those who can be known, each as of an instant; the names that tickets have for them. Within a
    transaction."""
    some = [one for one in sorted(askers, key=lambda one: askers[one]) if _is_somebody(one)]
    if not some:
        return {}
    # Two who tell at once would both make the same contact.
    list(Source.objects.select_for_update(no_key=True).filter(provider=source.provider_id, pk=source.pk))
    keys = _keys(source, some, book)
    said: dict[str, ours.ContactSaid] = {}
    for one in some:
        before = said.get(keys[one])
        name, email, client = one.name, one.email, one.client
        if before is not None:
            name, email, client = name or before.name, email or before.email, client or before.client
        said[keys[one]] = ours.ContactSaid(keys[one], name, email, client, at=askers[one])
    learnt = ours.learn(source.provider, source.slug, said.values(), now, book)
    return {one: learnt.names[key] for one, key in keys.items()}


def _is_somebody(one: Asker) -> bool:
    """Whether enough is told: an id alone says no more than that there is a number."""
    return bool(one.email and (one.key or one.client)) or bool(one.name and one.key)


def _keys(source: Source, some: Sequence[Asker], book: Book) -> dict[Asker, str]:
    """Under which key each is kept. Who was known by the address, and is told with an id now, has that from now on."""
    known = ContactKey.objects.filter(provider=source.provider_id, source=source.slug)
    mails, ids = {one.email for one in some if one.email}, {one.key for one in some if one.key}
    rows: dict[str, list[ContactKey]] = {}
    for row in known.filter(email__in=mails).order_by("pk"):
        rows.setdefault(row.email, []).append(row)
    there = set(known.filter(key__in=ids).values_list("key", flat=True))
    together = {(one.email, fold(one.client)): one.key for one in reversed(some) if one.key and one.email}
    found = {}
    for one in sorted(some, key=lambda one: not one.key):  # whoever gets an id has it for the others too
        alike = [row for row in rows.get(one.email, ()) if _is_theirs(row, one.client, book)]
        if not one.key:
            told = together.get((one.email, fold(one.client)))
            found[one] = alike[0].key if alike else told or _mail_key(one, book)
            continue
        found[one] = one.key
        by_mail_alone = [row for row in alike if _IS_BY_MAIL.fullmatch(row.key)]
        if one.key not in there and by_mail_alone:
            by_mail_alone[0].key = one.key
            by_mail_alone[0].save(update_fields=["key"])
        there.add(one.key)
    return found


def _is_theirs(row: ContactKey, client: str, book: Book) -> bool:
    return row.client_folded == fold(client) or ours.are_of_one(book, row.client, client)


def _mail_key(one: Asker, book: Book) -> str:
    client = book.client(one.client)
    whose = fold(one.client) if client is None else str(client.id)
    return BY_MAIL + sha256(f"{whose}\n{one.email}".encode()).hexdigest()


def is_told(kept: Iterable[Event], at: int, name: str, ours: str) -> bool:
    """Whether a ticket has somebody by the name that was told at an instant, and never by the one that we have."""
    said = [event for event in in_effect(kept) if field_of(event) == "contact"]
    then = [event.value for event in said if event.at <= at][-1:]
    return then == [name] and all(event.value != ours for event in said)


def keep_together(batches: Sequence[Batch], now: datetime) -> list[list[int]]:
    """Keep batches as the ledger does (`append_together`), and in the same transaction whoever is named in them.
    Tickets get the tier of their contacts."""
    concerned = _concerned(batches)
    if not concerned:
        return ledger.append_together(batches, now)
    for batch in batches:
        current(batch.source.provider).take_in(clients_named(event for _, event in batch.events))
    with transaction.atomic():
        by_source: dict[int, list[Batch]] = {}
        for batch in concerned:
            by_source.setdefault(batch.source.pk, []).append(batch)
        named: dict[int, Batch] = {}
        for pk in sorted(by_source):
            named |= _with_names(by_source[pk], now)
        came = ledger.append_together([named.get(id(batch), batch) for batch in batches], now)
        for pk in sorted(by_source):
            source = by_source[pk][0].source
            touched = {ticket for batch in by_source[pk] for ticket, event in batch.events if concerns(event)}
            tell_tiers(source, touched, now, current(source.provider))
    return came


def _concerned(batches: Sequence[Batch]) -> list[Batch]:
    """Those in which somebody may be named whom we know, or come to know: most are of neither."""
    some = [batch for batch in batches if any(concerns(event) for _, event in batch.events)]
    said = {batch.source.pk: batch.source for batch in some}
    with_tiers = {pk for pk, source in said.items() if tiers.are_said(source)}
    return [
        batch
        for batch in some
        if batch.source.pk in with_tiers or any(isinstance(one, Asked) for one in batch.events)
    ]


def concerns(event: Event) -> bool:
    """Whether a ticket's tier may be another after it."""
    return event.kind == CREATED or (event.kind == CHANGED and event.field in ("contact", "tier"))


def tell_tiers(source: Source, tickets: Collection[str], now: datetime, book: Book) -> None:
    """Tell tickets the tier of their contacts, where any contact of the source has one. Within a transaction."""
    if not tickets or not tiers.are_said(source):
        return
    kept = events_of(source, tickets)
    untold = tiers.untold(kept)
    arrived = tiers.told_anew(source, untold)
    for ticket in kept.keys() - untold.keys():
        arrived += tiers.withdrawn(ticket, kept[ticket])
    if arrived:
        ledger.append(source, arrived, now, book, at_once=len(arrived))


def _with_names(batches: Sequence[Batch], now: datetime) -> dict[int, Batch]:
    """Batches of one source, by their ids, in which events have the names that tickets here have for contacts."""
    source = batches[0].source
    asked = [one for batch in batches for one in batch.events if isinstance(one, Asked)]
    if not asked:
        return {}
    tickets = {one.ticket for one in asked}
    kept = events_of(source, tickets)
    clients = _clients(tickets, kept, (one for batch in batches for one in batch.events))
    askers: dict[Asker, int] = {}
    for one in asked:
        asker = _asker(one, clients[one.ticket])
        askers[asker] = max(one.event.at, askers.get(asker, one.event.at))
    names = met(source, askers, now, current(source.provider))
    before = {(ticket, event.id): event.value for ticket, some in kept.items() for event in some}

    def named(one: TicketEvent) -> TicketEvent:
        name = names.get(_asker(one, clients[one.ticket])) if isinstance(one, Asked) else None
        # One that is known stays as it was told, though the client became known after it.
        if name is None or before.get((one.ticket, one.event.id)) == one.event.value:
            return one
        return TicketEvent(one.ticket, one.event._replace(value=name))

    return {id(batch): batch._replace(events=[named(one) for one in batch.events]) for batch in batches}


def _asker(one: Asked, clients: Sequence[Event]) -> Asker:
    """Of the client that the ticket had then, else of its first: the same, though the ticket moves later."""
    then = [event for event in clients if event.at <= one.event.at][-1:] or clients[:1]
    return Asker(one.event.value, one.email, one.key, then[0].value if then else "")


def _clients(
    tickets: Collection[str], kept: Mapping[str, Sequence[Event]], told: Iterable[TicketEvent]
) -> dict[str, list[Event]]:
    """What tickets say of their client, by all that is known of them."""
    events = {ticket: list(kept.get(ticket, ())) for ticket in tickets}
    for one in told:
        if one.ticket in events:
            events[one.ticket].append(one.event)
    return {
        ticket: [event for event in in_effect(some) if field_of(event) == "client"]
        for ticket, some in events.items()
    }

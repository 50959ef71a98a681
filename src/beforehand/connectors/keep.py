"""Keeps what sources tell: as events in the ledger, as how far each ticket was read, and as their own view of it."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from beforehand.engine.history import Event
from beforehand.engine.instants import to_instant
from beforehand.kernel.faults import Refused
from beforehand.kernel.fields import EPOCH, from_micros
from beforehand.promises.book import Book, current
from beforehand.tickets import ledger, store
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.models import PsaView
from beforehand.tickets.reading import clients_named

from . import contacts, tiers
from .contract import KEPT, RESOLUTION_KEPT, RESPONSE_KEPT, Told
from .meaning import in_our_words, retold
from .merging import Joining
from .models import Connection, Remote
from .steady import Steady, meet
from .telling import bring, field_of, is_old
from .words import in_use

AT_ONCE = 50
"""Tickets that share a transaction: on SQLite nobody else writes meanwhile."""
log = logging.getLogger("beforehand.sync")


class TakenOver(Exception):
    """Another worker has this connection by now."""


def keep(connection: Connection, told: Sequence[Told], now: datetime) -> int:
    """Keep tickets as their source tells them; how many of them brought anything new. Outside of any transaction.

    To keep the same again changes nothing, so that whoever is stopped in between begins again. Raises TakenOver, with
    the rest not kept, where another worker has the connection: what it read since is newer. A ticket that cannot be
    kept is noted, and stops no other.
    """
    meet(connection, told, now)
    steady = Steady(connection, told)
    latest = {one.id: steady.told(one) for one in told}
    names, changed = list(latest), 0
    book = current(connection.provider)
    book.take_in(_clients(latest.values()))
    for start in range(0, len(names), AT_ONCE):
        some = [latest[name] for name in names[start : start + AT_ONCE]]
        try:
            changed += _keep(connection, some, now, book)
        except Refused:
            changed += sum(_keep_alone(connection, one, now, book) for one in some)
    return changed


def _clients(told: Iterable[Told]) -> set[str]:
    """Clients that are named, for the book: that must not happen in a transaction that may be rolled back."""
    events = (one.event for ticket in told for one in ticket.events)
    return clients_named(events) | {ticket.fields["client"] for ticket in told if "client" in ticket.fields}


def _keep_alone(connection: Connection, one: Told, now: datetime, book: Book) -> int:
    try:
        return _keep(connection, [one], now, book)
    except Refused as refused:
        log.warning("source %s: ticket %s cannot be kept: %s", connection.source.slug, one.id, refused)
        failed(connection, one.id, str(refused), now)
        return 0


def _keep(connection: Connection, told: Sequence[Told], now: datetime, book: Book) -> int:
    with transaction.atomic():
        hold(connection)
        known = _known(connection, [one.id for one in told])
        told = [_dated(one, now) for one in told if not _is_old(one, known.get(one.id))]
        told = contacts.met(connection, told, now, book)
        arrived = _news(connection, told, known, now, book)
        news = {one.ticket for one in arrived}
        told = [one for one in told if one.id in news or not _is_known(one, known.get(one.id))]
        if arrived:
            ledger.append(connection.source, arrived, now, book, at_once=AT_ONCE)
        _note(connection, told, known, now)
        _keep_views(connection, told)
    return len(news)


def hold(connection: Connection) -> None:
    """See, until the transaction ends, that nobody takes the connection over; raises TakenOver where somebody has."""
    rows = Connection.objects.filter(provider=connection.provider_id, pk=connection.pk)
    if rows.select_for_update(no_key=True).values_list("turn", flat=True).first() != connection.turn:
        raise TakenOver


def _known(connection: Connection, ids: Sequence[str]) -> dict[str, Remote]:
    rows = Remote.objects.filter(provider=connection.provider_id, connection=connection, external_id__in=ids)
    return {row.external_id: row for row in rows}


def _is_old(one: Told, row: Remote | None) -> bool:
    if row is None:
        return False
    return is_old(one, to_instant(row.updated), None if row.deep is None else to_instant(row.deep))


def _is_known(one: Told, row: Remote | None) -> bool:
    """Whether a shallow reading is of a state that was read deep: where it says nothing new, nothing is to be read."""
    return not one.deep and not one.gone and row is not None and from_micros(one.updated) == row.updated


def _dated(one: Told, now: datetime) -> Told:
    return one._replace(updated=to_instant(now)) if one.gone and not one.updated else one


def _news(
    connection: Connection, told: Sequence[Told], known: Mapping[str, Remote], now: datetime, book: Book
) -> list[TicketEvent]:
    provider = connection.provider_id
    held = store.tickets_of(provider, connection.source_id, [one.id for one in told])
    events = store.events_of([ticket for ticket, _ in held.values()], provider)
    arrived: list[TicketEvent] = []
    here: dict[str, list[Event]] = {}
    news: dict[str, list[Event]] = {}
    strangers: set[str] = set()
    words = in_use(connection)
    by_contact: dict[str, list[Event]] = {}
    for one in told:
        kept = events[held[one.id][0]] if one.id in held else []
        if not kept and one.gone:
            continue
        row = known.get(one.id)
        seen = row is not None and row.updated > EPOCH
        before = to_instant(row.updated) if row is not None and seen else None
        again = retold(one, kept, words)
        standing, spoken = [*kept, *(event for _, event in again)], in_our_words(one, words)
        bare = tiers.without_tier(spoken, standing)
        fresh = [*again, *bring(standing, bare or spoken, before)]
        arrived += fresh
        here[one.id], news[one.id] = kept, [event for _, event in fresh]
        if bare is not None and not one.gone:
            by_contact[one.id] = [*kept, *news[one.id]]
        if (not kept and row is not None) or (
            kept and any(field_of(event) == "client" for _, event in fresh)
        ):
            strangers.add(one.id)
    arrived += tiers.told_anew(connection.source, by_contact)
    joining = Joining(connection, here, news, book)
    besides = joining.joined(strangers)
    # Those told whole just now said it again: what is noted of them later (_note) counts.
    want(connection, {*joining.absent, *joining.behind}, now)
    return [one for one in arrived if (one.ticket, one.event.id) not in joining.denied] + besides


def _note(connection: Connection, told: Sequence[Told], known: Mapping[str, Remote], now: datetime) -> None:
    rows = []
    for one in told:
        row = known.get(one.id) or Remote(
            provider=connection.provider, connection=connection, external_id=one.id, updated=EPOCH
        )
        # That it is gone says nothing of how far it was read: it may come back as it was.
        updated = row.updated if one.gone else max(from_micros(one.updated), row.updated)
        if one.deep or one.gone or updated > row.updated:
            row.missed, row.fault = 0, ""
        row.updated, row.read, row.shallow = updated, now, not (one.deep or one.gone)
        if one.deep and not one.gone:
            row.deep = from_micros(one.updated)
        rows.append(row)
    Remote.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["provider", "connection", "external_id"],
        update_fields=["updated", "deep", "shallow", "read", "missed", "fault"],
    )


def _keep_views(connection: Connection, told: Sequence[Told]) -> None:
    views = {one.id: one for one in told if one.view}
    held = store.tickets_of(connection.provider_id, connection.source_id, list(views))
    PsaView.objects.bulk_create(
        [
            PsaView(
                provider=connection.provider,
                ticket_id=held[name][0],
                at=from_micros(one.updated),
                said=dict(one.view),
                response_kept=_verdict(one.view, RESPONSE_KEPT),
                resolution_kept=_verdict(one.view, RESOLUTION_KEPT),
                kept=_verdict(one.view, KEPT),
            )
            for name, one in views.items()
            if name in held
        ],
        update_conflicts=True,
        unique_fields=["provider", "ticket"],
        update_fields=["at", "said", "response_kept", "resolution_kept", "kept"],
    )


def _verdict(view: Mapping[str, Any], name: str) -> bool | None:
    said = view.get(name)
    return said if isinstance(said, bool) else None


def failed(connection: Connection, ticket: str, fault: str, now: datetime) -> None:
    """A ticket could not be read: it is tried again later, and shown."""
    want(connection, [ticket], now)
    rows = Remote.objects.filter(provider=connection.provider_id, connection=connection, external_id=ticket)
    rows.update(missed=F("missed") + 1, fault=fault[:300], read=now)


def want(connection: Connection, tickets: Iterable[str], now: datetime) -> None:
    """Have tickets read, when there is time for it, whatever is known of them."""
    rows = [
        Remote(
            provider=connection.provider,
            connection=connection,
            external_id=ticket,
            updated=EPOCH,
            read=now,
            shallow=True,
        )
        for ticket in tickets
    ]
    Remote.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["provider", "connection", "external_id"],
        update_fields=["shallow"],
        batch_size=400,
    )

"""Keeps what sources tell: as events in the ledger, as how far each ticket was read, and as their own view of it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from beforehand.engine.instants import to_instant
from beforehand.kernel.fields import from_micros
from beforehand.promises.book import current
from beforehand.tickets import ledger, store
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.models import PsaView

from .contract import Told
from .meaning import in_our_words, retold
from .models import Connection, Remote
from .telling import bring
from .words import in_use

AT_ONCE = 50
"""Tickets that share a transaction: on SQLite nobody else writes meanwhile."""


def keep(connection: Connection, told: Sequence[Told], now: datetime) -> int:
    """Keep tickets as their source tells them; how many of them brought anything new. Outside of any transaction.

    To keep the same again changes nothing, so that whoever is stopped in between begins again.
    """
    latest = {one.id: one for one in told}
    changed = 0
    names = list(latest)
    for start in range(0, len(names), AT_ONCE):
        changed += _keep(connection, [latest[name] for name in names[start : start + AT_ONCE]], now)
    return changed


def _keep(connection: Connection, told: Sequence[Told], now: datetime) -> int:
    source, provider = connection.source, connection.provider_id
    ids = [one.id for one in told]
    known = {
        row.external_id: row
        for row in Remote.objects.filter(provider=provider, connection=connection, external_id__in=ids)
    }
    told = [one for one in told if not _is_old(one, known.get(one.id))]
    held = store.tickets_of(provider, source.pk, ids)
    events = store.events_of([ticket for ticket, _ in held.values()], provider)
    arrived: list[TicketEvent] = []
    words = in_use(connection)
    for one in told:
        row, kept = known.get(one.id), events[held[one.id][0]] if one.id in held else []
        if one.gone and not kept:
            continue
        again = retold(one.id, kept, words)
        kept = [*kept, *(event for _, event in again)]
        before = None if row is None else to_instant(row.updated)
        arrived += [*again, *bring(kept, in_our_words(one, words), before)]
    if arrived:
        ledger.append(source, arrived, now, current(connection.provider), at_once=AT_ONCE)
    _note(connection, told, known, now)
    return len({one.ticket for one in arrived})


def _is_old(one: Told, row: Remote | None) -> bool:
    """A shallow reading of what has been read as it then was, or later."""
    return row is not None and not one.deep and not one.gone and from_micros(one.updated) <= row.updated


def _note(connection: Connection, told: Sequence[Told], known: dict[str, Remote], now: datetime) -> None:
    rows = []
    for one in told:
        row = known.get(one.id) or Remote(
            provider=connection.provider, connection=connection, external_id=one.id
        )
        row.updated, row.read = max(from_micros(one.updated), row.updated or from_micros(0)), now
        if one.deep:
            row.deep, row.shallow, row.missed, row.fault = row.updated, False, 0, ""
        else:
            row.shallow = True
        rows.append(row)
    views = {one.id: one for one in told if one.view}
    held = store.tickets_of(connection.provider_id, connection.source_id, list(views))
    with transaction.atomic():
        Remote.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["provider", "connection", "external_id"],
            update_fields=["updated", "deep", "shallow", "read", "missed", "fault"],
        )
        PsaView.objects.bulk_create(
            [
                PsaView(
                    provider=connection.provider,
                    ticket_id=held[name][0],
                    at=from_micros(one.updated),
                    said=dict(one.view),
                )
                for name, one in views.items()
                if name in held
            ],
            update_conflicts=True,
            unique_fields=["provider", "ticket"],
            update_fields=["at", "said"],
        )


def failed(connection: Connection, ticket: str, fault: str, now: datetime) -> None:
    """A ticket could not be read: it is tried again later, and shown."""
    row, _ = Remote.objects.get_or_create(
        provider=connection.provider,
        connection=connection,
        external_id=ticket,
        defaults={"updated": from_micros(0), "read": now, "shallow": True},
    )
    row.missed, row.fault, row.read = row.missed + 1, fault[:300], now
    row.save(update_fields=["missed", "fault", "read"])

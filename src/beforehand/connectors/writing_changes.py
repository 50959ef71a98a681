"""Switching on what is written back to a source: whole, or refused with all that is wrong."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from beforehand.engine.instants import to_instant
from beforehand.kernel.due import queue
from beforehand.kernel.faults import Fault, refuse_if_any
from beforehand.tickets.models import Ticket

from .models import Connection, Written
from .registry import connectors
from .writing import FIELDS, WRITE_BACK

LONGEST = 100


def save_writing(connection: Connection, notes: bool, fields: Mapping[str, str], now: datetime) -> Connection:
    """Keep whether notes are written, and in which fields of the source which of FIELDS stand.

    What stands there is put right for all tickets that go on, or were written to before.
    """
    named = {one: " ".join(fields.get(one, "").split()) for one in FIELDS}
    refuse_if_any([*_kind(connection), *_names(named)])
    named = {one: name for one, name in named.items() if name}
    with transaction.atomic():
        held = Connection.objects.select_for_update().get(provider=connection.provider_id, pk=connection.pk)
        other = held.write_fields != named
        held.write_notes, held.write_fields = notes, named
        held.save(update_fields=["write_notes", "write_fields"])
        if other and named:
            _ask(held, now)
    return held


def _kind(connection: Connection) -> Iterator[Fault]:
    kind = connectors().get(connection.connector)
    if kind is None or not kind.writes:
        yield Fault("writing back", connection.connector, "a source that can be written to")


def _names(named: Mapping[str, str]) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for one, name in named.items():
        place = f"writing back, {one}"
        if len(name) > LONGEST:
            yield Fault(place, f"{len(name)} letters", f"a name of at most {LONGEST} letters")
        elif not name.isprintable():
            yield Fault(place, ascii(name), "a name of letters that can be seen")
        elif name and name.casefold() in seen:
            yield Fault(place, repr(name), f"a field of its own: {seen[name.casefold()]} stands in this one")
        elif name:
            seen[name.casefold()] = one


def _ask(connection: Connection, now: datetime) -> None:
    kept = Written.objects.filter(
        provider=connection.provider_id, connection=connection, key=Written.FIELDS
    ).values("ticket")
    tickets = Ticket.objects.filter(
        Q(runs__gt=0) | Q(pk__in=kept), provider=connection.provider_id, source=connection.source_id
    )
    queue.ask(WRITE_BACK, connection.provider_id, list(tickets.values_list("pk", flat=True)), to_instant(now))

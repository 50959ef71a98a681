"""What is written back to a source, where its owner wants it: notes of alerts, and fields that say how a ticket stands.

Never a status, and nothing that a client sees. What is to be written is put down in the transaction in which it came
to be (tickets/signals.py), and handed over in the connection's turn (handing.py).
"""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from beforehand.engine.instants import to_instant
from beforehand.kernel.due import queue
from beforehand.kernel.due.handlers import Claim, Next
from beforehand.people.models import Provider
from beforehand.promises.book import current
from beforehand.tickets.models import Clock, Ticket
from beforehand.tickets.signals import Remark

from .asking import ask
from .models import Connection, Written
from .standing import DEADLINE, LINE, RISK, stands

WRITE_BACK = "write-back"
FIELDS = (DEADLINE, RISK, LINE)
"""What can be kept in fields of the source."""


def put_down(provider: int, remarks: Sequence[Remark], now: datetime, **_signal: object) -> None:
    """Notes are to be written, each once, on tickets whose source is to have them."""
    lines = _connections(provider, write_notes=True)
    tickets = Ticket.objects.filter(
        provider=provider, pk__in={one.ticket for one in remarks}, source__in=lines
    )
    sources = dict(tickets.values_list("pk", "source")) if lines else {}
    rows = [
        Written(
            provider_id=provider, connection=lines[sources[one.ticket]], ticket_id=one.ticket,
            key=one.key[:60], text=one.text, asked=now,
        )
        for one in remarks
        if one.ticket in sources
    ]  # fmt: skip
    Written.objects.bulk_create(rows, ignore_conflicts=True)
    ask({row.connection for row in rows}, now)


def follow(
    provider: int, tickets: Collection[int], running: Collection[int], at: int, **_signal: object
) -> None:
    """Tickets were read again: those of which fields are kept, or are to be, are looked at."""
    lines = [one.source_id for one in _connections(provider).values() if one.write_fields]
    if not lines:
        return
    ours = Ticket.objects.filter(provider=provider, pk__in=running, source__in=lines)
    kept = Written.objects.filter(provider=provider, ticket__in=tickets, key=Written.FIELDS)
    found = {*ours.values_list("pk", flat=True), *kept.values_list("ticket", flat=True)}
    queue.ask(WRITE_BACK, provider, found, at)


def keep_up(claims: Sequence[Claim], now: datetime) -> Sequence[Next]:
    """See that the fields of tickets say how they stand, and when to look again. In the caller's transaction."""
    nexts: dict[int, Next] = {}
    by_provider: dict[int, set[int]] = defaultdict(set)
    for claim in claims:
        by_provider[claim.provider].add(claim.key)
    for pk, tickets in by_provider.items():
        nexts |= _keep_up(pk, tickets, now)
    return [nexts.get(claim.key) for claim in claims]


def _keep_up(provider: int, tickets: Collection[int], now: datetime) -> dict[int, Next]:
    lines = {pk: one for pk, one in _connections(provider).items() if one.write_fields}
    rows = Ticket.objects.filter(provider=provider, pk__in=tickets, source__in=lines)
    if not lines or not rows:
        return {}
    book = current(Provider.objects.get(pk=provider))
    clocks: dict[int, list[Clock]] = defaultdict(list)
    for clock in Clock.objects.filter(provider=provider, ticket__in=tickets):
        clocks[clock.ticket_id].append(clock)
    kept = Written.objects.filter(provider=provider, ticket__in=tickets, key=Written.FIELDS)
    known = {row.ticket_id: row.text for row in kept}
    nexts, fresh = {}, []
    for ticket in rows:
        line, now_stands = lines[ticket.source_id], stands(ticket, clocks[ticket.pk], book, to_instant(now))
        nexts[ticket.pk] = now_stands.next
        text = _by_their_names(line.write_fields, now_stands.said)
        if known.get(ticket.pk, "") != text and (ticket.pk in known or ticket.runs):
            fresh.append(
                Written(
                    provider_id=provider,
                    connection=line,
                    ticket=ticket,
                    key=Written.FIELDS,
                    text=text,
                    asked=now,
                )
            )
    Written.objects.bulk_create(
        fresh,
        update_conflicts=True,
        unique_fields=["provider", "connection", "ticket", "key"],
        update_fields=["text", "state", "asked", "tries", "tried", "fault"],
    )
    ask({row.connection for row in fresh}, now)
    return nexts


def _connections(provider: int, **more: Any) -> dict[int, Connection]:
    """Those in use, by source."""
    rows = Connection.objects.filter(provider=provider, active=True, **more)
    return {row.source_id: row for row in rows.only("provider", "source", "write_fields", "waits")}


def _by_their_names(names: Mapping[str, str], said: Mapping[str, str]) -> str:
    return json.dumps({names[one]: said[one] for one in FIELDS if names.get(one)})

"""Tickets of an MSP that their ticket system judges too: by one status that stops its clock and not ours."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from beforehand.engine.instants import to_instant
from beforehand.people.models import Provider
from beforehand.promises import psa
from beforehand.promises.book import current
from beforehand.promises.models import SetUpPiece
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.ledger import append
from beforehand.tickets.models import PsaView, Source, Ticket

from .msp import Life

CLIENT, VENDOR = "Ashcombe Dental", "Waiting on vendor"


def held_up(number: int, now: datetime) -> Life:
    """Broken here: 1,400 of 960 minutes. Where a wait on a vendor holds the clock, 280."""
    life = Life(number, CLIENT, "Scanner does not answer", "P2", 1500, to_instant(now))
    life.assigned(1490, "Ada Ferrant").answered(1480, "Ada Ferrant")
    return life.status(1400, VENDOR).status(200, "In progress").status(100, "Resolved")


def quick(number: int, now: datetime) -> Life:
    """Kept everywhere."""
    life = Life(number, CLIENT, "Password forgotten", "P2", 300, to_instant(now))
    return life.assigned(290, "Ada Ferrant").answered(280, "Ada Ferrant").status(100, "Resolved")


def add(source: Source, lives: Sequence[Life], now: datetime) -> None:
    """Keep tickets."""
    arrived = [TicketEvent(life.ticket, event) for life in lives for event in life.events]
    append(source, arrived, now, current(source.provider), at_once=50)


def judge(source: Source, verdicts: Mapping[str, Mapping[str, bool | None]], now: datetime) -> None:
    """Let the ticket system judge tickets, by their external ids."""
    tickets = dict(Ticket.objects.filter(source=source).values_list("external_id", "pk"))
    PsaView.objects.filter(ticket__source=source, ticket__external_id__in=list(verdicts)).delete()
    PsaView.objects.bulk_create(
        PsaView(provider=source.provider, ticket_id=tickets[name], at=now, said={"sla": "Gold"}, **said)
        for name, said in verdicts.items()
    )


def set_up(provider: Provider, source: Source, pieces: Sequence[psa.Plain], now: datetime) -> None:
    """Let the source be set to this."""
    kinds = {kind: name for name, kind in psa.KINDS.items()}
    SetUpPiece.objects.bulk_create(
        SetUpPiece(
            provider=provider,
            source=source.slug,
            kind=kinds[type(piece)],
            key=piece.key,
            name=getattr(piece, "name", piece.key),
            plain=psa.stored(piece),
            since=now,
        )
        for piece in pieces
    )


def make(provider: Provider, now: datetime, differing: int = 12, agreeing: int = 20) -> Source:
    """A source whose ticket system says that all was kept, since it holds while a vendor is waited for."""
    source = Source.objects.create(provider=provider, slug="psa", name="Our desk")
    slow = [held_up(50_000 + n, now) for n in range(differing)]
    add(source, [*slow, *(quick(60_000 + n, now) for n in range(agreeing))], now)
    names = Ticket.objects.filter(source=source).values_list("external_id", flat=True)
    judge(source, {name: {"response_kept": True, "resolution_kept": True} for name in names}, now)
    set_up(provider, source, [psa.Status("9", VENDOR, holds=True)], now)
    return source

"""What an import came to, in words: every row counted, and what is to be done about what could not be judged."""

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from beforehand.kernel.fields import to_micros
from beforehand.promises.book import Book
from beforehand.tickets.mending import uncovered, unknown_clients, unmapped
from beforehand.tickets.models import Conflict, Event, Source, Ticket

from .importing import Came

SHOWN = 10


class Standing(NamedTuple):
    """How a source's tickets stand after an import: counts, and the names to be mended, each with its count."""

    tickets: int
    uncovered: int
    unknown_clients: list[tuple[str, int]]
    unmapped: list[tuple[str, int]]
    """Status, events."""
    conflicts: int


def standing(source: Source, book: Book) -> Standing:
    """Counts over all tickets of the source."""
    return Standing(
        Ticket.objects.filter(provider=source.provider_id, source=source).count(),
        uncovered(source.provider, source).count(),
        unknown_clients(source.provider, source),
        sorted(
            ((one.status, one.events) for one in unmapped(source, book.uncovered.terms.statuses)),
            key=lambda one: (-one[1], one[0]),
        ),
        Conflict.objects.filter(provider=source.provider_id, ticket__source=source).count(),
    )


def sentences(came: Sequence[Came], now: Standing, source: Source) -> Iterator[str]:
    """The summary, line by line."""
    for one in came:
        yield (
            f"{one.log}: {one.rows:,} rows: {one.taken:,} taken, {one.known:,} known already,"
            f" {one.rejected:,} rejected; {one.events:,} new events on {one.tickets:,} tickets,"
            f" {one.conflicts:,} in conflict."
        )
        if one.rejects is not None:
            for reason, count in sorted(one.reasons.items(), key=lambda pair: -pair[1])[:SHOWN]:
                yield f"    {count:,} rejected: {reason}"
            yield f"    They are in {one.rejects}, each with its line and reason: mend them there and import that file."
        if one.moved is not None:
            yield f"    The {one.moved[0].name} that was there is now {one.moved[1].name}."
    yield f"{source.name} ({source.slug}) has {now.tickets:,} tickets, {now.uncovered:,} of them uncovered."
    yield from _to_mend(now)
    if now.conflicts:
        yield f"{now.conflicts:,} events are kept as conflicts: known under the same id with other content, for example"
        yield from _conflicts(source)


def _to_mend(now: Standing) -> Iterator[str]:
    if now.unknown_clients:
        tickets = sum(count for _, count in now.unknown_clients)
        yield f"Unknown clients: {len(now.unknown_clients):,}, with {tickets:,} tickets:"
        for name, count in now.unknown_clients[:SHOWN]:
            yield f"    {name or '(none)'}: {count:,}"
        yield from _and_more(now.unknown_clients)
        yield "    Name them in the agreement file, or say there `unknown clients: become clients`;"
        yield "    `beforehand reread` then holds their tickets to it."
    if now.unmapped:
        yield "Statuses that nobody mapped (they count as working):"
        for status, count in now.unmapped[:SHOWN]:
            yield f"    {status}: {count:,}"
        yield from _and_more(now.unmapped)


def _and_more(listed: Sequence[object]) -> Iterator[str]:
    if len(listed) > SHOWN:
        yield f"    and {len(listed) - SHOWN:,} more"


def _conflicts(source: Source) -> Iterator[str]:
    latest = Conflict.objects.filter(provider=source.provider_id, ticket__source=source).select_related(
        "ticket"
    )
    for conflict in latest.order_by("-pk")[:SHOWN]:
        found = json.loads(conflict.content)
        kept = Event.objects.get(
            provider=source.provider_id, ticket=conflict.ticket_id, event_id=conflict.event_id
        )
        names = ("at", "value", "person", "field", "kind", "flags", "seq")
        stored = {name: getattr(kept, name) for name in names} | {"at": to_micros(kept.at)}
        differs = [name for name in names if stored[name] != found[name]]
        said = ", ".join(f"{name} {stored[name]!r} kept, {found[name]!r} found" for name in differs)
        yield f"    ticket {conflict.ticket.external_id}, event {conflict.event_id}: {said}"

"""Reading everything again: after a change of rules, a corrected agreement, or to prove that nothing has changed (5.4).

Tickets are taken in runs of neighbouring ids, each in one transaction together with the note that it is done, so that
the work can be stopped and taken up again, and several processes share it.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.db import transaction
from django.db.models import Max, Min

from beforehand.promises.book import Book

from . import notices, store, watching
from .models import Rereading, Source, Ticket
from .reading import Derived, Kept, clients_named, derive, tells
from .rollups import Moves
from .rows import ticket_of

RUN = 2_000
"""Tickets in one run: some 50 MB of rows."""


class Reread(NamedTuple):
    """What a run came to: tickets and clocks read, and how many of their rows were not what they should be.

    `wrong` are the ids of the tickets whose rows those are.
    """

    tickets: int
    tickets_changed: int
    clocks: int
    clocks_changed: int
    wrong: tuple[int, ...]

    def __add__(self, other: "Reread") -> "Reread":  # type: ignore[override]
        return Reread(*(a + b for a, b in zip(self, other, strict=True)))  # type: ignore[operator]


NOTHING = Reread(0, 0, 0, 0, ())


def runs(provider: int, size: int = RUN) -> list[tuple[int, int]]:
    """The runs of ticket ids, [first, end), that hold all tickets of a provider."""
    ends = Ticket.objects.filter(provider=provider).aggregate(first=Min("id"), last=Max("id"))
    if ends["first"] is None:
        return []
    return [(first, first + size) for first in range(ends["first"], ends["last"] + 1, size)]


def done(provider: int, key: str) -> set[int]:
    """The first ids of the runs already done under this key; those of an older key are forgotten."""
    with transaction.atomic():
        Rereading.objects.filter(provider=provider).exclude(key__in=(key, Rereading.DUE)).delete()
        return set(Rereading.objects.filter(provider=provider, key=key).values_list("first", flat=True))


def finish(provider: int) -> None:
    """All runs are done: the next rereading begins anew."""
    Rereading.objects.filter(provider=provider).delete()


def due() -> list[int]:
    """The providers whose tickets are to be read again before anything of them is shown."""
    return list(
        Rereading.objects.filter(key=Rereading.DUE).order_by("provider").values_list("provider", flat=True)
    )


def forget_derived(provider: int) -> None:
    """Delete everything derived of a provider's tickets: all clocks, and every column that events decide."""
    with transaction.atomic():
        # What an interrupted rereading has done is forgotten with the rest; it must not be passed over.
        finish(provider)
        Rereading.objects.create(provider_id=provider, key=Rereading.DUE, first=0)
        store.forget(provider)
        notices.tell_any(provider)


def reread_run(provider: int, first: int, end: int, key: str, book: Book, *, write: bool = True) -> Reread:
    """Read the tickets of one run again and write the rows that differ; with `write` off only count them."""
    sources = {source.pk: tells(source) for source in Source.objects.filter(provider=provider)}

    def look(tickets: Iterable[Kept], known: Collection[int]) -> tuple[Derived, Derived]:
        # A ticket that came since is the ledger's: it was read with the terms of now, and nobody holds it here.
        stored = store.derived_between(provider, first, end)
        clocks = {clock: row for clock, row in stored.clocks.items() if ticket_of(clock) in known}
        return derive(provider, sources, tickets, book), Derived(stored.tickets, clocks, {})

    # Reading holds nobody up: the tickets are held only to write, and looked at again if events came meanwhile.
    before = store.events_between(provider, first, end)
    kept = list(store.tickets_between(provider, first, end, before))
    if write:
        book.take_in(clients_named(event for ticket in kept for event in ticket.events))
    right, stored = look(kept, before)
    with transaction.atomic():
        held = store.events_between(provider, first, end, hold=True)
        if held != before:
            right, stored = look(store.tickets_between(provider, first, end, held), held)
        tickets = {ticket: row for ticket, row in right.tickets.items() if stored.tickets.get(ticket) != row}
        clocks = {clock: row for clock, row in right.clocks.items() if stored.clocks.get(clock) != row}
        gone = stored.clocks.keys() - right.clocks.keys()
        if write:
            old = {clock: stored.clocks[clock] for clock in (*gone, *clocks) if clock in stored.clocks}
            moves = Moves()
            store.change(provider, Derived(tickets, clocks, right.keys), old, moves)
            moves.write()
            again = tickets.keys() | {ticket_of(clock) for clock in clocks.keys() | gone}
            watching.ask_anew(
                provider, {ticket: right.tickets[ticket] for ticket in again & right.tickets.keys()}
            )
            notices.tell(provider, again)
            Rereading.objects.get_or_create(provider_id=provider, key=key, first=first)
    wrong = tickets.keys() | {ticket_of(clock) for clock in clocks.keys() | gone}
    return Reread(
        len(right.tickets), len(tickets), len(right.clocks), len(clocks) + len(gone), tuple(sorted(wrong))
    )

"""Tickets that are to be looked at again by whoever watches clocks: those that changed, while any clock is open.

A due row for each; the room above that has registered for TICKET keeps its instant (house: one mechanism for time).
"""

from collections.abc import Mapping

from beforehand.kernel.due import queue

from .rows import TICKET_COLUMNS, Row
from .signals import clocks_read

TICKET = "ticket"
READ_ANEW = 0
"""The instant at which tickets are due whose clocks were read anew: before any that something happens at."""
_RUNS = TICKET_COLUMNS.index("runs")


def ask(provider: int, tickets: Mapping[int, Row], at: int) -> None:
    """Have tickets looked at, given their derived columns; one without an open clock only if it was watched."""
    runs = {ticket for ticket, row in tickets.items() if row[_RUNS]}
    queue.ask(TICKET, provider, runs, at)
    queue.ask_again(TICKET, provider, tickets.keys() - runs, at)
    clocks_read.send(sender=None, provider=provider, tickets=tickets.keys(), running=runs, at=at)


def ask_anew(provider: int, tickets: Mapping[int, Row]) -> None:
    """The same for tickets that read otherwise than before, though nothing happened to them."""
    ask(provider, tickets, READ_ANEW)

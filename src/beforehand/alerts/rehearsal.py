"""Which alerts ring: a source, a client and a ladder each start in rehearsal, until somebody switches them on."""

from typing import NamedTuple

from beforehand.kernel.names import fold
from beforehand.tickets.models import Ticket

from .models import Switch

SOURCE, CLIENT, LADDER = Switch.Kind.SOURCE, Switch.Kind.CLIENT, Switch.Kind.LADDER


class _On(NamedTuple):
    priorities: frozenset[str]
    types: frozenset[str]

    def fits(self, ticket: Ticket) -> bool:
        return (not self.priorities or fold(ticket.priority) in self.priorities) and (
            not self.types or fold(ticket.type) in self.types
        )


class Rehearsal:
    """The switches of one provider, read once."""

    def __init__(self, provider: int) -> None:
        self._on = {
            (row.kind, row.key): _On(frozenset(map(fold, row.priorities)), frozenset(map(fold, row.types)))
            for row in Switch.objects.filter(provider=provider)
        }

    def is_on(self, kind: str, key: str) -> bool:
        """Whether something is switched on, be it for some tickets only."""
        return (kind, key) in self._on

    def rings(self, ticket: Ticket, ladder: str) -> bool:
        """Whether alerts of a ticket on a ladder are sent. A ticket of nobody's terms has no client to wait for."""
        return not self.off(ticket, ladder)

    def off(self, ticket: Ticket, ladder: str) -> tuple[str, ...]:
        """What keeps alerts of a ticket on a ladder in rehearsal: the kinds of what is not switched on for it."""
        named = ((SOURCE, str(ticket.source_id)), (LADDER, ladder))
        found = [str(kind) for kind, key in named if not self.is_on(kind, key)]
        if ticket.client_id is not None:
            on = self._on.get((CLIENT, str(ticket.client_id)))
            if on is None or not on.fits(ticket):
                found.append(str(CLIENT))
        return tuple(found)

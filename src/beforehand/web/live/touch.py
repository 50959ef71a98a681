"""Which boards a changed ticket can touch, decided by what the address asks for and without a query for each board."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import NamedTuple

from beforehand.tickets.models import Ticket
from beforehand.web.board import NOBODY, Asked

REMEMBERED = 20_000
"""Tickets whose last known facts are kept, the latest changed."""


class Facts(NamedTuple):
    """What of a ticket boards are filtered by, assignee and state aside: the figures on top count over those."""

    client: int | None
    team: str
    priority: str
    text: str


class Change(NamedTuple):
    """A changed ticket as it is and as it was; None where that is not known, and then it may have been anything."""

    ticket: int
    now: Facts
    before: Facts | None


class Memory:
    """The last known facts of one provider's tickets."""

    def __init__(self) -> None:
        self._facts: OrderedDict[int, Facts] = OrderedDict()

    def changes(self, tickets: Iterable[int]) -> list[Change]:
        """These tickets as they are now and as they were when last looked at."""
        found = []
        for ticket, facts in _facts_of(tickets):
            found.append(Change(ticket, facts, self._facts.pop(ticket, None)))
            self._facts[ticket] = facts
        while len(self._facts) > REMEMBERED:
            self._facts.popitem(last=False)
        return found


def touches(asked: Asked, changes: Iterable[Change]) -> bool:
    """Whether any of the changes can alter the board asked for: its rows, their number or its figures."""
    return any(
        change.before is None or _fits(asked, change.now) or _fits(asked, change.before) for change in changes
    )


def _facts_of(tickets: Iterable[int]) -> Iterable[tuple[int, Facts]]:
    names = ("pk", "client", "team", "priority", "number", "external_id", "subject", "client_name")
    for pk, client, team, priority, *texts in Ticket.objects.filter(pk__in=tickets).values_list(*names):
        yield pk, Facts(client, team, priority, "\n".join(texts).casefold())


def _fits(asked: Asked, facts: Facts) -> bool:
    client = asked.client
    if client and facts.client != (None if client == NOBODY else int(client)):
        return False
    for value, has in ((asked.team, facts.team), (asked.priority, facts.priority)):
        if value and has != ("" if value == NOBODY else value):
            return False
    return all(word.casefold() in facts.text for word in asked.q.split())

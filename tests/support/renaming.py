"""Things of a ticket system get new names, and nothing else of it changes: what is of the past keeps its own texts."""

from collections.abc import Mapping
from typing import Any

from beforehand.engine.codes import OPEN
from beforehand.tickets.models import Clock, Ticket

FACTS = (
    "client_name",
    "client",
    "version",
    "contract",
    "board",
    "team",
    "site",
    "type",
    "priority",
    "channel",
)
JUDGED = ("metric", "number", "line", "version", "target", "used", "verdict", "deadline", "stop", "tally")


def renamed(what: Any, names: Mapping[str, str]) -> Any:
    """The same with others wherever one of these names stands as a whole."""
    if isinstance(what, dict):
        return {name: renamed(value, names) for name, value in what.items()}
    if isinstance(what, list):
        return [renamed(value, names) for value in what]
    return names.get(what, what) if isinstance(what, str) else what


def facts(ticket: str) -> dict[str, Any]:
    """Under which names a ticket counts."""
    return dict(Ticket.objects.values(*FACTS).get(external_id=ticket))


def judged(ticket: str) -> list[tuple[Any, ...]]:
    """Its clocks that have a verdict; there are some."""
    rows = Clock.objects.filter(ticket__external_id=ticket).exclude(verdict=OPEN).order_by("pk")
    found = list(rows.values_list(*JUDGED))
    assert found
    return found

"""Things of a ticket system get new names, and nothing else of it changes: what is of the past keeps its own texts."""

from collections.abc import Mapping
from typing import Any

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


def rename(what: Any, names: Mapping[str, str]) -> None:
    """Wherever one of these names stands as a whole."""
    parts = what.items() if isinstance(what, dict) else enumerate(what)
    for place, value in list(parts):
        if isinstance(value, dict | list):
            rename(value, names)
        elif isinstance(value, str) and value in names:
            what[place] = names[value]


def facts(ticket: str) -> dict[str, Any]:
    """Under which names a ticket counts."""
    return dict(Ticket.objects.values(*FACTS).get(external_id=ticket))


def judged(ticket: str) -> list[tuple[Any, ...]]:
    """Its clocks."""
    return list(Clock.objects.filter(ticket__external_id=ticket).order_by("pk").values_list(*JUDGED))

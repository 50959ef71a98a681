"""What the ticket system itself says of a ticket's SLA, beside ours: word for word, with instants in our zone."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from beforehand.engine.instants import to_instant
from beforehand.engine.saying import Moment, Saying
from beforehand.tickets.models import PsaView, Ticket

_STAMP = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_.]+")


class Thing(NamedTuple):
    """One thing that it says: a text, or an instant."""

    name: str
    text: str
    at: Moment | None


class View(NamedTuple):
    """All that it says, as of its own stamp."""

    at: Moment
    said: list[Thing]


def view_of(ticket: Ticket, how: Saying) -> View | None:
    """The ticket system's own view of a ticket; None where it has said nothing of it."""
    row = PsaView.objects.filter(provider=ticket.provider_id, ticket=ticket).first()
    if row is None or not row.said:
        return None
    return View(how.at(to_instant(row.at)), list(_each(row.said, "", how)))


def _each(said: Mapping[str, Any], above: str, how: Saying) -> Iterator[Thing]:
    for key, value in said.items():
        words = _CAMEL.sub(" ", str(key)).lower().split()
        name = above + " ".join("SLA" if word == "sla" else word for word in words)
        if isinstance(value, Mapping):
            yield from _each(value, f"{name}, ", how)
        elif value is not None and value != "" and value != []:
            yield _one(name, value, how)


def _one(name: str, value: Any, how: Saying) -> Thing:
    if isinstance(value, bool):
        return Thing(name, "yes" if value else "no", None)
    if isinstance(value, list):
        return Thing(name, ", ".join(map(str, value)), None)
    if isinstance(value, str) and _STAMP.fullmatch(value):
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            return Thing(name, value, None)
        return Thing(name, value, how.at(to_instant(at.astimezone(UTC))))
    return Thing(name, str(value), None)

"""Events into the JSON of our own words: what `reading` reads."""

from collections.abc import Mapping
from typing import Any

from beforehand.engine.codes import PUBLIC
from beforehand.engine.instants import to_datetime
from beforehand.tickets.events import TicketEvent

from .fields import JUDGED, KINDS, WHO

_KIND = {code: name for name, code in KINDS.items()}
_TEXTS = ("value", "field", "person", "supersedes", "retracts")


def told(known: TicketEvent) -> Mapping[str, Any]:
    """An event as POST /api/events takes it; read again it is the same."""
    event = known.event
    said: dict[str, Any] = {
        "ticket": known.ticket,
        "id": event.id,
        "at": to_datetime(event.at).isoformat(),
        "kind": _KIND[event.kind],
        "seq": event.seq,
        "by": next((name for name, flag in WHO.items() if event.flags & flag), "unknown"),
        "public": bool(event.flags & PUBLIC),
        "judged": [name for name, flag in JUDGED.items() if event.flags & flag],
    }
    said |= {name: value for name in _TEXTS if (value := getattr(event, name)) or name == "value"}
    instants = (("until", event.until), ("since", event.since))
    return said | {name: to_datetime(at).isoformat() for name, at in instants if at is not None}

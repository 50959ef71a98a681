"""What statuses and ticket types probably mean, by what HaloPSA says of them, else by their names."""

from collections.abc import Iterable
from typing import NamedTuple

from .literals import Literals
from .values import Row, flag, instant, key, text


class Sampled(NamedTuple):
    """Of a status: how many of the tickets looked at are in it, on hold, and closed."""

    tickets: int = 0
    held: int = 0
    closed: int = 0


def sampled(tickets: Iterable[Row]) -> dict[str, Sampled]:
    """What tickets show of their statuses, by the id of the status."""
    found: dict[str, Sampled] = {}
    for one in tickets:
        status = key(one.get("status_id"))
        was = found.get(status, Sampled())
        found[status] = Sampled(
            was.tickets + 1,
            was.held + flag(one.get("onhold")),
            was.closed + (instant(one.get("dateclosed")) is not None),
        )
    return found


def of_status(row: Row, seen: Sampled, literals: Literals) -> tuple[str, str]:
    """The state of clock.md 3.2 that is proposed for a status, and why; "" where nothing speaks for one."""
    name, action = text(row.get("name")).casefold(), text(row.get("slaaction")).casefold()
    if seen.tickets and seen.closed == seen.tickets:
        return "closed", f"{seen.closed} of {seen.tickets} tickets in it have a closing date"
    for word, state in _ENDS.items():
        if word in name and f"not {word}" not in name and action not in literals.held:
            return state, f"its name says {word!r}"
    if action in literals.held:
        return _waits(name), f"HaloPSA holds the SLA in it (slaaction {action.upper()})"
    if seen.tickets and seen.held == seen.tickets:
        return _waits(name), f"{seen.held} of {seen.tickets} tickets in it are on hold"
    if action in literals.running:
        return "working", f"HaloPSA lets the SLA run in it (slaaction {action.upper()})"
    return "", f"slaaction {action!r} is not known" if action else ""


_ENDS = {"resolved": "resolved", "completed": "resolved", "fixed": "resolved", "closed": "closed"}
_VENDOR = ("vendor", "supplier", "third party", "3rd party", "parts", "order", "courier", "delivery")
_BOOKED = ("schedul", "booked", "appointment", "visit")
_US = ("us", "internal", "agent", "technician", "change approval", "cab")


def _waits(name: str) -> str:
    words = name.replace("-", " ").split()
    if any(part in name for part in _VENDOR):
        return "waiting-on-vendor"
    if any(part in name for part in _BOOKED):
        return "scheduled-by-client"
    if any(part in words or (" " in part and part in name) for part in _US):
        return "working"
    return "waiting-on-client"


_ORIGINS = (
    ("machine", ("alert", "monitor", "rmm", "backup", "event log")),
    ("recurring", ("recurring", "scheduled", "maintenance", "preventative", "preventive")),
    ("project", ("project", "milestone", "sprint")),
    ("internal", ("internal", "opportunit", "sales", "lead", "hr ", "timesheet")),
    ("noise", ("spam", "junk", "noise", "duplicate")),
    ("client-live", ("phone", "call", "chat", "walk")),
    (
        "client-written",
        ("incident", "request", "problem", "question", "ticket", "issue", "support", "change"),
    ),
)


def of_type(row: Row) -> tuple[str, str]:
    """The origin of clock.md 2.6 that is proposed for a ticket type, and why."""
    use, name = text(row.get("use")).casefold(), text(row.get("name")).casefold()
    if use.startswith("project"):
        return "project", "HaloPSA uses it for projects"
    if use.startswith(("opp", "sale")):
        return "internal", "HaloPSA uses it for sales"
    for origin, words in _ORIGINS:
        for word in words:
            if word in name:
                return origin, f"its name says {word.strip()!r}"
    return "", ""

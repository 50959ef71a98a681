"""What things of the set-up probably mean, and why: proposals that somebody confirms, never facts."""

import re

from .values import Row, text

_VENDOR = re.compile(
    r"vendor|supplier|third.?party|3rd.?party|manufactur|parts|order|carrier|\bisp\b|lieferant|hersteller",
    re.I,
)
_BY_US = re.compile(r"schedul|appointment|dispatch|termin|planned", re.I)
_CLIENT = re.compile(r"client|customer|user|contact|caller|reply|response|approval|kunde|anwender", re.I)
_RESOLVED = re.compile(r"resolv|complet|\bdone\b|fixed|solved|gelöst|erledigt|résolu", re.I)
_ORIGINS = (
    ("noise", re.compile(r"\bspam\b|duplicate|\bjunk\b", re.I)),
    ("machine", re.compile(r"monitor|\balert|\brmm\b|automate|backup fail|\bsoc\b|\bsiem\b", re.I)),
    ("project", re.compile(r"\bproject", re.I)),
    ("recurring", re.compile(r"recurring|maintenance|scheduled task|\bpatch", re.I)),
    ("internal", re.compile(r"\binternal\b|\badmin(istration)?\b|\bhr\b", re.I)),
    ("client-live", re.compile(r"phone|\bcall\b|walk.?(in|up)|\bchat\b|in person|telefon", re.I)),
    ("client-written", re.compile(r"e.?mail|portal|web ?form", re.I)),
)

Proposal = tuple[str, str]


def status(row: Row) -> Proposal:
    """The state of a board's status (clock.md 3.2): by what it does to ConnectWise's own clock, then by its name."""
    name, escalation = text(row.get("name")), text(row.get("escalationStatus"))
    if row.get("closedStatus") is True:
        if _RESOLVED.search(name):
            return "resolved", "it closes tickets, and is called so"
        return "closed", "it closes tickets"
    if escalation == "Resolved":
        return "resolved", "it ends ConnectWise's resolution clock"
    if escalation != "NoEscalation":
        return (
            "working",
            "ConnectWise's clock runs in it" if escalation else "nothing says that it stops a clock",
        )
    if _VENDOR.search(name):
        return "waiting-on-vendor", "ConnectWise's clock stands still in it, and it is called so"
    if _CLIENT.search(name):
        by = "scheduled-by-client" if _BY_US.search(name) else "waiting-on-client"
        return by, "ConnectWise's clock stands still in it, and it is called so"
    if _BY_US.search(name):
        return "scheduled-by-us", "it is called so, though ConnectWise's clock stands still in it"
    return (
        "waiting-on-client",
        "ConnectWise's clock stands still in it; its name does not say on whom it waits",
    )


def origin(name: str, kinds: tuple[str, ...] = ()) -> Proposal:
    """The origin (clock.md 2.6) that a name speaks of, of those that such a thing can say; "" for none."""
    for means, pattern in _ORIGINS:
        if (not kinds or means in kinds) and pattern.search(name):
            return means, "by its name"
    return "", ""


def board(row: Row) -> Proposal:
    """The origin of a board's tickets."""
    if row.get("projectFlag") is True:
        return "project", "it is a project board"
    return origin(text(row.get("name")), ("noise", "machine", "project", "recurring", "internal"))

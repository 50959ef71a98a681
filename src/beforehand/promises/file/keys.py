"""Every key that an agreement file may have, with its meaning: what the parser and the docs go by."""

from beforehand.engine.codes import FIELDS, METRICS

_DATES = {
    "holidays": "the countries or subdivisions whose public holidays are on the list",
    "closures": "dates on which coverage is shut, each with its name",
    "calendars": "iCalendar files whose events are closures",
    "openings": "dates on which coverage is open besides, each with its name",
}
_TERMS = {
    "from": "the first day it is in force, in the client's zone",
    "coverage": "the hours of lines that name none",
    "holidays": "whose list of holidays counts: provider, client or none",
    "settings": "how clocks run, where that differs",
    "lines": "which tickets get which targets",
}

KEYS: dict[str, dict[str, str]] = {
    "file": {
        "provider": "who promises, and what holds for all",
        "statuses": "what the ticket system's statuses mean, by board",
        "coverages": "hours in which work is owed, by name",
        "plans": "terms sold to many clients, by name",
        "ladders": "who is told what, and when, before a promise breaks, by name",
        "every client": "the agreement of clients that have none of their own",
        "clients": "the clients and their agreements, by name",
    },
    "provider": {
        "name": "the provider's name",
        "zone": "its time zone",
        "coverage": "its own hours: for triage, and for lines that name none anywhere",
        "triage": "how soon somebody looks at a ticket that no agreement covers",
        "unknown clients": "whether a client no one knows becomes a client, or its tickets stay uncovered",
        "priorities": "the priorities that tickets can have",
        **_DATES,
    },
    "coverage": {
        "zone": "its time zone, or client for the client's",
        "hours": "the weekly hours",
        "closures": "dates on which this coverage is shut",
        "calendars": "iCalendar files whose events are closures of this coverage",
        "openings": "dates on which this coverage is open besides",
    },
    "ladder": {
        "for": "the tickets whose clocks climb it",
        "chain in": "whether the minutes of its chains are wall time, or count in provider hours alone",
        "steps": "when who is told what",
    },
    "for": {
        "client": "the client's name",
        "agreement": "the agreement's name",
        "plan": "the plan's name",
        "priority": "the ticket's priority",
        "metric": "the target's metric",
    },
    "step": {
        "at": "a percentage of the target, or a time before the deadline",
        "tell": "who is told, one after the other while no action follows; or board",
        "urgency": "how urgently",
        "channels": "over which channels, where not over each one's own",
        "expect": "what is expected of them, in words",
        "every": "how long each waits for an action before the next one is told",
        "ends with": "the states to which a move ends the chain",
        "client text": "what the client's contact is told",
    },
    "edition": _TERMS,
    "client": {
        "zone": "its time zone",
        "keys": "what sources call it: numbers or ids",
        "aliases": "other names it goes by",
        "contact": "who of them is told where a ladder tells the client contact",
        **_DATES,
        "agreements": "its agreements, by name",
    },
    "every client": {"agreements": "the agreements, by name"},
    "agreement": {
        "contract": "the contract whose tickets it covers, where a client has several agreements",
        "versions": "what was agreed, from when until when",
    },
    "version": {
        "from": _TERMS["from"],
        "until": "the last day it is in force",
        "plan": "the plan whose lines it has",
        **{name: text for name, text in _TERMS.items() if name != "from"},
    },
    "line": {
        "name": "what to call it",
        **{name: f"the ticket's {name}, as the source says it" for name in FIELDS},
        "coverage": "its hours",
        **{name: f"the target for {name}" for name in METRICS[:6]},
    },
    "settings": {
        "response by": "what stops the response clock",
        "pauses": "which states pause which metric",
        "wait ends": "what ends a wait on the client",
        "retarget": "what a change of priority, type, site or channel does to the target",
        "closed time counts": "whether the time between a resolution and a reopening counts",
        "restart after": "how long after a resolution a reopening starts a new clock",
        "merge start": "when the clock of a ticket starts that took in another",
        "found by provider": "the response clock of tickets that a technician found",
        "exclusions need approval": "whether a second person must approve an exclusion",
    },
}

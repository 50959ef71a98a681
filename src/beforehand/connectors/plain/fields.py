"""What an event in our own words is made of: one table, from which it is read and described."""

from typing import NamedTuple

from beforehand.engine import codes
from beforehand.promises.addressee import AN_ADDRESS, LONGEST_MAIL
from beforehand.tickets.events import LONGEST_FIELD, LONGEST_ID, LONGEST_MESSAGE, LONGEST_TEXT

KINDS = {name.replace(" ", "-"): code for code, name in enumerate(codes.KINDS)}
WHO = {"person": codes.BY_PERSON, "client": codes.BY_CLIENT, "automation": codes.BY_AUTOMATION, "unknown": 0}
JUDGED = {
    "automatic": codes.AUTOMATIC,
    "template": codes.TEMPLATE,
    "near-copy": codes.NEAR_COPY,
    "expectation": codes.EXPECTATION,
    "visit": codes.VISIT,
}
MESSAGES = (codes.MESSAGE, codes.CLIENT_MESSAGE)


class Field(NamedTuple):
    """A part of an event. `kind` says how it is read: text, key, mail, instant, whole, flag, one of
    `choices`, some of them.
    """

    name: str
    kind: str
    help: str
    example: object
    required: bool = False
    longest: int = 0
    choices: tuple[str, ...] = ()


FIELDS = (
    Field("ticket", "text", "The source's own id of the ticket.", "48213", True, LONGEST_ID),
    Field("id", "text", "The source's own id of the event, once within a ticket.", "audit-991", True, LONGEST_ID),
    Field(
        "at", "instant", "When it happened: ISO 8601 with a zone, 1900 to 2199.", "2026-11-25T09:00:00Z", True
    ),
    Field("kind", "choice", "What happened.", "status", True, choices=tuple(KINDS)),
    Field(
        "value", "text",
        "What became of it: the status, the assignee (empty: nobody), the field's value, the other ticket, the reason.",
        "In progress", longest=LONGEST_TEXT,
    ),
    Field(
        "field", "text",
        "With `changed`, what changed: client, priority, type, board, site, contract, tier, channel, origin, number,"
        " subject, url, team, contact or a name of yours.",
        "priority", longest=LONGEST_FIELD,
    ),
    Field(
        "contact_id", "key",
        "Of a change of `contact`: the source's own id of that person, whom a new name leaves who they are.", "C-1017",
        longest=LONGEST_ID,
    ),
    Field(
        "contact_email", "mail",
        "Of a change of `contact`: that person's mail address. Without an id it says who it is, within the client.",
        AN_ADDRESS, longest=LONGEST_MAIL,
    ),
    Field(
        "by", "choice",
        "Who did it (unknown, where the source does not say); a person of the provider unless told, of a client message"
        " the client.", "person",
        choices=tuple(WHO),
    ),
    Field("person", "text", "The name of who did it.", "Ada Ferrant", longest=LONGEST_TEXT),
    Field("public", "flag", "Whether the client sees it; of a message yes, unless told.", True),
    Field(
        "judged", "choices", "What a message is, where the source knows better than its words.", ["automatic"],
        choices=tuple(JUDGED),
    ),
    Field(
        "text", "text",
        "What a message says. It is judged (an answer in earnest, a template, a copy) and let go: its length and a"
        " fingerprint stay, unless an owner wants texts to be kept.",
        "I will look at it this afternoon.", longest=LONGEST_MESSAGE,
    ),
    Field("until", "instant", "Where it is known only to lie between `at` and this.", "2026-11-25T09:15:00Z"),
    Field(
        "since", "instant", "Of `starts` the planned start; of `absorbed` where the other ticket's clocks began.",
        "2026-11-25T09:00:00Z",
    ),
    Field("seq", "whole", "The source's own order of events of one instant.", 991),
    Field("supersedes", "text", "The id of the event that this one corrects.", "poll-17", longest=LONGEST_ID),
    Field("retracts", "text", "The id of the event that this one takes back.", "poll-17", longest=LONGEST_ID),
)  # fmt: skip

NEEDED = {
    codes.ASSIGNED: ("value",),
    codes.CHANGED: ("field", "value"),
    codes.STATUS: ("value",),
    codes.MERGED: ("value",),
    codes.ABSORBED: ("value", "since"),
    codes.STARTS: ("since",),
    codes.EXCLUDED: ("value", "person"),
}
"""What some kinds need beyond the fields that all need."""
NEVER_EMPTY = {codes.CHANGED: "field", codes.STATUS: "value", codes.MERGED: "value", codes.EXCLUDED: "value"}

"""What the owner says of an Autotask: how it is reached, and the words of its history."""

from collections.abc import Mapping

from beforehand.connectors.contract import Setting

SERVER = "https://webservices.autotask.net/ATServicesRest"

SETTINGS = (
    Setting(
        "user",
        "User name of the API user",
        "An API-only user of its own, so that the calls of this connection can be told from others.",
        example="api1234@yourcompany.com",
    ),
    Setting("secret", "Secret of the API user", "Its password, as Autotask made it.", kind="secret"),
    Setting(
        "code",
        "API tracking identifier",
        "Of an integration vendor, or a custom one: Admin, Resources, the API user, API Tracking Identifier.",
        kind="secret",
    ),
    Setting(
        "zone",
        "Address of your zone",
        "Leave it empty: the zone is asked for, and again when your database moves to another.",
        kind="url",
        example="https://webservices5.autotask.net/ATServicesRest",
        required=False,
    ),
    Setting(
        "server",
        "Where the zone is asked for",
        "Another address only for tests.",
        kind="url",
        required=False,
        default=SERVER,
    ),
    Setting(
        "type",
        "What counts as the type of a ticket",
        "The field by which your agreements tell kinds of work apart.",
        kind="choice",
        required=False,
        choices=("ticketType", "issueType", "ticketCategory"),
        default="ticketType",
    ),
    Setting(
        "service_calls",
        "A service call is a plan that the client knows",
        "Yes where the client is told of the appointment when the service call is made.",
        kind="choice",
        required=False,
        choices=("yes", "no"),
        default="yes",
    ),
    Setting(
        "history",
        "How the history of a ticket says a change",
        "In the words of your Autotask, with {field}, {old} and {new} in their places; several are parted by |.",
        required=False,
        default="{field}: changed from {old} to {new}",
    ),
    Setting(
        "history_fields",
        "What the history calls the fields",
        "The name there = status, assignee, priority or board, parted by semicolons.",
        required=False,
        default="Status = status; Primary Resource = assignee; Priority = priority; Queue = board",
    ),
    Setting(
        "history_none", "What the history writes for nothing", "", required=False, default="(none)"
    ),
    Setting(
        "merged",
        "How the history says that a ticket was merged",
        "With {ticket} in the place of the other ticket's number.",
        required=False,
        default="merged into {ticket}",
    ),
    Setting(
        "automatic",
        "Users that are no people",
        "Full names, parted by semicolons. What they do is done by no person; the API user itself is one of them.",
        required=False,
        default="Autotask Administrator",
    ),
    Setting(
        "automatic_notes",
        "Kinds of note that no person writes",
        "How their names in Autotask begin, parted by semicolons.",
        required=False,
        default="Workflow Rule; RMM; Survey; Duplicate",
    ),
    Setting(
        "tier_field",
        "The field of contacts that holds their tier",
        "A user-defined field, such as VIP: a yes in it makes the field's name the tier, else what it says.",
        example="VIP",
        required=False,
    ),
)  # fmt: skip

_DEFAULTS = {setting.name: setting.default for setting in SETTINGS}


def value(told: Mapping[str, str], name: str) -> str:
    """A setting as the owner gave it, else as it stands in the form."""
    return told.get(name, "").strip() or _DEFAULTS[name]


def several(told: Mapping[str, str], name: str) -> list[str]:
    """A setting that is parted by semicolons."""
    return [part.strip() for part in value(told, name).split(";") if part.strip()]

"""ConnectWise PSA: tickets, their history and its set-up, by its REST interface; callbacks name what changed."""

from beforehand.engine.instants import SECOND

from ..contract import Connector, Setting, Tells
from .contacts import SETTING as TIERS
from .hooks import hear
from .reader import AT_ONCE, VISITS, Reader

EACH = 3
"""Calls for a ticket's history: notes, audit trail, and now and then those of merged ones."""
TOGETHER = 20

SETTINGS = (
    Setting(
        "site",
        "Where you sign in",
        "The address of ConnectWise PSA in your browser, up to the first single slash.",
        "url",
        "https://na.myconnectwise.net",
    ),
    Setting("company", "Company", "The company that you give when you sign in.", example="northwind"),
    Setting(
        "public_key",
        "Public key",
        "Of an API member (System > Members > API Members > API Keys) with the role that the guide describes.",
    ),
    Setting("private_key", "Private key", "It is shown once, when the key is made.", "secret"),
    Setting(
        "client_id",
        "Client ID",
        "From developer.connectwise.com > ClientID, where you name this integration.",
        "secret",
        "1f2a9d7c-0b1e-4c55-9a3f-6d5f2c1b8e70",
    ),
    Setting(
        "history",
        "Wordings of the audit trail",
        "Only where it is not in English: one wording for each kind of row, with two bars between them.",
        example='status: Statut modifié de "{old}" à "{new}" || owner: Propriétaire : "{new}"',
        required=False,
    ),
    Setting(
        "visits",
        "Work types that are visits",
        "Time of these work types begins with the arrival at the client's.",
        example=VISITS,
        required=False,
        default=VISITS,
    ),
    Setting(
        "appointments",
        "Clients are told of appointments",
        "Then an appointment on a ticket is a plan that the client was given.",
        "flag",
        required=False,
    ),
    TIERS,
)


def calls(tickets: int) -> int:
    """Calls that so many tickets cost: their lists, each one's notes and audit trail, time entries of many at once."""
    return tickets * EACH + 2 * -(-tickets // TOGETHER) + -(-tickets // AT_ONCE)


CONNECTOR = Connector(
    slug="connectwise",
    title="ConnectWise PSA",
    settings=SETTINGS,
    tells=Tells(precision=SECOND),
    open=Reader,
    calls=calls,
    hear=hear,
    reads=TOGETHER,
    docs="guide/source-connectwise.md",
    writes=True,
    creators=True,
    calls_us=True,
)

"""HaloPSA: tickets with their actions over its REST API."""

from beforehand.connectors.contract import Connector, Setting, Tells
from beforehand.engine.instants import MINUTE, SECOND

from .hooks import hear
from .literals import SETTINGS
from .reader import NOTE, Reader


def calls(tickets: int) -> int:
    """The calls of a backfill: three a ticket (itself, its actions, its appointments), the pages, the set-up."""
    return 3 * tickets + -(-tickets // 100) + 40


CONNECTOR = Connector(
    slug="halo",
    title="HaloPSA",
    settings=(
        Setting("address", "Address", "Where you open HaloPSA.", "url", "https://acme.halopsa.com"),
        Setting(
            "client_id", "Client ID", "Of the API application (Configuration > Integrations > Halo API)."
        ),
        Setting("client_secret", "Client secret", "Shown once, when the application is made.", "secret"),
        Setting("scope", "Scope", "As the application allows it.", required=False, default="all"),
        Setting("tenant", "Tenant", "Only where HaloPSA does not tell it itself.", required=False),
        Setting(
            "auth_address",
            "Sign-in address",
            "Only where HaloPSA does not tell it itself.",
            "url",
            "https://acme.halopsa.com/auth",
            required=False,
        ),
        Setting(
            "limit",
            "Calls in five minutes",
            "HaloPSA's own limit is said to be 300 and more.",
            "whole",
            required=False,
            default="250",
        ),
        Setting(
            "appointments",
            "Read appointments",
            "One more call for each ticket.",
            "choice",
            required=False,
            choices=("yes", "no"),
            default="yes",
        ),
        Setting("note", "Kind of note", "An action that sends no mail.", required=False, default=NOTE),
        *SETTINGS,
    ),
    tells=Tells(precision=SECOND),
    open=Reader,
    calls=calls,
    hear=hear,
    limit=(250, 5 * MINUTE),
    at_a_time=2,
    interval=60,
    docs="guide/source-halo.md",
    writes=True,
)

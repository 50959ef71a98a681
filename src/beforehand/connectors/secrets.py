"""Settings of a connection as they are used: those that are secrets are sealed at rest, and never shown again."""

import json

from django.conf import settings

from beforehand.kernel.secrets import seal, unseal

from .contract import Connector
from .models import Connection


def sealed(secrets: dict[str, str]) -> str:
    """Secrets by name as they are kept."""
    return seal(json.dumps(secrets), settings.SECRET_KEY) if secrets else ""


def opened(connection: Connection, kind: Connector | None = None) -> dict[str, str]:
    """Settings and secrets by name; those left out as their `kind` of connector has them by default.

    Raises kernel.secrets.Unreadable under another key than they were sealed with.
    """
    told = {} if kind is None else {setting.name: setting.default for setting in kind.settings}
    told |= {name: str(value) for name, value in connection.settings.items()}
    if connection.secrets:
        told |= json.loads(unseal(connection.secrets, settings.SECRET_KEY))
    return told

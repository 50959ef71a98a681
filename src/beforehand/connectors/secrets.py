"""Settings of a connection as they are used: those that are secrets are sealed at rest, and never shown again."""

import json

from django.conf import settings

from beforehand.kernel.secrets import seal, unseal

from .models import Connection


def sealed(secrets: dict[str, str]) -> str:
    """Secrets by name as they are kept."""
    return seal(json.dumps(secrets), settings.SECRET_KEY) if secrets else ""


def opened(connection: Connection) -> dict[str, str]:
    """Settings and secrets by name; raises kernel.secrets.Unreadable under another key than they were sealed with."""
    told = {name: str(value) for name, value in connection.settings.items()}
    if connection.secrets:
        told |= json.loads(unseal(connection.secrets, settings.SECRET_KEY))
    return told

"""What RT's scrip says when something happened: read these tickets again. Nothing else is taken from it."""

import hmac
import json
from collections.abc import Mapping

from beforehand.connectors.contract import Forged, Hook, Nudge

HEADER = "x-beforehand-secret"
MOST = 1_000
"""Tickets of one nudge."""


def hear(settings: Mapping[str, str], hook: Hook) -> Nudge:
    """The tickets that `{"tickets": ["12"]}` names, where the secret is right; else raises Forged."""
    secret, said = settings.get("hook_secret", ""), hook.headers.get(HEADER, "")
    if not secret or not hmac.compare_digest(said.encode(), secret.encode()):
        raise Forged("its secret is another")
    try:
        named = json.loads(hook.body)["tickets"]
        tickets = [str(int(ticket)) for ticket in named] if isinstance(named, list) else None
    except (ValueError, TypeError, KeyError):
        tickets = None
    if tickets is None:
        raise Forged('its body is not {"tickets": ["12"]}')
    return Nudge(tickets[:MOST])

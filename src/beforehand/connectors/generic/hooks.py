"""The signature of a webhook of one's own: when, and an HMAC over that and the body as it came."""

import hmac
import re
from collections.abc import Mapping

from beforehand.connectors.contract import Forged, Hook, Nudge
from beforehand.engine.instants import MINUTE, SECOND

HEADER = "x-beforehand-signature"
OLDEST = 5 * MINUTE
"""So old a signature may be, and so far ahead by the clock of whoever signs. Events that come again are known."""
SHORTEST = 16
_SIGNED = re.compile(r"\s*t=(\d{1,12})((?:\s*,\s*v1=[0-9a-fA-F]{64})+)\s*")


def hear(settings: Mapping[str, str], hook: Hook) -> Nudge:
    """Nothing is to be read again: the body says it all. Raises Forged."""
    secret = settings.get("hook_secret", "")
    found = _SIGNED.fullmatch(hook.headers.get(HEADER, ""))
    if found is None or len(secret) < SHORTEST:
        raise Forged
    stamp = found[1]
    if abs(hook.at - int(stamp) * SECOND) > OLDEST:
        raise Forged
    right = signature(secret, stamp, hook.body)
    said = [one.partition("=")[2].strip().lower() for one in found[2].split(",")[1:]]
    if not any(hmac.compare_digest(right, one) for one in said):
        raise Forged
    return Nudge(())


def signature(secret: str, stamp: str, body: bytes) -> str:
    """What v1 has to be, given the seconds since the epoch as they are sent."""
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, "sha256").hexdigest()

"""Autotask's webhooks: who sent them, and which ticket they name. They are a hint; what happened is read."""

import hmac
import json
from base64 import b64encode
from collections.abc import Mapping

from beforehand.connectors.contract import Forged, Hook, Nudge

HEADER = "x-hook-signature"
TICKET, NOTE = "ticket", "ticketnote"


def hear(told: Mapping[str, str], hook: Hook) -> Nudge:
    """What a webhook names. The body is verified as it came: Autotask escapes characters that others write plainly.

    What is unsigned is not heard at all. Whoever could turn a webhook off with a forged message would make us deaf, so
    that one about its own deactivation changes nothing even where it is signed.
    """
    key = told.get("hook_secret", "")
    if not key:
        raise Forged("no secret key of this webhook is known")
    sent = hook.headers.get(HEADER, "").strip()
    mac = b64encode(hmac.new(key.encode(), hook.body, "sha1").digest())
    if not hmac.compare_digest(sent.encode("utf-8", "replace"), b"sha1=" + mac):
        raise Forged("its signature is not that of this webhook")
    try:
        said = json.loads(hook.body)
    except (ValueError, RecursionError):
        raise Forged("it is signed, but no JSON") from None
    if not isinstance(said, dict) or str(said.get("Action")).casefold() == "deactivated":
        return Nudge(())
    kind = str(said.get("EntityType") or "").casefold()
    if kind in (TICKET, f"{TICKET}s"):
        number = said.get("SequenceNumber")
        return Nudge(
            _ids(said.get("Id")), number if isinstance(number, int) and not isinstance(number, bool) else None
        )
    if kind in (NOTE, f"{NOTE}s"):
        fields = said.get("Fields")
        named = (
            {str(name).casefold(): one for name, one in fields.items()} if isinstance(fields, dict) else {}
        )
        return Nudge(_ids(named.get("ticketid")))
    return Nudge(())


def _ids(said: object) -> tuple[str, ...]:
    text = str(said)
    return (text,) if text.isascii() and text.isdecimal() and len(text) < 19 else ()

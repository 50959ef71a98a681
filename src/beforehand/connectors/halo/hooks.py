"""Webhooks of HaloPSA: they come with a secret in a header, or as a password, and are no more than a nudge."""

import base64
import binascii
import hmac
import json
from collections.abc import Iterator, Mapping
from typing import Any

from beforehand.connectors.contract import Forged, Hook, Nudge

from .values import key, text

HEADER = "x-beforehand-secret"
"""The header in which HaloPSA is asked to send the secret."""
SECRET = "hook_secret"  # noqa: S105  (the name of it)
MOST = 1_000
"""Tickets that one webhook names: it can be a batch."""
DEEP = 4
"""How far inside of a payload a ticket's id is looked for."""
LONGEST = 18
"""Digits of an id."""


def hear(settings: Mapping[str, str], hook: Hook) -> Nudge:
    """Which tickets changed. Raises Forged without the secret, and for what is no JSON."""
    secret = settings.get(SECRET, "")
    sent = [hook.headers.get(HEADER, ""), *_passwords(hook.headers.get("authorization", ""))]
    # All are compared, so that the time it takes tells nothing of which was nearer.
    if not secret or not sum(hmac.compare_digest(_bytes(one), _bytes(secret)) for one in sent):
        raise Forged("the secret of the webhook is missing, or another one")
    try:
        said = json.loads(hook.body)
    except (ValueError, RecursionError):
        raise Forged("the body of the webhook is not JSON") from None
    named = dict.fromkeys(_tickets(said))
    return Nudge(list(named)[:MOST])


def _passwords(header: str) -> list[str]:
    """The password of basic authentication, or the token of a bearer."""
    kind, _, rest = header.partition(" ")
    if kind.casefold() == "bearer":
        return [rest.strip()]
    if kind.casefold() != "basic":
        return []
    try:
        plain = base64.b64decode(rest.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return []
    return [plain.partition(":")[2]]


def _bytes(said: str) -> bytes:
    return said.encode("utf-8", "surrogateescape")


def _tickets(said: Any, deep: int = DEEP) -> Iterator[str]:
    """The tickets in a payload of any of the kinds that HaloPSA offers, or in a batch of them."""
    if isinstance(said, list) and deep:
        for one in said[:MOST]:
            yield from _tickets(one, deep - 1)
        return
    if not isinstance(said, Mapping) or not deep:
        return
    for batch in ("events", "batch", "items"):
        if isinstance(said.get(batch), list):
            yield from _tickets(said[batch], deep)
            return
    found = next(_named(said, DEEP), "")
    if found.isdecimal() and len(found) <= LONGEST:
        yield found


def _named(said: Mapping[str, Any], deep: int) -> Iterator[str]:
    """The id of the ticket, at whatever place it stands: of an action the ticket's is meant, and not its own."""
    action, ticket = said.get("action"), said.get("ticket")
    if isinstance(action, Mapping) and key(action.get("ticket_id")):
        yield key(action.get("ticket_id"))
    if isinstance(ticket, Mapping) and key(ticket.get("id")):
        yield key(ticket.get("id"))
    for name in ("ticket_id", "faultid", "entity_id"):
        if key(said.get(name)):
            yield key(said.get(name))
    for name in ("object", "entity", "data", "payload"):
        inside = said.get(name)
        if isinstance(inside, Mapping) and deep:
            yield from _named(inside, deep - 1)
    if "action" not in text(said.get("event")).casefold():
        for name in ("object_id", "id"):
            if key(said.get(name)):
                yield key(said.get(name))

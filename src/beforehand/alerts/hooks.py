"""Handing a message to a channel: the other side's answer is kept word for word, without our secrets."""

import re
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings

from beforehand.engine.instants import SECOND, to_instant
from beforehand.kernel import outward
from beforehand.kernel.secrets import Unreadable, seal, unseal

from . import long_tail, shapes
from .message import Message
from .models import Channel, Way
from .post import PASSING, Answer

_HIDDEN = "***"
_WORD = 12
KEYED = (Channel.Kind.PAGERDUTY, Channel.Kind.OPSGENIE)
"""Incident tools: their address is a key, or one behind another URL and a #."""
_UNREADABLE = Answer(
    False,
    "this installation has another secret key than when the address was entered: enter it again",
    permanent=True,
)


def sealed(text: str) -> str:
    """A secret of a channel as it is kept."""
    return seal(text, settings.SECRET_KEY) if text else ""


def opened(text: str) -> str:
    """A secret of a channel as it is used; raises Unreadable."""
    return unseal(text, settings.SECRET_KEY) if text else ""


def send(channel: Channel, message: Message, now: datetime, phone: str = "") -> Answer:
    """Hand a message over, where a channel reaches people to this number; never raises for what the other side does."""
    try:
        address, secret = opened(channel.address), opened(channel.secret)
    except Unreadable:
        return _UNREADABLE
    if channel.kind == Channel.Kind.APPRISE:
        return long_tail.send(address, message, channel.allow_private, phone)
    url, body = _said(channel, message, address)
    headers = {"Content-Type": "application/json", "User-Agent": "Beforehand", "Idempotency-Key": message.key}
    if channel.kind == Channel.Kind.WEBHOOK:
        stamp = to_instant(now) // SECOND
        headers["X-Beforehand-Timestamp"] = str(stamp)
        if secret:
            headers["X-Beforehand-Signature"] = shapes.signature(secret, stamp, body)
    if channel.kind == Channel.Kind.OPSGENIE:
        headers["Authorization"] = f"GenieKey {key_parts(channel.kind, address)[1]}"
    reply = outward.post(url, body, headers, allow_private=channel.allow_private)
    return _answer(reply, _secrets(address, secret))


def close(channel: Channel, incident: str) -> Answer:
    """Have an incident tool close what we opened under this name; never raises for what the other side does."""
    try:
        address = opened(channel.address)
    except Unreadable:
        return _UNREADABLE
    url, key = key_parts(channel.kind, address)
    headers = {"Content-Type": "application/json", "User-Agent": "Beforehand"}
    if channel.kind == Channel.Kind.OPSGENIE:
        headers["Authorization"] = f"GenieKey {key}"
        url, said = f"{url.rstrip('/')}/{incident}/close?identifierType=alias", {"source": "Beforehand"}
    else:
        said = {"routing_key": key, "event_action": "resolve", "dedup_key": incident}
    reply = outward.post(url, shapes.as_json(said), headers, allow_private=channel.allow_private)
    return _answer(reply, _secrets(address, ""))


def send_own(way: Way, message: Message) -> Answer:
    """Hand a message over by a way of somebody's own."""
    try:
        address = opened(way.address)
    except Unreadable:
        return _UNREADABLE
    return long_tail.send(address, message, way.allow_private)


def _said(channel: Channel, message: Message, address: str) -> tuple[str, bytes]:
    """Where it goes, and what is said."""
    if channel.kind in KEYED:
        url, key = key_parts(channel.kind, address)
        said = (
            shapes.opsgenie(message)
            if channel.kind == Channel.Kind.OPSGENIE
            else shapes.pagerduty(message, key)
        )
        return url, shapes.as_json(said)
    shape = {"slack": shapes.slack, "teams": shapes.teams}.get(channel.kind, shapes.webhook)
    return address, shapes.as_json(shape(message))


def key_parts(kind: str, address: str) -> tuple[str, str]:
    """The URL and the key of an incident tool's address: the key alone, or behind another URL and a #."""
    url, _, key = address.rpartition("#")
    usual = shapes.OPSGENIE if kind == Channel.Kind.OPSGENIE else shapes.PAGERDUTY
    return url or usual, key


def _secrets(address: str, secret: str) -> list[str]:
    """What an answer may repeat and must not: the address, its path, and the long words of it; the longest first."""
    parts = urlsplit(address)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    words = [word for word in re.split(r"[/?&=]", path) if len(word) >= _WORD]
    whole = [text for text in (address, path, parts.path, parts.fragment, secret) if len(text) > 3]
    return sorted({*whole, *words}, key=len, reverse=True)


def _answer(reply: outward.Reply, secrets: Iterable[str]) -> Answer:
    said = f"{reply.status} {reply.text}".strip() if reply.status else reply.failure
    for secret in secrets:
        said = said.replace(secret, _HIDDEN)
    status = reply.status
    if 300 <= status < 400:
        said = f"{status}: it sends elsewhere, and redirects are not followed"
    # What is not taken and not a refusal for now is refused for good.
    permanent = reply.final or (300 <= status < 500 and status not in PASSING)
    return Answer(200 <= status < 300, said[:500], permanent=permanent, unsure=reply.unsure)


def note_try(channel: Channel, answer: Answer, now: datetime) -> None:
    """Keep what came of the last try, for the channels' page."""
    Channel.objects.filter(pk=channel.pk).update(
        tried=now, tried_ok=answer.ok, tried_answer=answer.said[:500]
    )

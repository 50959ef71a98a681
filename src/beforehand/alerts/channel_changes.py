"""Changing the channels: every change is whole or refused, with all that is wrong. Secrets go in and not out."""

import re
import secrets
from collections.abc import Iterator
from typing import NamedTuple

from django.db import transaction

from beforehand.kernel import outward
from beforehand.kernel.faults import Fault, refuse_if_any
from beforehand.kernel.names import fold
from beforehand.people.models import Provider

from . import long_tail
from .hooks import KEYED, key_parts, sealed
from .models import Channel

_KEY = re.compile(r"[0-9A-Za-z-]+")
SHORTEST = 16
"""Letters of a key or secret."""
_EXAMPLES = {
    Channel.Kind.WEBHOOK: "https://example.com/beforehand",
    Channel.Kind.SLACK: "https://hooks.slack.com/services/...",
    Channel.Kind.TEAMS: "https://prod-00.westeurope.logic.azure.com/workflows/...",
    Channel.Kind.PAGERDUTY: "the integration key of an Events API v2 integration",
    Channel.Kind.OPSGENIE: "the key of an API integration",
    Channel.Kind.APPRISE: "twilio://SID:TOKEN@FROM/TO",
}


class Kept(NamedTuple):
    """A channel, and the secret that was made for it here, to be shown once; "" where none was."""

    channel: Channel
    secret: str


def save_channel(channel: Channel, address: str, secret: str) -> Kept:
    """Keep a channel, new or changed; an empty address or secret leaves what is there.

    A webhook without a secret gets one. Refused where a value is none, or the name another channel's.
    """
    address, secret, made = address.strip(), secret.strip(), ""
    with transaction.atomic():
        Provider.objects.select_for_update().get(pk=channel.provider_id)
        refuse_if_any([*_values(channel), *_address(channel, address), *_secret(channel, secret)])
        if channel.kind != Channel.Kind.WEBHOOK:
            secret = ""
        elif not secret and not channel.secret:
            secret = made = secrets.token_urlsafe(32)
        if address:
            channel.address = sealed(address)
            channel.by_phone = channel.kind == Channel.Kind.APPRISE and long_tail.PHONE in address
        if secret:
            channel.secret = sealed(secret)
        channel.save()
    return Kept(channel, made)


def set_active(provider: Provider, pk: int, active: bool) -> None:
    """A channel is used again, or not any more: ladders that name it then find nobody there."""
    Channel.objects.filter(provider=provider, pk=pk).update(active=active)


def _values(channel: Channel) -> Iterator[Fault]:
    name = fold(channel.name)
    if not name or len(channel.name) > 200:
        yield Fault("channel, name", repr(channel.name), "a name of at most 200 letters", "Desk")
    elif Channel.objects.filter(provider=channel.provider, folded=name).exclude(pk=channel.pk).exists():
        yield Fault("channel, name", repr(channel.name), "a name that no other channel has")
    for field, choices in (("kind", Channel.Kind), ("say", Channel.Say)):
        if getattr(channel, field) not in choices.values:
            yield Fault(f"channel, {field}", "something else", f"one of {', '.join(choices.values)}")


def _address(channel: Channel, address: str) -> Iterator[Fault]:
    # What was found is not repeated: it may be a secret.
    example = _EXAMPLES.get(Channel.Kind(channel.kind), "") if channel.kind in Channel.Kind.values else ""
    place = "channel, address"
    if not address:
        if not channel.address:
            yield Fault(place, "none", "an address", example)
        return
    if channel.kind == Channel.Kind.APPRISE:
        yield from apprise_faults(address, channel.allow_private)
        return
    url = address
    if channel.kind in KEYED:
        url, key = key_parts(channel.kind, address)
        if len(key) < SHORTEST or not _KEY.fullmatch(key):
            yield Fault(place, "no key", "a key of letters and digits", example)
    wrong = outward.fault_of(url, channel.allow_private)
    if wrong:
        yield Fault(place, f"one that is not called ({wrong})", "an https:// address", example)


def apprise_faults(address: str, allow_private: bool) -> Iterator[Fault]:
    """What is wrong with an address of Apprise's; what it says is not repeated."""
    wrong = long_tail.fault_of(address, allow_private)
    if wrong:
        example = _EXAMPLES[Channel.Kind.APPRISE]
        yield Fault(
            "channel, address", f"one that is not used ({wrong})", f"an Apprise address: {wrong}", example
        )


def _secret(channel: Channel, secret: str) -> Iterator[Fault]:
    if secret and channel.kind == Channel.Kind.WEBHOOK and len(secret) < SHORTEST:
        yield Fault("channel, secret", f"{len(secret)} letters", f"at least {SHORTEST} that nobody can guess")

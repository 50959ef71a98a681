"""By which way a message goes: a simulated provider's to a page, anybody else's to the world."""

from datetime import datetime

from django.conf import settings

from beforehand.engine.instants import SECOND, to_instant

from . import hooks
from .channels import is_ours
from .letters import Draft
from .message import TEST, Link, Message, Note
from .models import Channel, Mailbox
from .post import Answer, send_mail

_NOBODY = "this provider is simulated, and nobody is written to"


def put_out(mailbox: Mailbox, channel: Channel | None, made: Draft, now: datetime) -> Answer:
    """Hand a message over by the channel of its mailbox. Without the database."""
    if mailbox.provider.simulated:
        return Answer(True, f"kept in the outbox: {_NOBODY}")
    if not is_ours(mailbox):
        return send_mail(made.letter)
    if channel is None or not channel.active:
        return Answer(False, "the channel was switched off", permanent=True)
    return hooks.send(channel, made.message, now)


def try_out(channel: Channel, now: datetime) -> Answer:
    """Send a test by the way of all messages to a channel, be it in use or not."""
    if channel.provider.simulated:
        return Answer(False, _NOBODY, permanent=True)
    line = f"A test of the channel “{channel.name}” by Beforehand: nothing is late, nobody need do anything"
    links = (Link("Beforehand", settings.PUBLIC_URL),)
    key = f"test-{channel.pk}-{to_instant(now)}"
    note = Note("", "", "", "", "", "quiet", line, links, key)
    answer = hooks.send(
        channel, Message(TEST, key, line, line + ".\n", (note,), to_instant(now) // SECOND), now
    )
    hooks.note_try(channel, answer, now)
    return answer

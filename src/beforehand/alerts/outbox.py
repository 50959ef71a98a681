"""By which way a message goes: a simulated provider's to a page, anybody else's to the world."""

from datetime import datetime
from time import monotonic
from urllib.parse import urlsplit

from django.conf import settings

from beforehand.engine.instants import SECOND, to_instant
from beforehand.people.models import Provider
from beforehand.people.staff import Person

from . import hooks
from .channels import Lines, Reach, is_ours, is_own
from .letters import Draft
from .message import TEST, Link, Message, Note
from .models import Attempt, Channel, Mailbox, Way
from .post import Answer, Letter, send_mail

_NOBODY = "this provider is simulated, and nobody is written to"
_OFF = Answer(False, "the channel was switched off", permanent=True)
_GONE = Answer(False, "this way was taken away", permanent=True)


def put_out(mailbox: Mailbox, line: Channel | Way | None, made: Draft, now: datetime) -> Answer:
    """Hand a message over by the channel of its mailbox. Without the database."""
    if mailbox.provider.simulated:
        return Answer(True, f"kept in the outbox: {_NOBODY}")
    if is_own(mailbox):
        return hooks.send_own(line, made.message) if isinstance(line, Way) else _GONE
    if not is_ours(mailbox):
        return send_mail(made.letter)
    if not isinstance(line, Channel) or not line.active:
        return _OFF
    return hooks.send(line, made.message, now, mailbox.address)


def try_out(channel: Channel, now: datetime) -> Answer:
    """Send a test by the way of all messages to a channel, be it in use or not."""
    if channel.provider.simulated:
        return Answer(False, _NOBODY, permanent=True)
    if channel.by_phone:
        return Answer(
            False, "people are reached by it: it is tried from the page of one of them", permanent=True
        )
    answer = hooks.send(channel, _test(f"the channel “{channel.name}”", f"{channel.pk}", now), now)
    hooks.note_try(channel, answer, now)
    return answer


def try_way(provider: Provider, person: Person, way: Reach, now: datetime) -> Answer:
    """Send a test to somebody by one of their ways; its answer is kept as that of any message."""
    if provider.simulated:
        return Answer(False, _NOBODY, permanent=True)
    mailbox, _ = Mailbox.objects.get_or_create(provider=provider, channel=way.channel, address=way.address)
    told = _test(f"a way to {person.name}", f"{mailbox.pk}-{person.id}", now)
    host = urlsplit(settings.PUBLIC_URL).hostname
    name = f"{told.key}@{host}"
    letter = Letter(way.address, told.headline, told.text, name, name, told.at)
    began = monotonic()
    line = Lines([mailbox]).of(mailbox)
    answer = put_out(mailbox, line, Draft(letter, told, ()), now)
    if isinstance(line, Channel):
        hooks.note_try(line, answer, now)
    Attempt.objects.create(
        provider=provider, mailbox=mailbox, message=name[:80], at=now, took=int((monotonic() - began) * 1000),
        ok=answer.ok, answer=answer.said,
    )  # fmt: skip
    return answer


def _test(what: str, key: str, now: datetime) -> Message:
    line = f"A test of {what} by Beforehand: nothing is late, nobody need do anything"
    links = (Link("Beforehand", settings.PUBLIC_URL),)
    key = f"test-{key}-{to_instant(now)}"
    note = Note("", "", "", "", "", "quiet", line, links, key)
    return Message(TEST, key, line, line + ".\n", (note,), to_instant(now) // SECOND)

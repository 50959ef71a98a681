"""A message out of deliveries: one of them, several together, or a summary of what was missed."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from beforehand.engine.codes import METRICS, PAUSED
from beforehand.engine.instants import to_instant
from beforehand.people.models import Provider
from beforehand.promises.ladders import CLIENT
from beforehand.tickets.models import Clock as Row

from . import client_letters, holding, message, words
from .channels import says_bare
from .message import Link, Message, Note, thread_of
from .models import Channel, Delivery, Mailbox, Way
from .needed import clock_of
from .post import Letter

_LONGEST_URL = 2000


class Draft(NamedTuple):
    """A message, as a letter and as programs read it, and the ids of the deliveries that go in it."""

    letter: Letter
    message: Message
    ids: tuple[int, ...]


class Known(NamedTuple):
    """What messages say besides their deliveries: clocks by id, and by alert who was told before, in order."""

    clocks: Mapping[int, Row]
    told: Mapping[int, Sequence[Delivery]]

    @classmethod
    def of(cls, provider: Provider, rows: Sequence[Delivery], clocks: Mapping[int, Row]) -> "Known":
        """What is known of these deliveries of a provider, whose clocks have been read."""
        told: dict[int, list[Delivery]] = defaultdict(list)
        if rows:
            alerts = {row.alert_id for row in rows}
            sent = Delivery.objects.filter(provider=provider, alert__in=alerts, sent__isnull=False)
            for row in sent.order_by("sent", "pk"):
                told[row.alert_id].append(row)
        return cls(clocks, told)


def draft(
    mailbox: Mailbox,
    line: Channel | Way | None,
    rows: Sequence[Delivery],
    summary: bool,
    now: datetime,
    known: Known,
) -> Draft:
    """The message by which these deliveries, of one mailbox, are made."""
    instant, host = to_instant(now), urlsplit(settings.PUBLIC_URL).hostname
    keys = "|".join(sorted(row.key for row in rows))
    # The same deliveries are the same message, however often it is tried: mail programs then show it once.
    name = f"{sha256(keys.encode()).hexdigest()[:40]}@{host}"
    if rows[0].role == CLIENT:
        due = standing(known.clocks.get(clock_of(rows[0].alert))).deadline
        told_client = client_letters.letter(mailbox, rows[0], due, instant, name, str(host))
        return Draft(told_client, client_letters.message(told_client), (rows[0].pk,))
    bare = says_bare(mailbox, line)
    parts = [_part(row, instant, bare, known) for row in rows]
    thread = name
    if len(rows) == 1:
        subject, text = parts[0].line, parts[0].text
        thread = f"ticket-{rows[0].alert.ticket_id}@{host}"
    else:
        subject = _subject(parts, summary)
        text = "\n".join(
            [
                f"{subject}:" if summary else f"{len(rows)} alerts:",
                "",
                *(f"- {part.line}\n  {part.link}" for part in parts),
                "",
            ]
        )
    letter = Letter(mailbox.address, subject, text, name, thread, instant // 1_000_000)
    event = message.MISSED if summary else message.STEP if len(rows) == 1 else message.STEPS
    told = Message(event, name, subject, text, tuple(part.note for part in parts), letter.at)
    return Draft(letter, told, tuple(row.pk for row in rows))


class _Part(NamedTuple):
    line: str
    text: str
    link: str
    note: Note


def _subject(parts: Sequence[_Part], summary: bool) -> str:
    count = len(parts)
    if summary:
        return f"Beforehand could not tell you in time: {count} steps were reached meanwhile"
    return f"{count} alerts, the first: {parts[0].line}"[: words.LONGEST_SUBJECT]


def _part(row: Delivery, now: int, bare: bool, known: Known) -> _Part:
    alert, ticket, zone = row.alert, row.alert.ticket, row.provider.zone
    clock = standing(known.clocks.get(clock_of(alert)))
    line = words.headline(ticket, alert, clock, now, zone, bare)
    told = [
        words.Told(other.name, other.role, to_instant(other.sent))
        for other in known.told.get(alert.pk, ())
        if other.sent is not None and other.pk != row.pk
    ]
    here = settings.PUBLIC_URL + reverse("ticket", args=[ticket.pk])
    links = [
        ("I have it", settings.PUBLIC_URL + reverse("alert-hold", args=[holding.token(row)])),
        ("The ticket here", here),
        ("The ticket in your system", _address(ticket.url)),
    ]
    text = words.body(line, alert, clock, told, links, zone)
    return _Part(line, text, here, _note(row, line, links, bare))


def _address(url: str) -> str:
    """What a source says where a ticket is, if that can be gone to: Slack and others refuse a message for less."""
    fits = (
        urlsplit(url).scheme in ("http", "https") and len(url) <= _LONGEST_URL and not re.search(r"\s", url)
    )
    return url if fits else ""


def _note(row: Delivery, line: str, links: Sequence[tuple[str, str]], bare: bool) -> Note:
    alert, ticket = row.alert, row.alert.ticket
    return Note(
        ticket=(ticket.number or ticket.external_id).lstrip("#"),
        client="" if bare else ticket.client_name,
        subject="" if bare else ticket.subject,
        metric=METRICS[alert.metric],
        step=alert.reached,
        urgency=row.urgency,
        headline=line,
        links=tuple(Link(name, url) for name, url in links if url),
        thread=thread_of(alert),
    )


def standing(found: Row | None) -> words.Clock:
    """What messages say of a clock, out of its row."""
    if found is None:
        return words.Clock(None, None, paused=True)
    deadline, late = (None if at is None else to_instant(at) for at in (found.deadline, found.late_at))
    return words.Clock(deadline, late, found.run == PAUSED)

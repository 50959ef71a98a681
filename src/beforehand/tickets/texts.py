"""Texts of messages: judged when they come in, and let go. What stays is a length and a fingerprint (clock.md 3.5).

Tickets hold passwords. A fingerprint is made with the installation's key, so that nobody without it can try words.
"""

import hmac
from collections.abc import Iterable, Mapping, Sequence

from django.conf import settings
from django.db import connection

from beforehand.engine import texts as rules
from beforehand.engine.codes import AUTOMATIC, BY_CLIENT, EXPECTATION, MESSAGE, NEAR_COPY, TEMPLATE, VISIT
from beforehand.engine.history import Event

from . import bulk
from .events import TicketEvent, Written
from .models import MessageText

JUDGED = AUTOMATIC | TEMPLATE | NEAR_COPY | EXPECTATION | VISIT
TEMPLATE_FROM = 3
"""On so many other tickets the same text makes it a template; on fewer, a near-copy."""

Texts = Mapping[tuple[str, str], str]
"""Texts by ticket and event id, as the source names them."""


def texts_of(arrived: Iterable[TicketEvent]) -> Texts:
    """The texts that came with some events."""
    return {(told.ticket, told.event.id): told.text for told in arrived if isinstance(told, Written)}


def remains(text: str) -> str:
    """What is kept of a text as its event's value: the version of the rules, its length, a fingerprint of all of it."""
    return f"{rules.VERSION} {len(text)} {_print(text):016x}"


def length_of(value: str) -> int | None:
    """The length in what remains of a text; None where there was none."""
    parts = value.split(" ")
    return int(parts[1]) if len(parts) == 3 and parts[1].isdecimal() else None


def _print(text: str) -> int:
    key = settings.SECRET_KEY.encode()
    digest = hmac.digest(key, b"text " + text.encode("utf-8", "surrogatepass"), "sha256")
    return int.from_bytes(digest[:8], "big") >> 1


class Judge:
    """Judges the messages of one transaction: each once, one after the other."""

    def __init__(self, provider: int, texts: Texts) -> None:
        self._provider, self._texts = provider, texts
        self._rows: list[tuple[int, int, int]] = []
        self._kept: list[tuple[int, int, str, str]] = []

    def settle(self, name: str, ticket: int, fresh: Sequence[Event], before: Sequence[Event]) -> list[Event]:
        """Events of a ticket with their texts judged; one that is known already as it was judged then."""
        if not any((name, event.id) in self._texts for event in fresh):
            return list(fresh)
        known = {event.id: event for event in before}
        return [self._settle(name, ticket, event, known.get(event.id)) for event in fresh]

    def _settle(self, name: str, ticket: int, event: Event, known: Event | None) -> Event:
        text = self._texts.get((name, event.id))
        if text is None:
            return event
        event = event._replace(value=remains(text))
        if known is not None:
            return event._replace(flags=(event.flags & ~JUDGED) | (known.flags & JUDGED))
        self._kept.append((self._provider, ticket, event.id, text))
        return event._replace(flags=event.flags | self._judged(ticket, event, text))

    def _judged(self, ticket: int, event: Event, text: str) -> int:
        if event.kind != MESSAGE or event.flags & BY_CLIENT:
            return 0
        flags = rules.judge(text)
        core = rules.core(text, frozenset(event.person.casefold().split()))
        if core:
            same = _print(core)
            others = self._tickets_with(same) - {ticket}
            if len(others) >= TEMPLATE_FROM:
                flags |= TEMPLATE
            elif others:
                flags |= NEAR_COPY
            self._rows.append((self._provider, same, ticket))
        return flags

    def _tickets_with(self, same: int) -> set[int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT ticket_id FROM tickets_textprint WHERE provider_id = %s AND print = %s LIMIT %s",
                [self._provider, same, TEMPLATE_FROM + 1],
            )
            found = {ticket for (ticket,) in cursor.fetchall()}
        return found | {ticket for _, other, ticket in self._rows if other == same}

    def write(self, keep: bool) -> None:
        """Keep the fingerprints; and the texts themselves, where the owner says so."""
        with connection.cursor() as cursor:
            if self._rows:
                columns = ("provider_id", "print", "ticket_id")
                cursor.executemany(
                    bulk.insert_statement("tickets_textprint", columns, "ON CONFLICT DO NOTHING"), self._rows
                )
            if keep and self._kept:
                said = ("provider_id", "ticket_id", "event_id", "text")
                cursor.executemany(
                    bulk.insert_statement("tickets_messagetext", said, "ON CONFLICT DO NOTHING"),
                    self._kept,
                )


def forget_texts(provider: int) -> None:
    """Delete all texts of a provider that were kept; fingerprints and judgements stay."""
    MessageText.objects.filter(provider=provider).delete()


def kept_texts(provider: int, ticket: int) -> dict[str, str]:
    """The texts kept of a ticket's messages, by event id."""
    return dict(MessageText.objects.filter(provider=provider, ticket=ticket).values_list("event_id", "text"))

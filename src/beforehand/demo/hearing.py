"""What a log tells, heard as a whole, shifted to now, and divided into what has happened and what is to come."""

import secrets
from collections.abc import Collection, Mapping
from datetime import date, datetime
from statistics import median

from django.db import transaction
from rich.console import Console

from beforehand.connectors.log import library
from beforehand.connectors.log.importing import Import, open_logs
from beforehand.engine.history import Event
from beforehand.engine.instants import to_datetime, to_instant
from beforehand.engine.zones import load as load_zone
from beforehand.kernel.faults import Fault, Refused, refuse_if_any
from beforehand.people.accounts import create_first_user, create_provider
from beforehand.promises.book import current
from beforehand.promises.file.check import check
from beforehand.promises.file.load import load_checked
from beforehand.tickets import ledger
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.models import Source

from . import story
from .intake import AT_ONCE
from .place import USER, Place
from .replay import WEEK, Log


class _Hearing(Import):
    """An import that keeps what it would hand to the ledger."""

    def __init__(self, *given: object) -> None:
        super().__init__(*given)  # type: ignore[arg-type]
        self.heard: dict[str, list[Event]] = {}

    def fetch(self, tickets: Collection[str]) -> Mapping[str, list[Event]]:
        return {ticket: self.heard[ticket] for ticket in tickets if ticket in self.heard}

    def append(self, events: list[TicketEvent]) -> ledger.Appended:
        for ticket, event in events:
            self.heard.setdefault(ticket, []).append(event)
        return ledger.Appended(len(events), 0, 0, 0)


def hear(log: Log, place: Place, now: datetime) -> tuple[list[TicketEvent], Source]:
    """All that a log tells, in the order in which it happened; and the source that tells it, with its provider."""
    mapping = library.find(log.mapping)
    checked = check(log.agreements, now.date())
    refuse_if_any(checked.faults)
    logs = open_logs([log.file], mapping)
    assert checked.document is not None
    with transaction.atomic():
        promised = checked.document.provider
        provider = create_provider(promised.name, promised.zone, now)
        provider.simulated = True
        provider.save(update_fields=["simulated"])
        load_checked(checked, provider, now)
        create_first_user(provider, USER, "demo@example.com", secrets.token_urlsafe(24))
        tells = mapping.tells
        source = Source.objects.create(
            provider=provider, slug=mapping.source, name=mapping.name, precision=tells.precision,
            messages=tells.messages, responded=tells.responded, texts=tells.texts,
        )  # fmt: skip
    hearing = _Hearing(source, mapping, now)
    for opened in logs:
        came = hearing.take(opened.log, opened.lines, place.rejects, lambda *_: None)
        if came.rejected:
            said = "; ".join(f"line {line}: {reason}" for line, reason in came.first_rejects[:3])
            Console(stderr=True, soft_wrap=True, markup=False).print(
                f"{came.rejected:,} rows could not be read and are left out ({said})"
            )
    events = [TicketEvent(ticket, event) for ticket, some in hearing.heard.items() for event in some]
    if not events:
        raise Refused(Fault(log.file, "nothing that happened", "a log with tickets"))
    return sorted(events, key=lambda told: (told.event.at, told.event.seq)), source


def shift(events: list[TicketEvent], around: date | None, now: datetime, zone: str) -> int:
    """By how much (microseconds) the log is later: weekday and time of day stay what they were in that zone.

    The week around a day of the log, or around its middle, becomes the week of `now`.
    """
    there = load_zone(zone)
    local = now.astimezone(there)
    if around is None:
        around = to_datetime(int(median(told.event.at for told in events))).astimezone(there).date()
    weeks = round((local.date() - around) / WEEK)
    then = (local.replace(tzinfo=None) - weeks * WEEK).replace(tzinfo=there)
    return to_instant(now) - to_instant(then)


def take_in(
    events: list[TicketEvent], by: int, source: Source, now: datetime, place: Place
) -> ledger.Appended:
    """What lies before now into the ledger; what comes later into the story that is told beside the server."""
    until, book = to_instant(now), current(source.provider)
    past: dict[str, list[TicketEvent]] = {}
    ahead: list[TicketEvent] = []
    for ticket, event in events:
        told = TicketEvent(ticket, later(event, by))
        if told.event.at <= until:
            past.setdefault(ticket, []).append(told)
        else:
            ahead.append(told)
    total = ledger.Appended(0, 0, 0, 0)
    tickets = list(past)
    for first in range(0, len(tickets), AT_ONCE):
        some = [told for ticket in tickets[first : first + AT_ONCE] for told in past[ticket]]
        total += ledger.append(source, some, now, book, at_once=AT_ONCE)
    story.write(ahead, place.story)
    return total


def later(event: Event, by: int) -> Event:
    """The same event, so many microseconds later."""
    until = None if event.until is None else event.until + by
    since = None if event.since is None else event.since + by
    return event._replace(at=event.at + by, until=until, since=since)

"""What was said on a ticket: notes, time entries and appointments as events."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from beforehand.engine import history as h
from beforehand.engine.codes import BY_PERSON, PUBLIC, VISIT
from beforehand.engine.instants import HOUR, SECOND
from beforehand.tickets.events import TicketEvent, Written

from ..contract import came
from . import bundles
from .people import Members, is_mail, of_note
from .values import Row, entered, instant, key_of, named, text, updated, within, words

DESCRIPTION = 5 * SECOND
"""A note made with its ticket is what the ticket is about, not an answer to it."""


class Ticket(NamedTuple):
    """What the messages of a ticket are read by. `parent`: the ticket that it is bundled under."""

    id: str
    created: int
    members: Members
    parent: str = ""


def of_notes(
    ticket: Ticket, notes: Iterable[Row], kinds: Sequence[str] = ("TicketNote",)
) -> list[TicketEvent]:
    """Notes as messages. One that does not say when it was made lies between the ticket's creation and its own last
    change (clock.md 4.4). `kinds`: those of the ticket's own in allNotes that are wanted; work on its parent is in no
    time entry of its own.
    """
    found: list[TicketEvent] = []
    for note in notes:
        kind, key = text(note.get("noteType")) or "TicketNote", key_of(note)
        of = bundles.whose(note, ticket.id, ticket.parent)
        if not key or of == bundles.OTHERS or (of == bundles.OWN and kind not in kinds):
            continue
        if of == bundles.PARENTS and not (_is_public(note) and bundles.is_applied(note, ticket.created)):
            continue
        at, until = _when(ticket, note, kind)
        event = None if at is None else _note(ticket, note, kind, at)
        if event is not None:
            name = "time" if kind == "TimeEntryNote" else "note"
            part, id_ = bundles.merged_from(note, ticket.id), f"{name}-{key}"
            fresh = event._replace(id=came(part, id_) if part else id_, until=until)
            found.append(Written(ticket.id, fresh, words(note.get("text"))))
    return found


def of_time(ticket: Ticket, entries: Iterable[Row], is_visit: Callable[[str], bool]) -> list[TicketEvent]:
    """Time entries: work, and what of it the client was told. A visit is told at its arrival, other work at its end."""
    found: list[TicketEvent] = []
    for entry in entries:
        key, start, end = key_of(entry), instant(entry.get("timeStart")), _end(entry)
        visit = is_visit(named(entry, "workType"))
        at = start if visit else end or start
        if not key or at is None:
            continue
        name, flags = of_note(entry, ticket.members) or ("", BY_PERSON)
        flags |= PUBLIC if _is_told(entry) else 0
        flags |= VISIT if visit else 0
        event = h.message(at, flags, id=f"time-{key}", person=name)
        found.append(Written(ticket.id, event, words(entry.get("notes"))))
    return found


def of_appointments(ticket: Ticket, entries: Iterable[Row]) -> list[TicketEvent]:
    """Appointments as plans that the client was given: only where the owner says that theirs are."""
    found = []
    for entry in entries:
        at, key = entered(entry), key_of(entry)
        if at is not None and key:
            by = text(within(entry, "_info").get("enteredBy"))
            flags = ticket.members.flags(by)
            found.append(TicketEvent(ticket.id, h.planned(at, id=f"plan-{key}", flags=flags, person=by)))
    return found


def _note(ticket: Ticket, note: Row, kind: str, at: int) -> h.Event | None:
    """The message that a note is; None for the one that only says what the ticket is about."""
    public = PUBLIC if _is_public(note) else 0
    if within(note, "contact"):
        return h.client_message(at, person=named(note, "contact"))
    author = of_note(note, ticket.members)
    creator = text(note.get("createdBy")) or text(within(note, "_info").get("enteredBy"))
    if author is None and is_mail(creator):
        return h.client_message(at, person=text(note.get("originalAuthor")))
    if (
        kind == "TicketNote"
        and (note.get("issueFlag") is True or at - ticket.created <= DESCRIPTION)
        and public
    ):
        return None
    name, flags = author or (ticket.members.name(creator), ticket.members.flags(creator))
    return h.message(at, flags | public, person=name)


def _is_public(note: Row) -> bool:
    """Whether the client sees a note: in doubt not, since what is public may stop a clock."""
    shown = note.get("detailDescriptionFlag") is True or note.get("resolutionFlag") is True
    return shown and note.get("internalAnalysisFlag") is not True and note.get("internalFlag") is not True


def _is_told(entry: Row) -> bool:
    """Whether the client reads of a time entry: its notes are shown to them, or mailed."""
    shown = any(
        entry.get(flag) is True
        for flag in ("addToDetailDescriptionFlag", "addToResolutionFlag", "emailContactFlag")
    )
    return shown and bool(text(entry.get("notes")))


def _when(ticket: Ticket, note: Row, kind: str) -> tuple[int | None, int | None]:
    if kind == "TimeEntryNote":
        at = instant(note.get("timeEnd")) or instant(note.get("timeStart"))
        if at is not None:
            return at, None
    made = entered(note)
    if made is not None:
        return made, None
    last = updated(note)
    if last is None:
        return None, None
    return min(ticket.created, last), last if last > ticket.created else None


def _end(entry: Row) -> int | None:
    end, start, hours = (
        instant(entry.get("timeEnd")),
        instant(entry.get("timeStart")),
        entry.get("actualHours"),
    )
    if end is not None or start is None or not isinstance(hours, int | float) or not 0 <= hours <= 240:
        return end
    return start + int(hours * HOUR)

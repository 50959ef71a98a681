"""Writes the events of one simulated ticket, in the words that its PSA would use."""

from random import Random

from beforehand.engine.codes import (
    AUTOMATIC,
    BY_AUTOMATION,
    BY_PERSON,
    EXPECTATION,
    PUBLIC,
    TEMPLATE,
    VISIT,
)
from beforehand.engine.history import (
    Event,
    assigned,
    changed,
    client_message,
    created,
    message,
    status,
)

from .arrivals import Birth
from .cast import Technician

NEW, WORK, WAITING, VENDOR, BOOKED = (
    "New",
    "In progress",
    "Waiting on client",
    "Waiting on vendor",
    "Visit booked",
)
RESOLVED, CLOSED, REOPENED = "Resolved", "Closed", "Reopened"
DUPLICATE, SPAM = "Closed - duplicate", "Closed - spam"
UNMAPPED = ("Parked - see notes", "With third line")
"""Statuses that somebody made in the PSA and nobody mapped."""

TEAMS = {
    "Service Desk": "Service Desk",
    "Infrastructure": "Infrastructure",
    "Monitoring": "Infrastructure",
    "Projects": "Field",
    "Security": "Security",
}


class Pen:
    """Writes at the instant `at`; `owner` is who has the ticket, and signs what a person does."""

    def __init__(self, birth: Birth) -> None:
        self.birth, self.at = birth, birth.at
        self.owner: Technician | None = None
        self.fields: dict[str, str] = {}
        self.events: list[Event] = []

    @property
    def signature(self) -> str:
        """The name of whoever has the ticket."""
        return self.owner.name if self.owner else "Dispatch"

    def open(self, fields: dict[str, str], by: int) -> None:
        """The ticket comes to be, with its first fields and status."""
        self.note(created(self.at, flags=by))
        for name, value in fields.items():
            self.field(name, value, by)
        self.status(NEW, by)

    def field(self, name: str, value: str, by: int = BY_PERSON) -> None:
        """A field becomes that value."""
        self.fields[name] = value
        self.note(changed(self.at, name, value, flags=by, person=self._who(by)))

    def status(self, value: str, by: int = BY_PERSON) -> None:
        """The status becomes that."""
        self.note(status(self.at, value, flags=by, person=self._who(by)))

    def assign(self, technician: Technician, by: int = BY_PERSON) -> None:
        """The ticket gets an owner; its team follows."""
        self.owner = technician
        self.note(assigned(self.at, technician.name, flags=by, person=self._who(by)))
        if self.fields.get("team") != technician.team:
            self.field("team", technician.team, by)

    def say(self, rng: Random, visit: bool = False) -> None:
        """The owner reaches the client, now and then by a template or without saying what comes next."""
        flags = BY_PERSON | PUBLIC | (VISIT if visit else 0)
        flags |= TEMPLATE if rng.random() < 0.08 else 0
        flags |= EXPECTATION if rng.random() < 0.85 else 0
        self.note(message(self.at, flags, person=self.signature))

    def work(self) -> None:
        """An inner note with the time worked."""
        self.note(message(self.at, BY_PERSON, person=self.signature))

    def acknowledge(self, after: int) -> None:
        """The PSA's own "we have your ticket", so long after the creation."""
        self.note(message(self.at + after, BY_AUTOMATION | PUBLIC | AUTOMATIC))

    def client(self, person: str, at: int | None = None) -> None:
        """The client writes."""
        self.note(client_message(self.at if at is None else at, person=person))

    def note(self, event: Event) -> None:
        """Keep an event as it is."""
        self.events.append(event)

    def done(self) -> tuple[Event, ...]:
        """The events in the order of their instants, numbered as the PSA numbers its audit."""
        in_order = sorted(self.events, key=lambda event: event.at)
        return tuple(event._replace(id=f"{place}", seq=place) for place, event in enumerate(in_order, 1))

    def _who(self, by: int) -> str:
        return self.signature if by & BY_PERSON else ""

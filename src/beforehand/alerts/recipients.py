"""Who is meant by a link of a chain, at the instant at which it is told."""

from collections.abc import Iterator
from hashlib import sha256
from typing import NamedTuple

from beforehand.people.staff import Person, Staff
from beforehand.promises.addressee import Addressee, addressee_in
from beforehand.promises.contacts import kept_addressee
from beforehand.promises.ladders import CLIENT, Link, Step
from beforehand.tickets.models import Ticket

from .channels import MAIL, Place, Places, Reach

_CHANNEL = "channel "


class Recipient(NamedTuple):
    """Somebody to tell, a channel, or a client's contact: in which role, who, and how they are reached."""

    role: str
    who: Person | Place | Addressee
    reach: Reach

    @property
    def key(self) -> str:
        """Names the recipient in a delivery's idempotency key."""
        if isinstance(self.who, Addressee):
            return f"k{sha256(self.who.email.encode()).hexdigest()[:16]}"
        return f"{'t' if isinstance(self.who, Person) else 'c'}{self.who.id}"

    @property
    def name(self) -> str:
        """What they are called."""
        return self.who.name or self.reach.address

    @property
    def technician(self) -> int | None:
        """The key of the technician who is told; None of a channel."""
        return self.who.id if isinstance(self.who, Person) else None


def resolve(
    link: Link, step: Step, ticket: Ticket, staff: Staff, places: Places, at: int
) -> tuple[Recipient, ...]:
    """The recipients of a link; none where nobody it names is there and can be reached.

    Somebody absent is stood in for by the deputy. Of alternatives the first that is somebody is taken.
    """
    found: dict[str, Recipient] = {}
    for alternatives in link.parties:
        for party in alternatives:
            some = list(_reachable(party, step, ticket, staff, places, at))
            for recipient in some:
                found.setdefault(recipient.key, recipient)
            if some:
                break
    return tuple(found.values())


def _reachable(
    party: str, step: Step, ticket: Ticket, staff: Staff, places: Places, at: int
) -> Iterator[Recipient]:
    if party.startswith(_CHANNEL):
        place = places.named(party.removeprefix(_CHANNEL))
        if place is not None:
            yield Recipient(party, place, place.reach)
        return
    if party == CLIENT:
        contact = contact_of(ticket)
        if contact.email:
            yield Recipient(party, contact, Reach(MAIL, contact.email))
        return
    for person in _persons(party, ticket, staff, at):
        present = staff.present(person, at)
        if present is not None and (ways := places.ways_to(present, step.channels)):
            yield Recipient(party, present, ways[0])


def contact_of(ticket: Ticket) -> Addressee:
    """Who of the client is told: the ticket's own contact where it has an address, else the client's.

    Whom the ticket's source knows is written to as they are known now, and not at all where they are out of use or
    somebody else's.
    """
    kept = kept_addressee(ticket.provider_id, ticket.source.slug, ticket.contact, ticket.client_id)
    named = addressee_in(ticket.contact) if kept is None else kept
    if named.email or ticket.client is None:
        return named
    return Addressee(ticket.client.contact_name, ticket.client.contact_email)


def _persons(party: str, ticket: Ticket, staff: Staff, at: int) -> tuple[Person, ...]:
    if party == "dispatcher":
        return staff.on_duty(at)
    if party == "service manager":
        return staff.managers()
    one = None
    if party == "assignee":
        one = staff.named(ticket.assignee) if ticket.assignee else None
    elif party == "team lead":
        one = staff.lead_of(ticket.team)
    elif party.startswith("person "):
        one = staff.named(party.removeprefix("person "))
    return () if one is None else (one,)

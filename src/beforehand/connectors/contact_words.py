"""What somebody here says of contacts: their tier, and which of two sources' contacts are one person.

One is proposed where a source has somebody of the same address, or the same name, at the same client as another
source. Both alike are one without a question (promises/contacts.py); one alone may be a shared mailbox or a namesake.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from beforehand.kernel.faults import Fault, Refused, refuse_if_any
from beforehand.promises import contact_changes
from beforehand.promises.book import Book
from beforehand.promises.contacts import are_of_one
from beforehand.promises.models import Contact, ContactKey

from . import tiers
from .models import Connection

OTHER = "other"
"""Said of a contact: nobody whom another source knows."""


class Alike(NamedTuple):
    """A contact of the source, another source's whom it may be, and why."""

    row: ContactKey
    other: ContactKey
    why: str


def say_tier(contact: Contact, tier: str | None, now: datetime, always: bool) -> bool:
    """Say a contact's tier (promises/contact_changes.py), and have their tickets told. Whether it is another."""
    with transaction.atomic():
        changed = contact_changes.set_tier(contact, tier, now, always)
        if changed:
            tiers.ask(contact.provider_id, [contact.pk], now)
    return changed


def alike(connection: Connection, book: Book) -> Iterator[Alike]:
    """Contacts of a source of whom nobody has said yet whether they are another source's, by name."""
    slug, provider = connection.source.slug, connection.provider_id
    others = ContactKey.objects.filter(provider=provider).exclude(source=slug)
    if not others.exists():
        return
    rows = _unsaid(connection, others).select_related("contact").order_by("named", "pk")
    for row in rows.iterator(chunk_size=200):
        same = others.filter(Q(email=row.email) & ~Q(email="") | Q(folded=row.folded))
        taken = ContactKey.objects.filter(provider=provider, source=slug, contact=OuterRef("contact"))
        for other in same.filter(~Exists(taken)).select_related("contact").order_by("pk")[:20]:
            if are_of_one(book, row.client, other.client):
                mail = bool(row.email) and row.email == other.email
                yield Alike(row, other, "the addresses are the same" if mail else "the names are the same")
                break


def _unsaid(connection: Connection, others: QuerySet[ContactKey]) -> QuerySet[ContactKey]:
    ours = ContactKey.objects.filter(
        provider=connection.provider_id, source=connection.source.slug, apart=False, gone=False
    )
    by_mail = others.filter(email=OuterRef("email")).exclude(email="")
    return ours.filter(
        Exists(by_mail) | Exists(others.filter(folded=OuterRef("folded"))),
        ~Exists(others.filter(contact=OuterRef("contact"))),
    )


def confirm(connection: Connection, chosen: Mapping[int, str], now: datetime) -> bool:
    """Say of contacts of a source, by the keys of their rows, which of ours each is, by our key, or OTHER; "" for
    nothing yet. Their tickets are told the tier of whom they are. Whether anything changed.
    """
    said = {key: value for key, value in chosen.items() if value}
    with transaction.atomic():
        keys = ContactKey.objects.select_for_update().filter(
            provider=connection.provider_id, source=connection.source.slug, pk__in=list(said)
        )
        rows = list(keys.select_related("contact").order_by("pk"))
        wanted = {int(value) for value in said.values() if value.isascii() and value.isdecimal()}
        ours = Contact.objects.filter(provider=connection.provider_id).in_bulk(wanted)
        faults: list[Fault] = []
        changed = False
        for row in rows:
            if said[row.pk] == OTHER:
                contact_changes.set_apart(row)
                changed = True
                continue
            contact = ours.get(int(said[row.pk])) if said[row.pk].isdecimal() else None
            if contact is None:
                faults.append(Fault(f"contacts, {row}", "somebody who is not there any more", "one of ours"))
                continue
            try:
                changed = contact_changes.join(row, contact) or changed
                tiers.ask(connection.provider_id, [contact.pk], now)
            except Refused as refused:
                faults += refused.faults
        refuse_if_any(faults)
    return changed

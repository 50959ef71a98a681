"""The people of clients whom tickets name: they are kept, and tickets have one name for each (promises/contacts.py)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from beforehand.promises import contacts as ours
from beforehand.promises.book import Book

from .contract import Told
from .models import Connection

EVERY = timedelta(hours=6)
"""So often a source tells who changed (contact_pages.py)."""
SOON = timedelta(minutes=5)
"""Of somebody new whom a ticket names it is asked so soon."""


def met(connection: Connection, told: Sequence[Told], now: datetime, book: Book) -> list[Told]:
    """The same tickets, with the names that tickets here have for their contacts. Within a transaction that holds the
    connection.
    """
    named = {
        one.id: one.contact._replace(client=one.fields.get("client", ""))
        for one in told
        if one.contact is not None and one.contact.key
    }
    if not named:
        return list(told)
    learnt = ours.learn(connection.provider, connection.source.slug, named.values(), now, book)
    if learnt.are_new and connection.contacts_read is not None:
        connection.contacts_read = min(connection.contacts_read, now - EVERY + SOON)
        rows = Connection.objects.filter(provider=connection.provider_id, pk=connection.pk)
        rows.update(contacts_read=connection.contacts_read)
    return [
        one._replace(fields={**one.fields, "contact": learnt.names[ours.key_of(named[one.id])]})
        if one.id in named
        else one
        for one in told
    ]

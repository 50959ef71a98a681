"""Reads the people of a source's clients, where it tells them in pages.

Pages have some hundred people a call, and who changed since is one call more; a row for each person whom a ticket
names would be a call each. So everybody is read, after the past, which is more urgent, and then who changed, a few
times a day. A tier is known with the first ticket that way, and can be said of somebody before it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction

from beforehand.promises import contacts as ours
from beforehand.promises.book import current

from . import tiers
from .abilities import Contacts
from .contacts import EVERY
from .contract import Contact
from .keep import hold
from .models import Connection, Word
from .trouble import Forbidden, Missing, Odd
from .turn import Turn
from .words import names_of


def read(turn: Turn) -> bool:
    """A page, where one is due and calls are left for it."""
    at, now = turn.connection, turn.clock()
    if not isinstance(turn.reader, Contacts) or not turn.has_time:
        return False
    if at.contacts_read is not None and now < at.contacts_read + EVERY:
        return False
    try:
        page = turn.reader.contacts(at.contacts_cursor)
        if page.more and page.cursor == at.contacts_cursor:
            raise Odd("it says that there is more, and then tells the same page again")
    except (Forbidden, Missing, Odd) as trouble:
        # A place between two pages may be none any more: then all are read again.
        cursor = at.contacts_cursor if isinstance(trouble, Forbidden) else ""
        turn.save(contacts_cursor=cursor, contacts_read=now, contacts_missing=f"contacts: {trouble}"[:300])
        return True
    learn(at, page.contacts, now)
    turn.save(
        contacts_cursor=page.cursor,
        contacts_missing="",
        contacts_read=at.contacts_read if page.more else now,
    )
    return True


def learn(connection: Connection, said: Sequence[Contact], now: datetime) -> None:
    """Keep contacts as they are told whole; tickets of those who have another tier now are told so."""
    book, client = current(connection.provider), _clients(connection)
    with transaction.atomic():
        hold(connection)
        some = [one._replace(client=client(one)) for one in said]
        learnt = ours.learn(connection.provider, connection.source.slug, some, now, book)
        tiers.ask(connection.provider_id, learnt.changed, now)


def _clients(connection: Connection) -> Callable[[Contact], str]:
    """What tickets call the client of a contact."""
    rows = Word.objects.filter(provider=connection.provider_id, connection=connection, kind="client")
    by_key, renamed = dict(rows.values_list("key", "name")), names_of(connection)
    return lambda one: by_key.get(one.client_key, "") or renamed.get(("client", one.client), one.client)

"""Telling tickets the tier of their contacts, as a worker does."""

from datetime import datetime

from beforehand.connectors import tiers
from beforehand.engine.instants import to_instant
from beforehand.kernel.due import queue
from beforehand.kernel.due.handlers import Going
from beforehand.people.models import Provider
from beforehand.promises.models import Contact


def tell_due(provider: Provider, now: datetime, *contacts: Contact) -> int:
    """Tell the tickets of those who are due, and of these; how many contacts that were."""
    tiers.ask(provider.pk, [contact.pk for contact in contacts], now)
    claims = queue.take(tiers.CONTACT, provider.pk, to_instant(now), 1, 1_000)
    errand = tiers.Telling()
    done = [(job, tiers.tell(job, Going(lambda: now, lambda: True))) for job in errand.prepare(claims, now)]
    queue.settle(claims, errand.note(done, now), 1)
    return len(claims)

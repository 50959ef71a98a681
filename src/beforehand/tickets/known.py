"""What the ledger knows of a source's tickets, for a connector that must tell what is new."""

from collections.abc import Collection

from beforehand.engine.history import Event

from . import store
from .models import Source


def events_of(source: Source, externals: Collection[str]) -> dict[str, list[Event]]:
    """The events of tickets by the source's own ids, in the order in which they arrived; none for unknown tickets."""
    there = store.tickets_of(source.provider_id, source.pk, list(externals))
    names = {ticket: external for external, (ticket, has_events) in there.items() if has_events}
    kept = store.events_of(list(names), source.provider_id) if names else {}
    return {names[ticket]: events for ticket, events in kept.items()}

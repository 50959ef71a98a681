"""Switches a source, a client or a ladder on, or back to rehearsal."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db import transaction

from beforehand.engine.instants import to_instant
from beforehand.kernel.due import queue
from beforehand.people.models import Provider, User
from beforehand.tickets.watching import TICKET

from .models import Alert, Switch

Named = tuple[str, str]
"""What is switched: its kind, and its key."""


def switch_on(
    provider: Provider,
    what: Iterable[Named],
    who: User,
    now: datetime,
    priorities: Sequence[str] = (),
    types: Sequence[str] = (),
) -> None:
    """Have these ring from now on; a client perhaps for tickets of some priorities and types only."""
    with transaction.atomic():
        for kind, key in what:
            made = {"since": now, "by": who, "priorities": list(priorities), "types": list(types)}
            row, new = Switch.objects.get_or_create(provider=provider, kind=kind, key=key, defaults=made)
            if not new and (row.priorities, row.types) != (made["priorities"], made["types"]):
                row.priorities, row.types = list(priorities), list(types)
                row.since, row.by = now, who
                row.save()
        _look(provider, now)


def switch_all_on(provider: Provider, what: Collection[Named], who: User, now: datetime) -> None:
    """Have all of these ring; what rings already, for whichever tickets, is left as it is."""
    with transaction.atomic():
        Switch.objects.bulk_create(
            [Switch(provider=provider, kind=kind, key=key, since=now, by=who) for kind, key in what],
            ignore_conflicts=True,
        )
        _look(provider, now)


def switch_off(provider: Provider, kind: str, key: str, now: datetime) -> None:
    """Back to rehearsal, at once."""
    with transaction.atomic():
        Switch.objects.filter(provider=provider, kind=kind, key=key).delete()
        _look(provider, now)


def _look(provider: Provider, now: datetime) -> None:
    """Have the tickets of open alerts looked at: each alert then knows whether it rings."""
    tickets = set(Alert.objects.filter(provider=provider, ended=None).values_list("ticket", flat=True))
    queue.ask(TICKET, provider.pk, tickets, to_instant(now))

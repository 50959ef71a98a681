"""What follows here when ladders are made, changed, renamed or taken away, by a file or on a page."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from beforehand.kernel.due import queue
from beforehand.people.models import Provider
from beforehand.promises.ladders import BUILT_IN, Ladder, Match
from beforehand.tickets.models import Ticket
from beforehand.tickets.watching import READ_ANEW, TICKET

from .models import Alert, Switch, Watch

Ladders = Mapping[str, Ladder]


def follow(
    provider: Provider,
    before: Ladders,
    after: Ladders,
    renamed: Mapping[str, str],
    now: datetime,
    **_signal: object,
) -> None:
    """A renamed ladder rings as it did, one that is new rings nobody yet; tickets that may climb otherwise are read.

    They are read as after a corrected agreement: what lies before `now` on another ladder is told to nobody.
    """
    _switches(provider, before, after, renamed)
    for old, new in renamed.items():
        alerts = Alert.objects.filter(provider=provider, ladder=old)
        _hold(alerts, "pk")
        alerts.update(ladder=new)
    changed = [
        ladder
        for name in before.keys() | after.keys()
        if before.get(name) != after.get(name)
        for ladder in (before.get(name), after.get(name))
        if ladder is not None
    ]
    tickets = _climbing(provider, {match for ladder in changed for match in ladder.fits})
    _decided(provider, tickets, now)
    queue.ask(TICKET, provider.pk, set(tickets.values_list("pk", flat=True)), READ_ANEW)


def _switches(provider: Provider, before: Ladders, after: Ladders, renamed: Mapping[str, str]) -> None:
    switches = Switch.objects.filter(provider=provider, kind=Switch.Kind.LADDER)
    built_in = {ladder.name for ladder in BUILT_IN}
    # Nothing that was switched on under a name, long ago, rings for another ladder of that name.
    switches.filter(key__in=(before.keys() ^ after.keys()) - renamed.keys() - built_in).delete()
    for old, new in renamed.items():
        switches.filter(key=old).update(key=new)


def _decided(provider: Provider, tickets: QuerySet[Ticket], now: datetime) -> None:
    """Nothing was to come by what was known until `now`, and not longer: what comes from then on is not of the past,
    though a worker looks at it late.
    """
    later = Watch.objects.filter(Q(next=None) | Q(next__gt=now), provider=provider, ticket__in=tickets)
    _hold(later, "ticket")
    later.update(next=now)


def _hold(rows: QuerySet[Any], order: str) -> None:
    """Hold rows in the order in which a worker holds them, so that neither waits for the other for good."""
    for _ in rows.order_by(order).select_for_update().values_list("pk").iterator():
        pass


def _climbing(provider: Provider, matches: Iterable[Match]) -> QuerySet[Ticket]:
    """The tickets with an open clock that one of these may fit: by client and priority, which tell most of it."""
    some = Q()
    for client, priority in {(match.client, match.priority) for match in matches}:
        fits = Q(runs__gt=0)
        if client:
            fits &= Q(client__name=client)
        if priority:
            fits &= Q(priority=priority)
        some |= fits
    return Ticket.objects.filter(some, provider=provider) if some else Ticket.objects.none()

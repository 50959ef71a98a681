"""What follows here when ladders are made, changed, renamed or taken away, by a file or on a page."""

from collections.abc import Iterable, Mapping

from django.db.models import Q

from beforehand.kernel.due import queue
from beforehand.people.models import Provider
from beforehand.promises.ladders import BUILT_IN, Ladder, Match
from beforehand.tickets.models import Ticket
from beforehand.tickets.watching import READ_ANEW, TICKET

from .models import Alert, Switch

Ladders = Mapping[str, Ladder]


def follow(
    provider: Provider, before: Ladders, after: Ladders, renamed: Mapping[str, str], **_signal: object
) -> None:
    """A renamed ladder rings as it did, one that is new rings nobody yet; tickets that may climb otherwise are read.

    They are read as after a corrected agreement: what lies in the past of another ladder is told to nobody.
    """
    switches = Switch.objects.filter(provider=provider, kind=Switch.Kind.LADDER)
    built_in = {ladder.name for ladder in BUILT_IN}
    # Nothing that was switched on under a name, long ago, rings for another ladder of that name.
    switches.filter(key__in=(before.keys() ^ after.keys()) - renamed.keys() - built_in).delete()
    for old, new in renamed.items():
        switches.filter(key=old).update(key=new)
        Alert.objects.filter(provider=provider, ladder=old).update(ladder=new)
    changed = [
        ladder
        for name in before.keys() | after.keys()
        if before.get(name) != after.get(name)
        for ladder in (before.get(name), after.get(name))
        if ladder is not None
    ]
    matches = {match for ladder in changed for match in ladder.fits}
    queue.ask(TICKET, provider.pk, _climbing(provider, matches), READ_ANEW)


def _climbing(provider: Provider, matches: Iterable[Match]) -> set[int]:
    """The tickets with an open clock that one of these may fit: by client and priority, which tell most of it."""
    some = Q()
    for client, priority in {(match.client, match.priority) for match in matches}:
        fits = Q(runs__gt=0)
        if client:
            fits &= Q(client__name=client)
        if priority:
            fits &= Q(priority=priority)
        some |= fits
    tickets = Ticket.objects.filter(some, provider=provider) if some else Ticket.objects.none()
    return set(tickets.values_list("pk", flat=True))

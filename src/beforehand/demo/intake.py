"""Takes in what the simulated PSA tells, through the doors that any provider uses: agreement file and ledger."""

import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path

from beforehand.engine.instants import MINUTE, SECOND, to_instant

from beforehand.people.models import Provider, User
from beforehand.promises.book import Book
from beforehand.tickets import ledger
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.models import Source

from . import cast, state
from .state import Scale, State
from .world import World

AT_ONCE = 500
RUSH_EVERY = 45 * MINUTE
"""Between two starts nearer to each other than this, what is due soon is due soon still."""

Progress = Callable[[int, int], None]
"""Called with the tickets done so far and all there are."""


def begin(scale: Scale, now: datetime) -> State:
    """The state of a world that is still to be made, so that it has its past up to `now`."""
    return State(state.generator(), scale, str(now.date() - timedelta(days=scale.days)))


def provider_of_demo(now: datetime) -> Provider:
    """The simulated MSP, made with its agreements and its user at the first call."""
    provider = Provider.objects.filter(simulated=True).first()
    if provider is None:
        who = cast.load()
        provider = create_provider(who.provider, who.zone, now, simulated=True)
    ...
    return provider


def take_in(
    world: World, source: Source, since: int | None, now: datetime, progress: Progress
) -> ledger.Appended:
    """Everything that the world tells after `since` (None: ever) up to `now`, into the ledger."""
    until = to_instant(now)
    births = world.births(since, until)
    total = ledger.Appended(0, 0, 0, 0)
    for start in range(0, len(births), AT_ONCE):
        some = births[start : start + AT_ONCE]
        told = [event for birth in some for event in world.told(birth, since, until)]
        total += ledger.append(source, told, now, world.book, at_once=AT_ONCE)
        progress(min(start + AT_ONCE, len(births)), len(births))
    return total

"""Takes in what the simulated PSA tells, through the doors that any provider uses: agreement file and ledger."""

import secrets
from collections.abc import Callable
from datetime import datetime
from importlib.resources import as_file, files

from django.db import transaction

from beforehand.engine.instants import MINUTE, SECOND, to_instant
from beforehand.people.accounts import create_first_user, create_provider
from beforehand.people.models import Provider, Token
from beforehand.people.tokens import EVENTS_WRITE, issue
from beforehand.promises.book import current
from beforehand.promises.file.load import load
from beforehand.tickets import ledger
from beforehand.tickets.models import Source

from . import cast, state
from .desk import dress
from .place import USER, Place
from .state import Scale, State
from .world import World

AT_ONCE = 500
RUSH_EVERY = 45 * MINUTE
"""Between two starts nearer to each other than this, what is due soon is due soon still."""

Progress = Callable[[int, int], None]
"""Called with the tickets done so far and all there are."""


def prepare(place: Place, scale: Scale, now: datetime, progress: Progress) -> ledger.Appended:
    """Bring the demo up to `now`: make what is not there yet, and tell what has happened since it was last here.

    Broken off anywhere, it goes on the next time. Where the clock has been set back nothing new is told.
    """
    known = state.load(place.state) or state.new(scale, now)
    until = to_instant(now)
    source = source_of_demo(now)
    dress(source, cast.load(known.scale.clients), now)
    if not known.rushes or until - known.rushes[-1] > RUSH_EVERY:
        known.rushes.append(until)
    state.save(place.state, known)
    told = take_in(world_of(known), source, known.taken, now, progress)
    known.taken = max(until, known.taken or until)
    state.save(place.state, known)
    return told


def world_of(known: State) -> World:
    """The world of a demo that has its agreements."""
    provider = Provider.objects.get(simulated=True)
    return World(cast.load(known.scale.clients), current(provider), known.scale.seed, known.day, known.rushes)


def token_of(source: Source, now: datetime) -> str:
    """A secret by which the present may tell events, and no earlier one still does."""
    Token.objects.filter(provider=source.provider, source=source.slug).delete()
    return issue(source.provider, source.name, [EVENTS_WRITE], now, source=source.slug)[1]


def source_of_demo(now: datetime) -> Source:
    """The simulated PSA; at the first call it is made, with its provider, agreements and user."""
    found = Source.objects.select_related("provider").filter(provider__simulated=True).first()
    return found or _make_source(now)


@transaction.atomic
def _make_source(now: datetime) -> Source:
    who = cast.load()
    provider = create_provider(who.provider, who.zone, now)
    provider.simulated = True
    provider.save(update_fields=["simulated"])
    with as_file(files(__package__).joinpath("msp.yaml")) as agreements:
        load(agreements, provider, now)
    # Nobody signs in as this user: visitors are them, and the password is never told.
    create_first_user(provider, USER, "demo@example.com", secrets.token_urlsafe(24))
    return Source.objects.create(provider=provider, slug="simulation", name="Simulated PSA", precision=SECOND)


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

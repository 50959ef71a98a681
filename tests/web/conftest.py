"""An MSP with tickets in every state as of now, and Marta, who is signed in."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.test import Client
from tests.support import msp

from beforehand.people.models import Provider, User
from beforehand.tickets.models import Ticket
from beforehand.web import board, moment

WEDNESDAY = datetime(2026, 11, 25, 13, 47, 12, 345_678, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """Pages go by a clock that begins in the middle of a week, a month and a day, so that no test meets another day,
    month or year on its way, whenever it is run.
    """
    moment.simulate(moment.Clock(WEDNESDAY, time.monotonic(), 1.0))
    # Kept for a minute by the provider's number, which another test's provider may have had in that minute.
    board._choices.cache_clear()
    # Who tried to sign in, and how often.
    cache.clear()
    yield
    moment.simulate(None)


@pytest.fixture
def now(clock: None) -> datetime:
    return moment.now()


@pytest.fixture
def provider(db: None, now: datetime) -> Provider:
    return msp.make_promises(now)


@pytest.fixture
def marta(provider: Provider) -> User:
    return msp.make_user(provider)


@pytest.fixture
def signed_in(client: Client, marta: User) -> Client:
    client.force_login(marta)
    return client


@pytest.fixture
def tickets(provider: Provider, now: datetime) -> Callable[[str], Ticket]:
    """The tickets of support/msp.py, by number."""
    msp.make_tickets(provider, now, more=6)
    return lambda number: Ticket.objects.get(provider=provider, number=number)

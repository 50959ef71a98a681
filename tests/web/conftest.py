"""An MSP with tickets in every state as of now, and Marta, who is signed in."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from django.test import Client
from tests.support import midweek, msp

from beforehand.people.models import Provider, User
from beforehand.tickets.models import Ticket
from beforehand.web import moment


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with midweek.pages():
        yield


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

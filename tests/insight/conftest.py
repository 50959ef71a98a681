"""An MSP, and a source of its tickets."""

from datetime import UTC, datetime

import pytest
from tests.support import msp

from beforehand.people.models import Provider
from beforehand.tickets.models import Source


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def provider(db: None, now: datetime) -> Provider:
    return msp.make_promises(now)


@pytest.fixture
def source(provider: Provider, now: datetime) -> Source:
    """Tickets in every state."""
    return msp.make_tickets(provider, now)

"""An MSP, and a source of its tickets."""

from datetime import UTC, datetime

import pytest
from tests.support import msp

from beforehand.people.models import Provider
from beforehand.tickets.models import Source


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 25, 13, 47, 12, 345_678, tzinfo=UTC)


@pytest.fixture
def provider(db: None, now: datetime) -> Provider:
    return msp.make_promises(now)


@pytest.fixture
def source(provider: Provider, now: datetime) -> Source:
    """Tickets in every state."""
    return msp.make_tickets(provider, now)

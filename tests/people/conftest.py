"""A provider in London."""

from datetime import UTC, datetime

import pytest

from beforehand.engine.instants import to_instant
from beforehand.people import accounts
from beforehand.people.models import Provider

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def at(text: str) -> int:
    """The instant of "2026-03-02 09:00", in UTC."""
    return to_instant(datetime.fromisoformat(text).replace(tzinfo=UTC))


@pytest.fixture
def provider(db: None) -> Provider:
    return accounts.create_provider("Northgate", "Europe/London", NOW)

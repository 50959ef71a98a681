"""A fake RT, and a provider that is connected to it."""

from collections.abc import Iterator

import pytest
from tests.connectors.conftest import Hand, make_connection
from tests.connectors.rt.fake import TOKEN, Rt, serving

from beforehand.people.models import Provider


@pytest.fixture
def rt() -> Iterator[Rt]:
    with serving(Rt()) as rt:
        yield rt


@pytest.fixture
def hand(rt: Rt, provider: Provider) -> Hand:
    return Hand(make_connection(provider, "rt", {"token": TOKEN}, url=rt.url, client="domain"))

"""A fake Autotask, and a provider that is connected to it."""

from collections.abc import Iterator

import pytest
from tests.connectors.autotask.fake import CODE, SECRET, USER, Autotask
from tests.connectors.autotask.serving import serving
from tests.connectors.conftest import Hand, make_connection

from beforehand.connectors.autotask.reader import Reader
from beforehand.connectors.limits import Limits
from beforehand.connectors.line import Line
from beforehand.connectors.models import Connection
from beforehand.engine.instants import to_instant
from beforehand.people.models import Provider
from beforehand.promises import models as promises
from beforehand.promises.models import StatusMapping

STATES = {
    "In Progress": "working",
    "Waiting Customer": "waiting-on-client",
    "Waiting Vendor": "waiting-on-vendor",
    "Complete": "resolved",
}


@pytest.fixture
def autotask() -> Iterator[Autotask]:
    with serving(Autotask()) as autotask:
        yield autotask


def settings_of(autotask: Autotask) -> dict[str, str]:
    return {"user": USER, "secret": SECRET, "code": CODE, "server": f"{autotask.url}/ATServicesRest"}


@pytest.fixture
def line(autotask: Autotask) -> Iterator[Line]:
    with Line(
        Limits(lambda: to_instant(autotask.clock()), at_a_time=9), allow_private=True, pause=0.01
    ) as line:
        yield line


@pytest.fixture
def reader(autotask: Autotask, line: Line) -> Reader:
    return Reader(settings_of(autotask), line)


@pytest.fixture
def hand(autotask: Autotask, provider: Provider) -> Hand:
    for status, state in STATES.items():
        StatusMapping.objects.create(provider=provider, board="", status=status, state=state)
    told = settings_of(autotask)
    secrets = {name: told.pop(name) for name in ("secret", "code")}
    hand = Hand(make_connection(provider, "autotask", secrets, **told))
    Connection.objects.update(share=10)
    autotask.clock = lambda: hand.now
    return hand


@pytest.fixture
def nothing_promised(provider: Provider) -> None:
    """As where nobody has written down an agreement yet."""
    for kind in (
        promises.Target,
        promises.Line,
        promises.Version,
        promises.Agreement,
        promises.Edition,
        promises.Plan,
    ):
        kind.objects.all().delete()

"""Whoever knows a hook's address and forges as fast as they can delays and loses nothing that is genuine."""

import http.client
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime

import httpx
import pytest
from tests.connectors.conftest import make_connection
from tests.connectors.connectwise.fake import Tenant
from tests.connectors.connectwise.serving import serve
from tests.connectors.connectwise.world import COMPANY, KEY_URL

from beforehand.connectors import registry
from beforehand.connectors.asking import PULL
from beforehand.connectors.connectwise import CONNECTOR
from beforehand.connectors.connectwise import hooks as keys
from beforehand.connectors.contract import Hook
from beforehand.connectors.hearing import LOOKS
from beforehand.connectors.models import Connection, Nudged
from beforehand.kernel.models import Due
from beforehand.people.models import Provider

from .test_hooks import served, until

__all__ = ["served"]
pytestmark = pytest.mark.program
SLUG = "flooded-connectwise"
LONG, EACH = 3.0, 0.02
FORGED, GENUINE = 900_000, 1_000


class Cloud:
    """The hosts of ConnectWise: the tenant's key at its address, and at others none, after a while."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant, self.asked = tenant, list[str]()

    def __call__(self, address: str, _settings: Mapping[str, str]) -> str:
        self.asked.append(address)
        if address == KEY_URL:
            return str(httpx.get(f"{self.tenant.url}/key").json()["signing_key"])
        time.sleep(0.5)
        raise keys.Silent("nobody answers there")


@pytest.fixture
def cloud(provider: Provider, served: int) -> Iterator[Cloud]:
    keys._keys.clear()
    keys._tenants.clear()
    with serve(Tenant()) as tenant:
        cloud = Cloud(tenant)
        registry.register(
            CONNECTOR._replace(slug=SLUG, hear=lambda told, hook: keys.heard(told, hook, cloud))
        )
        row = make_connection(provider, SLUG, {}, site=tenant.url, company=COMPANY)
        Connection.objects.filter(pk=row.pk).update(looked=datetime.now(UTC), interval=600)
        yield cloud
        registry.withdraw(SLUG)


def post(port: int, hook: Hook) -> int:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as to:
        to.request("POST", f"/hooks/path-of-{SLUG}", hook.body, dict(hook.headers))
        return to.getresponse().status


def forgeries(tenant: Tenant) -> Iterator[Hook]:
    """At one address after another, at the genuine one, and changed on the way."""
    number = FORGED
    while True:
        number += 1
        yield tenant.hook(number, key="mine", url=f"{KEY_URL}0{number}")
        yield tenant.hook(number, key="mine")
        hook = tenant.hook(number)
        yield hook._replace(body=hook.body.replace(b"updated", b"deleted"))


def flood(port: int, cloud: Cloud, genuine: Callable[[int], None]) -> list[int]:
    """Forged ones, fifty in a second, and a genuine one now and then in the midst; how the genuine were answered."""
    over, refused = threading.Event(), list[int]()

    def forge() -> None:
        for hook in forgeries(cloud.tenant):
            if over.wait(EACH):
                return
            refused.append(post(port, hook))

    threads = [threading.Thread(target=forge) for _ in range(2)]
    for thread in threads:
        thread.start()
    end, number = time.monotonic() + LONG, GENUINE
    while time.monotonic() < end:
        time.sleep(0.1)
        number += 1
        genuine(number)
    over.set()
    for thread in threads:
        thread.join()
    assert set(refused) <= {200, 401}
    return list(range(GENUINE + 1, number + 1))


def nudged() -> set[int]:
    return {int(row) for row in Nudged.objects.values_list("external_id", flat=True)}


def test_genuine_ones_are_taken_at_once_in_the_midst_of_a_flood(served: int, cloud: Cloud) -> None:
    assert post(served, cloud.tenant.hook(GENUINE)) == 200
    until(Nudged.objects.exists)

    def genuine(number: int) -> None:
        assert post(served, cloud.tenant.hook(number)) == 200
        assert number in nudged()  # before it was answered

    sent = flood(served, cloud, genuine)
    assert nudged() == {GENUINE, *sent}
    assert len(cloud.asked) <= keys.FETCHES + 1
    until(lambda: Connection.objects.get().forged > len(sent))


def test_where_nobody_knows_the_key_yet_what_changed_is_looked_for_within_seconds(
    served: int, cloud: Cloud
) -> None:
    for number in range(keys.FETCHES):
        assert post(served, cloud.tenant.hook(FORGED, key="mine", url=f"{KEY_URL}0{number}")) == 200
    until(lambda: len(cloud.asked) == keys.FETCHES)
    Connection.objects.update(looked=datetime.now(UTC))
    began = datetime.now(UTC)
    sent = flood(served, cloud, lambda number: _answered(post(served, cloud.tenant.hook(number))))
    assert (len(sent) > 0, KEY_URL in cloud.asked, nudged()) == (True, False, set())
    row, due = Connection.objects.get(), Due.objects.get(kind=PULL)
    assert row.looked is not None
    assert due.due_at <= began + LOOKS * 2
    assert (row.heard, row.forged > 0) == (None, False)


def _answered(status: int) -> None:
    assert status == 200

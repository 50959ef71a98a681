"""A callback is believed only with a signature by a key from ConnectWise's own hosts, and only as a nudge."""

import json
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress

import httpx
import pytest
from tests.connectors.connectwise.conftest import heard
from tests.connectors.connectwise.fake import Tenant
from tests.connectors.connectwise.world import KEY, KEY_URL

from beforehand.connectors.connectwise import hooks
from beforehand.connectors.connectwise.hooks import FETCHES, fetched, hear, is_known
from beforehand.connectors.contract import LOOK, Forged, Hook, Nudge, Unsure


class Keys:
    """Fetches the key from the tenant, wherever in the cloud it is said to be; counts how often."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant, self.asked = tenant, list[str]()

    def __call__(self, address: str, settings: Mapping[str, str]) -> str:
        self.asked.append(address)
        return str(httpx.get(f"{self.tenant.url}/key").json()["signing_key"])


@pytest.fixture
def keys(tenant: Tenant) -> Keys:
    return Keys(tenant)


def test_a_signed_one_names_its_ticket_and_its_key_is_fetched_once(
    tenant: Tenant, settings: dict[str, str], keys: Keys
) -> None:
    for _ in range(3):
        assert heard(settings, tenant.hook(1001), keys) == Nudge(["1001"])
    assert keys.asked == [KEY_URL]


def test_the_same_one_again_only_nudges_again(tenant: Tenant, settings: dict[str, str], keys: Keys) -> None:
    hook = tenant.hook(1001)
    assert heard(settings, hook, keys) == heard(settings, hook, keys)


def test_one_that_is_forged_or_changed_is_refused(
    tenant: Tenant, settings: dict[str, str], keys: Keys
) -> None:
    hook = tenant.hook(1001)
    changed = hook.body.replace(b"1001", b"1002")
    for bad in (
        tenant.hook(1001, key="another"),
        hook._replace(body=changed),
        hook._replace(headers={}),
        hook._replace(headers={"x-content-signature": "täuschung"}),
        hook._replace(body=b"not json"),
        hook._replace(body=b"[]"),
        tenant.hook(1001, CompanyId="somebody-else"),
    ):
        with pytest.raises(Forged):
            heard(settings, bad, keys)
    assert len(keys.asked) <= 1


def test_nobody_is_asked_before_it_is_answered(tenant: Tenant, settings: dict[str, str], keys: Keys) -> None:
    waiting = []
    for number in (1, 2, 3):
        with pytest.raises(Unsure) as unsure:
            hooks.heard(settings, tenant.hook(number), keys)
        waiting.append(unsure.value)
    assert keys.asked == []
    assert [one.sure() for one in waiting] == [Nudge(["1"]), Nudge(["2"]), Nudge(["3"])]
    assert keys.asked == [KEY_URL]
    assert hooks.heard(settings, tenant.hook(4), keys) == Nudge(["4"])


def test_whoever_names_one_address_after_another_has_few_fetched_and_no_key_forgotten(
    tenant: Tenant, settings: dict[str, str], keys: Keys
) -> None:
    heard(settings, tenant.hook(1), keys)
    for number in range(3 * hooks.KEYS):
        hook = tenant.hook(1, key="mine", url=f"{KEY_URL}{number}")
        if len(keys.asked) < FETCHES:
            with pytest.raises(Forged):
                heard(settings, hook, keys)
        else:
            assert hooks.heard(settings, hook, keys) == LOOK  # nothing of it is believed
    assert len(keys.asked) == FETCHES
    assert hooks.heard(settings, tenant.hook(2), keys) == Nudge(["2"])


def test_an_address_without_a_key_is_asked_once_in_a_while(tenant: Tenant, settings: dict[str, str]) -> None:
    asked = []

    def fetch(address: str, _settings: Mapping[str, str]) -> str:
        asked.append(address)
        raise hooks.Silent if address.endswith("silent") else Forged

    for _ in range(2 * FETCHES):
        with pytest.raises(Forged):
            heard(settings, tenant.hook(1, url=f"{KEY_URL}-none"), fetch)
        assert heard(settings, tenant.hook(1, url=f"{KEY_URL}-silent"), fetch) == LOOK
    assert asked == [f"{KEY_URL}-none", f"{KEY_URL}-silent"]


def test_what_has_another_key_for_a_while_is_forged_and_the_key_that_signed_is_kept(
    tenant: Tenant, settings: dict[str, str], keys: Keys
) -> None:
    heard(settings, tenant.hook(1), keys)
    hooks._keys[KEY_URL] = hooks._keys[KEY_URL]._replace(read=-1e9)
    hooks._tenants.clear()
    with pytest.raises(Forged):
        heard(settings, tenant.hook(1, key="mine"), keys)
    assert hooks._keys[KEY_URL].proved


def test_a_key_that_signed_outlasts_those_that_did_not(
    tenant: Tenant, settings: dict[str, str], keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "FETCHES", 1_000)
    heard(settings, tenant.hook(1), keys)
    for number in range(3 * hooks.KEYS):
        with pytest.raises(Forged):
            heard(settings, tenant.hook(1, key="mine", url=f"{KEY_URL}{number}"), keys)
    assert len(hooks._keys) == hooks.KEYS
    assert hooks.heard(settings, tenant.hook(2), keys) == Nudge(["2"])


def test_a_signature_that_does_not_fit_has_its_key_fetched_once_in_a_while(
    tenant: Tenant, settings: dict[str, str], keys: Keys
) -> None:
    heard(settings, tenant.hook(1), keys)
    hooks._keys[KEY_URL] = hooks.Key(KEY, -1e9)
    hooks._tenants.clear()
    for _ in range(5):
        with pytest.raises(Forged):
            heard(settings, tenant.hook(1, key="mine"), keys)
    assert len(keys.asked) == 2


def test_a_key_that_was_renewed_is_fetched_again_after_a_while(
    tenant: Tenant, settings: dict[str, str], keys: Keys
) -> None:
    hooks._keys[KEY_URL] = hooks.Key("an-old-key", -1e9)
    assert heard(settings, tenant.hook(5), keys) == Nudge(["5"])
    assert hooks._keys[KEY_URL].key == KEY


@pytest.mark.parametrize(
    "address",
    [
        "http://api-na.myconnectwise.net/key",
        "https://api-na.myconnectwise.net.evil.test/key",
        "https://evilmyconnectwise.net/key",
        "https://myconnectwise.net@evil.test/key",
        "https://a:b@api-na.myconnectwise.net/key",
        "https://api-na.myconnectwise.net:8443/key",
        "https://127.0.0.1/key",
        "https://psa.northwind.test:444/key",
        "https://[::1",
        "",
    ],
)
def test_a_key_from_anywhere_else_is_never_fetched(
    tenant: Tenant, settings: dict[str, str], keys: Keys, address: str
) -> None:
    mine = {**settings, "site": "https://psa.northwind.test"}
    with pytest.raises(Forged):
        heard(mine, tenant.hook(1001, url=address), keys)
    assert not keys.asked


def test_the_owners_own_server_may_have_the_key() -> None:
    own = {"site": "https://psa.northwind.test:8443/"}
    assert is_known("https://psa.northwind.test:8443/v4_6_release/key", own)
    assert is_known("https://api-eu.myconnectwise.net/key", own)


def test_keys_that_cannot_be_had_forge_nothing(tenant: Tenant, settings: dict[str, str]) -> None:
    assert fetched(f"{tenant.url}/key", settings) == KEY
    for address in (f"{tenant.url}/nothing", "http://127.0.0.1:1/key"):
        with pytest.raises(Forged, match="cannot be had"):
            fetched(address, settings)
    with pytest.raises(Forged, match="cannot be had"):
        fetched(f"{tenant.url}/key", {**settings, "site": "https://na.myconnectwise.net"})
    with pytest.raises(Forged, match="none of ConnectWise's"):
        hear(settings, Hook({}, b"{}", {}))


@pytest.mark.parametrize(
    ("more", "tickets"),
    [
        ({"Action": "deleted", "Entity": None}, ["1"]),
        ({"Type": "time", "ID": 9, "Entity": json.dumps({"chargeToId": 42})}, ["42"]),
        ({"Type": "time", "ID": 9, "Entity": json.dumps({"ticket": {"id": 43}})}, ["43"]),
        ({"Type": "schedule", "ID": 9, "Entity": json.dumps({"objectId": 44})}, ["44"]),
        ({"Type": "company", "ID": 9}, []),
        ({"Type": "time", "ID": 9, "Entity": "{broken"}, []),
        ({"ID": "1; drop"}, []),
    ],
)
def test_other_kinds_name_the_ticket_they_are_about(
    tenant: Tenant, settings: dict[str, str], keys: Keys, more: dict[str, object], tickets: list[str]
) -> None:
    assert heard(settings, tenant.hook(1, **more), keys).tickets == tickets


@pytest.mark.parametrize(
    "host", ["na.myconnectwise.net/\x01", "a..myconnectwise.net/", "xn--a.myconnectwise.net/"]
)
def test_of_an_address_that_nobody_can_call_nothing_is_believed(
    tenant: Tenant, settings: dict[str, str], host: str
) -> None:
    with suppress(Forged):
        assert heard(settings, tenant.hook(1, url=f"https://{host}"), fetched) == LOOK


def test_a_key_that_comes_byte_by_byte_is_not_waited_for(
    settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "TIMEOUT_S", 0.4)
    with socket.create_server(("127.0.0.1", 0)) as server:
        sent: list[int] = []
        thread = threading.Thread(target=_drip, args=(server, sent))
        thread.start()
        own = f"http://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(Forged):
            fetched(f"{own}/key", {**settings, "site": own})
        thread.join()
    assert len(sent) < DRIPS


DRIPS = 400


def _drip(server: socket.socket, sent: list[int]) -> None:
    asker, _ = server.accept()
    with asker:
        asker.recv(10_000)
        asker.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for drip in range(DRIPS):
            try:
                asker.sendall(b" ")
            except OSError:
                return
            sent.append(drip)
            time.sleep(0.1)

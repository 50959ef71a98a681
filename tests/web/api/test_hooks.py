"""POST /hooks/... over a real connection: put down before it is answered, and nothing said to whoever forges."""

import hashlib
import hmac
import http.client
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
import uvicorn
from django.conf import settings
from tests.support.connected import PATH, SECRET, Desk, connected, known

from beforehand.config.asgi import Lanes, _pages
from beforehand.connectors.asking import PULL
from beforehand.connectors.contract import Forged, Hook, Nudge, Unsure
from beforehand.connectors.hearing import LOOKS
from beforehand.connectors.models import Connection, Nudged
from beforehand.connectors.registry import register, withdraw
from beforehand.kernel.models import Due
from beforehand.kernel.secrets import seal
from beforehand.people.models import Provider
from beforehand.promises.models import ContactKey
from beforehand.tickets.models import Event
from beforehand.web import moment
from beforehand.web.api import hooks
from beforehand.web.api.hooks import HooksLane
from beforehand.web.api.writer import Writer

from .conftest import created


@pytest.fixture
def served() -> Iterator[int]:
    """A server of its own for each test: it remembers no connection of another."""
    writer = Writer(moment.now)
    lane = HooksLane(writer)
    app: Any = Lanes({"/hooks/": lane}, _pages)
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, access_log=False))
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join()
    lane.close()
    writer.close()


@pytest.fixture
def connection(provider: Provider, served: int) -> Iterator[Connection]:
    with known(Desk()):
        yield connected(provider, moment.now())


def post(
    port: int, body: object, path: str = PATH, method: str = "POST", **headers: str
) -> tuple[int, bytes, dict[str, str]]:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as to:
        to.request(method, f"/hooks/{path}", sent, {"X-Secret": SECRET, **headers})
        answer = to.getresponse()
        return answer.status, answer.read(), dict(answer.getheaders())


def test_a_webhook_is_answered_once_what_it_names_is_put_down(served: int, connection: Connection) -> None:
    assert post(served, {"tickets": ["7", "8"], "seq": 3})[:2] == (200, b"")
    assert list(Nudged.objects.order_by("external_id").values_list("external_id", flat=True)) == ["7", "8"]
    assert Due.objects.get(kind=PULL).key == connection.pk
    connection.refresh_from_db()
    assert connection.heard_seq == 3


def test_many_at_a_time_are_all_put_down(served: int, connection: Connection) -> None:
    answers: list[int] = []

    def tell(first: int) -> None:
        answers.extend(post(served, {"tickets": [str(first + n)]})[0] for n in range(25))

    threads = [threading.Thread(target=tell, args=(n * 100,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (answers.count(200), Nudged.objects.count()) == (200, 200)


def test_whoever_forges_hears_nothing_and_is_counted(served: int, connection: Connection) -> None:
    status, body, headers = post(served, {"tickets": ["7"]}, **{"X-Secret": "wrong"})
    assert (status, body) == (401, b"")
    assert "www-authenticate" not in {name.lower() for name in headers}
    connection.refresh_from_db()
    assert (connection.forged, Nudged.objects.count(), Due.objects.filter(kind=PULL).count()) == (1, 0, 0)


@pytest.mark.parametrize(
    "path", ["q" * 43, "", "x", "p" * 42, "p" * 43 + "/", "../healthz", "%00" * 20, "p" * 5000]
)
def test_an_address_that_is_nobody_s_is_not_found(served: int, connection: Connection, path: str) -> None:
    assert post(served, {"tickets": ["7"]}, path)[0] in (404, 400)
    assert not Nudged.objects.exists()


def test_one_that_is_switched_off_is_gone(
    served: int, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "HELD", 0.1)
    assert post(served, {"tickets": ["7"]})[0] == 200
    Connection.objects.update(active=False)
    time.sleep(0.15)
    assert post(served, {"tickets": ["7"]})[0] == 410


def test_another_method_and_a_body_too_long_are_refused(served: int, connection: Connection) -> None:
    status, _, headers = post(served, b"", method="GET")
    assert (status, headers["allow"]) == (405, "POST")
    # It is answered by what the head says: whoever goes on sending may find the connection closed.
    with closing(http.client.HTTPConnection("127.0.0.1", served, timeout=60)) as to:
        to.putrequest("POST", f"/hooks/{PATH}")
        to.putheader("Content-Length", str(hooks.LONGEST_NUDGE + 1))
        to.endheaders()
        assert to.getresponse().status == 413


def test_a_body_that_cannot_be_read_is_our_fault_and_no_secret_is_logged(
    served: int, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        assert post(served, b"<html>")[0] == 500
    # The access log, which pytest hears though it is switched off, goes nowhere.
    said = [record for record in caplog.records if record.name != "uvicorn.access"]
    text = "\n".join(logging.Formatter().format(record) for record in said)
    assert "could not be heard" in text
    assert SECRET not in text
    assert PATH not in text


def test_secrets_that_were_sealed_under_another_key_ask_for_another_try(
    served: int, connection: Connection
) -> None:
    Connection.objects.update(hook_secret=seal(SECRET, "another key of thirty-two letters"))
    status, _, headers = post(served, {"tickets": ["7"]})
    assert (status, headers["retry-after"]) == (503, "5")


class Keys:
    """Of a source that signs with a key that is to be had elsewhere, and not before the test says so."""

    def __init__(self) -> None:
        self.open, self.asked = threading.Event(), 0

    def hear(self, _told: Mapping[str, str], hook: Hook) -> Nudge:
        def sure() -> Nudge:
            self.asked += 1
            assert self.open.wait(120)
            if hook.headers.get("x-secret") != SECRET:
                raise Forged
            return Nudge([json.loads(hook.body)["ticket"]])

        raise Unsure(sure)


@pytest.fixture
def keys(provider: Provider, served: int) -> Iterator[Keys]:
    keys, desk = Keys(), Desk()
    with known(desk) as kind:
        withdraw(kind.slug)
        register(kind._replace(hear=keys.hear))
        connected(provider, moment.now())
        yield keys
        keys.open.set()


def until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not there():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_one_whose_key_has_to_be_fetched_is_answered_first_and_believed_then(served: int, keys: Keys) -> None:
    began = time.monotonic()
    for number in range(12):
        assert post(served, {"ticket": str(number)})[:2] == (200, b"")
    assert post(served, {"ticket": "99"}, **{"X-Secret": "wrong"})[:2] == (200, b"")
    assert time.monotonic() - began < 60
    assert not Nudged.objects.exists()
    keys.open.set()
    until(lambda: Connection.objects.get().forged == 1)
    assert {row.external_id for row in Nudged.objects.all()} == {str(number) for number in range(12)}
    assert Due.objects.filter(kind=PULL).exists()


def test_where_too_many_wait_for_a_key_what_changed_is_looked_for_instead(
    served: int, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "LATER_BYTES", 40)
    begun = moment.now()
    Connection.objects.update(looked=begun, interval=300)
    assert post(served, {"ticket": "1234567"})[0] == 200
    until(lambda: keys.asked == 1)
    assert not Due.objects.filter(kind=PULL).exists()
    assert [post(served, {"ticket": "1234567"})[0] for _ in range(3)] == [200, 200, 200]
    row, due = Connection.objects.get(), Due.objects.get(kind=PULL)
    assert row.looked is not None
    assert begun < row.looked + timedelta(seconds=300) == due.due_at <= moment.now() + LOOKS
    assert row.heard is None
    keys.open.set()
    until(Nudged.objects.exists)
    assert post(served, {"ticket": "8"})[0] == 200
    assert keys.asked <= 2


def signed(body: bytes, at: int | None = None) -> dict[str, str]:
    stamp = str(int(moment.now().timestamp()) if at is None else at)
    mac = hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Beforehand-Signature": f"t={stamp},v1={mac}"}


def test_events_that_are_signed_are_kept_before_they_are_answered(served: int, provider: Provider) -> None:
    """4.4"""
    connection = connected(provider, moment.now(), "generic")
    body = json.dumps([created("1"), created("2")]).encode()
    status, told, _ = post(served, body, **signed(body))
    assert (status, json.loads(told)) == (200, {"taken": 2, "known": 0, "conflicts": 0, "tickets": 2})
    assert Event.objects.count() == 2
    # Sent again it is known; with another signature, or late, it is not heard.
    assert json.loads(post(served, body, **signed(body))[1])["known"] == 2
    assert post(served, body, **signed(body + b" "))[0] == 401
    assert post(served, body, **signed(body, int(moment.now().timestamp()) - 301))[0] == 401
    connection.refresh_from_db()
    assert connection.heard is not None
    assert connection.forged == 2
    assert not Due.objects.filter(kind=PULL).exists()


def test_what_is_wrong_with_signed_events_is_said(served: int, provider: Provider) -> None:
    connected(provider, moment.now(), "generic", hook_secret=seal(SECRET, settings.SECRET_KEY))
    body = json.dumps({**created("1"), "at": "yesterday"}).encode()
    status, told, _ = post(served, body, **signed(body))
    assert status == 422
    assert json.loads(told)["error"]["faults"][0]["place"] == "event.at"


def test_who_asked_comes_along_with_signed_events(served: int, provider: Provider) -> None:
    connected(provider, moment.now(), "generic", hook_secret=seal(SECRET, settings.SECRET_KEY))
    who = {"id": "w", "kind": "changed", "field": "contact", "value": "Jo", "contact_id": "C-17"}
    body = json.dumps([created("1"), {**created("1"), **who}]).encode()
    assert [post(served, body, **signed(body))[0] for _ in range(2)] == [200, 200]
    assert ContactKey.objects.get().named == "Jo"

"""Calls to addresses that users give, to real servers on this machine."""

import logging
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from tests.support.receiver import Receiver, receiver

from beforehand.kernel import outward
from beforehand.kernel.outward import LONGEST, fault_of, is_private, post


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as kept:
        yield kept


def test_what_is_posted_arrives_and_the_answer_comes_back(there: Receiver) -> None:
    there.status, there.text = 202, "taken\0 ü"
    reply = post(there.url + "?a=b", b'{"x":1}', {"Idempotency-Key": "k1"}, allow_private=True)
    assert (reply.status, reply.text, reply.failure) == (202, "taken� ü", "")
    one = there.posted[0]
    assert (one.path, one.body) == ("/hook/the-path-is-secret?a=b", b'{"x":1}')
    assert one.headers["Idempotency-Key"] == "k1"
    assert one.headers["Host"] == f"127.0.0.1:{there.port}"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "127.0.0.1.", "0.0.0.0",
        "10.0.0.5", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "240.0.0.1",
        "255.255.255.255", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:a00:5]", "[fe80::1]", "[fc00::1]",
        "[fec0::1]", "[ff02::1]", "[2002:7f00:1::]", "[64:ff9b::a00:5]", "[::7f00:1]", "[2001:db8::1]",
    ],
)  # fmt: skip
def test_a_private_address_is_refused_in_whatever_notation(there: Receiver, host: str) -> None:
    reply = post(f"https://{host}:{there.port}/", b"", {}, within=5)
    assert (reply.status, reply.text) == (0, "")
    assert reply.failure
    assert there.posted == []
    if not reply.final:
        # Some resolvers know no such notation; then it leads nowhere either.
        assert "not known" in reply.failure


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_a_public_address_is_none_of_these(address: str) -> None:
    assert not is_private(address)


def test_a_name_that_leads_to_one_private_address_among_others_is_refused(
    there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def resolve(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return [(0, 0, 0, "", (address, port)) for address in ("8.8.8.8", "127.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    reply = post(f"https://hook.example.com:{there.port}/", b"", {})
    assert "private network" in reply.failure
    assert reply.final
    assert asked == ["hook.example.com"]


def test_a_name_is_asked_for_once_and_the_address_that_was_checked_is_called(
    there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine, asked = socket.getaddrinfo, []

    def resolve(host: str, *args: object, **more: object) -> object:
        asked.append(host)
        # A name that changes its mind: the first answer is this machine, all later ones another.
        named = host == "hook.example.com"
        return genuine(
            "127.0.0.1" if named and asked.count(host) == 1 else "192.0.2.1" if named else host, *args, **more
        )  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    reply = post(f"http://hook.example.com:{there.port}/", b"", {}, allow_private=True, within=5)
    assert reply.status == 200
    assert asked.count("hook.example.com") == 1
    assert there.posted[0].headers["Host"] == f"hook.example.com:{there.port}"


@pytest.mark.parametrize(
    "url",
    ["http://example.com/", "ftp://example.com/", "file:///etc/passwd", "https://", "https://u:p@example.com/",
     "https://exa mple.com/", "https://example.com:99999/", "https://example.com/\r\nX: y", "", "https://[::1/"],
)  # fmt: skip
def test_what_is_no_https_address_is_refused(url: str) -> None:
    assert fault_of(url, allow_private=False)
    assert post(url, b"", {}).final


def test_a_redirect_is_not_followed(there: Receiver) -> None:
    there.status, there.headers = 307, {"Location": f"http://127.0.0.1:{there.port}/elsewhere"}
    assert post(there.url, b"x", {}, allow_private=True).status == 307
    assert len(there.posted) == 1


def test_the_environments_proxy_is_not_asked(there: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert post(there.url, b"", {}, allow_private=True).status == 200


@pytest.mark.parametrize("where", ["head", "body"])
def test_an_answer_that_comes_byte_by_byte_is_ended(there: Receiver, where: str) -> None:
    there.drip = where
    began = time.monotonic()
    reply = post(there.url, b"", {}, allow_private=True, within=1)
    # The whole of it would take a hundred seconds.
    assert 0.9 < time.monotonic() - began < 30
    assert (reply.status, reply.final) == (0, False)
    assert "no whole answer within 1 second" in reply.failure


def test_a_machine_that_takes_a_call_and_says_nothing_is_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        for scheme in ("http", "https"):
            began = time.monotonic()
            url = f"{scheme}://127.0.0.1:{mute.getsockname()[1]}/"
            assert "no whole answer" in post(url, b"", {}, allow_private=True, within=0.5).failure
            assert time.monotonic() - began < outward.TIMEOUT_S / 2


def test_a_resolver_that_hangs_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(60) and [])
    began = time.monotonic()
    try:
        assert "no whole answer" in post("https://slow.example.com/", b"", {}, within=0.3).failure
        assert time.monotonic() - began < outward.TIMEOUT_S / 2
    finally:
        over.set()


def test_of_a_long_answer_the_beginning_is_read(there: Receiver) -> None:
    there.text = "a" * (LONGEST * 4)
    assert len(post(there.url, b"", {}, allow_private=True).text) == LONGEST


@pytest.mark.parametrize(
    "said", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 banana\r\n\r\n", b"\x15\x03\x01\x00\x02\x02("]
)
def test_what_is_no_answer_is_a_failure_and_no_exception(said: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as odd:

        def serve() -> None:
            line, _ = odd.accept()
            with line:
                line.recv(1000)
                line.sendall(said)

        thread = threading.Thread(target=serve)
        thread.start()
        reply = post(f"http://127.0.0.1:{odd.getsockname()[1]}/", b"", {}, allow_private=True)
        thread.join()
    assert reply.status == 0
    assert reply.failure
    assert not reply.final


def test_nobody_there_is_a_failure_for_now() -> None:
    with socket.socket() as silent:
        # It is held, so that it is nobody's meanwhile, and does not listen.
        silent.bind(("127.0.0.1", 0))
        reply = post(f"http://127.0.0.1:{silent.getsockname()[1]}/", b"", {}, allow_private=True)
    assert "refused" in reply.failure
    assert not reply.final


def test_a_name_that_does_not_exist_is_a_failure_for_now() -> None:
    reply = post("https://nowhere.invalid/", b"", {})
    assert "not known" in reply.failure
    assert not reply.final


def test_no_address_is_written_to_a_log(there: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    post(there.url, b"", {}, allow_private=True)
    post(there.url, b"", {})
    assert "secret" not in caplog.text
    assert outward.TIMEOUT_S == 15

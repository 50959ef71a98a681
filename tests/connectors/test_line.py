"""The line to a source that misbehaves, over real HTTP."""

import socket
import threading
import time as watch
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from beforehand.connectors.limits import Limits
from beforehand.connectors.line import Line, retry_after
from beforehand.connectors.trouble import Down, Forbidden, Limited, Missing, Odd, Trouble, Unauthorised

Answer = tuple[int, dict[str, str], bytes]


class Server:
    """Answers each call with the next of `answers`, the last again and again."""

    def __init__(self) -> None:
        self.answers: list[Answer | Callable[[Any], None]] = [(200, {}, b"{}")]
        self.asked: list[tuple[str, str]] = []
        self.url = ""
        self.over = threading.Event()


@pytest.fixture
def server() -> Iterator[Server]:
    it = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            it.asked.append((self.command, self.path))
            answer = it.answers.pop(0) if len(it.answers) > 1 else it.answers[0]
            if callable(answer):
                answer(self)
                return
            status, headers, body = answer
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that went away is what is tested."""

    made = Quiet(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    it.url = f"http://127.0.0.1:{made.server_address[1]}/things/12?key=s3cret"
    yield it
    it.over.set()
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.fixture
def line() -> Iterator[Line]:
    with Line(Limits(lambda: 0), allow_private=True, pause=0.01) as line:
        yield line


@pytest.fixture
def hasty() -> Iterator[Line]:
    """One that waits for no answer long."""
    with Line(Limits(lambda: 0), allow_private=True, timeout=0.5, pause=0.01, whole=1) as line:
        yield line


HTML = (200, {"Content-Type": "text/html"}, b"<html>log in</html>")


@pytest.mark.parametrize(
    ("answer", "kind", "words", "calls"),
    [
        ((401, {}, b""), Unauthorised, "does not accept the key", 1),
        ((403, {}, b""), Forbidden, "refuses /things/12", 1),
        ((404, {}, b""), Missing, "has no /things/12", 1),
        ((429, {}, b""), Limited, "limit of calls", 3),
        ((429, {"Retry-After": "300"}, b""), Limited, "limit of calls", 1),
        ((500, {}, b""), Down, "error of its own (500)", 1),
        ((503, {}, b""), Down, "error of its own (503)", 3),
        ((400, {}, b'{"message":"bad field"}'), Odd, "bad field", 1),
        ((302, {"Location": "http://127.0.0.1:1/"}, b""), Odd, "302", 1),
        (HTML, Odd, "text/html that is not whole JSON", 1),
        ((200, {}, b'{"items": [1, 2'), Odd, "not whole JSON", 1),
        ((200, {"Content-Length": "900"}, b'{"items": [1, 2'), Down, "cannot be reached", 3),
        ((200, {"Content-Encoding": "gzip"}, b"no gzip"), Down, "cannot be reached", 3),
    ],
)
def test_each_kind_of_bad_answer_has_its_word(
    server: Server, line: Line, answer: Answer, kind: type[Trouble], words: str, calls: int
) -> None:
    server.answers = [answer]
    with pytest.raises(kind) as caught:
        line.json("GET", server.url, headers={"Authorization": "token t0ken"})
    assert words in str(caught.value)
    assert "s3cret" not in str(caught.value)
    assert len(server.asked) == calls


def test_what_helps_is_done_again_and_then_it_is_well(server: Server, line: Line) -> None:
    server.answers = [(503, {}, b""), (429, {"Retry-After": "0"}, b""), (200, {}, b'{"a": 1}')]
    assert line.json("GET", server.url) == {"a": 1}


def test_how_long_to_wait_is_said_on(server: Server, line: Line) -> None:
    server.answers = [(429, {"Retry-After": "300"}, b"")]
    with pytest.raises(Limited) as caught:
        line.call("GET", server.url)
    assert caught.value.wait == 300


def test_retry_after_is_seconds_or_a_date_or_nothing_that_can_be_read() -> None:
    import httpx

    def said(text: str) -> float | None:
        dated = {"Retry-After": text, "Date": "Thu, 01 Jan 2026 10:00:00 GMT"}
        return retry_after(httpx.Response(429, headers=dated))

    assert [said("7"), said("Thu, 01 Jan 2026 10:01:00 GMT"), said("soon"), said("")] == [7, 60, None, None]


def test_what_may_have_been_done_is_not_done_twice(server: Server, line: Line) -> None:
    server.answers = [(503, {}, b"")]
    with pytest.raises(Down):
        line.call("POST", server.url, json={})
    assert len(server.asked) == 1
    with pytest.raises(Down):
        line.call("POST", server.url, json={}, twice=True)
    assert len(server.asked) == 4


def test_a_refused_post_was_not_done_and_is_done_again(server: Server, line: Line) -> None:
    server.answers = [(429, {}, b""), (200, {}, b"{}")]
    assert line.call("POST", server.url, json={}).status_code == 200


def test_a_source_that_hangs_ends_in_time(server: Server, hasty: Line) -> None:
    server.answers = [lambda _: server.over.wait()]
    with pytest.raises(Down, match="no whole answer in time"):
        hasty.call("POST", server.url)


def test_a_source_that_drips_ends_in_time(server: Server, hasty: Line) -> None:
    def drip(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        while not server.over.wait(0.1):
            handler.wfile.write(b" ")

    server.answers = [drip]
    with pytest.raises(Down, match="no whole answer in time"):
        hasty.call("POST", server.url)


def test_an_address_that_is_not_there(line: Line) -> None:
    with socket.socket() as silent:
        # It is held, so that it is nobody's meanwhile, and does not listen.
        silent.bind(("127.0.0.1", 0))
        with pytest.raises(Down, match="cannot be reached"):
            line.call("GET", f"http://127.0.0.1:{silent.getsockname()[1]}/")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://127.0.0.1/x", "private network"),
        ("http://example.com/x", "only https"),
        ("https://user:pass@example.com/", "user name"),
    ],
)
def test_what_is_never_called(url: str, words: str) -> None:
    with Line(Limits(lambda: 0), pause=0.01) as line, pytest.raises(Down, match=words):
        line.call("GET", url)


def test_a_line_that_is_closed_waits_no_longer(server: Server) -> None:
    server.answers = [(503, {"Retry-After": "15"}, b"")]
    line = Line(Limits(lambda: 0), allow_private=True)
    threading.Timer(0.2, line.close).start()
    began = watch.monotonic()
    with pytest.raises(Down, match="stopped"):
        line.call("GET", server.url)
    assert watch.monotonic() - began < 14


def test_a_line_that_is_stopped_calls_no_more(server: Server, line: Line) -> None:
    line.call("GET", server.url)
    line.stop()
    with pytest.raises(Down, match="stopped"):
        line.call("GET", server.url)
    assert len(server.asked) == 1


def test_addresses_are_in_no_log(server: Server, line: Line, caplog: pytest.LogCaptureFixture) -> None:
    line.call("GET", server.url)
    assert "s3cret" not in caplog.text


def test_an_answer_that_repeats_our_key_is_not_repeated(server: Server, line: Line) -> None:
    server.answers = [(400, {}, b"no such key: abcdefgh-the-key, Basic dXNlcjpwYXNz")]
    headers = {"X-Key": "abcdefgh-the-key", "Authorization": "Basic dXNlcjpwYXNz"}
    with pytest.raises(Odd) as refused:
        line.call("GET", server.url, headers=headers)
    assert "no such key: …, " in str(refused.value)
    assert "dXNlcjpwYXNz" not in str(refused.value)

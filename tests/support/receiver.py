"""A web server of somebody else's: keeps what is posted to it, and answers as it is told."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Posted(NamedTuple):
    path: str
    headers: dict[str, str]
    body: bytes
    at: float
    """By the steady clock."""

    @property
    def said(self) -> Any:
        return json.loads(self.body)


class Receiver:
    """What it answers: `status` (or the next of `answers`), `text` and `headers`.

    `drip`: which part of that, "head" or "body", comes as a byte each tenth of a second. `silent`: so many posts get
    no answer at all.
    """

    def __init__(self) -> None:
        self.posted: list[Posted] = []
        self.answers: list[int] = []
        self.status, self.text = 200, "ok"
        self.headers: dict[str, str] = {}
        self.drip = ""
        self.silent = 0
        self.port = 0
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook/the-path-is-secret"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    kept: Receiver


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        kept = self.server.kept
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        kept.posted.append(Posted(self.path, dict(self.headers), body, time.monotonic()))
        try:
            self._answer(kept)
        except OSError:
            return  # whoever asked is gone

    do_GET = do_POST  # noqa: N815

    def _answer(self, kept: Receiver) -> None:
        if kept.silent > 0:
            kept.silent -= 1
            kept.over.wait()
            return
        if kept.drip == "head":
            self._drip(b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 1000)
            return
        self.send_response(kept.answers.pop(0) if kept.answers else kept.status)
        for name, value in kept.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if kept.drip == "body":
            self._drip(b"a" * 1000)
        else:
            self.wfile.write(kept.text.encode())

    def _drip(self, text: bytes) -> None:
        for byte in text:
            if self.server.kept.over.wait(0.1):
                return
            self.wfile.write(bytes([byte]))
            self.wfile.flush()

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def receiver() -> Iterator[Receiver]:
    """The server, at a port of this machine."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.kept = kept = Receiver()
    kept.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        kept.over.set()
        server.shutdown()
        server.server_close()
        thread.join()

"""A vendor's API document as a server: Prism, a program of npm that checks the shape of every request it gets.

Prism has no state and picks an answer by a header. So a server of ours stands in front: it adds that header for the
stage that a test is at, takes the address's first part off, answers what the document lacks, and notes what was said.
"""

import fcntl
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support.ports import free_port

PACKAGE = "@stoplight/prism-cli@5"
_HOP = {"connection", "transfer-encoding", "content-length", "host", "keep-alive", "date", "server"}


class Seen(NamedTuple):
    """A call as it came: `template` is the document's path, "" where it has none; `said` is the answer's body."""

    method: str
    path: str
    query: str
    template: str
    status: int
    body: bytes
    said: bytes


class Prism:
    """`url` is where it listens. `stage`: the example that is answered where a path has one of that name, else
    `default`, else whatever Prism makes of the document. `codes`: the status to answer, by the document's path.
    """

    def __init__(self, document: Mapping[str, Any], port: int, base: str, beside: Mapping[str, Any]) -> None:
        self.url, self.stage, self.base, self.beside, self.port = "", "default", base, beside, port
        self.codes: dict[str, int] = {}
        self.seen: list[Seen] = []
        self._paths = sorted(document["paths"].items(), key=lambda path: path[0].count("{"))

    def refused(self) -> list[Seen]:
        """The calls that Prism found wrong: nobody had asked for another answer than success."""
        return [one for one in self.seen if one.status >= 400 and one.template not in self.codes]

    def template(self, path: str) -> str:
        """The document's path that this one is of."""
        for name, _ in self._paths:
            if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(name)), path):
                return name
        return ""

    def prefer(self, method: str, template: str) -> str:
        """What Prism is asked to answer."""
        if template in self.codes:
            return f"code={self.codes[template]}"
        operation: Mapping[str, Any] = dict(self._paths).get(template, {}).get(method.lower(), {})
        names: set[str] = set()
        for code, answer in operation.get("responses", {}).items():
            if code.startswith("2"):
                for content in answer.get("content", {}).values():
                    names |= set(content.get("examples", {}))
        wanted = self.stage if self.stage in names else "default"
        return f"example={wanted}" if wanted in names else ""


@contextmanager
def prism(document: Path, base: str = "", beside: Mapping[str, Any] | None = None) -> Iterator[Prism]:
    """Serves a document. `base`: the first part of the addresses, which the document's paths lack; `beside`: what is
    answered as JSON at paths that the document has not at all. Skips the test where there is no npm.
    """
    program, port = _program(), free_port()
    mock = Prism(json.loads(document.read_text()), port, base, beside or {})
    with tempfile.TemporaryFile() as log:
        running = subprocess.Popen(
            [program, "mock", "-h", "127.0.0.1", "-p", str(port), document], stdout=log, stderr=log
        )
        try:
            _wait_for(port, running)
            with _front(mock):
                yield mock
        finally:
            running.terminate()
            running.wait()


@cache
def _program() -> Path:
    """Prism, installed once into a folder that all tests of this user on this machine share."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("needs npm to install Prism, and there is none")
    folder = Path(tempfile.gettempdir()) / f"beforehand-prism-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    program = folder / "node_modules/.bin/prism"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "whole").exists():
            command = [
                npm,
                "install",
                "--silent",
                "--no-audit",
                "--no-fund",
                "--prefix",
                str(folder),
                PACKAGE,
            ]
            done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
            if done.returncode:
                pytest.skip(f"Prism cannot be installed by npm here: {done.stderr[-300:]}")
            (folder / "whole").touch()
    return program


def _wait_for(port: int, running: "subprocess.Popen[bytes]", seconds: float = 300) -> None:
    end = time.monotonic() + seconds
    while True:
        assert running.poll() is None, "Prism has ended by itself"
        assert time.monotonic() < end, "Prism does not listen"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    mock: Prism

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        path, _, query = self.path.partition("?")
        mock, status, said, kind = self.mock, 200, b"", "application/json"
        template = mock.template(path.removeprefix(mock.base))
        if path in mock.beside:
            said = json.dumps(mock.beside[path]).encode()
        else:
            target = path.removeprefix(mock.base) + (f"?{query}" if query else "")
            status, said, kind = _asked(mock, self.command, target, self._sent(template), body)
        mock.seen.append(Seen(self.command, path, query, template, status, body, said))
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def _sent(self, template: str) -> dict[str, str]:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
        if wanted := self.mock.prefer(self.command, template):
            headers["Prefer"] = wanted
        return headers

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _pass_on  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Nothing: what came is in `seen`."""


def _asked(
    mock: Prism, method: str, target: str, headers: Mapping[str, str], body: bytes
) -> tuple[int, bytes, str]:
    inside = http.client.HTTPConnection("127.0.0.1", mock.port, timeout=120)
    try:
        inside.request(method, target, body or None, dict(headers))
        answer = inside.getresponse()
        return answer.status, answer.read(), answer.headers.get("content-type", "application/json")
    finally:
        inside.close()


@contextmanager
def _front(mock: Prism) -> Iterator[None]:
    handler = type("Handler", (_Handler,), {"mock": mock})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    mock.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def told(calls: Sequence[Seen]) -> str:
    """Calls in words, for an assertion that fails."""
    return "\n".join(
        f"{one.method} {one.path}?{one.query} -> {one.status} {one.said[:600].decode(errors='replace')}"
        for one in calls
    )

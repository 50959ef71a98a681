"""Webhooks by HTTP: how soon each is answered, and whether every ticket that one named is read.

    .venv/bin/python -m benchmarks.webhooks [--minutes 10] [--rate 2000] [--postgresql]

Starts the program and a worker on an empty database with one connection to a ticket system that runs in this process
and answers at once; both know it by a connector that is this benchmark's alone. `rate` webhooks a minute are sent at
even intervals, whatever the answers take, each naming one of ten thousand tickets, one in ten that of the one before.
Each reading finds something new. Afterwards the worker has two minutes to read what is left.
"""

import argparse
import hmac
import http.client
import json
import os
import queue
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

WATCH = "watch"
SECRET, PATH = "a-secret-that-only-the-benchmark-knows", "w" * 43
TICKETS, SENDERS, WAIT_S = 10_000, 16, 120.0
ROOT = Path(__file__).resolve().parents[1]


class Desk(BaseHTTPRequestHandler):
    """A ticket system: each ticket as it is now, by its id."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        body = json.dumps({"id": self.path.rpartition("/")[2], "at": time.time_ns() // 1_000}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is said of calls."""


def add_connector() -> None:
    """The connector of this benchmark, for this process."""
    from beforehand.connectors.contract import Connector, Forged, Hook, Nudge, Tells, Told, at_creation
    from beforehand.connectors.line import Line
    from beforehand.connectors.registry import register
    from beforehand.connectors.unasked import Unasked
    from beforehand.engine import history as h
    from beforehand.tickets.events import TicketEvent

    class Reader(Unasked):
        def __init__(self, told: Mapping[str, str], line: Line) -> None:
            self._url, self._line = told["url"], line

        def read(self, ids: Sequence[str]) -> Sequence[Told]:
            return [self._told(self._line.json("GET", f"{self._url}/tickets/{one}")) for one in ids]

        def _told(self, said: Mapping[str, Any]) -> Told:
            ticket, born = said["id"], 1_780_000_000_000_000
            events = [TicketEvent(ticket, h.created(born, id="created"))]
            events += [
                at_creation(ticket, born, "client", "Harbour Dental"),
                at_creation(ticket, born, "status", "New"),
            ]
            fields = {"client": "Harbour Dental", "status": "New", "subject": f"seen at {said['at']}"}
            return Told(ticket, said["at"], fields, events, frozenset({"client", "status"}))

    def hear(told: Mapping[str, str], hook: Hook) -> Nudge:
        right = hmac.new(told["hook_secret"].encode(), hook.body, "sha256").hexdigest()
        if not hmac.compare_digest(right, hook.headers.get("x-signature", "")):
            raise Forged
        return Nudge([json.loads(hook.body)["ticket"]])

    register(Connector("bench", "Bench", (), Tells(1_000_000), Reader, lambda n: n, hear))


def serve(words: Sequence[str]) -> None:
    """The program, with that connector: `python -m benchmarks.webhooks --as serve ...`."""
    from beforehand.config import start

    start.start()
    add_connector()
    if list(words) == [WATCH]:
        watch()
        return
    from beforehand.cli import app

    app(list(words))


def watch() -> None:
    """All that is due, in this process: one that it would start beside itself does not know that connector."""
    from beforehand.config import workers

    ending = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    with workers.in_thread(lambda: datetime.now(UTC)):
        ending.wait()


def connect(url: str) -> None:
    """The database, with a provider and the connection."""
    from beforehand.config import start

    start.open_database()
    from django.conf import settings

    from beforehand.connectors.models import Connection
    from beforehand.kernel.secrets import seal
    from beforehand.people.models import Provider
    from beforehand.tickets.models import Source

    now = datetime.now(UTC)
    provider = Provider.objects.get()
    source = Source.objects.create(provider=provider, slug="desk", name="Desk", precision=1_000_000)
    Connection.objects.create(
        provider=provider, source=source, connector="bench", settings={"url": url}, allow_private=True, path=PATH,
        hook_secret=seal(SECRET, settings.SECRET_KEY), cursor="begun", looked=now, back_done=now, set_up_read=now,
        since=now, made=now, interval=3600, proved=now.date(),
    )  # fmt: skip


class Sender:
    """Sends at even intervals over connections that stay open; what came of each, by its number."""

    def __init__(self, port: int, rate: int, minutes: float) -> None:
        self.port, self.gap, self.count = port, 60 / rate, int(rate * minutes)
        self.waits: list[float] = []
        self.refused = 0
        self.named: set[str] = set()
        self._due: queue.SimpleQueue[tuple[float, str] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()

    def run(self) -> None:
        """All of them."""
        chance = random.Random(5)
        threads = [threading.Thread(target=self._send) for _ in range(SENDERS)]
        for thread in threads:
            thread.start()
        began, last = time.monotonic(), "0"
        for number in range(self.count):
            last = last if number % 10 == 9 else str(chance.randrange(TICKETS))
            at = began + number * self.gap
            time.sleep(max(0.0, at - time.monotonic()))
            self._due.put((at, last))
        for _ in threads:
            self._due.put(None)
        for thread in threads:
            thread.join()

    def _send(self) -> None:
        to = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        to.connect()
        to.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while (due := self._due.get()) is not None:
            body = json.dumps({"ticket": due[1]}).encode()
            signed = {"X-Signature": hmac.new(SECRET.encode(), body, "sha256").hexdigest()}
            to.request("POST", f"/hooks/{PATH}", body, signed)
            answer = to.getresponse()
            answer.read()
            with self._lock:
                # From when it was to be sent: a sender that waits for an answer hides nothing.
                self.waits.append(time.monotonic() - due[0])
                self.refused += answer.status != 200
                self.named.add(due[1])
        to.close()


@contextmanager
def desk() -> Iterator[str]:
    """The ticket system's address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


@contextmanager
def program(*words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A part of the program, until it is no longer needed."""
    command = [sys.executable, "-m", "benchmarks.webhooks", "--as", *words]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        yield running
    finally:
        running.terminate()
        running.wait()


def measure(asked: argparse.Namespace, stack: ExitStack) -> None:
    """One round."""
    command = [sys.executable, "-m", "beforehand", "agreements", "load", str(ROOT / "examples" / "msp.yaml")]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    connect(stack.enter_context(desk()))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    stack.enter_context(program("serve", "--port", str(port), "--workers", "0"))
    stack.enter_context(program(WATCH))
    while True:
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    time.sleep(3)
    sender = Sender(port, asked.rate, asked.minutes)
    sender.run()
    tell(sender, *left(sender))


def left(sender: Sender) -> tuple[float, int, int]:
    """Seconds until all was read, how many nudges are left, and how many tickets are not there."""
    from beforehand.connectors.models import Nudged
    from beforehand.tickets.models import Ticket

    began = time.monotonic()
    while (waiting := Nudged.objects.count()) and time.monotonic() - began < WAIT_S:
        time.sleep(0.2)
    there = set(Ticket.objects.values_list("external_id", flat=True))
    return time.monotonic() - began, waiting, len(sender.named - there)


def tell(sender: Sender, seconds: float, waiting: int, missing: int) -> None:
    """The figures."""
    waits = sorted(sender.waits)
    middle, high = (waits[int(len(waits) * part)] * 1000 for part in (0.5, 0.99))
    print(
        f"{len(waits):,} webhooks, {sender.refused} not answered with 200; tickets named {len(sender.named):,}"
    )
    print(f"an answer takes {middle:.1f} ms, one in 100 {high:.1f} ms, the longest {waits[-1] * 1000:.0f} ms")
    print(f"all read {seconds:.1f} s after the last; nudges left {waiting}, tickets missing {missing}")
    assert [sender.refused, waiting, missing] == [0, 0, 0]


def main() -> None:
    """Fill, send, measure."""
    if sys.argv[1:2] == ["--as"]:
        serve(sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rate", type=int, default=2_000)
    parser.add_argument("--postgresql", action="store_true")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="beforehand-webhooks-"))
        os.environ["BEFOREHAND_DATA"] = folder
        if asked.postgresql:
            from tests.support import postgres

            programs = postgres.installed_bin() or postgres.embedded_bin()
            assert programs is not None
            os.environ["DATABASE_URL"] = stack.enter_context(postgres.server(programs))
        measure(asked, stack)


if __name__ == "__main__":
    main()

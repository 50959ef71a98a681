"""A backfill of Request Tracker: tickets a second with clocks, beside RT's own speed; and how soon a change is here.

    .venv/bin/python -m benchmarks.backfill_rt [--tickets 10000] [--changes 20] [--apart]

Needs Debian's request-tracker5 (tests/support/tracker.py). A hundred lives are made over RT's API under a clock of
their own, and copied in its database. The plain limit is the same calls once more, their answers thrown away. A change
is told by the scrip of docs/guide/source-rt.md to a receiver here, which writes the nudge down as the program's own
does; a worker of its own reads the ticket.
"""

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.support import tracker as trackers
from tests.support import tracker_lives as lives
from tests.support.tracker import Tracker
from tests.support.tracker_lives import BEGIN, LIVES

ROOT = Path(__file__).resolve().parents[1]


def connect(rt: Tracker) -> Any:
    """A provider with terms for its client, and the connection."""
    from beforehand.config import start

    start.open_database()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from tests.tickets.conftest import make_provider

    at = lives.connect(make_provider("northwind"), rt.url, rt.tokens["beforehand"])
    at.since = BEGIN - timedelta(days=30)
    at.save()
    return at


def backfill(at: Any) -> tuple[float, float, list[tuple[str, str, Any]]]:
    """Wall and CPU seconds of all of the past, and the calls that it took."""
    from beforehand.connectors.line import Line
    from beforehand.connectors.sync import pull
    from beforehand.kernel.due.handlers import Going

    calls: list[tuple[str, str, Any]] = []
    once = Line._once  # noqa: SLF001

    def noted(line: Line, method: str, url: str, **more: Any) -> Any:
        calls.append((method, url, more))
        return once(line, method, url, **more)

    Line._once = noted  # type: ignore[method-assign]  # noqa: SLF001
    began, spent = time.monotonic(), time.process_time()
    while at.back_done is None:
        at.turn += 1
        at.save(update_fields=["turn"])
        came = pull(at, Going(lambda: datetime.now(UTC), lambda: True))
        assert not came.trouble, came.trouble
    Line._once = once  # type: ignore[method-assign]  # noqa: SLF001
    return time.monotonic() - began, time.process_time() - spent, calls


def replay(calls: list[tuple[str, str, Any]]) -> float:
    """Seconds of the same calls, two at a time as we make them, their answers thrown away."""
    import httpx

    def call(one: tuple[str, str, Any]) -> None:
        method, url, more = one
        client.request(method, url, headers=more["headers"], params=more["params"], json=more["json"])

    began = time.monotonic()
    with httpx.Client(timeout=60) as client, ThreadPoolExecutor(2) as pool:
        list(pool.map(call, calls))
    return time.monotonic() - began


def nudges(rt: Tracker, at: Any, changes: int) -> list[float]:
    """Seconds from the end of a call that changed a ticket to its event here."""
    from beforehand.connectors.contract import Hook
    from beforehand.connectors.models import Nudged
    from beforehand.connectors.rt.hooks import hear
    from beforehand.connectors.sync import ask
    from beforehand.tickets.models import Event

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook = Hook({name.lower(): value for name, value in self.headers.items()}, body, {})
            for ticket in hear({"hook_secret": "s3cret"}, hook).tickets:
                Nudged.objects.get_or_create(
                    provider=at.provider,
                    connection=at,
                    external_id=ticket,
                    defaults={"at": datetime.now(UTC)},
                )
            ask(at, datetime.now(UTC))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    code = re.findall(r"```perl\n(.*?)```", (ROOT / "docs" / "guide" / "source-rt.md").read_text(), re.S)[0]
    rt.scrip(code, f"http://127.0.0.1:{server.server_address[1]}/", "s3cret")
    rt.stop()
    rt.start()
    ask(at, datetime.now(UTC))
    worker = subprocess.Popen([sys.executable, "-m", "beforehand", "worker"], cwd=ROOT)
    waits = []
    try:
        time.sleep(15)  # until it has read what there was, and waits
        for number in range(changes):
            mark = f"mark {number}"
            rt.put("1", Subject=mark)
            began = time.monotonic()
            while not Event.objects.filter(field="subject", value=mark).exists():
                assert time.monotonic() - began < 60
                time.sleep(0.01)
            waits.append(time.monotonic() - began)
            time.sleep(0.5)
    finally:
        worker.terminate()
        worker.wait()
        server.shutdown()
    return sorted(waits)


@contextmanager
def settled(made: Tracker, apart: bool) -> Iterator[Tracker]:
    """RT, on a core of its own where that is asked for, as it is on a machine of its own."""
    if not apart:
        with made as rt:
            yield rt
        return
    ours, its = sorted(os.sched_getaffinity(0))[:2]
    os.sched_setaffinity(0, {its})
    with made as rt:
        os.sched_setaffinity(0, {ours})
        yield rt


def main() -> None:
    """Everything, and a table."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--tickets", type=int, default=10_000)
    asked.add_argument("--changes", type=int, default=20)
    asked.add_argument("--apart", action="store_true", help="a core for RT, another for us (Linux)")
    options = asked.parse_args()
    assert not trackers.missing(), trackers.missing()
    with tempfile.TemporaryDirectory(prefix="beforehand-benchmark-") as folder:
        os.environ["BEFOREHAND_DATA"] = str(Path(folder) / "data")
        made = Tracker(Path(folder) / "rt")
        made.make()
        with made:
            lives.live(made, random.Random(1))
        lives.copy(made, options.tickets // LIVES)
        made.fake = False
        with settled(made, options.apart) as rt:
            at = connect(rt)
            wall, cpu, calls = backfill(at)
            plain = replay(calls)
            report(options.tickets, wall, cpu, plain, len(calls))
            if options.changes:
                waits = nudges(rt, at, options.changes)
                print(
                    f"from a change to the ticket: median {waits[len(waits) // 2]:.2f} s, most {waits[-1]:.2f} s"
                )


def report(tickets: int, wall: float, cpu: float, plain: float, calls: int) -> None:
    """What the backfill came to."""
    from beforehand.tickets.models import Clock, Event, Ticket

    here = Ticket.objects.filter(created__isnull=False).count()
    assert here == tickets, here
    print(f"{here} tickets, {Event.objects.count()} events, {Clock.objects.count()} clocks, {calls} calls")
    print(f"backfill: {wall:.1f} s, {tickets / wall:.0f} tickets/s, {cpu:.1f} CPU s of it ours")
    print(f"the same calls, thrown away: {plain:.1f} s, {tickets / plain:.0f} tickets/s")


if __name__ == "__main__":
    main()

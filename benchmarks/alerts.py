"""From the instant of a threshold to the message handed to a mail server, under load.

    .venv/bin/python -m benchmarks.alerts [--clocks 100000] [--rate 50] [--events 100] [--seconds 600] [--postgresql]
    .venv/bin/python -m benchmarks.alerts --burst 5000 [--postgresql]
    .venv/bin/python -m benchmarks.alerts --idle 1000000 [--postgresql]

Fills a database with so many tickets whose clocks run, of which `rate` a second reach an urgent step in the time
measured, or `burst` in the same second; `beforehand worker` (two of them on PostgreSQL) watches, while another process
tells `events` a second. A mail server on this machine notes when each message has come. `idle`: a worker's share of a
core over a minute, with so many due rows of which none is due, as so many tickets with running clocks have.
"""

import argparse
import asyncio
import logging
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PEOPLE = 40
NUMBER = re.compile(rb"^Subject:.*\(#N(\d+)\)", re.MULTILINE)
A_LOOK = 0.004
"""Seconds that the first look at a ticket may take, as after an import: the thresholds come when all have had it."""
LEAD = 20.0
"""Seconds between the end of filling and the first threshold."""


def main() -> None:
    """Fill, watch, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clocks", type=int, default=100_000)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--events", type=float, default=100)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--burst", type=int, default=0)
    parser.add_argument("--idle", type=int, default=0)
    parser.add_argument("--tell", default="", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.tell:
        tell(asked)
        return
    if asked.burst:
        # So that all there is to fill is due in the same second, with nothing else to do.
        asked.rate, asked.seconds, asked.clocks, asked.events = asked.burst, 1, asked.burst, 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="beforehand-alerts-")))
        os.environ["BEFOREHAND_DATA"] = str(folder)
        if asked.postgresql:
            from tests.support import postgres

            programs = postgres.installed_bin() or postgres.embedded_bin()
            assert programs is not None
            os.environ["DATABASE_URL"] = stack.enter_context(postgres.server(programs))
        came = stack.enter_context(mail_server())
        if asked.idle:
            idle(asked)
        else:
            watch(asked, fill(asked), came)


@contextmanager
def mail_server() -> Iterator[dict[int, float]]:
    """A server in this process; when the first message about each ticket came."""
    from aiosmtpd.controller import Controller

    came: dict[int, float] = {}

    class Sink:
        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
            found = NUMBER.search(envelope.content)
            if found:
                came.setdefault(int(found[1]), time.time())
            await asyncio.sleep(0)
            return "250 kept"

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    controller = Controller(Sink(), hostname="127.0.0.1", port=port)
    controller.start()
    os.environ["BEFOREHAND_MAIL"] = f"smtp://127.0.0.1:{port}"
    try:
        yield came
    finally:
        controller.stop()


def fill(asked: argparse.Namespace) -> dict[int, float]:
    """The database; the instants at which tickets reach their first step, by number, in seconds since the epoch."""
    from beforehand.config import start

    start.open_database()
    from beforehand.engine.instants import to_instant
    from beforehand.tickets.ledger import append

    source = _set_up(datetime.now(UTC))
    stepping = int(asked.rate * asked.seconds)
    began = time.monotonic()
    # How long filling takes is not known before; it is measured on the first part.
    others = range(stepping, max(asked.clocks, stepping))
    for first in range(0, len(others), 2000):
        some = others[first : first + 2000]
        at = to_instant(datetime.now(UTC)) - 60_000_000
        append(source, [e for n in some for e in _life(n, at, "P4")], datetime.now(UTC), at_once=500)
    each = (time.monotonic() - began) / max(len(others), 1) if others else 0.002
    starts = time.time() + stepping * max(each, 0.0005) * 1.5 + max(asked.clocks, stepping) * A_LOOK + LEAD
    due = {n: starts + (0 if asked.burst else n / asked.rate) for n in range(stepping)}
    for first in range(0, stepping, 2000):
        told = []
        for n in range(first, min(first + 2000, stepping)):
            told += _life(n, int((due[n] - 1800) * 1_000_000), "P1")
        append(source, told, datetime.now(UTC), at_once=500)
    print(f"{max(asked.clocks, stepping):,} tickets filled; the first step in {starts - time.time():.0f} s")
    return due


def idle(asked: argparse.Namespace) -> None:
    """A worker's share of a core, with rows that are due tomorrow."""
    from beforehand.config import start

    start.open_database()
    from beforehand.engine.instants import to_instant
    from beforehand.kernel.fields import from_micros
    from beforehand.kernel.models import Due
    from beforehand.tickets.watching import TICKET

    source = _set_up(datetime.now(UTC))
    tomorrow = to_instant(datetime.now(UTC)) + 86_400_000_000
    for first in range(0, asked.idle, 10_000):
        Due.objects.bulk_create(
            Due(provider_id=source.provider_id, kind=TICKET, key=key, due_at=from_micros(tomorrow + key))
            for key in range(first, min(first + 10_000, asked.idle))
        )
    worker = subprocess.Popen([sys.executable, "-m", "beforehand", "worker"])
    try:
        time.sleep(30)  # until both of its processes have started
        before, began = _used(worker.pid), time.monotonic()
        time.sleep(60)
        share = (_used(worker.pid) - before) / (time.monotonic() - began)
    finally:
        worker.terminate()
        worker.wait()
    print(f"{asked.idle:,} due rows, none due: {share:.2%} of a core")


def _used(pid: int) -> float:
    """Seconds of processor time of a process and those it has started."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(stat.parent.name) == pid or int(fields[1]) == pid:
            total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def _set_up(now: datetime) -> Any:
    from tests.tickets.conftest import make_provider

    from beforehand.alerts.models import Switch
    from beforehand.people.models import Technician
    from beforehand.promises.models import Client, Coverage
    from beforehand.promises.revisions import renew
    from beforehand.tickets.models import Source

    provider = make_provider("northwind")
    week = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    Coverage.objects.filter(name="Office").update(hours={day: [["00:00", "24:00"]] for day in week})
    renew("default")
    source = Source.objects.create(provider=provider, slug="psa", name="PSA")
    for number in range(PEOPLE):
        email = f"t{number}@northwind.test"
        Technician.objects.create(provider=provider, name=f"Tech {number}", email=email)
    keys = [("source", str(source.pk)), ("ladder", "Default for the first priority")]
    keys += [("client", str(pk)) for pk in Client.objects.values_list("pk", flat=True)]
    for kind, key in keys:
        Switch.objects.create(provider=provider, kind=kind, key=key, since=now)
    return source


def _life(number: int, at: int, priority: str) -> list[Any]:
    from beforehand.engine import history as h
    from beforehand.tickets.events import TicketEvent

    fields = {"client": "Contoso", "priority": priority, "subject": "Mail is down", "number": f"N{number}"}
    events = [h.created(at), *(h.changed(at, *field) for field in fields.items()), h.status(at, "New")]
    events.append(h.assigned(at, f"Tech {number % PEOPLE}"))
    return [TicketEvent(f"N{number}", event._replace(id=f"e{n}", seq=n)) for n, event in enumerate(events)]


def tell(asked: argparse.Namespace) -> None:
    """Events on the tickets that reach no step, one after the other at the rate, until killed."""
    from beforehand.config import start

    start.start()
    from beforehand.engine import history as h
    from beforehand.engine.instants import to_instant
    from beforehand.tickets.events import TicketEvent
    from beforehand.tickets.ledger import append
    from beforehand.tickets.models import Source

    source = Source.objects.select_related("provider").get()
    first = int(asked.rate * asked.seconds)
    began, count, size = time.monotonic(), 0, max(int(asked.events / 10), 1)
    while True:
        now = datetime.now(UTC)
        at = to_instant(now)
        some = range(count, count + size)
        told = [
            TicketEvent(f"N{first + n % max(asked.clocks - first, 1)}", h.message(at, 0, id=f"note-{n}"))
            for n in some
        ]
        append(source, told, now, at_once=size)
        count += size
        time.sleep(max(0.0, began + count / asked.events - time.monotonic()))


def watch(asked: argparse.Namespace, due: dict[int, float], came: dict[int, float]) -> None:
    """Workers and events, until everything has come or two minutes after the last is due."""
    worker = [sys.executable, "-m", "beforehand", "worker"]
    teller = [sys.executable, "-m", "benchmarks.alerts", "--tell", "yes", "--rate", str(asked.rate)]
    teller += ["--events", str(asked.events), "--seconds", str(asked.seconds), "--clocks", str(asked.clocks)]
    workers = [subprocess.Popen(worker) for _ in range(2 if asked.postgresql else 1)]  # noqa: S603
    first, last = min(due.values()), max(due.values())
    try:
        # The tickets that were filled in are looked at first, as after an import.
        time.sleep(max(0.0, first - time.time() - 5))
        others = [] if asked.events <= 0 else [subprocess.Popen(teller)]  # noqa: S603
        while time.time() < last + 120 and len(came) < len(due):
            time.sleep(0.5)
        for other in others:
            other.kill()
    finally:
        for one in workers:
            one.terminate()
            one.wait()
    waits = sorted(came[n] - at for n, at in due.items() if n in came)
    print(f"{len(waits):,} of {len(due):,} came")
    if waits:
        middle, high = waits[len(waits) // 2], waits[int(len(waits) * 0.99)]
        print(
            f"from threshold to mail server: median {middle:.2f} s, 99th {high:.2f} s, most {waits[-1]:.2f} s"
        )
        minutes: dict[int, list[float]] = {}
        for n, at in due.items():
            if n in came:
                minutes.setdefault(int((at - first) // 60), []).append(came[n] - at)
        highest = (f"{sorted(some)[int(len(some) * 0.99)]:.1f}" for _, some in sorted(minutes.items()))
        print(f"99th of each minute: {', '.join(highest)} s")
    from beforehand.alerts.models import Audit

    for row in Audit.objects.order_by("at"):
        began = row.at.timestamp() - first
        print(
            f"a second check began at {began:.0f} s and took {row.took / 1000:.0f} s: {row.differences} differences"
        )


if __name__ == "__main__":
    main()

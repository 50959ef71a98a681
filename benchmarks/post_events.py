"""Events by HTTP: how many a second one server keeps, each answered only once it is on the disk.

    .venv/bin/python -m benchmarks.post_events [--seconds 10]

Starts the program on an empty SQLite database with the agreements of examples/msp.yaml, and tells it the lives of
tickets over four connections of a process each: one event a request, then a hundred. What was answered as taken is
counted in the database afterwards. The plain limit beside it is a bare loop of inserts of the same event, each synced.
"""

import argparse
import http.client
import json
import multiprocessing
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONNECTIONS = 4
BEGIN = datetime(2026, 11, 2, 9, tzinfo=UTC)


def lives(connection: int) -> Iterator[dict[str, str]]:
    """Events of ticket after ticket, six tickets open at a time."""
    number = 0
    while True:
        tickets = [f"{connection}-{number + n}" for n in range(6)]
        number += 6
        at = BEGIN + timedelta(minutes=number % 9000)
        for step, (kind, more) in enumerate(
            (
                ("created", {}),
                ("changed", {"field": "client", "value": "Harbour Dental"}),
                ("changed", {"field": "priority", "value": f"P{number % 4 + 1}"}),
                ("status", {"value": "New"}),
                ("assigned", {"value": "Ada Ferrant"}),
                ("message", {"person": "Ada Ferrant"}),
                ("status", {"value": "Waiting on client"}),
                ("client-message", {}),
                ("status", {"value": "In progress"}),
                ("status", {"value": "Resolved"}),
            )
        ):
            for ticket in tickets:
                when = (at + timedelta(minutes=7 * step)).isoformat()
                yield {"ticket": ticket, "id": f"{step}", "at": when, "kind": kind, **more}


def tell(
    port: int, token: str, connection: int, size: int, until: float, came: "multiprocessing.Queue"
) -> None:  # type: ignore[type-arg]
    """Post until the time is up; puts the events taken and the seconds of each request."""
    http_to = http.client.HTTPConnection("127.0.0.1", port)
    events = lives(connection)
    taken, waits = 0, []
    while time.monotonic() < until:
        body = json.dumps([next(events) for _ in range(size)] if size > 1 else next(events))
        began = time.monotonic()
        http_to.request("POST", "/api/events", body, {"Authorization": f"Bearer {token}"})
        answer = json.loads(http_to.getresponse().read())
        waits.append(time.monotonic() - began)
        taken += answer["taken"]
    came.put((taken, waits))


def bare(folder: Path, seconds: float) -> float:
    """Commits a second of one insert each, synced, with nothing around them."""
    database = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE event (id INTEGER PRIMARY KEY, ticket TEXT, told TEXT)")
    events, done, until = lives(0), 0, time.monotonic() + seconds
    while time.monotonic() < until:
        event = next(events)
        database.execute(
            "INSERT INTO event (ticket, told) VALUES (?, ?)", (event["ticket"], json.dumps(event))
        )
        done += 1
    return done / seconds


def measure(port: int, token: str, size: int, seconds: float, first: int) -> int:
    """One round with so many events a request; prints it, and gives the events that were answered as taken."""
    came: multiprocessing.Queue = multiprocessing.Queue()  # type: ignore[type-arg]
    until = time.monotonic() + seconds
    tellers = [
        multiprocessing.Process(target=tell, args=(port, token, first + n, size, until, came))
        for n in range(CONNECTIONS)
    ]
    for teller in tellers:
        teller.start()
    each = [came.get() for _ in tellers]
    for teller in tellers:
        teller.join()
    taken = sum(one for one, _ in each)
    waits = sorted(wait for _, some in each for wait in some)
    p50, p99 = waits[len(waits) // 2] * 1000, waits[int(len(waits) * 0.99)] * 1000
    rate = taken / seconds
    print(
        f"{size:>4} a request: {rate:>7,.0f} events/s; a request takes {p50:.1f} ms, one in 100 {p99:.1f} ms"
    )
    return taken


def main() -> None:
    """Both rounds and the plain limit."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=10)
    seconds = options.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        environment = {**os.environ, "BEFOREHAND_DATA": folder}
        program = [sys.executable, "-m", "beforehand"]

        def run(*words: str) -> str:
            done = subprocess.run(  # noqa: S603
                [*program, *words], env=environment, stdout=subprocess.PIPE, text=True, check=True
            )
            return done.stdout.strip()

        run("agreements", "load", str(ROOT / "examples" / "msp.yaml"))
        token = run("token", "add", "Benchmark", "--scope", "events:write", "--source", "benchmark")
        server = subprocess.Popen(  # noqa: S603
            [*program, "serve", "--port", str(port)], env=environment, stdout=subprocess.PIPE
        )
        try:
            for _ in range(200):
                with socket.socket() as knock:
                    if knock.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            print(f"bare synced inserts: {bare(Path(folder), seconds / 2):>7,.0f} a second")
            taken = measure(port, token, 1, seconds, 0) + measure(port, token, 100, seconds, CONNECTIONS)
        finally:
            server.terminate()
            server.wait()
        with sqlite3.connect(Path(folder) / "beforehand.sqlite3") as database:
            (kept,) = database.execute("SELECT count(*) FROM tickets_event").fetchone()
        print(f"answered as taken {taken:,}, in the database {kept:,}")
        assert kept >= taken


if __name__ == "__main__":
    main()

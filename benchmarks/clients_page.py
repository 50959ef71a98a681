"""The clients page over two years of 500 clients, while events come in.

    .venv/bin/python -m benchmarks.clients_page [--tickets 1000000] [--postgresql] [--keep FOLDER] [--seconds 30]

Fills a database with so many tickets, one in a hundred of them open, reads their clocks, and starts the program; then
asks for the page over HTTP, signed in, one time after the other, first in peace and then while 50 events a second are
told through POST /api/events. Beside it, the same figures grouped from the clocks themselves.
"""

import argparse
import http.client
import os
import statistics
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from .board import place
from .boards import Teller, run, serving

OPEN, RATE = 100, 50


def main() -> None:
    """Fill, serve, ask, and a table."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--tickets", type=int, default=1_000_000)
    asked.add_argument("--seconds", type=int, default=30)
    asked.add_argument("--postgresql", action="store_true")
    asked.add_argument("--keep", type=Path)
    options = asked.parse_args()
    with ExitStack() as stack:
        os.environ.update(place(stack, options, options.tickets))
        session = prepare(options.tickets)
        name = f"benchmark-{int(time.time())}"  # a source of its own each time, where the database is kept
        token = run("token", "add", name, "--scope", "events:write", "--source", name)
        with serving() as (port, _):
            print("| | median, ms | 95 of 100, ms |\n|---|---|---|")
            tell("in peace", ask(port, session, options.seconds))
            teller = Teller(port, token)
            teller.open_tickets(200)
            telling = threading.Thread(target=teller.tell, args=(options.seconds, RATE))
            telling.start()
            tell(f"with {RATE} events a second", ask(port, session, options.seconds))
            telling.join()


def prepare(tickets: int) -> str:
    """The database filled, and the cookie of a session in it; the figures grouped afresh are timed on the way."""
    from beforehand.config import start

    start.open_database()
    from django.conf import settings
    from django.db import connection

    settings.ALLOWED_HOSTS = ["testserver"]
    from .board import signed_in

    browser = signed_in(tickets // OPEN, OPEN - 1)
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.client_id, c.metric, c.verdict, COUNT(*) FROM tickets_clock c"
            " JOIN tickets_ticket t ON t.id = c.ticket_id WHERE c.verdict IN (1, 2)"
            " GROUP BY t.client_id, c.metric, c.verdict"
        )
        groups = len(cursor.fetchall())
    print(f"{connection.vendor}: {groups:,} groups from the clocks: {time.perf_counter() - began:.1f} s")
    connection.close()
    return f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"


def ask(port: int, session: str, seconds: float) -> list[float]:
    """How long the page took each time, in ms, from asking to its last byte."""
    caller = http.client.HTTPConnection("127.0.0.1", port)
    times: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        began = time.perf_counter()
        caller.request("GET", "/clients/", headers={"Cookie": session})
        answer = caller.getresponse()
        assert answer.status == 200, answer.status
        assert b"All 500 clients" in answer.read()
        times.append((time.perf_counter() - began) * 1_000)
    return times[3:]


def tell(what: str, times: list[float]) -> None:
    """A line of the table."""
    print(
        f"| {what}, {len(times)} times | {statistics.median(times):.0f} | {sorted(times)[int(len(times) * 0.95)]:.0f} |"
    )


if __name__ == "__main__":
    main()

"""The board over very many tickets: how long a page takes, and how that grows with their number.

    .venv/bin/python -m benchmarks.board [--open 100000] [--postgresql] [--keep FOLDER] [--plans]

Fills a database with so many open and ten times as many closed tickets of 500 clients and 200 technicians, and another
with a tenth of that; reads their clocks with the engine; then asks for pages through the whole of Django, signed in.
With `--keep` a database on SQLite stays in that folder and is used again, while what it says of now is still true.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .reread import copy_in, say

if TYPE_CHECKING:
    from django.test import Client

CLIENTS, TECHNICIANS, CLOSED = 500, 200, 10
MINUTE = 60_000_000
TEAMS = ("Desk", "Field", "Network", "Projects", "Second line", "Security", "Servers", "Telephony")
PRIORITIES = ("P1", "P2", "P3", "P4")
THINGS = ("Printer", "Laptop", "VPN", "Mailbox", "Phone", "Backup", "Licence", "Scanner", "Router", "Account")
TROUBLES = ("stuck", "slow", "offline", "locked", "full", "missing", "broken", "blocked", "noisy", "expired")
PLACES = ("in Accounts", "on the 2nd floor", "at home", "in Łódź", "at reception", "in the warehouse")
CASES = {
    "first page": "",
    "client": "client={client}",
    "team": "team=Network",
    "priority": "priority=P1",
    "assignee": "assignee=Tech+17",
    "unassigned": "assignee=-",
    "metric": "metric=response",
    "late": "state=late",
    "paused": "state=paused",
    "team, priority and assignee": "team=Network&priority=P1&assignee=Tech+17",
    "by ticket": "sort=ticket",
    "by client": "sort=client",
    "by priority, down": "sort=-priority",
    "by promise": "sort=promise",
    "by assignee": "sort=who",
    "latest first": "sort=-due",
    "last page": "page=1000000",
    "text: two words": "q=printer+stuck",
    "text: a number": "q=T100234",
    "text: nothing": "q=nowhere",
}


def main() -> None:
    """Both sizes, each in a process of its own, and a table."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--open", type=int, default=100_000)
    asked.add_argument("--postgresql", action="store_true")
    asked.add_argument("--keep", type=Path)
    asked.add_argument("--plans", action="store_true", help="show the query plans of the first page")
    asked.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.one:
        measure(options.open, options.plans)
        return
    for tickets in (options.open // 10, options.open):
        with ExitStack() as stack:
            environment = {**os.environ, **place(stack, options, tickets)}
            command = [sys.executable, "-m", "benchmarks.board", "--one", "--open", str(tickets)]
            command += ["--plans"] if options.plans else []
            subprocess.run(command, env=environment, check=True)  # noqa: S603


def place(stack: ExitStack, options: argparse.Namespace, tickets: int) -> dict[str, str]:
    """Where the database lies, as the environment says it."""
    if options.keep and not options.postgresql:
        folder = options.keep / str(tickets)
        folder.mkdir(parents=True, exist_ok=True)
        return {"BEFOREHAND_DATA": str(folder.resolve())}
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="beforehand-benchmark-")))
    if not options.postgresql:
        return {"BEFOREHAND_DATA": str(folder)}
    from tests.support import postgres

    programs = postgres.installed_bin() or postgres.embedded_bin()
    assert programs is not None, "no PostgreSQL is installed and the wheel has none for this machine"
    return {
        "BEFOREHAND_DATA": str(folder),
        "DATABASE_URL": stack.enter_context(postgres.server(programs)),
    }


def measure(tickets: int, plans: bool) -> None:
    """One size on the database that the environment names."""
    from beforehand.config import start

    start.open_database()
    from django.conf import settings
    from django.db import connection

    from beforehand.tickets.models import Clock

    settings.ALLOWED_HOSTS = ["testserver"]
    browser = signed_in(tickets)
    clocks = Clock.objects.exclude(run=4).count()
    print(
        f"\n{connection.vendor}: {tickets:,} open tickets with {clocks:,} open clocks, {tickets * CLOSED:,} closed"
    )
    chosen = Clock.objects.exclude(run=4).values_list("ticket__client", flat=True)[0]
    print(f"| {'page':28} | median, ms | 95 of 100, ms | KB |\n|---|---|---|---|")
    for name, address in CASES.items():
        times, size = asked_for(browser, "/?" + address.format(client=chosen))
        median, late = statistics.median(times), sorted(times)[int(len(times) * 0.95)]
        print(f"| {name:28} | {median:10.0f} | {late:13.0f} | {size / 1000:.0f} |", flush=True)
    if plans:
        explain(browser)


def asked_for(browser: "Client", address: str) -> tuple[list[float], int]:
    """How long the page took each time, in ms, after once for nothing; and its length in bytes."""
    size = len(browser.get(address).content)
    times: list[float] = []
    while (len(times) < 20 and sum(times) < 8_000) or len(times) < 3:
        began = time.perf_counter()
        answer = browser.get(address)
        times.append((time.perf_counter() - began) * 1_000)
        assert answer.status_code == 200, answer.status_code
    return times, size


def explain(browser: "Client") -> None:
    """The statements of the first page, each with its time and how the database goes about it."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    how = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ANALYZE "
    with CaptureQueriesContext(connection) as asked:
        browser.get("/")
    for query in asked.captured_queries:
        print(f"\n{query['time']} s: {query['sql'][:1500]}")
        if query["sql"].startswith("SELECT"):
            with connection.cursor() as cursor:
                cursor.execute(how + query["sql"].replace("%", "%%"))
                for row in cursor.fetchall():
                    print("    ", row[-1])


def signed_in(tickets: int, closed: int = CLOSED) -> "Client":
    """A browser in which a user of the provider is signed in; the tickets are made where there are none.

    `closed`: how many closed tickets there are for each open one.
    """
    from django.db import connection
    from django.test import Client

    from beforehand.people.models import Provider, User
    from beforehand.tickets.rereading import reread_all

    if not Provider.objects.exists():
        began = time.perf_counter()
        provider = promise()
        fill(provider.pk, tickets, closed)
        say(connection.vendor, f"filled {tickets * (1 + closed):,} tickets", began)
        began = time.perf_counter()
        reread_all(provider, cores=os.cpu_count() or 1)
        say(connection.vendor, "read their clocks", began)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        User.objects.create_user("bench", provider=provider)
    browser = Client()
    browser.force_login(User.objects.get(username="bench"))
    return browser


def promise() -> Any:
    """A provider with 500 clients, each with an agreement on the same plan."""
    from beforehand.promises import models as promises
    from beforehand.tickets.models import Source

    from .reread import set_up

    provider: Any = set_up()
    plan = promises.Plan.objects.get()
    promises.Target.objects.filter(metric="resolution", line__priority="").update(amount=120 * 60 * MINUTE)
    for number in range(1, CLIENTS):
        name = client_name(number)
        client = promises.Client.objects.create(provider=provider, name=name, zone="Europe/London")
        promises.ClientKey.objects.create(
            provider=provider, client=client, kind="name", text=name, folded=name.casefold()
        )
        agreement = promises.Agreement.objects.create(provider=provider, client=client, name="Support")
        promises.Version.objects.create(
            provider=provider, agreement=agreement, since=date(2020, 1, 1), plan=plan
        )
    assert Source.objects.exists()
    return provider


def client_name(number: int) -> str:
    """The name of a client; the first is the one of benchmarks/reread.py."""
    return f"Client {number:03} Ltd" if number else "Contoso"


def life(
    chance: random.Random, now: int, ticket: int, is_open: bool, lived: float
) -> list[tuple[int, int, str, str, int]]:
    """A ticket of the last month that is open, or one of two years that was closed: (at, kind, field, value, flags).

    `lived`: how far in time it is, from 0 for the first ticket to 1 for the last.
    """
    age = chance.randrange(60, 30 * 1_440)
    if not is_open:
        age = 15 * 1_440 + int((715 - 0.001) * 1_440 * (1 - lived))
    start = now - age * MINUTE
    at = sorted(start + chance.randrange(1, min(age, 10 * 1_440)) * MINUTE for _ in range(3))
    subject = f"{chance.choice(THINGS)} {chance.choice(TROUBLES)} {chance.choice(PLACES)}"
    told = [
        ("client", client_name(min(int(chance.paretovariate(0.7)), CLIENTS) - 1)),
        ("priority", chance.choices(PRIORITIES, (5, 15, 50, 30))[0]),
        ("team", chance.choice(TEAMS)),
        ("subject", subject),
        ("number", f"T{ticket}"),
    ]
    events = [(start, 0, "", "", 4), *((start, 3, field, value, 4) for field, value in told)]
    events.append((start, 4, "", "New", 4))
    if chance.random() < 0.9 or not is_open:
        events.append((at[0], 2, "", f"Tech {chance.randrange(TECHNICIANS)}", 1))
        events.append((at[1], 5, "", "", 9))
    if not is_open:
        events.append((at[2], 4, "", "Resolved", 1))
    elif chance.random() < 0.2:
        events.append((at[2], 4, "", "Waiting", 1))
    return events


def fill(provider: int, tickets: int, closed: int = CLOSED) -> None:
    """Tickets and events straight into the tables: what is measured are the pages, not the way in."""
    from django.db import connection

    from beforehand.tickets import bulk, store
    from beforehand.tickets.models import Source
    from beforehand.tickets.rows import TICKET_COLUMNS

    source = Source.objects.get().pk
    chance = random.Random(1)
    now = int(datetime.now(UTC).timestamp()) * 1_000_000
    columns = ("id", "provider_id", "source_id", "external_id", *TICKET_COLUMNS)
    for first in range(1, tickets * (1 + closed) + 1, 22_000):
        some = range(first, min(first + 22_000, tickets * (1 + closed) + 1))
        ticket_rows = [(ticket, provider, source, f"psa-{ticket}", *store.BLANK) for ticket in some]
        event_rows = [
            (provider, ticket, str(n), at, kind, 0, flags, field, value, "", None, None, "", "", at)
            for ticket in some
            for n, (at, kind, field, value, flags) in enumerate(
                life(chance, now, ticket, ticket % (1 + closed) == 0, ticket / (tickets * (1 + closed)))
            )
        ]
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                copy_in(cursor, f"tickets_ticket ({bulk.names(columns)})", ticket_rows)
                copy_in(cursor, f"tickets_event ({bulk.names(store.EVENT_COLUMNS)})", event_rows)
            else:
                cursor.execute("BEGIN IMMEDIATE")
                bulk.insert(cursor, "tickets_ticket", columns, ticket_rows)
                bulk.insert(cursor, "tickets_event", store.EVENT_COLUMNS, event_rows)
                cursor.execute("COMMIT")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # whose sequence knows nothing of ids that were copied in
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('tickets_ticket', 'id'), MAX(id)) FROM tickets_ticket"
            )


if __name__ == "__main__":
    main()

"""Reading everything again after a change of rules.

    .venv/bin/python -m benchmarks.reread [--tickets N] [--postgresql]

Fills a database with tickets of ten events, reads them from nothing, changes the agreement so that every clock moves,
and reads again on all cores.
"""

import argparse
import os
import random
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime

EVENTS = 10


def main() -> None:
    """Fill, read, change, read again, and print a table."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--tickets", type=int, default=1_000_000)
    asked.add_argument("--postgresql", action="store_true")
    asked.add_argument("--cores", type=int, default=os.cpu_count() or 1)
    options = asked.parse_args()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="beforehand-benchmark-"))
        os.environ["BEFOREHAND_DATA"] = folder
        if options.postgresql:
            from tests.support import postgres

            programs = postgres.installed_bin() or postgres.embedded_bin()
            assert programs is not None, "no PostgreSQL is installed and the wheel has none for this machine"
            os.environ["DATABASE_URL"] = stack.enter_context(postgres.server(programs))
        measure(options.tickets, options.cores)


def measure(tickets: int, cores: int) -> None:
    """The whole measurement on the database that the environment names."""
    from beforehand.config import start

    start.open_database()
    from django.db import connection

    from beforehand.promises import models as promises
    from beforehand.tickets.rereading import reread_all

    provider = set_up()
    began = time.perf_counter()
    fill(provider.pk, tickets)
    say(connection.vendor, f"filled {tickets:,} tickets, {tickets * EVENTS:,} events", began)
    began = time.perf_counter()
    came = reread_all(provider, cores=cores)
    say(connection.vendor, f"read from nothing on {cores} cores, {came.clocks:,} clocks", began)
    promises.Target.objects.update(amount=3 * 3_600_000_000)
    promises.ProviderTerms.objects.update(revision="b")
    began = time.perf_counter()
    came = reread_all(provider, cores=cores)
    say(
        connection.vendor,
        f"read again after a change of rules, {came.clocks_changed:,} clocks changed",
        began,
    )
    began = time.perf_counter()
    came = reread_all(provider, cores=cores)
    say(connection.vendor, f"read again with nothing changed, {came.clocks_changed:,} clocks changed", began)
    share(provider)


def share(provider: object) -> None:
    """How much of one run's time is the database's."""
    from django.db import connection, transaction

    from beforehand.promises.book import Book
    from beforehand.tickets import store
    from beforehand.tickets.models import Source
    from beforehand.tickets.reading import derive, tells
    from beforehand.tickets.reread import runs
    from beforehand.tickets.rollups import Moves

    book = Book(provider)
    sources = {source.pk: tells(source) for source in Source.objects.all()}
    ours = database = 0.0
    for first, end in runs(provider.pk)[:10]:
        with transaction.atomic():
            began = time.perf_counter()
            kept = list(store.tickets_between(provider.pk, first, end, range(first, end)))
            stored = store.derived_between(provider.pk, first, end)
            read = time.perf_counter()
            right = derive(provider.pk, sources, kept, book)
            derived = time.perf_counter()
            moves = Moves()
            store.change(provider.pk, right, stored.clocks, moves)
            moves.write()
        written = time.perf_counter()
        ours += derived - read
        database += written - derived + read - began
    print(f"{connection.vendor}: of one process's time the database takes {database / (ours + database):.0%}")


def say(vendor: str, what: str, began: float) -> None:
    """One row of the table."""
    print(f"{vendor}: {what}: {time.perf_counter() - began:.1f} s", flush=True)


def set_up() -> object:
    """A provider with one agreement for every client, and a source."""
    from datetime import date

    from beforehand.people.models import Provider
    from beforehand.promises import models as promises
    from beforehand.tickets.models import Source

    hour = 3_600_000_000
    now = datetime(2026, 1, 1, tzinfo=UTC)
    provider = Provider.objects.create(name="Bench", slug="bench", zone="Europe/London", created=now)
    hours = {day: [["09:00", "17:30"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    office = promises.Coverage.objects.create(
        provider=provider, name="Office", zone="Europe/London", hours=hours
    )
    promises.ProviderTerms.objects.create(provider=provider, revision="a", changed=now, coverage=office)
    for status, state in {"New": "working", "Waiting": "waiting-on-client", "Resolved": "resolved"}.items():
        promises.StatusMapping.objects.create(provider=provider, board="", status=status, state=state)
    plan = promises.Plan.objects.create(provider=provider, name="Standard")
    edition = promises.Edition.objects.create(provider=provider, plan=plan, since=date(2020, 1, 1))
    for priority, response, resolution in (("", 4, 24), ("P1", 1, 8)):
        line = promises.Line.objects.create(provider=provider, edition=edition, priority=priority)
        for metric, amount in (("response", response), ("resolution", resolution)):
            promises.Target.objects.create(provider=provider, line=line, metric=metric, amount=amount * hour)
    client = promises.Client.objects.create(provider=provider, name="Contoso", zone="Europe/London")
    promises.ClientKey.objects.create(
        provider=provider, client=client, kind="name", text="Contoso", folded="contoso"
    )
    agreement = promises.Agreement.objects.create(provider=provider, client=client, name="Support")
    promises.Version.objects.create(provider=provider, agreement=agreement, since=date(2020, 1, 1), plan=plan)
    Source.objects.create(provider=provider, slug="psa", name="PSA")
    return provider


def life(chance: random.Random, start: int) -> list[tuple[int, int, str, str, int]]:
    """Two weeks of a ticket in ten events: (instant, kind, field, value, flags)."""
    minute = 60_000_000
    at = sorted(start + chance.randrange(14 * 24 * 60) * minute for _ in range(5))
    return [
        (start, 0, "", "", 4),
        (start, 3, "client", "Contoso", 4),
        (start, 3, "priority", chance.choice(("P1", "P3")), 4),
        (start, 4, "", "New", 4),
        (at[0], 2, "", "bob", 1),
        (at[1], 5, "", "", 9),
        (at[2], 4, "", "Waiting", 1),
        (at[3], 1, "", "", 10),
        (at[3], 5, "", "", 9),
        (at[4], 4, "", "Resolved", 1),
    ]


def fill(provider: int, tickets: int) -> None:
    """Tickets and events straight into the tables: what is measured is the rereading, not the way in."""
    from django.db import connection

    from beforehand.tickets import bulk, store
    from beforehand.tickets.models import Source
    from beforehand.tickets.rows import TICKET_COLUMNS

    source = Source.objects.get().pk
    chance = random.Random(1)
    lives = [
        life(chance, 1_735_689_600_000_000 + chance.randrange(365 * 1440) * 60_000_000) for _ in range(5_000)
    ]
    columns = ", ".join(
        ("id", "provider_id", "source_id", "external_id", *(f'"{name}"' for name in TICKET_COLUMNS))
    )
    blank = store.BLANK
    for first in range(1, tickets + 1, 20_000):
        some = range(first, min(first + 20_000, tickets + 1))
        ticket_rows = [(ticket, provider, source, str(ticket), *blank) for ticket in some]
        event_rows = [
            (provider, ticket, str(n), at, kind, 0, flags, field, value, "", None, None, "", "", at)
            for ticket in some
            for n, (at, kind, field, value, flags) in enumerate(lives[ticket % len(lives)])
        ]
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                copy_in(cursor, f"tickets_ticket ({columns})", ticket_rows)
                copy_in(cursor, "tickets_event ({})".format(", ".join(store.EVENT_COLUMNS)), event_rows)
            else:
                marks = ", ".join(["%s"] * (4 + len(blank)))
                cursor.execute("BEGIN IMMEDIATE")
                cursor.executemany(f"INSERT INTO tickets_ticket ({columns}) VALUES ({marks})", ticket_rows)
                bulk.insert(cursor, "tickets_event", store.EVENT_COLUMNS, event_rows)
                cursor.execute("COMMIT")


def copy_in(cursor: object, into: str, rows: list[tuple[object, ...]]) -> None:
    """PostgreSQL's own way of taking many rows."""
    with cursor.copy(f"COPY {into} FROM STDIN") as copy:  # type: ignore[attr-defined]
        for row in rows:
            copy.write_row(row)


if __name__ == "__main__":
    main()

"""What it costs to keep a page of tickets that a source tells, beside very many, with thousands of words in its set-up.

    .venv/bin/python -m benchmarks.keeping [--tickets 50000] [--keep FOLDER] [--pages 10]

Pages of 100 tickets of an Autotask, each with its history: told for the first time, told again with a note and another
status, told again with nothing new, and told again of another client. Beside them, in the same run, what the database
takes to write as many events of tickets as a new page has, and nothing else.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .autotask_source import make
from .board import client_name, place

PAGE, EVENTS, MINUTE = 100, 12, 60_000_000


def main() -> None:
    """Fill, keep, and a table."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--tickets", type=int, default=50_000)
    asked.add_argument("--pages", type=int, default=10)
    asked.add_argument("--postgresql", action="store_true")
    asked.add_argument("--keep", type=Path)
    options = asked.parse_args()
    with ExitStack() as stack:
        os.environ.update(place(stack, options, options.tickets))
        from beforehand.config import start

        start.open_database()
        from beforehand.connectors.models import Connection

        if not Connection.objects.exists():
            make(options.tickets)
        measure(Connection.objects.get(), options.pages)


def measure(row: Any, pages: int) -> None:
    """Each way of being told, page by page."""
    from beforehand.connectors.keep import keep

    now = datetime.now(UTC)
    base = f"n{int(now.timestamp())}-"
    print(
        "| a page of 100 tickets | queries | of the processor, ms a ticket | by the clock |\n|---|---|---|---|"
    )
    report("the limit: its events written", [timed(lambda n=n: written(row, base, n)) for n in range(pages)])
    for what, more in {
        "told for the first time": {},
        "told again, with a note and another status": {"turn": 1},
        "told again, and nothing is new": {"turn": 1},
        "told again, of another client": {"turn": 1, "client": 7},
    }.items():
        some = [page(base, n, now, **more) for n in range(pages)]
        report(what, [timed(lambda told=told: keep(row, told, now)) for told in some])


def timed(work: Callable[[], object]) -> tuple[int, float, float]:
    """Queries and ms of something: those of the processor, which other work on it lengthens less, and by the clock."""
    from django.db import connection

    queries = 0

    def count(execute: Any, *given: Any) -> Any:
        nonlocal queries
        queries += 1
        return execute(*given)

    began, used = time.perf_counter(), time.process_time()
    with connection.execute_wrapper(count):
        work()
    return queries, (time.process_time() - used) * 1_000, (time.perf_counter() - began) * 1_000


def report(what: str, some: Sequence[tuple[int, float, float]]) -> None:
    """A line of the table."""
    queries, used, took = (statistics.median(column) for column in zip(*some, strict=True))
    print(f"| {what} | {queries:.0f} | {used / PAGE:.2f} | {took / PAGE:.2f} |", flush=True)


def page(base: str, number: int, now: datetime, turn: int = 0, client: int | None = None) -> list[Any]:
    """A hundred tickets as they are told; two of them went into others of the page."""
    from beforehand.connectors.contract import Told, at_creation, field_event
    from beforehand.engine import history as h
    from beforehand.engine.instants import to_instant
    from beforehand.tickets.events import TicketEvent

    told = []
    end = to_instant(now)
    for place_ in range(PAGE):
        id_, born = f"{base}{number}-{place_}", end - (3_000 + place_) * MINUTE
        whose = (place_ % 300) if client is None else client
        fields = {
            "client": ("client", whose), "contract": ("contract", whose), "site": ("site", place_ * 3 % 900),
            "priority": ("priority", 1), "board": ("board", place_ % 3), "type": ("type", place_ % 30),
            "assignee": ("person", place_ % 40),
        }  # fmt: skip
        named = {field: _NAMES[kind](key) for field, (kind, key) in fields.items()}
        events = [h.created(born, id="created", flags=0), at_creation(id_, born, "status", "New").event]
        events += [h.message(born + n * MINUTE, id=f"note-{n}") for n in range(1, EVENTS - 2)]
        status = "New"
        if turn:
            status = "In progress"
            events.append(h.message(born + 100 * MINUTE, id="note-100"))
            events.append(field_event("status-2", born + 100 * MINUTE, "status", status))
        if place_ in (10, 20):
            events.append(h.merged(born + 50 * MINUTE, f"{base}{number}-{place_ + 1}", id="merged", flags=0))
        given: dict[str, Any] = {"exact": frozenset(["status"]), "view": {"sla": "Gold"}}
        if "keys" in Told._fields:
            given["keys"] = {field: str(key) for field, (_, key) in fields.items()}
        updated = end + turn + (1 if client is not None else 0)
        told.append(
            Told(id_, updated, {**named, "status": status}, [TicketEvent(id_, e) for e in events], **given)
        )
    return told


_NAMES: dict[str, Callable[[int], str]] = {
    "client": client_name,
    "contract": lambda n: f"Contract {n}",
    "priority": lambda n: f"P{n + 1}",
} | {kind: lambda n, kind=kind: f"{kind} {n}" for kind in ("site", "board", "type", "person")}


def written(row: Any, base: str, number: int) -> None:
    """As many events as a page has, written and nothing else: to the same table, and taken back out at once."""
    from django.db import connection, transaction

    from beforehand.tickets import bulk, store
    from beforehand.tickets.models import Ticket

    ticket = Ticket.objects.values_list("pk", flat=True).first()
    events = [
        (row.provider_id, ticket, f"{base}{number}-{n}", n, 5, 0, 9, "", "", "", None, None, "", "", n)
        for n in range(PAGE * EVENTS)
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        bulk.insert(cursor, "tickets_event", store.EVENT_COLUMNS, events)
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()

"""What a ticket system says against what the agreements say: the page, over a source of very many tickets.

    .venv/bin/python -m benchmarks.compared [--tickets 50000] [--postgresql] [--keep FOLDER] [--seconds 20]

Fills a database with tickets of one source over two years, reads their clocks with the engine, and lets a ticket system
judge them as we do, but for one in twenty: most by a status that holds its clock and not ours, one in a hundred by
nothing that a setting says. Starts the program and asks for the page over HTTP, signed in: the figures, then what
explains them, the first time and again. Beside it, in the same run, what the database takes to hand over the verdicts
and the clocks of which the page is made, and another page, alone and while this one is asked all the time.
"""

import argparse
import http.client
import os
import random
import statistics
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from .board import PRIORITIES, client_name, place
from .boards import serving
from .reread import say

DAY, MINUTE = 86_400_000_000, 60_000_000
DAYS = 730
VENDOR = "With vendor"
CLIENTS, BOARDS = 120, ("Desk", "Field", "Projects")
STATUSES = ("New", "In progress", "Waiting", VENDOR, "Resolved", *(f"Step {n}" for n in range(1, 16)))
OFFICE = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), (("09:00", "17:30"),))


def main() -> None:
    """Fill, serve, ask, and a table."""
    options = asked_for(__doc__, 20)
    with ExitStack() as stack:
        os.environ.update(place(stack, options, options.tickets))
        cookie, row = prepare(options.tickets, make)
        page = f"/sources/{row}/compared/"
        with serving() as (port, _):
            print("| | first, ms | median, ms | longest, ms |\n|---|---|---|---|")
            told("the figures", ask(port, cookie, page, options.seconds))
            told("what explains them too", ask(port, cookie, f"{page}?why=yes", options.seconds))
            told("the clients page, alone", ask(port, cookie, "/clients/", options.seconds))
            others = threading.Thread(target=ask, args=(port, cookie, f"{page}?why=yes", options.seconds))
            others.start()
            told("the clients page, meanwhile", ask(port, cookie, "/clients/", options.seconds))
            others.join()


def asked_for(says: str | None, seconds: int) -> argparse.Namespace:
    """What the command line says: how many tickets, where, and how long each page is asked for."""
    asked = argparse.ArgumentParser(description=says, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--tickets", type=int, default=50_000)
    asked.add_argument("--seconds", type=int, default=seconds)
    asked.add_argument("--postgresql", action="store_true")
    asked.add_argument("--keep", type=Path)
    return asked.parse_args()


def ask(port: int, cookie: str, page: str, seconds: float) -> list[float]:
    """How long a page took each time, in ms, from asking to its last byte."""
    caller = http.client.HTTPConnection("127.0.0.1", port)
    times: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 3:
        began = time.perf_counter()
        caller.request("GET", page, headers={"Cookie": cookie})
        answer = caller.getresponse()
        assert answer.status == 200, answer.status
        answer.read()
        times.append((time.perf_counter() - began) * 1_000)
    return times


def told(what: str, times: list[float]) -> None:
    """A line of the table."""
    again = times[1:]
    print(f"| {what} | {times[0]:.0f} | {statistics.median(again):.0f} | {max(again):.0f} |", flush=True)


def prepare(tickets: int, filled: Callable[[int], None]) -> tuple[str, int]:
    """The database filled; the cookie of a session in it, and the connection of the source."""
    from beforehand.config import start

    start.open_database()
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    from beforehand.connectors.models import Connection
    from beforehand.people.models import User

    settings.ALLOWED_HOSTS = ["testserver"]
    if not Connection.objects.exists():
        filled(tickets)
    limit(connection)
    browser = Client()
    browser.force_login(User.objects.get(username="bench"))
    row = Connection.objects.get()
    page = browser.get(f"/sources/{row.pk}/compared/?why=yes").content.decode()
    print(page.split('class="answer"')[1].split(">")[1].split("<")[0])
    connection.close()
    return f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}", row.pk


def limit(connection: Any) -> None:
    """What it takes to have the verdicts and the clocks of a source handed over, and nothing done with them."""
    for what, sql in {
        "the verdicts": "SELECT v.ticket_id, v.response_kept, v.resolution_kept, v.kept FROM tickets_psaview v"
        " JOIN tickets_ticket t ON t.id = v.ticket_id WHERE t.source_id = 1",
        "the clocks": "SELECT c.ticket_id, c.metric, c.number, c.verdict, c.run, c.late_at, c.tally"
        " FROM tickets_clock c JOIN tickets_ticket t ON t.id = c.ticket_id WHERE t.source_id = 1",
    }.items():
        times = []
        for _ in range(5):
            began = time.perf_counter()
            with connection.cursor() as cursor:
                cursor.execute(sql)
                rows = len(cursor.fetchall())
            times.append((time.perf_counter() - began) * 1_000)
        print(f"{connection.vendor}: {what} handed over, {rows:,} rows: {statistics.median(times):.0f} ms")


def make(tickets: int) -> None:
    """Everything that is there."""
    from django.db import connection

    from beforehand.people.models import User
    from beforehand.tickets.rereading import reread_all

    provider = promise()
    began = time.perf_counter()
    fill(provider.pk, tickets)
    say(connection.vendor, f"filled {tickets:,} tickets", began)
    began = time.perf_counter()
    reread_all(provider, cores=os.cpu_count() or 1)
    say(connection.vendor, "read their clocks", began)
    judge(provider)
    set_up(provider)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    User.objects.create_user("bench", provider=provider)


def promise(clients: int = CLIENTS) -> Any:
    """A provider with as many clients as an MSP of this size has, all on one plan, and its statuses mapped."""
    from beforehand.promises import models as promises

    from .reread import set_up as begin

    provider: Any = begin()
    plan = promises.Plan.objects.get()
    for status, state in {"In progress": "working", VENDOR: "waiting-on-vendor"}.items():
        promises.StatusMapping.objects.create(provider=provider, board="", status=status, state=state)
    for number in range(1, clients):
        name = client_name(number)
        own = {"provider": provider}
        client = promises.Client.objects.create(name=name, zone="Europe/London", **own)
        promises.ClientKey.objects.create(
            client=client, kind="name", text=name, folded=name.casefold(), **own
        )
        agreement = promises.Agreement.objects.create(client=client, name="Support", **own)
        promises.Version.objects.create(agreement=agreement, since=date(2020, 1, 1), plan=plan, **own)
    return provider


def life(
    chance: random.Random, start: int, ticket: int, is_open: bool
) -> list[tuple[int, int, str, str, int]]:
    """A ticket in some twelve events: (instant, kind, field, value, flags)."""
    at = start
    told = [(at, 0, "", "", 4)]
    client = client_name(min(int(chance.paretovariate(0.7)), CLIENTS) - 1)
    priority = chance.choices(PRIORITIES, (5, 15, 50, 30))[0]
    for field, value in (
        ("client", client), ("priority", priority), ("board", chance.choice(BOARDS)), ("number", f"T{ticket}"),
    ):  # fmt: skip
        told.append((at, 3, field, value, 4))
    told.append((at, 4, "", "New", 4))

    def later(minutes: float) -> int:
        nonlocal at
        at += int(chance.expovariate(1 / minutes) + 1) * MINUTE
        return at

    told.append((later(15), 2, "", f"Tech {chance.randrange(25)}", 1))
    told.append((later(60), 5, "", "", 9))
    if chance.random() < 0.35:
        told.append((later(60), 4, "", VENDOR if chance.random() < 0.7 else "Waiting", 1))
        told.append((later(3_000), 1, "", "", 10))
        told.append((later(10), 4, "", "In progress", 1))
    told.append((later(60), 5, "", "", 9))
    if not is_open:
        told.append((later(240), 4, "", "Resolved", 1))
    return told


def fill(provider: int, tickets: int, of: Callable[..., list[tuple[int, int, str, str, int]]] = life) -> None:
    """Tickets and events straight into the tables: what is measured is the page, not the way in."""
    from django.db import connection

    from beforehand.tickets import bulk, store
    from beforehand.tickets.models import Source
    from beforehand.tickets.rows import TICKET_COLUMNS

    source, chance = Source.objects.get().pk, random.Random(1)
    now = int(datetime.now(UTC).timestamp()) * 1_000_000
    columns = ("id", "provider_id", "source_id", "external_id", *TICKET_COLUMNS)
    for first in range(1, tickets + 1, 20_000):
        some = range(first, min(first + 20_000, tickets + 1))
        events = []
        for ticket in some:
            start = now - int(DAYS * DAY * (1 - ticket / (tickets + 1)))
            of_it = of(chance, start, ticket, start > now - 8 * DAY)
            events += [
                (provider, ticket, str(n), at, kind, 0, flags, field, value, "", None, None, "", "", at)
                for n, (at, kind, field, value, flags) in enumerate(of_it)
                if at < now
            ]
        rows = [(ticket, provider, source, f"psa-{ticket}", *store.BLANK) for ticket in some]
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            bulk.insert(cursor, "tickets_ticket", columns, rows)
            bulk.insert(cursor, "tickets_event", store.EVENT_COLUMNS, events)
            cursor.execute("COMMIT")


def judge(provider: Any) -> None:
    """The ticket system's verdicts: ours, but for what its hold keeps, and one in a hundred."""
    from beforehand.engine.codes import BREACHED, MET, RESOLUTION, RESPONSE
    from beforehand.tickets.models import Clock, Event, PsaView

    chance, held = random.Random(2), set(Event.objects.filter(value=VENDOR).values_list("ticket", flat=True))
    kept: dict[int, dict[int, bool]] = {}
    clocks = Clock.objects.filter(verdict__in=(MET, BREACHED), metric__in=(RESPONSE, RESOLUTION))
    for ticket, metric, verdict in clocks.values_list("ticket", "metric", "verdict"):
        kept.setdefault(ticket, {})[metric] = verdict == MET
    views = []
    for ticket, said in kept.items():
        if said.get(RESOLUTION) is False and ticket in held:
            said[RESOLUTION] = True
        elif chance.random() < 0.01:
            said[RESOLUTION] = not said.get(RESOLUTION, True)
        views.append(
            PsaView(
                provider=provider,
                ticket_id=ticket,
                at=datetime.now(UTC),
                said={"sla": "Gold", "response due": "2026-01-01T00:00:00Z", "state": "W"},
                response_kept=said.get(RESPONSE),
                resolution_kept=said.get(RESOLUTION),
            )
        )
    PsaView.objects.bulk_create(views, batch_size=2_000)


def set_up(provider: Any) -> None:
    """What the ticket system is set to, with more of everything than matters; and the connection."""
    from beforehand.connectors.models import Connection
    from beforehand.promises import psa
    from beforehand.promises.models import SetUpPiece
    from beforehand.tickets.models import Source

    now = datetime.now(UTC)
    pieces: list[psa.Plain] = [
        psa.Status(f"{board}-{name}", name, board, name in ("Waiting", VENDOR), None, name == "Resolved")
        for board in BOARDS
        for name in STATUSES
    ]
    for number, name in enumerate(("Gold", "Silver", "Bronze"), 1):
        targets = [
            psa.Target(metric, hours * number * 60, priority)
            for priority, response, resolution in (("P1", 1, 8), *((p, 4, 24) for p in PRIORITIES[1:]))
            for metric, hours in (("response", response), ("resolution", resolution))
        ]
        pieces.append(psa.Sla(str(number), name, tuple(targets), "1"))
    pieces += [psa.Calendar("1", "Office", OFFICE, "Europe/London", default=True)]
    pieces += [psa.Serves(str(n), "1", client_name(n)) for n in range(CLIENTS)]
    kinds = {kind: name for name, kind in psa.KINDS.items()}
    own = {"provider": provider, "source": Source.objects.get().slug, "since": now}
    SetUpPiece.objects.bulk_create(
        SetUpPiece(kind=kinds[type(one)], key=one.key, name=one.key, plain=psa.stored(one), **own)
        for one in pieces
    )
    Connection.objects.create(
        provider=provider, source=Source.objects.get(), connector="halo", path="p" * 43, hook_secret="-",  # noqa: S106
        back_done=now, set_up_read=now, since=now, made=now,
    )  # fmt: skip


if __name__ == "__main__":
    main()

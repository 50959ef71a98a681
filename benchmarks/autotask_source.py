"""A database with very many tickets of an Autotask, for what its pages and the keeping of its tickets cost."""

import os
import random
import time
from datetime import UTC, date, datetime
from typing import Any

from beforehand.engine.codes import MERGED as MERGED_INTO

from . import compared
from .board import client_name
from .compared import DAY, MINUTE, PRIORITIES
from .reread import say

CLIENTS, BARE, CONTRACTS, MERGED = 240, 60, 500, 0.02
"""Clients with an agreement and without one; contracts of all of them; the share of tickets that went into others."""
ZONELESS, SLAS = 4, ("Gold", "Silver", "Bronze")
HOURS = {"Gold": (1, 8), "Silver": (2, 16), "Bronze": (4, 24)}
OTHER = {"site": 900, "person": 40, "type": 30, "team": 20, "channel": 10, "board": 3}
"""Words beside clients, contracts, statuses and priorities: 2,000 in all with those that board by board are."""
RENAMED = 25
"""Every so manieth thing had another name before."""
_OPEN = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), (("09:00", "17:30"),))


def contract_of(client: int, chance: random.Random) -> str:
    """The name of one of a client's contracts."""
    mine = range(client, CONTRACTS, CLIENTS + BARE)
    return f"Contract {chance.choice(mine)}"


def life(
    chance: random.Random, start: int, ticket: int, is_open: bool
) -> list[tuple[int, int, str, str, int]]:
    """A ticket as of compared.py, of more clients, under a contract, and sometimes gone into the one before it."""
    told = compared.life(chance, start, ticket, is_open)
    client = min(int(chance.paretovariate(0.5)), CLIENTS + BARE) - 1
    told = [(*one[:3], client_name(client), one[4]) if one[2] == "client" else one for one in told]
    told.append((start, 3, "contract", contract_of(client, chance), 4))
    if ticket > 1 and chance.random() < MERGED:
        told.append((told[-2][0] + MINUTE, MERGED_INTO, "", f"psa-{ticket - 1}", 1))
    return told


def make(tickets: int) -> None:
    """Everything that is there: tickets, their clocks, the set-up with its words, and one who signs in."""
    from django.db import connection

    from beforehand.people.models import User
    from beforehand.people.roles import Role
    from beforehand.tickets.rereading import reread_all

    provider = compared.promise(CLIENTS)
    contracts(provider)
    began = time.perf_counter()
    compared.fill(provider.pk, tickets, life)
    reread_all(provider, cores=os.cpu_count() or 1)
    say(connection.vendor, f"filled {tickets:,} tickets and read their clocks", began)
    compared.judge(provider)
    set_up(provider)
    due_dates(provider)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    User.objects.create_user("bench", provider=provider, role=Role.OWNER)


def contracts(provider: Any) -> None:
    """Agreements of every third client that name one of its contracts, on the plan that all have."""
    from beforehand.promises import models as promises

    plan = promises.Plan.objects.get()
    for client in promises.Client.objects.order_by("pk")[::3]:
        number = client.pk % (CLIENTS + BARE)
        own = {"provider": provider}
        named = promises.Agreement.objects.create(
            client=client, name="Contract", contract=f"Contract {number}", **own
        )
        promises.Version.objects.create(agreement=named, since=date(2020, 1, 1), plan=plan, **own)


def set_up(provider: Any) -> None:
    """Words of every kind, some of which had another name before, SLAs whose times are not told, and calendars of whose
    zones nobody knows: what an Autotask tells least of.
    """
    from beforehand.connectors.models import Connection
    from beforehand.promises import psa
    from beforehand.promises.models import SetUpPiece
    from beforehand.tickets.models import Source

    now = datetime.now(UTC)
    source = Source.objects.get()
    row = Connection.objects.create(
        provider=provider, source=source, connector="autotask", path="p" * 43, hook_secret="-",  # noqa: S106
        back_done=now, set_up_read=now, since=now, made=now,
    )  # fmt: skip
    words(row, now)
    pieces: list[psa.Plain] = [psa.Sla(str(n), name) for n, name in enumerate(SLAS, 1)]
    pieces += [
        psa.Calendar(str(n), f"Office {n}", _OPEN, "", "GMT", default=n == 1) for n in range(1, ZONELESS + 1)
    ]
    pieces += [
        psa.Serves(f"contract {n}", str(n % 3 + 1), client_name(n % (CLIENTS + BARE)), f"Contract {n}")
        for n in range(CONTRACTS)
    ]
    kinds = {kind: name for name, kind in psa.KINDS.items()}
    own = {"provider": provider, "source": source.slug, "since": now}
    SetUpPiece.objects.bulk_create(
        SetUpPiece(kind=kinds[type(one)], key=one.key, name=one.key, plain=psa.stored(one), **own)
        for one in pieces
    )


def words(row: Any, now: datetime) -> None:
    """The words of the set-up."""
    from beforehand.connectors.models import Word

    every = CLIENTS + BARE
    named = [("client", str(n), client_name(n), {}) for n in range(every)]
    named += [("contract", str(n), f"Contract {n}", {"client": str(n % every)}) for n in range(CONTRACTS)]
    named += [("status", str(n), name, {}) for n, name in enumerate(compared.STATUSES)]
    named += [("priority", str(n), name, {}) for n, name in enumerate(PRIORITIES)]
    named += [(kind, str(n), f"{kind} {n}", {}) for kind, count in OTHER.items() for n in range(count)]
    rows = []
    for number, (kind, key, name, said) in enumerate(named):
        word = Word(
            provider=row.provider,
            connection=row,
            kind=kind,
            key=key,
            name=name,
            named=name,
            said=said,
            seen=now,
        )
        if number % RENAMED == 0 and kind not in ("status", "priority"):
            word.named = f"{name} Ltd"
            if "names" in {field.name for field in Word._meta.get_fields()}:
                word.names = [[name, int(now.timestamp() * 1_000_000) - 30 * DAY]]
        rows.append(word)
    Word.objects.bulk_create(rows, batch_size=200)


def due_dates(provider: Any) -> None:
    """What Autotask says on every ticket: its SLA, and when it falls due by that in the office's hours."""
    import json

    from django.db import connection

    from beforehand.engine.coverage import Coverage
    from beforehand.engine.instants import HOUR, to_instant
    from beforehand.kernel.fields import from_micros
    from beforehand.tickets.models import PsaView

    hours = Coverage("Europe/London", {day[:3]: list(spells) for day, spells in _OPEN.items()})
    rows = []
    views = PsaView.objects.filter(provider=provider, ticket__created__isnull=False)
    for view, ticket, created in views.values_list("pk", "ticket_id", "ticket__created"):
        sla, said = SLAS[ticket % 3], {}
        for field, amount in zip(("firstResponse", "resolved"), HOURS[sla], strict=True):
            due = hours.add(to_instant(created), amount * HOUR)
            if due is not None:
                said[f"{field}DueDateTime"] = from_micros(due).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        rows.append((json.dumps({"sla": sla, **said}), view))
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE tickets_psaview SET said = %s WHERE id = %s", rows)

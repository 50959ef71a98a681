"""Lives of tickets in a Request Tracker: some made over its API under its clock, and as many more copied from them.

A copy is made in RT's own tables, with all of the original's transactions, messages and people, at the same instants:
over its API ten thousand would take an hour. Ticket N is a copy of the original (N - 1) % originals + 1.
"""

import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from tests.support.tracker import Tracker

if TYPE_CHECKING:
    from beforehand.connectors.models import Connection
    from beforehand.people.models import Provider

ALICE = "alice@contoso.test"
STATES = {"new": "working", "open": "working", "stalled": "waiting-on-client", "resolved": "resolved"}
BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
WHOLE = ("own", "answer", "stall", "reply", "open", "note", "resolve")
LIVES = 100
TECHNICIANS = {"ada": "Ada Ferrant", "ben": "Ben Okafor"}


class Happened(NamedTuple):
    """Something that happened to a ticket, in our words: the kind of event, its value, when, whether clients see it."""

    kind: str
    value: str
    at: datetime
    public: bool = False


class Life:
    """One ticket; what happened to it, RT's own doing included."""

    def __init__(self, rt: Tracker, now: datetime) -> None:
        rt.clock(now)
        self._rt, self.id = rt, rt.create()
        self.past = [Happened("created", "", now), Happened("status", "new", now)]

    def step(self, name: str, now: datetime, dice: random.Random) -> None:
        """The next of it."""
        self._rt.clock(now)
        if name == "own":
            owner = dice.choice(sorted(TECHNICIANS))
            self._rt.put(self.id, Owner=owner)
            self.past.append(Happened("assigned", TECHNICIANS[owner], now))
        elif name == "answer":
            self._rt.say(self.id, "I am looking into it and call you by noon.")
            self._said("message", now)
        elif name == "reply":
            self._rt.say(self.id, "It still drops.", ALICE)
            self._said("client message", now)
        elif name == "note":
            self._rt.say(self.id, "Perhaps the switch.", internal=True)
            self.past.append(Happened("message", "", now))
        else:
            status = {"stall": "stalled", "open": "open", "resolve": "resolved"}[name]
            self._rt.put(self.id, Status=status)
            self._became(status, now)

    def _said(self, kind: str, now: datetime) -> None:
        self.past.append(Happened(kind, "", now, public=True))
        if kind == "message":
            self._became("open", now)  # RT does that by itself

    def _became(self, status: str, now: datetime) -> None:
        if [one.value for one in self.past if one.kind == "status"][-1] != status:
            self.past.append(Happened("status", status, now))


def live(
    rt: Tracker,
    dice: random.Random,
    lives: int = LIVES,
    shapes: Sequence[Sequence[str]] = (WHOLE,),
    apart: timedelta = timedelta(minutes=1),
) -> list[Life]:
    """Tickets of these shapes, all of one event before all of the next: RT's numbers rise with time, as they do."""
    now, made = BEGIN, []
    for _ in range(lives):
        now += timedelta(minutes=3)
        made.append(Life(rt, now))
    each = [shapes[number % len(shapes)] for number in range(lives)]
    for steps in zip_longest(*each):
        for one, step in zip(made, steps, strict=True):
            if step is not None:
                now += apart
                one.step(step, now, dice)
    return made


def connect(provider: "Provider", rt_url: str, token: str) -> "Connection":
    """The connection to it of a provider, whose client Contoso its tickets are."""
    from beforehand.promises import models as promises
    from tests.connectors.conftest import make_connection

    for status, state in STATES.items():
        promises.StatusMapping.objects.create(provider=provider, board="", status=status, state=state)
    client = promises.Client.objects.get(provider=provider, name="Contoso")
    promises.ClientKey.objects.create(
        provider=provider, client=client, kind="name", text="contoso.test", folded="contoso.test"
    )
    return make_connection(provider, "rt", {"token": token}, url=rt_url, client="domain")


Table = tuple[str, dict[str, int], str]
_TABLES = ("Tickets", "Transactions", "Attachments", "Principals", "GroupMembers", "CachedGroupMembers")


def copy(rt: Tracker, times: int) -> None:
    """The same lives as many more tickets, in RT's own tables: so many of each, the original among them."""
    with closing(sqlite3.connect(rt.home / "rt.sqlite")) as opened, opened:
        most = {name: opened.execute(f"SELECT max(id) FROM {name}").fetchone()[0] for name in _TABLES}
        ours = f"SELECT id FROM Groups WHERE Domain = 'RT::Ticket-Role' AND Instance <= {most['Tickets']}"
        for number in range(1, times):
            off = {name: number * value for name, value in most.items()}
            for table, moved, which in _rows(most, off, ours):
                _copy(opened, table, moved, which)
        opened.execute(
            f"UPDATE CachedGroupMembers SET MemberId = GroupId WHERE id > {most['CachedGroupMembers']}"
            f" AND MemberId IN ({ours})"
        )


def _rows(most: dict[str, int], off: dict[str, int], ours: str) -> list[Table]:
    """What is copied: of each table which rows, and by how much their numbers differ then."""
    group, ticket, row = off["Principals"], off["Tickets"], off["Transactions"]
    cached = off["CachedGroupMembers"]
    return [
        ("Tickets", {"id": ticket, "EffectiveId": ticket}, f"id <= {most['Tickets']}"),
        ("Transactions", {"id": row, "ObjectId": ticket},
         f"id <= {most['Transactions']} AND ObjectType = 'RT::Ticket'"),
        ("Attachments", {"id": off["Attachments"], "TransactionId": row}, f"id <= {most['Attachments']}"),
        ("Principals", {"id": group}, f"id IN ({ours})"),
        ("GroupMembers", {"id": off["GroupMembers"], "GroupId": group},
         f"id <= {most['GroupMembers']} AND GroupId IN ({ours})"),
        ("CachedGroupMembers", {"id": cached, "GroupId": group, "Via": cached, "ImmediateParentId": group},
         f"id <= {most['CachedGroupMembers']} AND GroupId IN ({ours})"),
        ("Groups", {"id": group, "Instance": ticket}, f"id IN ({ours})"),
    ]  # fmt: skip


def _copy(opened: sqlite3.Connection, table: str, moved: dict[str, int], which: str) -> None:
    columns = [row[1] for row in opened.execute(f"PRAGMA table_info({table})")]
    lower = {name.lower(): by for name, by in moved.items()}
    shown = [f"{name} + {lower[name.lower()]}" if name.lower() in lower else name for name in columns]
    opened.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(shown)} FROM {table} WHERE {which}"
    )

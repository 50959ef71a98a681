"""Reads RT: tickets in pages, and what happened to them by the ids of transactions, which are the feed."""

import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from beforehand.connectors.abilities import Listed
from beforehand.connectors.contract import Page, Right, SetUp, Told
from beforehand.connectors.trouble import Forbidden, Missing, Odd
from beforehand.kernel.fields import from_micros

from . import set_up
from .client import Client, Item, is_last, number, quoted
from .names import Names
from .texts import texts_of
from .translate import MERGED, Settings, instant, linked, merged_of, told_of

TICKET = (
    "Subject,Status,SLA,Created,Creator,Starts,Started,Due,Resolved,Told,LastUpdated,Owner,Requestor,Priority"
    ",Queue"
)
ROW = "Type,Field,OldValue,NewValue,Created,Creator,ObjectId"
OF_TICKETS = "ObjectType = 'RT::Ticket'"
TELLING = "({})".format(
    " OR ".join(
        [f"Type = '{name}'" for name in ("Correspond", "Comment", "Status")]
        + [f"Field = '{name}'" for name in ("Queue", "Priority", "SLA", "Subject", MERGED)]
        + ["(Field = 'Owner' AND Type != 'SetWatcher')"]
    )
)
"""Transactions that say anything to us: most others are mail that RT sent, and dates that follow from them. That a
ticket was made it says itself; its owner RT tells as one of its watchers too.
"""
NEAR = 20
"""The two transactions of a merge are made at once; so many ids lie between them at most."""
MANY = 20
"""Tickets of which it is worth while to read two parts at once."""
LAP = 200
"""So many transactions before the last are looked at again: one with a smaller id may be committed later."""


class RtReader:
    """The reader of one RT (contract.Reader)."""

    def __init__(self, client: Client, queues: Sequence[str], client_by: str) -> None:
        self._client, self._queues = client, queues
        self._names = Names(client)
        self._at = Settings(client.url, client_by)

    def check(self) -> Sequence[Right]:
        """Which of the least rights needed are there."""
        return set_up.check(self._client, self._names, self._queues, self._at.client)

    def set_up(self) -> SetUp:
        """Queues, statuses, and people of ours."""
        return set_up.read(self._names, self._queues)

    def begin(self) -> str:
        """From the last transaction there is."""
        items = self._client.search(
            "transactions", f"{OF_TICKETS} AND id > 0", "Type", order="DESC", size=20
        )["items"]
        return json.dumps({"id": max(map(number, items), default=0)})

    def changes(self, cursor: str) -> Page:
        """Tickets of the next transactions; `at` is where a long way goes on, `seen` what of the lap is known."""
        at = json.loads(cursor)
        last, seen = int(at["id"]), set(at.get("seen", ()))
        start = int(at.get("at", max(last - LAP, 0)))
        page = self._client.search(
            "transactions", f"{OF_TICKETS}{self._of_ours()} AND id > {start}", "ObjectId"
        )
        items = page["items"]
        ids = [number(item) for item in items]
        fresh = {str(item.get("ObjectId") or "") for item in items if number(item) not in seen} - {""}
        last = max([last, *ids])
        known = sorted(id_ for id_ in seen | set(ids) if id_ > last - LAP)
        more = bool(items) and not is_last(page)
        said = {"id": last, "seen": known} | ({"at": max(ids)} if more else {})
        return Page(self._in_page(sorted(fresh, key=int)), json.dumps(said), more)

    def back(self, cursor: str, since: int) -> Page:
        """A hundred tickets that anything happened to since then, those with the greatest ids first."""
        listed = self.list_back(cursor, since)
        return Page(listed.read(), listed.cursor, listed.more, listed.total)

    def list_back(self, cursor: str, since: int) -> Listed:
        """The same, of which the histories are read yet: by one call at a time, since other pages are read beside."""
        query = f"LastUpdated >= {_date(since)}" + (f" AND id < {int(cursor)}" if cursor else "")
        page = self._client.search("tickets", self._in_ours(query), self._fields, order="DESC", parts=_PARTS)
        items = page["items"]
        if not items:
            return Listed(tuple, cursor, False)
        total = page.get("total") if not cursor else None
        last = str(min(map(number, items)))
        return Listed(lambda: self._each(items, self._past(items)), last, not is_last(page), total)

    def read(self, ids: Sequence[str]) -> Sequence[Told]:
        """Tickets by id."""
        items = self._items(ids)
        past, there = self._past(items), {str(number(item)) for item in items}
        texts = self._texts(past)
        found = [self._told(item, past, texts) for item in items]
        return found + [self._absent(ticket) for ticket in ids if ticket not in there]

    def ids_between(self, since: int, until: int) -> Sequence[str] | None:
        """Tickets created then."""
        query = self._in_ours(f"Created >= {_date(since)} AND Created < {_date(until)}")
        return [str(number(item)) for item in self._client.all("tickets", query, "Created")]

    @property
    def _fields(self) -> str:
        by_custom_field = self._at.client not in ("domain", "queue")
        return TICKET + (",CustomFields" if by_custom_field else "")

    def _in_ours(self, query: str) -> str:
        """A query of tickets, in the queues to watch."""
        if not self._queues:
            return query
        return f"{query} AND ({' OR '.join(f'Queue = {quoted(name)}' for name in self._queues)})"

    def _of_ours(self) -> str:
        """The same of transactions; a ticket that leaves these queues is told once more."""
        if not self._queues:
            return ""
        return f" AND (Field = 'Queue' OR {' OR '.join(f'TicketQueue = {quoted(name)}' for name in self._queues)})"

    def _items(self, ids: Sequence[str]) -> list[Item]:
        if not ids:
            return []
        query = " OR ".join(f"id = {int(ticket)}" for ticket in ids)
        return list(self._client.all("tickets", query, self._fields, parts=_PARTS))

    def _past(self, items: Sequence[Item]) -> Mapping[str, list[Item]]:
        return self._history([str(number(item)) for item in items])

    def _history(self, tickets: Sequence[str]) -> dict[str, list[Item]]:
        """What happened to tickets, by ticket."""
        found: dict[str, list[Item]] = {ticket: [] for ticket in tickets}
        if tickets:
            query = f"{OF_TICKETS} AND {_among(tickets)} AND {TELLING}"
            for row in self._client.all("transactions", query, ROW):
                found.get(str(row.get("ObjectId")), []).append(row)
        return found

    def _in_page(self, ids: Sequence[str]) -> list[Told]:
        """Tickets of which one that cannot be read stops no other: it is told shallow, and tried alone later."""
        items = self._items(ids)
        there = {str(number(item)) for item in items}
        told = self._whole(items)
        for ticket in ids:
            if ticket not in there:
                try:
                    told.append(self._absent(ticket))
                except (Forbidden, Odd):
                    told.append(Told(ticket, 0, deep=False))
        return told

    def _whole(self, items: Sequence[Item]) -> list[Told]:
        """Tickets with what happened to them. Of many, two parts are read at once: most of the time RT computes."""
        if len(items) < MANY:
            return self._each(items, self._past(items))
        half = len(items) // 2
        with ThreadPoolExecutor(2, "rt") as pool:
            parts = pool.map(lambda some: self._each(some, self._past(some)), (items[:half], items[half:]))
            return [told for part in parts for told in part]

    def _each(self, items: Sequence[Item], past: Mapping[str, Sequence[Item]]) -> list[Told]:
        texts = self._texts(past)
        told = []
        for item in items:
            try:
                told.append(self._told(item, past, texts))
            except (Odd, LookupError, TypeError, ValueError, AttributeError):
                told.append(Told(str(number(item)), _updated(item), deep=False))
        return told

    def _told(self, item: Item, past: Mapping[str, Sequence[Item]], texts: Mapping[str, str]) -> Told:
        rows = self._with_starts(past[str(number(item))])
        return told_of(item, rows, texts, self._names, self._at)

    def _texts(self, past: Mapping[str, Sequence[Item]]) -> dict[str, str]:
        messages = [
            str(number(row))
            for rows in past.values()
            for row in rows
            if row.get("Type") in ("Correspond", "Comment")
        ]
        return texts_of(self._client.texts(messages)) if messages else {}

    def _with_starts(self, rows: Sequence[Item]) -> list[Item]:
        """With each merge, when the other ticket was made."""
        found: list[Item] = []
        for row in rows:
            merged = row.get("Field") == MERGED and row.get("Type") == "AddLink"
            other = self._merged_by(row) if merged else ""
            if other:
                found.append({**row, "Merged": other, "Since": self._made(other)})
            else:
                found.append(row)
        return found

    def _made(self, ticket: str) -> int | None:
        """When a ticket was made that is part of another by now."""
        query = f"{OF_TICKETS} AND ObjectId = {int(ticket)} AND Type = 'Create'"
        first = next(self._client.all("transactions", query, "Created"), None)
        return instant(first.get("Created")) if first else None

    def _merged_by(self, row: Item) -> str:
        """The ticket that a merge made part of this one. RT names the survivor on both, the other's row just before."""
        survivor, last = str(row.get("ObjectId")), number(row)
        if linked(row) != survivor:
            return linked(row)
        query = f"{OF_TICKETS} AND Field = '{MERGED}' AND Type = 'AddLink' AND id >= {last - NEAR} AND id <= {last}"
        rows = [r for r in self._client.search("transactions", query, ROW)["items"] if linked(r) == survivor]
        return next((str(r["ObjectId"]) for r in reversed(rows) if str(r["ObjectId"]) != survivor), "")

    def _absent(self, ticket: str) -> Told:
        """A ticket that a search does not find: it is part of another, deleted, gone, or no ticket but a reminder."""
        try:
            item = self._client.get(f"ticket/{int(ticket)}")
        except Missing:
            return Told(ticket, 0, gone=True)
        if str(number(item)) != ticket:
            return merged_of(ticket, str(number(item)), self._history([ticket])[ticket])
        if item.get("Type") not in (None, "ticket"):
            return Told(ticket, 0, gone=True)
        past = self._past([item])
        return self._told(item, past, self._texts(past))


_PARTS: Mapping[str, str] = {"fields[Requestor]": "RealName,EmailAddress"}


def _among(tickets: Iterable[str]) -> str:
    """A query of what belongs to any of these tickets; by range where they are close together."""
    ids = sorted(map(int, tickets))
    if ids[-1] - ids[0] < 2 * len(ids):
        return f"ObjectId >= {ids[0]} AND ObjectId <= {ids[-1]}"
    return f"({' OR '.join(f'ObjectId = {id_}' for id_ in ids)})"


def _date(at: int) -> str:
    """An instant in a query: without its Z it would be read in the zone of RT's user."""
    return f"'{from_micros(at).strftime('%Y-%m-%dT%H:%M:%SZ')}'"


def _updated(item: Item) -> int:
    try:
        return instant(item.get("LastUpdated")) or 0
    except Odd:
        return 0

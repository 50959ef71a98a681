"""Reads an Autotask: what changed, the past, tickets with all that there is of them, its set-up; and writes back."""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from beforehand.connectors.abilities import ContactPage
from beforehand.connectors.contract import Page, Right, SetUp, Told
from beforehand.connectors.line import Line
from beforehand.connectors.trouble import Forbidden, Missing, Odd
from beforehand.connectors.wanted import Wanted
from beforehand.engine.instants import MINUTE

from . import allowed, audit, contacts, past, rights, set_up, translate
from .client import CHUNK, Client, one_of
from .lookup import ALL, Lookup
from .names import Item, name_of, picks_of
from .settings import several, value
from .stamps import instant, written
from .whole import Whole

OVERLAP = 5 * MINUTE
SWEEP_EVERY = 15 * MINUTE
"""How often work and appointments are looked for that moved no ticket's own stamp."""
INTERNAL = 2
"""`publish` of a note that no client sees."""
PROBED = {
    "TicketHistory": "ticketID",
    "ServiceLevelAgreementResults": "ticketID",
    "ServiceCallTickets": "ticketID",
    "ServiceCalls": "id",
}
"""What is read with tickets, if at all: whether it can be is told with the set-up."""
FRESH_S = 3.0
"""A ticket that a page brought just now need not be asked for once more."""


class Reader:
    """Speaks with one Autotask."""

    def __init__(self, told: Mapping[str, str], line: Line) -> None:
        self.told, self.client = told, Client(told, line)
        self._patterns = translate.manner(told, "").patterns
        self._lookup = Lookup(told, self.client, self._server_time)
        self._whole = Whole(self.client, self._lookup, self._patterns)
        self._fresh: dict[str, tuple[float, Item]] = {}
        self._first: audit.First = audit.as_told

    def check(self) -> Sequence[Right]:
        """Which of the least rights needed are there."""
        return rights.check(self.client, self._lookup, self._patterns)

    def check_wanted(self, wanted: Wanted) -> Sequence[Right]:
        """Whether it may write what is switched on."""
        return allowed.check(self.client, wanted)

    def contacts(self, cursor: str) -> ContactPage:
        """The people of its clients."""
        field = value(self.told, "tier_field")
        return contacts.page(self.client, cursor, field, self._server_time())

    def begin(self) -> str:
        """From now on, by Autotask's own clock."""
        self.client.count("Tickets", [_gte("lastActivityDate", self._server_time())])
        now = self._server_time()
        return json.dumps({"since": now, "swept": now})

    def changes(self, cursor: str) -> Page:
        """What changed since, by its own stamps and clock. Rows come by id: a poll is whole only at its last page."""
        at = _cursor(cursor)
        rows, following = self._page([_gte("lastActivityDate", at["since"] - OVERLAP)], at.get("next", ""))
        began = at.get("began") or self._server_time()
        told = self._shallow(rows)
        if following:
            return Page(told, json.dumps({**at, "began": began, "next": following}), True)
        swept = at.get("swept", at["since"])
        if began - swept >= SWEEP_EVERY:
            told += self._swept(swept - OVERLAP)
            swept = began
        return Page(told, json.dumps({"since": began, "swept": swept}), False)

    def back(self, cursor: str, since: int) -> Page:
        """The past: what is open first, then all that was completed, the newest first."""
        page = past.page(self.client, cursor, since, self._server_time)
        return Page(self._shallow(page.rows), page.cursor, page.more, page.total)

    def read(self, ids: Sequence[str]) -> Sequence[Told]:
        """Tickets by id, with all that there is of them. Of several one that is of a strange form is left out."""
        tickets = self._tickets(ids)
        odd = [id_ for id_, row in tickets.items() if not translate.is_whole(row)]
        if odd and len(ids) == 1:
            translate.stamps_of(tickets[odd[0]])
        tickets = {id_: row for id_, row in tickets.items() if id_ not in odd}
        names, how = self._lookup.names(tickets.values()), self._manner()
        rest = self._whole.of(tickets)
        found = []
        for id_ in ids:
            if id_ in tickets:
                found.append(translate.deep(tickets[id_], rest[id_], names, how))
                self._whole.forget(id_)
            elif id_ not in odd:
                found.append(Told(id_, 0, gone=True))
        return found

    def ids_between(self, since: int, until: int) -> Sequence[str] | None:
        """The ids of all tickets created in between."""
        where = [_gte("createDate", since), {"op": "lt", "field": "createDate", "value": written(until)}]
        rows = self.client.query("Tickets", where)
        found = ((row.get("id"), instant(row.get("createDate"))) for row in rows)
        return [str(id_) for id_, at in found if at is not None and since <= at < until]

    def set_up(self) -> SetUp:
        """Its words, hours and holidays; and what cannot be read."""
        self.client.memory.lacks.clear()
        names = self._lookup.learn()
        companies, contracts = (self._lookup.optional(e, [ALL]) for e in ("Companies", "Contracts"))
        for kind, rows in (("client", companies), ("contract", contracts)):
            names.known[kind].update((str(row["id"]), name_of(kind, row)) for row in rows if "id" in row)
        states = picks_of(self._lookup.fields_of("Contracts") if contracts else ())
        names.contract_states = states.get("status", {})
        for entity, name in PROBED.items():
            self._lookup.optional(entity, [{"op": "eq", "field": name, "value": 0}])
        hours = self._lookup.optional("InternalLocationWithBusinessHours", [ALL])
        zones = picks_of(self._lookup.fields_of("InternalLocationWithBusinessHours") if hours else ()).get(
            "timeZoneID", {}
        )
        sets = self._lookup.optional("HolidaySets", [ALL])
        holidays = self._lookup.optional("Holidays", [ALL]) if sets else []
        return set_up.set_up(
            names, value(self.told, "type"), companies, contracts, hours,
            {id_: pick.label for id_, pick in zones.items()}, sets, holidays, list(self.client.memory.lacks.values()),
        )  # fmt: skip

    def recall(self, first: audit.First) -> None:
        """Histories have the names that things had then."""
        self._first = first

    def write_note(self, ticket: str, text: str) -> None:
        """An internal note."""
        self.client.call(
            "POST",
            f"Tickets/{_number(ticket)}/Notes",
            {"ticketID": _number(ticket), "title": "Beforehand", "description": text[:32_000],
             "noteType": self._kind_of_note(), "publish": INTERNAL},
        )  # fmt: skip

    def write_fields(self, ticket: str, values: Mapping[str, str]) -> None:
        """User-defined fields, by their names."""
        fields = [{"name": name, "value": said} for name, said in values.items()]
        self.client.call("PATCH", "Tickets", {"id": _number(ticket), "userDefinedFields": fields})

    def notes_of(self, ticket: str) -> Sequence[str]:
        """What its notes say."""
        rows = self.client.of("TicketNotes", "ticketID", [_number(ticket)])
        return [str(row.get("description") or "") for row in rows]

    def _kind_of_note(self) -> int:
        """The kind that notes have by default, else the first that people write."""
        automatic = tuple(name.casefold() for name in several(self.told, "automatic_notes"))
        kinds = [
            pick
            for pick in self._lookup.names().notes.values()
            if pick.active and not pick.label.casefold().startswith(automatic)
        ]
        found = next((pick.id for pick in kinds if pick.first), kinds[0].id if kinds else "1")
        return int(found)

    def _server_time(self) -> int:
        """The time by Autotask's clock: ours may differ."""
        if self.client.now is None:
            self.client.look()
        if self.client.now is None:
            raise Odd("Autotask's answers have no date")
        return self.client.now

    def _page(self, where: Sequence[Item], following: str) -> tuple[list[Item], str]:
        """A page of tickets; the first again where the way to the next one is not known any more."""
        try:
            return self.client.page("Tickets", where, following)
        except (Forbidden, Missing, Odd):
            if not following:
                raise
            return self.client.page("Tickets", where)

    def _manner(self) -> translate.Manner:
        return translate.manner(self.told, self.client.zone().web, self._first)

    def _shallow(self, rows: Iterable[Item]) -> list[Told]:
        rows = list(rows)
        names, how = self._lookup.names(rows), self._manner()
        self._fresh.update((str(row["id"]), (time.monotonic(), row)) for row in rows if "id" in row)
        whole = [translate.shallow(row, names, how) for row in rows if translate.is_whole(row)]
        # Those of a strange form are read by themselves, so that it is noted of them and stops no other.
        odd = [str(row["id"]) for row in rows if "id" in row and not translate.is_whole(row)]
        return whole + [Told(id_, 0, deep=False) for id_ in odd]

    def _swept(self, since: int) -> list[Told]:
        """Tickets whose work or appointments changed though their own stamp did not move."""
        moved: dict[int, int] = {}
        for entry in self.client.query("TimeEntries", [_gte("lastModifiedDateTime", since), _OF_TICKETS]):
            _latest(moved, entry.get("ticketID"), entry)
        calls = {
            row["id"]: row
            for row in self._lookup.optional("ServiceCalls", [_gte("lastModifiedDateTime", since)])
        }
        if calls:
            for link in self._lookup.optional(
                "ServiceCallTickets", [one_of("serviceCallID", list(calls)[:CHUNK])]
            ):
                _latest(moved, link.get("ticketID"), calls[link["serviceCallID"]])
        rows = list(self.client.of("Tickets", "id", sorted(moved))) if moved else []
        whole = [row for row in rows if translate.is_whole(row)]
        missed = [row for row in whole if translate.stamps_of(row)[1] + MINUTE < moved[row["id"]]]
        return list(self.read([str(row["id"]) for row in missed])) if missed else []

    def _tickets(self, ids: Sequence[str]) -> dict[str, Item]:
        found: dict[str, Item] = {}
        for id_ in ids:
            since, row = self._fresh.pop(id_, (0.0, {}))
            if row and time.monotonic() - since <= FRESH_S:
                found[id_] = row
        asked = [int(id_) for id_ in ids if id_ not in found and id_.isdecimal() and len(id_) < 19]
        if asked:
            found |= {str(row["id"]): row for row in self.client.of("Tickets", "id", asked) if "id" in row}
        return found


_OF_TICKETS: Item = {"op": "exist", "field": "ticketID"}


def _gte(name: str, at: int) -> Item:
    return {"op": "gte", "field": name, "value": written(at)}


def _cursor(said: str) -> dict[str, Any]:
    try:
        at = json.loads(said)
    except ValueError:
        at = None
    if not isinstance(at, dict) or not isinstance(at.get("since"), int):
        raise Odd("the place where changes go on cannot be read")
    return at


def _latest(moved: dict[int, int], ticket: Any, row: Item) -> None:
    at = instant(row.get("lastModifiedDateTime"))
    if isinstance(ticket, int) and at is not None:
        moved[ticket] = max(at, moved.get(ticket, 0))


def _number(ticket: str) -> int:
    if not ticket.isdecimal():
        raise Missing(f"no ticket of Autotask has the id {ticket[:40]!r}")
    return int(ticket)

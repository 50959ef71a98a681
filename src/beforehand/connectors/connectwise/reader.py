"""A tenant of ConnectWise as `sync.py` drives it: what changed, the past, single tickets, and writing back."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from beforehand.engine.instants import MINUTE
from beforehand.tickets.events import TicketEvent

from ..abilities import ContactPage
from ..contract import Page, Right, SetUp, Told
from ..line import Forbidden, Line, Missing, Odd, Trouble
from ..wanted import Wanted
from . import allowed, audit, bundles, callbacks, contacts, messages, rights, set_up, translate, write
from .client import Client, Rows
from .people import members
from .values import Row, key_of, stamp, text, updated

OVERLAP = 5 * MINUTE
"""Stamps are of the second, and what was being saved may come to be seen late."""
AT_ONCE = 200
"""Tickets of a page: enough for few calls, and soon kept."""
TICKETS = "service/tickets"
ON = ("1", "true", "yes", "on")
VISITS = "onsite, on-site, on site"


class Reader:
    """Speaks with one tenant."""

    def __init__(self, settings: Mapping[str, str], line: Line) -> None:
        self.client = Client(settings, line)
        self._place = (self.client.site, self.client.company)
        self._first: translate.First = translate.as_told
        self._plans = settings.get("appointments", "").strip().lower() in ON
        self._tiers = contacts.tiers_of(settings)
        kinds = settings.get("visits", "").strip() or VISITS
        self._visits = [kind.strip().lower() for kind in kinds.split(",") if kind.strip()]
        try:
            self._ways = audit.patterns(settings.get("history", ""))
        except ValueError as wrong:
            raise Trouble(
                f"the setting for the audit trail has a line that is no pattern: {wrong}", 3600
            ) from None

    def check(self) -> Sequence[Right]:
        """Which rights of the API member's role are there."""
        return rights.check(self.client)

    def check_wanted(self, wanted: Wanted) -> Sequence[Right]:
        """Whether it may do what is switched on, as far as ConnectWise tells."""
        return allowed.check(self.client, wanted)

    def set_up(self) -> SetUp:
        """The tenant's configuration."""
        return set_up.read(self.client, self._ways, self._first)

    def recall(self, first: translate.First) -> None:
        """The audit trail has the names that things had then."""
        self._first = first

    def contacts(self, cursor: str) -> ContactPage:
        """The people of its clients."""
        return contacts.page(self.client, cursor, self._tiers)

    def begin(self) -> str:
        """From ConnectWise's own now on: its clock and ours differ."""
        page = self.client.page(TICKETS, {"orderBy": "id desc", "pageSize": "1"})
        stamps = [at for at in map(updated, page.rows) if at is not None]
        return json.dumps({"mark": max(stamps, default=0) if page.at is None else page.at})

    def changes(self, cursor: str) -> Page:
        """What was saved after the mark, by id, and each page after the last id of the one before: a ticket that is
        saved meanwhile comes again or later, and never slips through.
        """
        at = json.loads(cursor)
        page = self.client.page(
            TICKETS,
            {
                "conditions": f"lastUpdated>[{stamp(max(at['mark'] - OVERLAP, 0))}]",
                "orderBy": "id",
                "pageSize": str(AT_ONCE),
                **at.get("next", {}),
            },
            forward=True,
        )
        told = sorted(self._shallow(page.rows), key=lambda one: one.updated)
        if page.more and page.more == at.get("next"):
            raise Odd("the pages of what changed go round in a circle")
        children = bundles.Children(self.client, TICKETS, at)
        bundled = children.of(page.rows)
        on = _gone_on(at, page, told)
        if parents := children.since(at["mark"] - OVERLAP):
            on["parents"] = parents
        return Page([*told, *bundled], json.dumps(on), bool(page.more))

    def back(self, cursor: str, since: int) -> Page:
        """The past, from the highest number down."""
        at: dict[str, Any] = json.loads(cursor) if cursor else {}
        made = f"dateEntered>=[{stamp(since)}]"
        total = at.get("total") if cursor else self.client.count(TICKETS, made)
        conditions = f"{made} and id<{at['below']}" if "below" in at else made
        page = self.client.page(
            TICKETS, {"conditions": conditions, "orderBy": "id desc", "pageSize": str(AT_ONCE)}
        )
        numbers = [int(key) for key in map(key_of, page.rows) if key.isdecimal()]
        more = bool(page.more) and bool(numbers)
        if more and "below" in at and min(numbers) >= at["below"]:
            raise Odd("the pages of the past go round in a circle")
        fresh = json.dumps({"below": min(numbers), "total": total}) if more else ""
        return Page(self._shallow(page.rows), fresh, more, total)

    def read(self, ids: Sequence[str]) -> Sequence[Told]:
        """Tickets with their history. One that is not found is asked for by itself before it is said to be gone."""
        rows = self._rows(ids)
        time = self._time([ticket for ticket in ids if ticket in rows])
        told = []
        for ticket in ids:
            row = rows.get(ticket) or self._row(ticket)
            told.append(Told(ticket, 0, gone=True) if row is None else self._deep(row, time))
        return told

    def ids_between(self, since: int, until: int) -> Sequence[str]:
        """The numbers of all tickets that were made in a time."""
        asked = {
            "conditions": f"dateEntered>=[{stamp(since)}] and dateEntered<[{stamp(until)}]",
            "fields": "id",
        }
        return [key for row in self.client.all(TICKETS, asked, forward=True) if (key := key_of(row))]

    def write_note(self, ticket: str, text: str) -> None:
        """An internal note, of which nobody is mailed."""
        write.note(self.client, ticket, text)

    def write_fields(self, ticket: str, values: Mapping[str, str]) -> None:
        """Custom fields by their captions."""
        write.fields(self.client, ticket, values)

    def notes_of(self, ticket: str) -> Sequence[str]:
        """What its notes say."""
        return [text(note.get("text")) for note in self.client.all(f"{TICKETS}/{ticket}/notes", forward=True)]

    def listen(self, url: str, name: str) -> None:
        """Have ConnectWise call an address after each change of a ticket."""
        callbacks.register(self.client, url, name)

    def listens(self, url: str) -> bool:
        """Whether it calls that address."""
        return callbacks.is_there(self.client, url)

    def unlisten(self, url: str, name: str) -> None:
        """Have it call that address no more."""
        callbacks.withdraw(self.client, url, name)

    def _shallow(self, rows: Sequence[Row]) -> list[Told]:
        """Tickets of a list. One that cannot be told stops no other: the nightly proof misses it, and says why."""
        told, odd = [], None
        for row in rows:
            try:
                told.append(translate.shallow(row, *self._place))
            except Odd as trouble:
                odd = trouble
        if odd is not None and not told:
            raise odd
        return told

    def _rows(self, ids: Sequence[str]) -> dict[str, Row]:
        numbers = [ticket for ticket in ids if ticket.isdecimal()]
        if len(numbers) < 2:
            return {}
        asked = {"conditions": f"id in ({','.join(numbers)})"}
        return {key_of(row): row for row in self.client.all(TICKETS, asked, forward=True)}

    def _row(self, ticket: str) -> Row | None:
        if not ticket.isdecimal():
            return None
        try:
            row = self.client.one(f"{TICKETS}/{ticket}")
        except Missing:
            return None
        if key_of(row) != ticket:
            raise Odd(f"asked for ticket {ticket}, ConnectWise answered another")
        return row

    def _time(self, ids: Sequence[str]) -> dict[str, list[Row]] | None:
        """The time entries of tickets, by ticket; None where they may not be read."""
        kinds = '(chargeToType="ServiceTicket" or chargeToType="ProjectTicket")'
        found: dict[str, list[Row]] = {ticket: [] for ticket in ids}
        try:
            if ids:
                asked = {"conditions": f"chargeToId in ({','.join(ids)}) and {kinds}"}
                for row in self.client.all("time/entries", asked, forward=True):
                    found.setdefault(text(row.get("chargeToId")), []).append(row)
        except Forbidden:
            return None
        return found

    def _deep(self, row: Row, time: dict[str, list[Row]] | None) -> Told:
        key, born = key_of(row), translate.creation(row)
        if born is None or not key:
            return translate.shallow(row, *self._place)
        lacking: list[str] = []
        if time is not None and key not in time:
            time = self._time([key])
        trail = self._trail(key, lacking)
        by = [change.by for some in trail.changes.values() for change in some] if trail else []
        people = members(self._place, self._members, by)
        ticket = messages.Ticket(key, born, people, bundles.parent_of(row))
        said = self._notes(ticket, row, time is None)
        if time is None:
            lacking.append("time entries may not be read")
        else:
            said += messages.of_time(ticket, time.get(key, ()), self._is_visit)
        if self._plans:
            said += messages.of_appointments(ticket, self._appointments(key, lacking))
        return translate.deep(
            row,
            *self._place,
            translate.Deep(trail, ticket.members, said, self._absorbed(row, key), lacking, self._first),
        )

    def _notes(self, ticket: messages.Ticket, row: Row, with_time: bool) -> list[TicketEvent]:
        """Notes; those of a parent, of merged tickets, and of time that may not be read, stand in allNotes alone."""
        notes = list(self.client.all(f"{TICKETS}/{ticket.id}/notes", forward=True))
        kinds = ["TicketNote", *(["TimeEntryNote"] if with_time else [])]
        if with_time or ticket.parent or row.get("hasMergedChildTicketFlag"):
            known = {key_of(note) for note in notes}
            others = self.client.all(f"{TICKETS}/{ticket.id}/allNotes", forward=True)
            notes += [
                note
                for note in others
                if key_of(note) not in known or text(note.get("noteType")) not in ("", "TicketNote")
            ]
        return messages.of_notes(ticket, notes, kinds)

    def _appointments(self, key: str, lacking: list[str]) -> list[Row]:
        asked = {"conditions": f'objectId={key} and type/identifier="S"'}
        try:
            return list(self.client.all("schedule/entries", asked, forward=True))
        except Forbidden:
            lacking.append("appointments may not be read")
            return []

    def _trail(self, key: str, lacking: list[str]) -> audit.Trail | None:
        try:
            rows = list(self.client.all("system/audittrail", {"type": "Ticket", "id": key}, by=""))
        except Forbidden:
            lacking.append("the audit trail may not be read")
            return None
        return audit.trail(rows, self._ways)

    def _absorbed(self, row: Row, key: str) -> list[Row]:
        if not row.get("hasMergedChildTicketFlag"):
            return []
        return list(self.client.all(TICKETS, {"conditions": f"mergedParentTicket/id={key}"}, forward=True))

    def _members(self) -> list[Row]:
        try:
            return list(self.client.all("system/members", forward=True))
        except Forbidden:
            return []

    def _is_visit(self, kind: str) -> bool:
        return any(word in kind.lower() for word in self._visits)


def _gone_on(at: Mapping[str, Any], page: Rows, told: Sequence[Told]) -> dict[str, Any]:
    """Where changes go on after a page.

    A sweep of one page is of one instant: all that it shows is behind the new mark. One of several is no older than
    its first page, whatever the later ones show.
    """
    latest = max([at.get("latest", at["mark"]), *(one.updated for one in told)])
    begun = at.get("begun") or (page.at if page.at is not None else latest)
    if page.more:
        return {"mark": at["mark"], "next": dict(page.more), "latest": latest, "begun": begun}
    mark = latest if "next" not in at else min(latest, begun)
    return {"mark": max(mark, at["mark"])}

"""Reads HaloPSA, and writes the little that an owner allows."""

from collections.abc import Mapping, Sequence

from beforehand.connectors.abilities import ContactPage
from beforehand.connectors.contract import Page, Right, SetUp, Told
from beforehand.connectors.line import Forbidden, Line, Missing, Odd
from beforehand.connectors.wanted import Wanted
from beforehand.engine.instants import DAY, SECOND

from . import allowed, checking, contacts, cursors, set_up
from .client import MOST_PAGES, SIZE, Client, Rows
from .cursors import OVERLAP
from .literals import literals_of
from .names import ReadNames
from .session import access_of, session_of
from .translate import deep, gone, shallow, updated_of
from .values import Row, first_instant, flag, key, text

NOTE = "Private Note"
"""The kind of action that every HaloPSA has for notes which the client does not see."""
SLACK = 2 * SECOND
NO = ("no", "off", "false", "0")


class Reader:
    """One HaloPSA as its owner's settings describe it (contract.Reader, abilities.Writer)."""

    def __init__(self, settings: Mapping[str, str], line: Line) -> None:
        access = access_of(settings)
        self._access, self._client = access, Client(session_of(access), line)
        self._names = ReadNames(self._client)
        self._literals = literals_of(settings)
        self._appointments = settings.get("appointments", "").strip().casefold() not in NO
        self._note = settings.get("note", "").strip() or NOTE

    def check(self) -> Sequence[Right]:
        """Which rights are there, and whether the meanings of actions are known."""
        return checking.rights(self._client, self._literals, self._appointments)

    def check_wanted(self, wanted: Wanted) -> Sequence[Right]:
        """Whether it may write what is switched on, as far as HaloPSA tells."""
        return allowed.check(self._client, wanted, self._note)

    def set_up(self) -> SetUp:
        """Its configuration."""
        return set_up.read(self._client, self._literals)

    def contacts(self, cursor: str) -> ContactPage:
        """The people of its clients."""
        return contacts.page(self._client, cursor)

    def begin(self) -> str:
        """From now on, by the source's clock: ours may differ."""
        page = self._client.tickets(1, 1, order="lastupdate", orderdesc="true")
        now = page.at if page.at is not None else max(filter(None, map(updated_of, page.rows)), default=None)
        if now is None:
            raise Odd("HaloPSA says neither the time nor any ticket")
        return cursors.Sweep(now).write()

    def changes(self, cursor: str) -> Page:
        """A page of rows of the list; what of them is new is read deep afterwards."""
        at = cursors.sweep(cursor)
        page = self._client.changed(at.since - OVERLAP, at.page)
        first = _first(page, at.first)
        stamps = {key(row.get("id")): updated_of(row) for row in page.rows}
        fresh = [row for row in page.rows if at.seen.get(key(row.get("id"))) != stamps[key(row.get("id"))]]
        known = {id_: stamp for id_, stamp in stamps.items() if id_ and stamp is not None}
        begun = at.next or (page.at if page.at is not None else max(known.values(), default=0))
        seen = {id_: stamp for id_, stamp in (at.seen | known).items() if stamp >= begun - OVERLAP}
        read = at.read + len(page.rows)
        on = at._replace(page=at.page + 1, next=begun, read=read, first=first, seen=seen)
        more = _goes_on(page, read)
        return Page(self._shallow(fresh), (on if more else on.over()).write(), more)

    def back(self, cursor: str, since: int) -> Page:
        """A page of the past. It ends with a page of which every ticket is older than asked for."""
        at = cursors.back(cursor)
        page = self._client.newest(at.page)
        total = at.total if cursor else self._count(page, since)
        ids = [int(key(row.get("id")) or 0) for row in page.rows]
        born = [first_instant(row, "dateoccurred", "datecreated") for row in page.rows]
        wanted = [row for row, at_ in zip(page.rows, born, strict=True) if at_ is None or at_ >= since]
        over = not wanted and ids == sorted(ids, reverse=True)
        read = at.read + len(page.rows)
        more = _goes_on(page, read) and not over
        on = cursors.Back(at.page + 1, read, _first(page, at.first), total)
        told = self._shallow(wanted)
        return Page(told, on.write() if more else "", more, None if total < 0 else total)

    def read(self, ids: Sequence[str]) -> Sequence[Told]:
        """Tickets with all that happened to them: two calls each, three where appointments are read."""
        return [self._deep(ticket) for ticket in ids]

    def ids_between(self, since: int, until: int) -> Sequence[str] | None:
        """The ids of a time; None where HaloPSA does not filter by it. Asked for a day more on either side, since how
        it reads the ends is not known.
        """
        found: set[str] = set()
        read = 0
        for number in range(1, MOST_PAGES + 1):
            page = self._client.created(since - DAY, until + DAY, number)
            read += len(page.rows)
            for row in page.rows:
                at = first_instant(row, "dateoccurred", "datecreated")
                if at is None or not since - 3 * DAY <= at < until + 3 * DAY:
                    return None
                if since <= at < until and not flag(row.get("deleted")):
                    found.add(key(row.get("id")))
            if not _goes_on(page, read):
                return sorted(found)
        return None

    def write_note(self, ticket: str, text: str) -> None:
        """A note that the client does not see, of a kind that sends no mail. Raises Forbidden where it would."""
        outcome = self._client.outcome(self._note)
        if outcome is not None and flag(outcome.get("sendemail")):
            raise Forbidden(f"the action {self._note!r} in HaloPSA sends mail: no note is written with it")
        self._client.add_action(
            {
                "ticket_id": int(ticket),
                "outcome": self._note,
                "note": text,
                "hiddenfromuser": True,
                "sendemail": False,
                "send_survey": False,
                "action_isresponse": False,
                "dont_do_rules": True,
            }
        )

    def notes_of(self, ticket: str) -> Sequence[str]:
        """What its actions say."""
        return [text(one.get("note")) for one in self._client.actions(ticket)]

    def write_fields(self, ticket: str, values: Mapping[str, str]) -> None:
        """Custom fields by their names (CF...)."""
        fields = [{"name": name, "value": value} for name, value in values.items()]
        self._client.change_ticket({"id": int(ticket), "customfields": fields, "dont_do_rules": True})

    def _deep(self, ticket: str) -> Told:
        try:
            row = self._client.ticket(ticket)
            actions = self._client.actions(ticket)
            if _latest(actions) > (updated_of(row) or 0) + SLACK:
                row = self._client.ticket(ticket)  # it changed between the two
        except Missing:
            return gone(ticket)
        visits = self._read_appointments(ticket) if self._appointments else []
        where = self._access.address
        return deep(row, actions, visits, self._names, self._literals, where, self._access.client)

    def _read_appointments(self, ticket: str) -> list[Row]:
        """None where they may not be read: `check` says so, and the ticket goes on without."""
        try:
            return self._client.appointments(ticket)
        except (Forbidden, Missing):
            return []

    def _shallow(self, rows: Sequence[Row]) -> list[Told]:
        """Rows in our words. One that lacks its id or its dates stops no other: the nightly proof finds it."""
        told = []
        for row in rows:
            try:
                told.append(shallow(row, self._names, self._access.address))
            except Odd:
                continue
        return told

    def _count(self, page: Rows, since: int) -> int:
        """How many tickets of the past there are, for the estimate."""
        if page.total is None or page.at is None:
            return -1 if page.total is None else page.total
        some = self._client.created(since, page.at + DAY, 1, 1)
        return page.total if some.total is None else min(page.total, some.total)


def _first(page: Rows, before: str) -> str:
    """With which ticket a page begins; raises Odd where the one before began with the same: pages that go round."""
    first = key(page.rows[0].get("id")) if page.rows else ""
    if first and first == before:
        raise Odd("HaloPSA gives the same page again instead of the next")
    return first


def _goes_on(page: Rows, read: int) -> bool:
    """Whether there is another page. A source may give fewer rows to a page than were asked for."""
    return bool(page.rows) and (len(page.rows) >= SIZE or (page.total is not None and read < page.total))


def _latest(actions: Sequence[Row]) -> int:
    """When the latest action was made."""
    return max((first_instant(one, "actiondatecreated") or 0 for one in actions), default=0)

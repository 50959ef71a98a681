"""The calls to HaloPSA, and its two shapes of lists: a bare one, and one in an object with a count."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from beforehand.connectors.line import Forbidden, Line, Missing, Odd

from .session import Answer, Session
from .values import Row, flag, key, naive, rows_of, text, whole

SIZE = 100
"""Rows of a page: HaloPSA gives no more, whatever is asked for."""
MOST_PAGES = 2_000


class Rows(NamedTuple):
    """A page of a list: `total` is how many there are in all, `at` the time by the source's clock."""

    rows: list[Row]
    total: int | None
    at: int | None


class Client:
    """Calls under one session; each raises what line.py raises."""

    def __init__(self, session: Session, line: Line) -> None:
        self.session, self._line = session, line

    def tickets(self, page: int, size: int = SIZE, **more: str) -> Rows:
        """A page of the list of tickets, of which each row is a part of a ticket. Contracts are told when asked for."""
        return self._page("Tickets", "tickets", page, size, {"includecontract": "true"} | more)

    def changed(self, since: int, page: int) -> Rows:
        """Tickets that changed since an instant. In the order of their ids, in which none moves when it changes."""
        return self.tickets(page, lastupdatefromdate=naive(since), order="id", orderdesc="false")

    def newest(self, page: int) -> Rows:
        """All tickets, those with the greatest ids first."""
        return self.tickets(page, order="id", orderdesc="true")

    def created(self, since: int, until: int, page: int, size: int = SIZE) -> Rows:
        """Tickets opened in a time; the name of the field has one r less than in the ticket."""
        return self.tickets(
            page,
            size,
            datesearch="dateoccured",
            startdate=naive(since),
            enddate=naive(until),
            order="id",
            orderdesc="false",
        )

    def users(self, since: int, page: int) -> Rows:
        """A page of the people of clients: of those in use, or with an instant of all that changed since."""
        more = {"order": "id", "orderdesc": "false"}
        if since:
            more |= {"lastupdatefromdate": naive(since), "includeinactive": "true"}
        return self._page("Users", "users", page, SIZE, more)

    def ticket(self, ticket: str) -> Row:
        """A ticket with its details; raises Missing where there is none."""
        said = self._get(f"Tickets/{int(ticket)}", {"includedetails": "true"}).said
        if isinstance(said, list) and len(said) == 1:
            (said,) = said
        if said is None or (isinstance(said, Mapping) and not key(said.get("id"))):
            raise Missing(f"HaloPSA has no ticket {ticket}")
        if not isinstance(said, Mapping):
            raise Odd(f"HaloPSA told ticket {ticket} as something that is no ticket")
        return said

    def actions(self, ticket: str) -> list[Row]:
        """All actions of a ticket; raises Odd where not all of them are told."""
        params = {"ticket_id": str(int(ticket)), "excludesys": "false"}
        found, total = self._all("Actions", "actions", params)
        if total is not None and len(found) < total:
            said = self._get("Actions", params | {"count": str(total)})
            found |= _by_id(_list(said.said, "actions", "Actions"))
        if total is not None and len(found) < total:
            raise Odd(f"HaloPSA told {len(found)} of {total} actions of ticket {ticket}")
        return list(found.values())

    def first_actions(self, ticket: str) -> list[Row]:
        """Some actions of a ticket, in one call."""
        return self._page("Actions", "actions", 1, SIZE, {"ticket_id": str(int(ticket))}).rows

    def appointments(self, ticket: str) -> list[Row]:
        """The appointments of a ticket."""
        params = {"ticket_id": str(int(ticket)), "showall": "true", "showappointments": "true"}
        said = self._get("Appointment", params).said
        return [
            one
            for one in _list(said, "appointments", "Appointment")
            if key(one.get("ticket_id")) in ("", str(int(ticket)))
        ]

    def table(self, name: str) -> list[Row]:
        """A list of the set-up that comes whole: Status, Priority, TicketType, Team, Agent, SLA, Workday, Holiday,
        FieldInfo."""
        more = {"Status": {"showall": "true"}, "TicketType": {"showall": "true", "showinactive": "true"}}
        return _list(self._get(name, more.get(name, {})).said, "", name)

    def one(self, name: str, id_: str) -> Row:
        """One object of the set-up, whole."""
        said = self._get(f"{name}/{id_}", {"includedetails": "true"}).said
        if not isinstance(said, Mapping):
            raise Odd(f"HaloPSA told {name} {id_} as something that is none")
        return said

    def pages(self, name: str, list_name: str) -> list[Row]:
        """A list of the set-up that comes in pages: Client, Site, ClientContract."""
        found, _ = self._all(name, list_name, {"includeinactive": "true"})
        return list(found.values())

    def listed(self, name: str) -> list[Row]:
        """The first of such a list: whether it may be read."""
        return self._page(name, "", 1, 1, {}).rows

    def outcome(self, name: str) -> Row | None:
        """The kind of action of this name; None where there is none, or where they may not be read."""
        try:
            rows = self.table("Outcome")
        except Forbidden:
            return None
        names = ("outcome", "buttonname", "labellong")
        return next(
            (one for one in rows if name.casefold() in {text(one.get(field)).casefold() for field in names}),
            None,
        )

    def scope(self, wanted: str) -> str:
        """What a token is good for that is asked for with a scope of its own; "" where HaloPSA does not say."""
        return self.session.scope(self._line, wanted)

    def add_action(self, body: Mapping[str, Any]) -> None:
        """Add an action to a ticket: a list of one, as HaloPSA wants it."""
        self._post("Actions", [dict(body)])

    def change_ticket(self, body: Mapping[str, Any]) -> None:
        """Change a ticket: only what is named."""
        self._post("Tickets", [dict(body)])

    def _post(self, path: str, body: Any) -> Answer:
        return self.session.call(self._line, "POST", path, body=body)

    def _get(self, path: str, params: Mapping[str, str]) -> Answer:
        return self.session.call(self._line, "GET", path, params)

    def _page(self, path: str, name: str, page: int, size: int, more: Mapping[str, str]) -> Rows:
        params = {"pageinate": "true", "page_no": str(page), "page_size": str(size), **more}
        answer = self._get(path, params)
        total = whole(answer.said.get("record_count")) if isinstance(answer.said, Mapping) else None
        return Rows(_list(answer.said, name, path), total, answer.at)

    def _all(self, path: str, name: str, more: Mapping[str, str]) -> tuple[dict[str, Row], int | None]:
        """All rows of a list by id, and how many there should be. Ends where a page brings nothing new."""
        found: dict[str, Row] = {}
        total = None
        for page in self._each(path, name, more):
            fresh = _by_id(page.rows)
            total = page.total if page.total is not None else total
            news = fresh.keys() - found.keys()
            found |= fresh
            if not news or (len(page.rows) < SIZE and len(found) >= (total or 0)):
                break
        return found, total

    def _each(self, path: str, name: str, more: Mapping[str, str]) -> Iterator[Rows]:
        for number in range(1, MOST_PAGES + 1):
            yield self._page(path, name, number, SIZE, more)


def _by_id(rows: list[Row]) -> dict[str, Row]:
    return {key(one.get("id")): one for one in rows if key(one.get("id"))}


def _list(said: Any, name: str, path: str) -> list[Row]:
    """The rows of a list, in either shape; where an object has another name for it, its only list."""
    if said is None:
        return []
    if isinstance(said, list):
        return rows_of(said)
    if isinstance(said, Mapping):
        if isinstance(said.get(name), list):
            return rows_of(said[name])
        lists = [value for value in said.values() if isinstance(value, list)]
        if len(lists) == 1:
            return rows_of(lists[0])
        if whole(said.get("record_count")) == 0:
            return []
    raise Odd(f"HaloPSA told {path} as something that is no list")


def is_in_use(row: Row) -> bool:
    """Whether a thing of the set-up is used still."""
    return not (flag(row.get("inactive")) or flag(row.get("isdisabled")) or flag(row.get("_isdeleted")))

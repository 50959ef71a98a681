"""A tenant's configuration: the words that its tickets use, and what its own SLAs are made of."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from beforehand.promises.psa import DAYS

from ..contract import Piece, SetUp, Word
from ..hours import listed
from ..line import Forbidden, Missing
from . import audit, plain, proposals
from .client import Client
from .people import API, full_name
from .translate import First, as_told, fields, histories
from .values import Row, key_of, named, text

SAMPLE = 5
"""Tickets whose audit trail is tried with the patterns that there are."""


class _Asking:
    """Lists of a tenant; what may not be read is noted once, in words."""

    def __init__(self, client: Client) -> None:
        self.client, self.missing, self.lost = client, list[str](), set[str]()

    def list(self, path: str, what: str, **params: str) -> list[Row]:
        try:
            return list(self.client.all(path, params))
        except Forbidden:
            said = f"{what} may not be read"
        except Missing:
            said = f"{what} are not there to be read"
        self.lost.add(path)
        if said not in self.missing:
            self.missing.append(said)
        return []


def read(client: Client, ways: Sequence[audit.Pattern], first: First = as_told) -> SetUp:
    """Everything, with what could not be read."""
    ask = _Asking(client)
    boards = ask.list("service/boards", "boards")
    words: list[Word] = []
    pieces: list[Piece] = []
    for board in boards:
        more, own = _of_board(ask, board)
        words += more
        pieces += own
    companies = ask.list("company/companies", "companies", conditions="deletedFlag=false")
    agreements = ask.list("finance/agreements", "agreements")
    words += _plain(ask)
    words += _clients(companies, agreements)
    words += _people(ask)
    other = next(iter(ask.list("system/myCompany/other", "the company's default calendar")), {})
    slas = ask.list("service/SLAs", "SLAs")
    pieces += _slas(ask, slas, key_of(other, "defaultCalendar"))
    pieces += _calendars(ask, other)
    pieces += plain.serves(agreements, companies, slas)
    _unread(ask, ways, first)
    return SetUp(words, pieces, ask.missing)


def _of_board(ask: _Asking, board: Row) -> tuple[list[Word], list[Piece]]:
    """A board with its own statuses, types and teams: the same name on another board is another thing."""
    key, name = key_of(board), text(board.get("name"))
    means, why = proposals.board(board)
    used = {"in use": board.get("inactiveFlag") is not True}
    words, pieces = [Word("board", key, name, proposed=means, why=why, said=used)], []
    for row in ask.list(f"service/boards/{key}/statuses", "statuses of boards"):
        state, why = proposals.status(row)
        flags = {"escalation": text(row.get("escalationStatus")), "in use": row.get("inactive") is not True}
        words.append(Word("status", key_of(row), text(row.get("name")), name, state, why, flags))
        pieces.append(
            Piece("status", key_of(row), text(row.get("name")), _bare(row), plain.status(row, name))
        )
    for row in ask.list(f"service/boards/{key}/types", "types of boards"):
        kind = text(row.get("name"))
        means, why = proposals.origin(kind)
        if not means and row.get("category") == "Proactive":
            means, why = "recurring", "it is a proactive type"
        flags = {"category": text(row.get("category")), "in use": row.get("inactiveFlag") is not True}
        words.append(Word("type", key_of(row), kind, name, means, why, flags))
        pieces.append(Piece("type", key_of(row), kind, _bare(row)))
    for row in ask.list(f"service/boards/{key}/teams", "teams of boards"):
        words.append(
            Word("team", key_of(row), text(row.get("name")), name, said={"members": row.get("members")})
        )
    return words, pieces


def _plain(ask: _Asking) -> Iterator[Word]:
    """Priorities and sources."""
    for row in ask.list("service/priorities", "priorities"):
        order = {"order": row.get("sortOrder"), "level": text(row.get("level"))}
        yield Word("priority", key_of(row), text(row.get("name")), said=order)
    for row in ask.list("service/sources", "sources of tickets"):
        name = text(row.get("name"))
        means, why = proposals.origin(name, ("machine", "client-live", "client-written"))
        yield Word("channel", key_of(row), name, proposed=means, why=why)


def _clients(companies: Sequence[Row], agreements: Sequence[Row]) -> Iterator[Word]:
    """Clients, and what was agreed with them."""
    for row in companies:
        own = {
            "identifier": text(row.get("identifier")),
            "zone": named(row, "timeZoneSetup"),
            "calendar": key_of(row, "calendar"),
        }
        yield Word("client", key_of(row), text(row.get("name")), said=own)
    for row in agreements:
        said: dict[str, Any] = {
            "client": key_of(row, "company"),
            "type": named(row, "type"),
            "sla": key_of(row, "sla"),
            "from": text(row.get("startDate")),
            "until": text(row.get("endDate")),
            "in use": not plain.is_over(row),
        }
        yield Word("contract", key_of(row), text(row.get("name")), said=said)


def _people(ask: _Asking) -> Iterator[Word]:
    """Members who are people."""
    for row in ask.list("system/members", "members"):
        if text(row.get("licenseClass")) == API:
            continue
        said = {
            "identifier": text(row.get("identifier")),
            "email": text(row.get("primaryEmail")) or text(row.get("officeEmail")),
            "zone": named(row, "timeZone"),
            "in use": row.get("inactiveFlag") is not True,
        }
        yield Word("person", key_of(row), full_name(row), said=said)


def _slas(ask: _Asking, slas: Sequence[Row], ours: str) -> Iterator[Piece]:
    """SLAs, each with the priorities for which it promises something else."""
    for row in slas:
        path = f"service/SLAs/{key_of(row)}/priorities"
        own = ask.list(path, "priorities of SLAs")
        told = None if path in ask.lost else own
        said = {**_bare(row), "priorities": [_bare(one) for one in own]}
        yield Piece("sla", key_of(row), text(row.get("name")), said, plain.sla(row, told, ours, ask.missing))


def _calendars(ask: _Asking, other: Row) -> Iterator[Piece]:
    """Calendars and holidays. No calendar says in which zone its hours are."""
    found, ours = ask.list("schedule/calendars", "calendars"), key_of(other, "defaultCalendar")
    zone = _zone(ask, other) if found else ""
    for row in found:
        said = {**_bare(row), "default": key_of(row) == ours, "zone": None}
        yield Piece(
            "calendar", key_of(row), text(row.get("name")), said,
            plain.calendar(row, ours, zone, ask.missing),
        )  # fmt: skip
    if found:
        hours = [row for row in found if any(row.get(f"{day}StartTime") for day in DAYS)]
        ask.missing.append(
            f"calendars carry no time zone: confirm in which one the hours of {listed(_names(hours or found))} are"
            + (f" (the server's is {zone})" if zone else "")
        )
    for row in ask.list("schedule/holidayLists", "holiday lists"):
        days = ask.list(f"schedule/holidayLists/{key_of(row)}/holidays", "holidays")
        yield Piece(
            "holidays", key_of(row), text(row.get("name")), {"holidays": [_bare(day) for day in days]},
            plain.holidays(row, days, ask.missing),
        )  # fmt: skip


def _zone(ask: _Asking, default: Row) -> str:
    """The zone that the server is in: a hint for whoever confirms the calendars'."""
    try:
        said = text(ask.client.one("system/info").get("serverTimeZone"))
    except (Forbidden, Missing):
        said = ""
    return said or named(default, "serverTimeZone")


def _unread(ask: _Asking, ways: Sequence[audit.Pattern], first: First) -> None:
    """Say how many of the latest tickets have an audit trail that the patterns cannot read, with one of its rows."""
    asked = {"orderBy": "id desc", "pageSize": str(SAMPLE)}
    try:
        tickets = ask.client.page("service/tickets", asked).rows
        trails = [(ticket, _trail(ask.client, ticket, ways)) for ticket in tickets]
    except Forbidden:
        ask.missing.append("the audit trail may not be read: changes are only as exact as the polling")
        return
    broken = [(ticket, trail) for ticket, trail in trails if not _is_whole(ticket, trail, first)]
    if broken:
        rows = [row for _, trail in broken for row in trail.suspects(audit.FIELDS)]
        example = f", such as “{rows[0][:120]}”: add its wording to the settings" if rows else ""
        ask.missing.append(
            f"the audit trail of {len(broken)} of the {len(tickets)} latest tickets cannot be read whole{example}"
        )


def _trail(client: Client, ticket: Row, ways: Sequence[audit.Pattern]) -> audit.Trail:
    asked = {"type": "Ticket", "id": key_of(ticket)}
    return audit.trail(client.all("system/audittrail", asked, by=""), ways)


def _is_whole(ticket: Row, trail: audit.Trail, first: First) -> bool:
    return len(histories(trail, fields(ticket, "", ""), first)) == len(audit.FIELDS)


def _names(rows: Sequence[Row]) -> list[str]:
    return [text(row.get("name")) for row in rows]


def _bare(row: Row) -> dict[str, Any]:
    """A row as it is, without what changes though nothing of it did."""
    return {name: _deep(value) for name, value in row.items() if name != "_info"}


def _deep(value: Any) -> Any:
    return _bare(value) if isinstance(value, Mapping) else value

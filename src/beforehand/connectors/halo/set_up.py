"""HaloPSA's configuration: what its statuses, types and priorities are called, and what its SLAs are set to."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from beforehand.connectors.contract import Piece, SetUp, Word
from beforehand.connectors.line import Forbidden, Missing, Odd
from beforehand.promises.psa import Calendar

from . import checking, plain
from .client import Client, is_in_use
from .literals import Literals
from .names import UNASSIGNED, contract_name, is_of_tickets
from .proposals import Sampled, of_status, of_type, sampled
from .values import Row, flag, key, rows_of, text, zone_of

SLA_MOST = 200
"""SLAs and calendars that are read one by one."""


def read(client: Client, literals: Literals) -> SetUp:
    """All of it; what may not be read is named and stops nothing else."""
    missing: list[str] = []
    get = _Getting(client, missing)
    sample = get.rows("tickets, to see what its statuses mean", lambda: client.tickets(1).rows)
    statuses = [one for one in get.table("Status", "statuses") if is_of_tickets(one)]
    types = get.table("TicketType", "ticket types")
    priorities = get.table("Priority", "priorities")
    clients = get.rows("clients", lambda: client.pages("Client", "clients"))
    sites = get.rows("sites", lambda: client.pages("Site", "sites"))
    contracts = get.rows("contracts", lambda: client.pages("ClientContract", "contracts"))
    words = [
        *_statuses(statuses, sampled(sample), literals, missing),
        *_types(types),
        *_priorities(priorities),
        *_plain("team", get.table("Team", "teams")),
        *_people(get.table("Agent", "agents")),
        *_clients(clients, sites),
        *_contracts(contracts),
    ]
    notes = plain.Notes(missing)
    calendars = list(_calendars(get, notes))
    hours = {piece.key: piece.plain for piece in calendars if isinstance(piece.plain, Calendar)}
    named = {key(one.get("id")): text(one.get("name")) for one in clients if key(one.get("id")) != UNASSIGNED}
    pieces = [
        *_slas(get, priorities, _Ways(hours, literals, notes)),
        *calendars,
        *_flags(statuses, types, literals),
        *plain.serves(contracts, sites, types, named, notes),
    ]
    notes.tell()
    missing += checking.unplaced(client, literals, sample)
    return SetUp(words, pieces, missing)


class _Getting:
    """Reads a part at a time; notes which could not be read."""

    def __init__(self, client: Client, missing: list[str]) -> None:
        self.client, self._missing = client, missing

    def rows(self, what: str, call: Callable[[], list[Row]]) -> list[Row]:
        try:
            return call()
        except (Forbidden, Missing, Odd) as trouble:
            self._missing.append(f"{what}: {trouble}")
            return []

    def table(self, name: str, what: str) -> list[Row]:
        return self.rows(what, lambda: self.client.table(name))

    def whole(self, name: str, what: str) -> Iterator[Row]:
        """The objects of a list one by one, since the list has only a part of each."""
        for one in self.table(name, what)[:SLA_MOST]:
            id_ = key(one.get("id"))
            found = self.rows(f"{what} {id_}", lambda id_=id_: [self.client.one(name, id_)])  # type: ignore[misc]
            yield found[0] if found else one


def _statuses(
    rows: Sequence[Row], seen: dict[str, Sampled], literals: Literals, missing: list[str]
) -> Iterator[Word]:
    odd = set()
    for one in rows:
        id_, action = key(one.get("id")), text(one.get("slaaction"))
        state, why = of_status(one, seen.get(id_, Sampled()), literals)
        if action and action.casefold() not in literals.held | literals.running:
            odd.add(action)
        yield Word("status", id_, text(one.get("name")), proposed=state, why=why, said={"slaaction": action})
    if odd:
        missing.append(f"statuses have an slaaction of which it is not known whether it holds: {sorted(odd)}")


def _types(rows: Sequence[Row]) -> Iterator[Word]:
    for one in rows:
        origin, why = of_type(one)
        yield Word("type", key(one.get("id")), text(one.get("name")), proposed=origin, why=why)


def _priorities(rows: Sequence[Row]) -> Iterator[Word]:
    """Each SLA has priorities of its own; those of one name are one to a ticket's events."""
    for one in rows:
        sla, id_ = key(one.get("slaid")), key(one.get("priorityid"))
        said = {name: one.get(name) for name in ("responsetime", "responseunits", "fixtime", "fixunits")}
        yield Word("priority", f"{sla}-{id_}", text(one.get("name")), said={"sla": sla} | said)


def _plain(kind: str, rows: Sequence[Row]) -> Iterator[Word]:
    for one in rows:
        yield Word(kind, key(one.get("id")), text(one.get("name")), said={"in use": is_in_use(one)})


def _people(rows: Sequence[Row]) -> Iterator[Word]:
    for one in rows:
        id_ = key(one.get("id"))
        if id_ == UNASSIGNED or flag(one.get("isapiagent")):
            continue
        said = {"mail": text(one.get("email")), "team": text(one.get("team")), "in use": is_in_use(one)}
        yield Word("person", id_, text(one.get("name")), said=said)


def _clients(clients: Sequence[Row], sites: Sequence[Row]) -> Iterator[Word]:
    zones: dict[str, str] = {}
    for one in sites:
        client = key(one.get("client_id"))
        said: dict[str, Any] = {
            "client": client,
            "zone": zone_of(one.get("timezone")),
            "in use": is_in_use(one),
        }
        zones[key(one.get("id"))] = said["zone"]
        yield Word("site", key(one.get("id")), text(one.get("name")), said=said)
    for one in clients:
        id_ = key(one.get("id"))
        if id_ == UNASSIGNED:
            continue
        zone = zones.get(key(one.get("main_site_id")), "")
        yield Word("client", id_, text(one.get("name")), said={"zone": zone, "in use": is_in_use(one)})


def _contracts(rows: Sequence[Row]) -> Iterator[Word]:
    for one in rows:
        said = {
            "client": key(one.get("client_id")),
            "sla": key(one.get("sla_id")),
            "from": text(one.get("start_date")),
            "until": text(one.get("end_date")),
            "in use": one.get("active") in (None, True) and not flag(one.get("expired")),
        }
        yield Word("contract", key(one.get("id")), contract_name(one), said=said)


class _Ways(NamedTuple):
    """What it takes to say an SLA in plain words."""

    hours: Mapping[str, Calendar]
    literals: Literals
    notes: plain.Notes


def _slas(get: _Getting, priorities: Sequence[Row], ways: _Ways) -> Iterator[Piece]:
    """The SLAs with their targets: those of the list of priorities, where an SLA does not bring its own."""
    for one in get.whole("SLA", "SLAs"):
        id_ = key(one.get("id"))
        own = rows_of(one.get("priorities")) or [row for row in priorities if key(row.get("slaid")) == id_]
        said = _without(one, "guid", "intent", "workdays") | {"priorities": [_without(row) for row in own]}
        told = own if own or priorities or isinstance(one.get("priorities"), list) else None
        yield Piece("sla", id_, text(one.get("name")), said, plain.sla(one, told, *ways))


def _calendars(get: _Getting, notes: plain.Notes) -> Iterator[Piece]:
    table = get.table("Holiday", "holidays")
    for one in get.whole("Workday", "working days"):
        id_, name = key(one.get("id")), text(one.get("name"))
        said = _without(one, "guid", "intent", "holidays") | {"zone": zone_of(one.get("timezone"))}
        own = rows_of(one.get("holidays")) or [row for row in table if key(row.get("workday_id")) == id_]
        days = plain.holidays(f"workday {id_}", name, own, notes)
        yield Piece("calendar", id_, name, said, plain.calendar(one, [days.key] if days else [], notes))
        if own:
            yield Piece("holidays", f"workday {id_}", name, {"days": _days(own)}, days)
    if table:
        # To which working days the others belong is not told: no calendar names their list.
        others = [row for row in table if not key(row.get("workday_id"))]
        days = plain.holidays("all", "Holidays", others, notes)
        yield Piece("holidays", "all", "Holidays", {"days": _days(table)}, days)


def _days(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Holidays in an order that does not change, so that a snapshot differs only where they do."""
    names = ("id", "workday_id", "date", "end_date", "allday", "name", "agent_id", "isrecurring")
    made = [{name: one[name] for name in names if one.get(name) is not None} for one in rows]
    return sorted(made, key=lambda one: (str(one.get("date")), str(one.get("id"))))


def _flags(statuses: Sequence[Row], types: Sequence[Row], literals: Literals) -> Iterator[Piece]:
    held = ("name", "slaaction", "timeuntilloffhold", "statuschangeto", "slaignorerelease", "useworkinghours")
    for one in statuses:
        said = {name: one[name] for name in held if one.get(name) is not None}
        yield Piece("status", key(one.get("id")), text(one.get("name")), said, plain.status(one, literals))
    kept = (
        "name", "use", "default_sla", "default_priority", "reopenedstatus", "statusafteruserupdate",
        "statusaftertechupdate", "default_excludefromsla",
    )  # fmt: skip
    for one in types:
        said = {name: one[name] for name in kept if one.get(name) is not None}
        yield Piece("type", key(one.get("id")), text(one.get("name")), said)


def _without(row: Row, *names: str) -> dict[str, Any]:
    """What is set in an object, and not what is empty in it or only shown."""
    return {
        name: value
        for name, value in row.items()
        if value is not None and name not in names and not name.startswith("_")
    }

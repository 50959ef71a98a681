"""Names for the ids that HaloPSA tells: read when they are needed, kept for a while, and read again for a new id."""

import time
from collections.abc import Callable, Iterable
from typing import Protocol

from beforehand.connectors.line import Forbidden, Missing

from .client import Client
from .values import Row, flag, key, text

HELD_S = 600.0
UNASSIGNED = "1"
"""The agent and the client that stand for nobody have this id."""


class Names(Protocol):
    """What translating needs to know of the set-up. `hint`: the name that stands beside the id, where one does."""

    def name(self, table: str, id_: str, hint: str = "") -> str:
        """The name of a thing: of a Status, TicketType, Agent, SLA or ClientContract."""

    def priority(self, sla: str, id_: str, hint: str = "") -> str:
        """The name of a priority, which is a part of an SLA."""

    def is_program(self, agent: str) -> bool:
        """Whether an agent is one that programs sign in as."""


class ReadNames:
    """Names as the session read them last."""

    def __init__(self, client: Client, clock: Callable[[], float] = time.monotonic) -> None:
        self._client, self._clock = client, clock
        self._asked: set[str] = set()

    def name(self, table: str, id_: str, hint: str = "") -> str:
        """See Names."""
        if not id_:
            return hint
        return self._look(table, id_) or hint or f"{table} {id_}"

    def priority(self, sla: str, id_: str, hint: str = "") -> str:
        """The one of this SLA; where the SLA is not told, the one that all SLAs call the same."""
        if not id_:
            return hint
        return self._look("Priority", f"{sla}-{id_}" if sla else id_) or hint or f"Priority {id_}"

    def is_program(self, agent: str) -> bool:
        """See Names."""
        return bool(self._table("Agent").get(f"program {agent}"))

    def _look(self, table: str, id_: str) -> str:
        found = self._table(table).get(id_, "")
        if not found and table not in self._asked:
            self._asked.add(table)
            found = self._read(table).get(id_, "")
        return found

    def _table(self, table: str) -> dict[str, str]:
        held = self._client.session.tables.get(table)
        if held is None or self._clock() - held[0] > HELD_S:
            self._asked.add(table)
            return self._read(table)
        return held[1]

    def _read(self, table: str) -> dict[str, str]:
        """A table that may not be read is an empty one: there are hints, and `check` names what is missing."""
        try:
            paged = table == "ClientContract"
            rows = self._client.pages(table, "contracts") if paged else self._client.table(table)
        except (Forbidden, Missing):
            rows = []
        made = table_of(table, rows)
        self._client.session.tables[table] = (self._clock(), made)
        return made


def table_of(table: str, rows: Iterable[Row]) -> dict[str, str]:
    """Names by id, out of the rows of a table."""
    some = list(rows)
    if table == "Priority":
        return _priorities(some)
    if table == "ClientContract":
        return {key(one.get("id")): contract_name(one) for one in some}
    if table == "Status":
        return {key(one.get("id")): text(one.get("name")) for one in some if is_of_tickets(one)}
    made = {key(one.get("id")): text(one.get("name")) for one in some}
    if table == "Agent":
        made |= {f"program {key(one.get('id'))}": "yes" for one in some if flag(one.get("isapiagent"))}
    return made


def is_of_tickets(status: Row) -> bool:
    """Whether a status is one of tickets: the list has those of other records too, and its filter does not work."""
    return status.get("type") in (0, "0", None)


def contract_name(row: Row) -> str:
    """What people call a contract."""
    return text(row.get("ref")) or f"Contract {key(row.get('id'))}"


def _priorities(rows: Iterable[Row]) -> dict[str, str]:
    made: dict[str, str] = {}
    alone: dict[str, set[str]] = {}
    for one in rows:
        id_, name = key(one.get("priorityid")), text(one.get("name"))
        made[f"{key(one.get('slaid'))}-{id_}"] = name
        alone.setdefault(id_, set()).add(name)
    return made | {id_: names.pop() for id_, names in alone.items() if len(names) == 1}

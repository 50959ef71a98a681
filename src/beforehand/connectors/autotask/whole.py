"""What there is of tickets besides themselves: notes, work, appointments, results together; histories one by one."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from . import audit, translate
from .client import Client
from .lookup import Lookup
from .memory import AT_A_TIME
from .names import Item


class Whole:
    """Of the tickets of one Autotask."""

    def __init__(self, client: Client, lookup: Lookup, patterns: audit.Patterns) -> None:
        self._client, self._lookup, self._patterns, self._memory = client, lookup, patterns, client.memory

    def of(self, tickets: Mapping[str, Item]) -> dict[str, translate.Rest]:
        """By the ids of the tickets."""
        ids = [int(id_) for id_ in tickets]
        notes = _by_ticket(self._client.of("TicketNotes", "ticketID", ids))
        times = _by_ticket(self._client.of("TimeEntries", "ticketID", ids))
        calls = self._appointments(ids)
        # A single ticket that is open says all of it itself; together they cost one call.
        judged = [int(id_) for id_, row in tickets.items() if len(ids) > 1 or row.get("completedDate")]
        results = _by_ticket(self._lookup.optional_of("ServiceLevelAgreementResults", "ticketID", judged))
        rest = {}
        for id_, history in self._histories(tickets).items():
            rest[id_] = translate.Rest(
                notes.get(id_, ()), times.get(id_, ()), calls.get(id_, ()), history,
                next(iter(results.get(id_, ())), None), self._merged_into(id_, history),
            )  # fmt: skip
        return rest

    def forget(self, id_: str) -> None:
        """A ticket is read: its history is not needed again."""
        for key in [key for key in self._memory.histories if key[0] == id_]:
            del self._memory.histories[key]

    def _histories(self, tickets: Mapping[str, Item]) -> dict[str, list[Item]]:
        """Two at a time: a third call is left to whoever else uses the key."""
        with ThreadPoolExecutor(AT_A_TIME - 1) as pool:
            return dict(zip(tickets, pool.map(self._history, tickets, tickets.values()), strict=True))

    def _history(self, id_: str, row: Item) -> list[Item]:
        """One call for one ticket. Kept until the whole step is through: whoever was stopped pays for none twice."""
        key = (id_, translate.stamps_of(row)[1])
        if key not in self._memory.histories:
            where = [{"op": "eq", "field": "ticketID", "value": int(id_)}]
            self._memory.histories[key] = self._lookup.optional("TicketHistory", where)
        return self._memory.histories[key]

    def _merged_into(self, id_: str, history: Sequence[Item]) -> str:
        """The id of the ticket that took this one in, of which its history has the number."""
        merged = audit.merged(history, self._patterns)
        if merged is None:
            return ""
        rows = self._client.query("Tickets", [{"op": "eq", "field": "ticketNumber", "value": merged[1]}])
        return next((str(row["id"]) for row in rows if "id" in row and str(row["id"]) != id_), "")

    def _appointments(self, ids: Sequence[int]) -> dict[str, list[Item]]:
        links = self._lookup.optional_of("ServiceCallTickets", "ticketID", ids)
        wanted = sorted(
            {link["serviceCallID"] for link in links if isinstance(link.get("serviceCallID"), int)}
        )
        calls = {row.get("id"): row for row in self._lookup.optional_of("ServiceCalls", "id", wanted)}
        found: dict[str, list[Item]] = {}
        for link in links:
            if link.get("serviceCallID") in calls:
                found.setdefault(str(link.get("ticketID")), []).append(calls[link["serviceCallID"]])
        return found


def _by_ticket(rows: Iterable[Item]) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    for row in rows:
        found.setdefault(str(row.get("ticketID")), []).append(row)
    return found

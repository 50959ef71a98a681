"""Names for ids, asked for once; and rows that the figures can do without where a key may not read them."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from beforehand.connectors.trouble import Forbidden, Missing, Odd
from beforehand.engine.instants import MINUTE

from .client import CHUNK, Client, one_of
from .names import ENTITIES, Item, Names, name_of, people_of, picks_of
from .settings import several

ALL: Item = {"op": "gte", "field": "id", "value": 0}
_AGAIN = 10 * MINUTE
"""A value that is newer than the picklists has them read again, but not more often than this."""


class Lookup:
    """Of one Autotask. `now`: the time by its clock."""

    def __init__(self, told: Mapping[str, str], client: Client, now: Callable[[], int]) -> None:
        self._told, self._client, self._now, self._memory = told, client, now, client.memory

    def names(self, tickets: Iterable[Item] = ()) -> Names:
        """The names that tickets need: those that are new are asked for."""
        tickets = list(tickets)
        names = self._memory.names
        if names is None or (names.stale(tickets) and self._now() - names.at > _AGAIN):
            names = self.learn()
        for kind, ids in names.unknown(tickets).items():
            rows = self.optional_of(ENTITIES[kind], "id", ids)
            names.known[kind].update((str(row["id"]), name_of(kind, row)) for row in rows if "id" in row)
            for id_ in ids:
                names.known[kind].setdefault(str(id_), f"{kind} {id_}")
        return names

    def learn(self) -> Names:
        """Picklists and people anew; other names stay until they are read again."""
        picks = picks_of(self._client.fields("Tickets"))
        if "status" not in picks:
            raise Odd("Autotask does not tell the statuses of tickets")
        notes = picks_of(self.fields_of("TicketNotes")).get("noteType", {})
        people = people_of(
            self._client.query("Resources", [ALL]),
            self._told.get("user", ""),
            several(self._told, "automatic"),
        )
        known = self._memory.names.known if self._memory.names else Names().known
        self._memory.names = Names(picks, notes, people, known, self._now())
        return self._memory.names

    def optional(self, entity: str, where: Sequence[Item]) -> list[Item]:
        """Rows that figures can do without: what this key may not read is remembered, and told the owner."""
        if entity in self._memory.lacks:
            return []
        try:
            return list(self._client.query(entity, where))
        except (Forbidden, Missing):
            self._memory.lacks[entity] = f"{entity} cannot be read with this key: {WITHOUT[entity]}"
            return []

    def optional_of(self, entity: str, name: str, ids: Sequence[int]) -> list[Item]:
        """The same, of those in which a field is one of these ids."""
        found: list[Item] = []
        for start in range(0, len(ids), CHUNK):
            found += self.optional(entity, [one_of(name, ids[start : start + CHUNK])])
        return found

    def fields_of(self, entity: str) -> list[Item]:
        """The fields of an entity; none where this key may not know them."""
        try:
            return self._client.fields(entity)
        except (Forbidden, Missing):
            return []


WITHOUT = {
    "TicketHistory": "changes between two looks are only seen to lie between them.",
    "ServiceCalls": "appointments are not known.",
    "ServiceCallTickets": "appointments are not known.",
    "ServiceLevelAgreementResults": "Autotask's own verdicts are not known.",
    "Companies": "clients have numbers instead of names.",
    "Contacts": "contacts have numbers instead of names, and no tier.",
    "Contracts": "contracts have numbers instead of names.",
    "CompanyLocations": "sites have numbers instead of names.",
    "InternalLocationWithBusinessHours": "hours have to be entered.",
    "HolidaySets": "holidays have to be entered.",
    "Holidays": "holidays have to be entered.",
}

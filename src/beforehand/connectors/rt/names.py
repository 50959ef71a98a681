"""Names of what RT tells by ids: queues, and people, of whom it is told too whether they are the provider's."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from beforehand.connectors.trouble import Forbidden, Missing

from .client import Client, Item

NOBODY, SYSTEM = "Nobody", "RT_System"


class Person(NamedTuple):
    """Somebody as RT knows them. `ours`: privileged, as RT calls those who work with tickets; `id`: RT's number of
    them, which outlives a new login and a new name.
    """

    name: str
    ours: bool
    mail: str = ""
    id: str = ""


class Names:
    """What ids mean, asked for once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._queues: dict[str, str] = {}
        self._people: dict[str, Person] = {}

    def queues(self) -> list[Item]:
        """All queues that are seen."""
        found: list[Item] = []
        fields = {"fields": "Name,Description,Lifecycle,SLADisabled", "per_page": "100"}
        page = 1
        while items := self._client.get("queues/all", fields | {"page": str(page)}).get("items", []):
            found += items
            page += 1
        self._queues |= {str(item["id"]): str(item.get("Name") or item["id"]) for item in found}
        return found

    def queue(self, id_: str) -> str:
        """The name of a queue; that of one that is not seen is its number."""
        if id_ not in self._queues:
            self.queues()
        return self._queues.setdefault(id_, f"queue {id_}")

    def person(self, id_: str) -> Person:
        """Somebody by login or by number; one whom nobody may look up goes by that, and is taken for a client."""
        known = self._people.get(id_)
        if known is None:
            known = self._people[id_] = self._asked(id_)
        return known

    def _asked(self, id_: str) -> Person:
        if id_ in (NOBODY, SYSTEM):
            return Person("", True)
        try:
            said: Mapping[str, Any] = self._client.get(f"user/{id_}")
        except (Missing, Forbidden):
            return Person(f"user {id_}" if id_.isdecimal() else id_, False)
        login = str(said.get("Name") or id_)
        if login in (NOBODY, SYSTEM):
            return Person("", True)
        ours = str(said.get("Privileged") or "0") == "1"
        number = str(said.get("id") or "")
        name, mail = str(said.get("RealName") or login), str(said.get("EmailAddress") or "")
        return Person(name, ours, mail, number if number.isdecimal() else login)

"""Ids of an Autotask as names: picklists, which are every tenant's own, people, clients, contacts, contracts, sites."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Item = Mapping[str, Any]

ENTITIES = {"client": "Companies", "contact": "Contacts", "contract": "Contracts", "site": "CompanyLocations"}
"""What is looked up by its id when a ticket names one that is not known yet."""
TICKET_FIELDS = {
    "client": "companyID", "contact": "contactID", "contract": "contractID", "site": "companyLocationID",
}  # fmt: skip
KEYS = TICKET_FIELDS | {
    "status": "status", "priority": "priority", "board": "queueID", "channel": "source",
    "assignee": "assignedResourceID",
}  # fmt: skip
"""Where a ticket has the ids of what its fields name."""
PICKED = (
    "status",
    "priority",
    "queueID",
    "source",
    "serviceLevelAgreementID",
    "ticketType",
    "issueType",
    "ticketCategory",
)


class Pick(NamedTuple):
    """A value of a picklist."""

    id: str
    label: str
    active: bool = True
    system: bool = False
    first: bool = False
    """Whether new things get it."""


class Person(NamedTuple):
    """A resource. `automatic`: it is no person."""

    name: str
    email: str = ""
    active: bool = True
    automatic: bool = False


@dataclass
class Names:
    """All names that are known, picklists and people as of `at`, by Autotask's clock."""

    picks: dict[str, dict[str, Pick]] = field(default_factory=dict)
    notes: dict[str, Pick] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    known: dict[str, dict[str, str]] = field(default_factory=lambda: {kind: {} for kind in ENTITIES})
    at: int = 0
    contract_states: dict[str, Pick] = field(default_factory=dict)

    def label(self, name: str, value: Any) -> str:
        """What a picklist calls a value; its id where that is new."""
        if value is None or value == "":
            return ""
        pick = self.picks.get(name, {}).get(str(value))
        return pick.label if pick else f"{name} {value}"

    def person(self, value: Any) -> str:
        """Who a resource is."""
        if value is None:
            return ""
        person = self.people.get(str(value))
        return person.name if person else f"resource {value}"

    def named(self, kind: str, value: Any) -> str:
        """What a client, contact, contract or site is called. Company 0 is the provider's own."""
        if value is None:
            return ""
        return self.known[kind].get(str(value)) or f"{kind} {value}"

    def unknown(self, tickets: Iterable[Item]) -> dict[str, list[int]]:
        """Ids that tickets name and nobody knows yet, by kind."""
        found: dict[str, set[int]] = {kind: set() for kind in ENTITIES}
        for ticket in tickets:
            for kind, name in TICKET_FIELDS.items():
                value = ticket.get(name)
                if isinstance(value, int) and str(value) not in self.known[kind]:
                    found[kind].add(value)
        return {kind: sorted(ids) for kind, ids in found.items() if ids}

    def stale(self, tickets: Iterable[Item]) -> bool:
        """Whether a ticket has a value of a picklist, or a resource, that is newer than the names."""
        for ticket in tickets:
            for name in PICKED:
                value = ticket.get(name)
                if value is not None and name in self.picks and str(value) not in self.picks[name]:
                    return True
            owner = ticket.get("assignedResourceID")
            if owner is not None and str(owner) not in self.people:
                return True
        return False


def picks_of(fields: Iterable[Item]) -> dict[str, dict[str, Pick]]:
    """The picklists of an entity's fields, by field."""
    return {
        str(one.get("name")): {
            str(value["value"]): Pick(
                str(value["value"]),
                str(value.get("label") or value["value"]).strip(),
                value.get("isActive") is not False,
                bool(value.get("isSystem")),
                bool(value.get("isDefaultValue")),
            )
            for value in one.get("picklistValues") or ()
            if value.get("value") is not None
        }
        for one in fields
        if one.get("picklistValues")
    }


def people_of(resources: Iterable[Item], user: str, automatic: Iterable[str]) -> dict[str, Person]:
    """Resources by id. Those that are no people: the API user itself, and whom the owner names."""
    none = {name.casefold() for name in automatic}
    found = {}
    for one in resources:
        name = " ".join(filter(None, (one.get("firstName"), one.get("lastName")))).strip()
        name = name or str(one.get("userName") or f"resource {one.get('id')}")
        emails = {str(one.get(key) or "").casefold() for key in ("userName", "email", "email2", "email3")}
        found[str(one.get("id"))] = Person(
            name,
            str(one.get("email") or ""),
            one.get("isActive") is not False,
            name.casefold() in none or user.casefold() in emails,
        )
    return found


def name_of(kind: str, item: Item) -> str:
    """What a client, contact, contract or site calls itself."""
    if kind == "client":
        said = item.get("companyName")
    elif kind == "contract":
        said = item.get("contractName")
    elif kind == "site":
        said = item.get("name")
    else:
        said = " ".join(filter(None, (item.get("firstName"), item.get("lastName")))) or item.get(
            "emailAddress"
        )
    return str(said or f"{kind} {item.get('id')}").strip()

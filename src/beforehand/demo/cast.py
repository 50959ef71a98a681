"""The invented people, clients and kinds of ticket, from cast.yaml and kinds.yaml."""

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Client:
    """A simulated client. `response` and `resolution` are (median, sigma) of the share of a target that is used.

    `desk` is the zone of the technicians who work for it.
    """

    name: str
    code: str
    zone: str
    rate: float
    alerts: float
    response: tuple[float, float]
    resolution: tuple[float, float]
    staff: int
    system: str
    sites: tuple[str, ...]
    desk: str
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Technician:
    """Somebody who answers."""

    name: str
    team: str
    zone: str


@dataclass(frozen=True, slots=True)
class Kind:
    """What a ticket is about; the chances are those of kinds.yaml."""

    name: str
    group: str
    weight: float
    type: str
    board: str
    priorities: dict[str, float]
    subjects: tuple[str, ...]
    pace: float = 1.0
    waits: float = 0.0
    vendor: float = 0.0
    visit: float = 0.0
    phone: float = 0.0
    clears: float = 0.0
    family: float = 0.02
    when: str = "day"


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody and everything that the simulation is made of."""

    provider: str
    zone: str
    manager: str
    clients: tuple[Client, ...]
    strangers: tuple[str, ...]
    technicians: tuple[Technician, ...]
    kinds: dict[str, tuple[Kind, ...]] = field(default_factory=dict)
    """By group."""

    def technician(self, rng: Random, zone: str, team: str, other_than: str = "") -> Technician:
        """Somebody of the team in that zone, or of the zone where the team has nobody else there."""
        near = [t for t in self.technicians if t.zone == zone and t.name != other_than]
        return rng.choice([t for t in near if t.team == team] or near)


@cache
def load(clients: int = 0) -> Cast:
    """The cast; with `clients`, only so many of them, taken in turn from the zones."""
    raw = _yaml("cast.yaml")
    names = (raw["first_names"], raw["last_names"])
    everybody = [_client(row, names) for row in raw["clients"]]
    kinds: dict[str, list[Kind]] = {}
    for name, row in _yaml("kinds.yaml").items():
        kind = Kind(name=name, **{**row, "subjects": tuple(row["subjects"])})
        kinds.setdefault(kind.group, []).append(kind)
    return Cast(
        provider=raw["provider"]["name"],
        zone=raw["provider"]["zone"],
        manager=raw["manager"],
        clients=tuple(_some(everybody, clients)),
        strangers=tuple(raw["strangers"]),
        technicians=tuple(Technician(**row) for row in raw["technicians"]),
        kinds={group: tuple(some) for group, some in kinds.items()},
    )


def _yaml(name: str) -> Any:
    return yaml.safe_load(files(__package__).joinpath(name).read_text(encoding="utf-8"))


def _client(row: dict[str, Any], names: tuple[list[str], list[str]]) -> Client:
    rng = Random(f"staff of {row['code']}")
    people: dict[str, None] = {}
    while len(people) < row["staff"]:
        people[f"{rng.choice(names[0])} {rng.choice(names[1])}"] = None
    lists = {name: tuple(row[name]) for name in ("response", "resolution", "sites")}
    return Client(**{"desk": row["zone"], **row, **lists, "people": tuple(people)})


def _some(clients: list[Client], wanted: int) -> list[Client]:
    if not wanted:
        return clients
    zones = list(dict.fromkeys(client.zone for client in clients))
    queues = [[client for client in clients if client.zone == zone] for zone in zones]
    turns = [queue[turn] for turn in range(len(clients)) for queue in queues if turn < len(queue)]
    return turns[:wanted]

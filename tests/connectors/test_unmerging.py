"""Tickets that went into others and are tickets of their own again end as clock.md 3.9 says, however they are told."""

import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pytest
from tests.connectors.conftest import NOW, make_connection
from tests.connectors.scripted import BORN, Driven, Source
from tests.tickets.conftest import make_provider

from beforehand.connectors.contract import Told, came
from beforehand.connectors.models import Connection, Remote
from beforehand.engine import history as h
from beforehand.engine.codes import ABSORBED, BY_PERSON, CLIENT_MESSAGE, PUBLIC
from beforehand.engine.history import Event
from beforehand.engine.instants import HOUR, MINUTE, to_instant
from beforehand.people.models import Provider
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.models import Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.program]
LATE = to_instant(NOW) - HOUR
NAMES = ("1", "2", "3")
MANY = 40
ONCE_WRONG = (167, 203, 257, 267)


class World:
    """Three tickets that go into each other and come apart. `says`: what a survivor says of those that went into it:
    nothing, whose it has now, or whose it ever had; `along`: whether what was said on them comes along.
    """

    def __init__(self, chance: random.Random) -> None:
        self.born = dict(zip(NAMES, chance.sample([BORN, BORN + HOUR, BORN + 2 * HOUR], 3), strict=True))
        self.client = {name: chance.choice(["Acme"] * 4 + ["Globex"]) for name in NAMES}
        self.says, self.along = chance.choice(["nothing", "now", "ever"]), chance.random() < 0.5
        self.moments = [self._moment(0, {}, dict.fromkeys(NAMES, LATE), {})]
        into: dict[str, tuple[str, int]] = {}
        ever: dict[str, set[str]] = {}
        stamps = dict.fromkeys(NAMES, LATE)
        for turn in range(1, chance.randint(2, 7)):
            part, at = chance.choice(NAMES[:2]), LATE + turn * MINUTE
            whole = chance.choice([name for name in NAMES if name > part] + ["", ""])
            for one in {part, whole, into.get(part, ("", 0))[0]} - {""}:
                stamps[one] = at
            into.pop(part, None)
            if whole:
                into[part] = whole, at
                ever.setdefault(whole, set()).add(part)
            self.moments.append(self._moment(at, into, stamps, ever))

    def _moment(
        self,
        at: int,
        into: Mapping[str, tuple[str, int]],
        stamps: Mapping[str, int],
        ever: Mapping[str, set[str]],
    ) -> dict[str, Told]:
        return {name: self._told(name, into, stamps[name], ever.get(name, set())) for name in NAMES}

    def _told(self, name: str, into: Mapping[str, tuple[str, int]], stamp: int, ever: set[str]) -> Told:
        there = {part for part, (whole, _) in into.items() if whole == name}
        parts = {"nothing": set[str](), "now": there, "ever": ever}[self.says]
        events = [h.created(self.born[name], id="created", flags=0)]
        events += [h.absorbed(LATE, part, self.born[part] + MINUTE, id=f"a-{part}") for part in sorted(parts)]
        if self.along:
            events += [
                h.client_message(self.born[part] + 2 * MINUTE, id=came(part, "note-1"))
                for part in sorted(parts)
            ]
        whole, at = into.get(name, ("", 0))
        if whole:
            events.append(h.merged(at, whole, id=f"merged-{whole}", flags=0))
        told = [TicketEvent(name, event) for event in events]
        return Told(name, stamp, {"client": self.client[name]}, told, into=whole)


class End(NamedTuple):
    """What became of a ticket: where its clocks begin, how it ended, and what it has of others."""

    start: object
    out: int
    took: Sequence[tuple[str, int | None]]
    heard: Sequence[int]


def ends(driven: Driven) -> dict[str, End]:
    found = {}
    for row in Ticket.objects.filter(source=driven.connection.source):
        events: Sequence[Event] = driven.told(row.external_id)
        took = sorted((event.value, event.since) for event in events if event.kind == ABSORBED)
        heard = [event.at for event in events if event.kind == CLIENT_MESSAGE]
        found[row.external_id] = End(row.start, row.out, took, heard)
    return found


def driven_of(provider: Provider) -> Driven:
    connection = make_connection(provider, "scripted", {})
    Connection.objects.filter(pk=connection.pk).update(path=f"path-of-{provider.slug}")
    driven = Driven(connection)
    driven.source = Source()
    return driven


@pytest.mark.parametrize("seed", [*range(MANY), *ONCE_WRONG])
def test_whatever_was_read_when_and_in_whatever_order_what_stands_in_the_end_ends_the_same(seed: int) -> None:
    chance = random.Random(seed)
    world = World(chance)
    plain, mixed = driven_of(make_provider("plain")), driven_of(make_provider("mixed"))
    last = world.moments[-1]
    plain.turn().keep([last[name] for name in NAMES])

    turn = mixed.turn()
    for _ in range(chance.randint(0, 10)):
        told = [chance.choice(world.moments)[name] for name in chance.sample(NAMES, chance.randint(1, 3))]
        turn.keep([one._replace(deep=chance.random() < 0.6) for one in told])
    for name in chance.sample(NAMES, 3):
        turn.keep([last[name]])
    begun = {name: (end.start, end.out) for name, end in ends(plain).items()}
    assert {name: (end.start, end.out) for name, end in ends(mixed).items()} == begun
    for name in chance.sample(NAMES, 3):
        turn.keep([last[name]])
    assert ends(mixed) == ends(plain)
    before = mixed.kept(*NAMES)
    turn.keep(list(last.values()))
    assert mixed.kept(*NAMES) == before  # told once more, it is known


def test_one_that_is_a_ticket_of_its_own_again_has_its_own_clocks_and_its_survivor_too(
    provider: Provider,
) -> None:
    turn = driven_of(provider).turn()
    one, other = h.created(BORN, id="created", flags=0), h.created(BORN + HOUR, id="created", flags=0)
    merge = h.merged(LATE, "2", id="merged-2", flags=0)

    def keep(ticket: str, at: int, into: str, *events: Event) -> None:
        told = [TicketEvent(ticket, event) for event in events]
        turn.keep([Told(ticket, at, {"client": "Acme"}, told, into=into)])

    keep("2", LATE, "", other)
    for round_ in range(3):
        keep("1", LATE + 2 * round_, "2", one, merge)
        assert to_instant(Ticket.objects.get(external_id="2").start) == BORN
        keep("1", LATE + 2 * round_ + 1, "", one)
        assert to_instant(Ticket.objects.get(external_id="2").start) == BORN + HOUR
        part = Ticket.objects.get(external_id="1")
        assert (to_instant(part.start), part.out) == (BORN, 0)


@pytest.mark.parametrize("client", ["Acme", ""], ids=["of a client", "of nobody"])
def test_a_survivor_that_told_first_what_came_along_is_read_again(provider: Provider, client: str) -> None:
    driven = driven_of(provider)
    turn = driven.turn()
    one, other = h.created(BORN, id="created", flags=0), h.created(BORN + HOUR, id="created", flags=0)
    took = h.absorbed(LATE, "1", BORN + MINUTE, id="a-1")
    along = h.message(BORN + 2 * HOUR, PUBLIC | BY_PERSON, id=came("1", "note-1"))
    merge = h.merged(LATE, "2", id="merged-2", flags=0)

    def keep(ticket: str, at: int, into: str, *events: Event) -> None:
        told = [TicketEvent(ticket, event) for event in events]
        turn.keep([Told(ticket, at, {"client": client} if client else {}, told, into=into)])

    def to_read() -> list[str]:
        return list(Remote.objects.filter(shallow=True).values_list("external_id", flat=True))

    keep("1", BORN, "", one)
    keep("2", LATE, "", other, took, along)
    assert along.id not in {event.id for event in driven.told("2")}
    assert to_read() == []
    keep("1", LATE, "2", one, merge)
    assert to_read() == ["2"]
    keep("2", LATE, "", other, took, along)
    assert along.id in {event.id for event in driven.told("2")}
    keep("1", LATE, "2", one, merge)
    assert to_read() == []

"""The generator: the same world every time, and one that a technician would believe."""

from datetime import UTC, datetime, timedelta
from statistics import median

import pytest
from tests.demo.moments import SUNDAY, WEDNESDAY
from tests.demo.readings import Found, read_all

from beforehand.demo import cast
from beforehand.demo.promise import hours_of, terms_of
from beforehand.demo.world import LONGEST, World
from beforehand.engine.codes import CLIENT_LIVE, CLIENT_WRITTEN, MACHINE
from beforehand.engine.instants import DAY, HOUR, MINUTE, to_instant
from beforehand.tickets.events import TicketEvent, faults

NOW = to_instant(WEDNESDAY)
# The database is for the agreements, which `book` has read.
pytestmark = [pytest.mark.django_db, pytest.mark.program]


def told(world: World, since: int | None, until: int) -> list[TicketEvent]:
    return [event for birth in world.births(since, until) for event in world.told(birth, since, until)]


def test_the_same_seed_and_start_tell_the_same(month: World) -> None:
    again = World(cast.load(3), month.book, month.seed, month.first, month.rushes)
    assert told(again, None, NOW) == told(month, None, NOW)


def test_another_seed_tells_something_else(month: World) -> None:
    other = World(month.cast, month.book, 8, month.first, month.rushes)
    assert told(other, None, NOW)[:50] != told(month, None, NOW)[:50]


def test_what_is_told_in_two_steps_is_what_is_told_in_one(month: World) -> None:
    between = NOW - 3 * DAY
    earlier = World(month.cast, month.book, month.seed, month.first, ())
    steps = told(earlier, None, between) + told(month, between, NOW)
    assert sorted(steps) == sorted(told(month, None, NOW))


def test_the_ledger_would_refuse_none_of_it(month: World) -> None:
    assert list(faults(told(month, None, NOW))) == []


def test_numbers_and_event_ids_are_given_once(month: World) -> None:
    ids = [(event.ticket, event.event.id) for event in told(month, None, NOW)]
    assert len(ids) == len(set(ids))


def test_no_ticket_outlives_the_time_after_which_it_is_looked_at_no_more(month: World) -> None:
    far = NOW + 2 * LONGEST
    lives = [month.told(birth, None, far) for birth in month.births(None, NOW)]
    assert max(life[-1].event.at - life[0].event.at for life in lives) < LONGEST


def test_people_write_when_they_are_at_work(world: World) -> None:
    births = [b for b in world.births(None, NOW) if b.kind.group == "people" and not b.stranger]
    at_work = [hours_of(terms_of(world.book, b.client.name, b.at)).is_open(b.at) for b in births]
    assert 0.9 < sum(at_work) / len(at_work) < 0.99
    assert all(hours_of(terms_of(world.book, b.client.name, b.at)).is_open(b.at) for b in births if b.live)


@pytest.fixture(scope="module")
def found(world: World) -> list[Found]:
    return read_all(world, NOW)


def test_a_year_is_of_the_size_of_such_an_msp(found: list[Found]) -> None:
    days = (WEDNESDAY.date() - datetime(2026, 8, 25, tzinfo=UTC).date()).days
    assert 16_000 < len(found) * 365 / days < 22_000


@pytest.mark.parametrize(
    ("origin", "low", "high"), [(CLIENT_WRITTEN, 0.5, 0.7), (CLIENT_LIVE, 0.12, 0.25), (MACHINE, 0.12, 0.28)]
)
def test_tickets_come_by_mail_phone_and_from_machines(
    found: list[Found], origin: int, low: float, high: float
) -> None:
    assert low < sum(ticket.origin == origin for ticket in found) / len(found) < high


@pytest.mark.parametrize(("metric", "low", "high"), [("response", 0.92, 0.98), ("resolution", 0.9, 0.97)])
def test_nearly_all_promises_are_kept(found: list[Found], metric: str, low: float, high: float) -> None:
    assert low < kept(found, metric) < high


def test_one_client_does_clearly_worse_and_one_clearly_better(found: list[Found]) -> None:
    names = {ticket.client for ticket in found if ticket.covered}
    rates = {name: kept([t for t in found if t.client == name], "resolution") for name in names}
    rates = dict(sorted(rates.items(), key=lambda item: item[1]))
    assert next(iter(rates)) == "Stavebrook Manufacturing"
    assert "Wattlebank Accounting" in list(rates)[-8:]
    assert rates["Stavebrook Manufacturing"] < 0.93 < 0.975 < rates["Wattlebank Accounting"]


@pytest.mark.parametrize(
    ("metric", "priority", "low", "high"),
    [
        ("response", "P1", MINUTE, 15 * MINUTE),
        ("response", "P2", 8 * MINUTE, 45 * MINUTE),
        ("response", "P3", 20 * MINUTE, 75 * MINUTE),
        ("response", "P4", 40 * MINUTE, 150 * MINUTE),
        ("resolution", "P1", 50 * MINUTE, 4 * HOUR),
        ("resolution", "P2", 2 * HOUR, 8 * HOUR),
        ("resolution", "P3", 6 * HOUR, 18 * HOUR),
        ("resolution", "P4", 10 * HOUR, 32 * HOUR),
    ],
)
def test_medians_are_those_of_a_desk(
    found: list[Found], metric: str, priority: str, low: int, high: int
) -> None:
    used = [t.used[metric] for t in found if t.priority == priority and metric in t.used]
    assert low < median(used) < high


@pytest.mark.parametrize(
    ("day", "hour"), [(WEDNESDAY, 1), (WEDNESDAY, 10), (WEDNESDAY, 20), (SUNDAY, 5), (SUNDAY, 15)]
)
def test_the_board_is_worth_a_look_at_any_hour(world: World, day: datetime, hour: int) -> None:
    now = to_instant(day.replace(hour=hour))
    then = World(world.cast, world.book, world.seed, day.date() - timedelta(days=45), (now,))
    board = [ticket for ticket in read_all(then, now) if ticket.open]
    assert 120 <= len(board) <= 260
    assert 2 <= sum(ticket.late for ticket in board) <= 30
    assert 2 <= sum(ticket.due_within(now, HOUR) for ticket in board) <= 15
    assert 20 <= sum(ticket.paused for ticket in board) <= 110
    assert 1 <= sum(not ticket.assignee for ticket in board) <= 40
    assert any(not ticket.covered for ticket in board)


def kept(found: list[Found], metric: str) -> float:
    verdicts = [ticket.verdicts[metric] for ticket in found if metric in ticket.verdicts]
    return sum(verdict == "met" for verdict in verdicts) / len(verdicts)

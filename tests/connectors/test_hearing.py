"""What webhooks name is put down to be read again, once, however often they come."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from tests.support.connected import PATH, Desk, connected, known, stamp
from tests.tickets.conftest import make_provider

from beforehand.connectors import hearing
from beforehand.connectors.asking import PULL
from beforehand.connectors.contract import Nudge
from beforehand.connectors.hearing import Heard, after
from beforehand.connectors.models import Connection, Nudged
from beforehand.kernel.due.worker import Worker
from beforehand.kernel.models import Due
from beforehand.tickets.models import Ticket

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    with known(desk):
        yield desk


@pytest.fixture
def connection(transactional_db: None, desk: Desk) -> Connection:
    return connected(make_provider("northwind"), NOW)


def say(*nudges: Nudge | None, now: datetime = NOW) -> list[bool]:
    door = hearing.door_of(PATH)
    assert door is not None
    return hearing.keep([Heard(door, nudge) for nudge in nudges], now)


def work(connection: Connection, now: datetime) -> None:
    worker = Worker(lambda: now, lambda: [connection.provider_id])
    for _ in range(10):
        worker.turn()
        worker.settle_all()
    worker.close()


def test_a_ticket_that_is_named_is_read_and_those_named_twice_once(
    connection: Connection, desk: Desk
) -> None:
    desk.tickets = {"1": stamp(NOW), "2": stamp(NOW)}
    assert say(Nudge(["1", "2"]), Nudge(["1"]), Nudge(["2"])) == [True] * 3
    say(Nudge(["1"]))
    assert list(Nudged.objects.order_by("external_id").values_list("external_id", "turn")) == [
        ("1", 2),
        ("2", 1),
    ]
    work(connection, NOW)
    assert (sorted(desk.read_ids), desk.polls) == (["1", "2"], 0)
    assert Ticket.objects.count() == 2
    assert not Nudged.objects.exists()


def test_the_same_again_does_no_harm(connection: Connection, desk: Desk) -> None:
    desk.tickets = {"1": stamp(NOW)}
    for _ in range(2):
        say(Nudge(["1"]))
        work(connection, NOW)
    assert desk.read_ids == ["1", "1"]
    assert Ticket.objects.get().events == 2


def test_a_gap_in_the_numbers_asks_for_changes_at_once(connection: Connection, desk: Desk) -> None:
    say(Nudge([], 7), Nudge([], 8))
    work(connection, NOW)
    assert desk.polls == 0
    say(Nudge([], 10))
    work(connection, NOW)
    assert desk.polls == 1
    connection.refresh_from_db()
    assert (connection.heard_seq, connection.heard) == (10, NOW)


@pytest.mark.parametrize(("last", "numbers", "came"), [
    (None, [5], (5, False)), (5, [6, 7], (7, False)), (5, [7, 6], (7, False)), (5, [7], (7, True)),
    (7, [6, 7], (7, False)), (500, [1], (1, True)), (500, [1, 2], (2, True)), (3, [], (3, False)),
])  # fmt: skip
def test_numbers_that_come_late_or_twice_are_no_gap_and_those_that_begin_anew_are(
    last: int | None, numbers: list[int], came: tuple[int | None, bool]
) -> None:
    assert after(last, numbers) == came


def test_nothing_is_asked_for_before_the_source_wants_to_be(connection: Connection) -> None:
    until = NOW + timedelta(minutes=5)
    Connection.objects.update(waits=until)
    say(Nudge(["1"]))
    assert Due.objects.get(kind=PULL).due_at == until


def test_what_is_forged_is_counted_and_leaves_nothing_else(connection: Connection) -> None:
    say(None, None)
    connection.refresh_from_db()
    assert (connection.forged, connection.heard, Due.objects.count(), Nudged.objects.count()) == (
        2,
        None,
        0,
        0,
    )


def test_a_connection_that_is_gone_meanwhile_is_nobody_s(connection: Connection) -> None:
    door = hearing.door_of(PATH)
    assert door is not None
    connection.delete()
    assert hearing.keep([Heard(door, Nudge(["1"]))], NOW) == [False]
    assert hearing.door_of(PATH) is None

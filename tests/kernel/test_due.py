"""Due rows: nothing that was asked for is lost, and nothing is done by two."""

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from time import monotonic, sleep

import pytest
from django.db import transaction

from beforehand.kernel.due import place, queue
from beforehand.kernel.due.crew import STILL_S, Crew
from beforehand.kernel.due.handlers import Claim, Handler, Next
from beforehand.kernel.due.worker import A_LANE, Hands, Worker
from beforehand.kernel.fields import from_micros, to_micros
from beforehand.kernel.models import Due
from beforehand.kernel.models import Worker as Row

NOON = to_micros(datetime(2026, 3, 2, 12, tzinfo=UTC))
S = 1_000_000


class Time:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return from_micros(self.at)


@pytest.fixture
def time() -> Time:
    return Time()


def _worker(time: Time, handler: Handler) -> Worker:
    return Worker(time, lambda: [1], [handler])


def _work_until(worker: Worker, over: Callable[[], bool]) -> None:
    """Round after round, with a pause: each takes, which is to write, and on SQLite the threads write as well."""
    end = monotonic() + 60
    while not over():
        assert monotonic() < end, "it never ends"
        worker.turn()
        sleep(0.005)


@pytest.mark.django_db
def test_it_is_done_when_it_is_due_and_not_before(time: Time) -> None:
    done: list[int] = []

    def many(claims: Sequence[Claim], _now: datetime) -> Sequence[Next]:
        done.extend(claim.key for claim in claims)
        return [None] * len(claims)

    worker = _worker(time, Handler("tea", many))
    queue.ask("tea", 1, [7], NOON + 5 * S)
    worker.turn()
    assert done == []
    time.at += 5 * S
    worker.turn()
    assert (done, Due.objects.count()) == ([7], 0)


@pytest.mark.django_db
def test_what_is_asked_for_twice_is_due_at_the_earlier_instant() -> None:
    queue.ask("tea", 1, [7], NOON)
    queue.ask("tea", 1, [7], NOON + S)
    queue.ask("tea", 1, [7], NOON - S)
    assert [to_micros(row.due_at) for row in Due.objects.all()] == [NOON - S]


@pytest.mark.django_db
@pytest.mark.parametrize("after", [None, NOON + 3600 * S])
def test_what_is_asked_for_while_it_is_done_is_done_again(time: Time, after: Next) -> None:
    rounds = []

    def many(claims: Sequence[Claim], _now: datetime) -> Sequence[Next]:
        rounds.append(len(claims))
        if len(rounds) == 1:
            queue.ask("tea", 1, [7], NOON)
        return [after] * len(claims)

    worker = _worker(time, Handler("tea", many))
    queue.ask("tea", 1, [7], NOON)
    while worker.turn():
        pass
    assert rounds == [1, 1]


@pytest.mark.django_db
def test_one_poisoned_row_stops_nothing_else(time: Time) -> None:
    done: list[int] = []

    def many(claims: Sequence[Claim], _now: datetime) -> Sequence[Next]:
        if any(claim.key == 13 for claim in claims):
            raise ValueError("thirteen")
        done.extend(claim.key for claim in claims)
        return [None] * len(claims)

    worker = _worker(time, Handler("tea", many))
    queue.ask("tea", 1, range(10, 16), NOON)
    worker.turn()
    left = Due.objects.get()
    assert done == [10, 11, 12, 14, 15]
    assert (left.key, left.tries, left.fault, left.owner) == (13, 1, "ValueError: thirteen", 0)
    assert to_micros(left.due_at) == NOON + 5 * S


@pytest.mark.django_db
def test_what_fails_is_tried_less_and_less_often_but_at_least_each_hour(time: Time) -> None:
    queue.ask("tea", 1, [7], NOON)
    waits = []
    for _ in range(14):
        (claim,) = queue.take("tea", 1, time.at, 99, 10)
        queue.put_off(claim, 99, time.at, "no")
        due = to_micros(Due.objects.get().due_at)
        waits.append((due - time.at) // S)
        time.at = due
    assert waits[:4] == [5, 10, 20, 40]
    assert waits[-1] == 3600


@pytest.mark.django_db
def test_who_lost_a_row_undoes_what_it_did(time: Time) -> None:
    queue.ask("tea", 1, [7], NOON)
    claims = queue.take("tea", 1, NOON, 1, 10)
    queue.give_back([1], [1])
    (again,) = queue.take("tea", 1, NOON, 2, 10)

    def do() -> None:
        with transaction.atomic():
            queue.ask("cake", 1, [1], NOON)
            queue.settle(claims, [None], 1)

    with pytest.raises(queue.Lost):
        do()
    assert not Due.objects.filter(kind="cake").exists()
    queue.settle([again], [None], 2)
    assert not Due.objects.exists()


@pytest.mark.django_db
def test_the_rows_of_a_dead_process_of_this_machine_are_free_at_once() -> None:
    crew = Crew(from_micros(NOON))
    dead = Row.objects.create(
        place=place.here().rsplit("/", 1)[0] + "/1", started=from_micros(NOON), seen=from_micros(NOON)
    )
    queue.ask("tea", 1, [7], NOON)
    queue.take("tea", 1, NOON, dead.pk, 10)
    assert crew.beat(from_micros(NOON), [1]) == 1
    assert [row.owner for row in Due.objects.all()] == [0]


@pytest.mark.django_db
def test_a_worker_elsewhere_is_dead_when_its_beat_stands_still_whatever_the_clock_says() -> None:
    watch = [1000.0]
    crew = Crew(from_micros(NOON), lambda: watch[0])
    other = Row.objects.create(place="elsewhere/1/5", started=from_micros(NOON), seen=from_micros(NOON))
    queue.ask("tea", 1, [7], NOON)
    queue.take("tea", 1, NOON, other.pk, 10)
    hours_later = from_micros(NOON + 7200 * S)
    assert crew.beat(hours_later, [1]) == 0
    watch[0] += STILL_S - 1
    assert not crew.is_fresh
    assert crew.beat(hours_later, [1]) == 0
    watch[0] += 2
    assert crew.beat(hours_later, [1]) == 1
    assert crew.is_fresh


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.django_db(transaction=True)
def test_a_lane_that_hangs_keeps_no_other_waiting(time: Time, gate: threading.Event) -> None:
    done: list[int] = []

    def alone(claim: Claim, hands: Hands) -> None:
        if claim.lane == 1:
            gate.wait(90)
        with transaction.atomic():
            hands.settle(None)
        done.append(claim.key)

    worker = _worker(time, Handler("post", alone=alone))
    queue.ask("post", 1, range(100, 120), NOON, lane=1)
    queue.ask("post", 1, range(200, 230), NOON + 1, lane=2)
    time.at += S
    _work_until(worker, lambda: len(done) == 30)
    assert sorted(done) == list(range(200, 230))
    assert Due.objects.exclude(owner=0).count() == A_LANE
    gate.set()
    _work_until(worker, lambda: not Due.objects.exists())
    worker.close()
    assert sorted(done) == [*range(100, 120), *range(200, 230)]
    assert not Row.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_fails_in_a_thread_is_put_off(time: Time) -> None:
    def alone(_claim: Claim, _hands: Hands) -> None:
        raise OSError("no route")

    worker = _worker(time, Handler("post", alone=alone))
    queue.ask("post", 1, [7], NOON)
    worker.turn()
    worker.settle_all()
    assert [(row.tries, row.fault) for row in Due.objects.all()] == [(1, "OSError: no route")]
    worker.close()


@pytest.mark.django_db(transaction=True)
def test_what_is_taken_and_not_being_done_is_free_again(time: Time) -> None:
    done: list[int] = []

    def alone(claim: Claim, hands: Hands) -> None:
        if not done:
            done.append(0)
            raise queue.Lost(claim)  # as one that finds its own beat old
        with transaction.atomic():
            hands.settle(None)
        done.append(claim.key)

    worker = _worker(time, Handler("post", alone=alone))
    worker.turn()
    queue.ask("post", 1, [7], NOON)
    # Taken, and the answer of the database was lost.
    queue.ask("post", 1, [8], NOON, lane=1)
    queue.take("post", 1, NOON, worker.crew.me, 1, [0])
    worker.turn()
    worker.settle_all()
    assert Due.objects.filter(owner=worker.crew.me).count() == 2
    worker.look_anew()
    while worker.turn():
        worker.settle_all()
    worker.close()
    assert sorted(done) == [0, 7, 8]

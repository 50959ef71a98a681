"""Due rows: nothing that was asked for is lost, and nothing is done by two."""

import threading
import time as watch
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import pytest
from django.db import connection

from beforehand.kernel.due import place, queue
from beforehand.kernel.due.crew import STILL_S, Crew
from beforehand.kernel.due.errands import A_LANE
from beforehand.kernel.due.handlers import Claim, Going, Handler, Idle, Next
from beforehand.kernel.due.worker import Worker
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
def test_what_falls_due_behind_thousands_is_not_late(time: Time) -> None:
    done: list[int] = []

    def many(claims: Sequence[Claim], _now: datetime) -> Sequence[Next]:
        done.extend(claim.key for claim in claims)
        return [None] * len(claims)

    worker = _worker(time, Handler("tea", many, at_once=20))
    queue.ask("tea", 1, range(1000), NOON)
    time.at += S
    queue.ask("tea", 1, [7000], time.at)
    worker.turn()
    assert 7000 in done
    while worker.turn():
        pass
    assert sorted(done) == [*range(1000), 7000]


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
def test_who_lost_a_row_does_nothing_of_it(time: Time) -> None:
    queue.ask("tea", 1, [7], NOON)
    queue.ask("tea", 1, [8], NOON + 1)
    claims = queue.take("tea", 1, NOON + 1, 1, 10)
    assert [claim.key for claim in queue.hold(claims, 1)] == [7, 8]
    queue.give_back([1], [1])
    (again,) = queue.take("tea", 1, NOON + 1, 2, 1)
    assert queue.hold(claims, 1) == []
    queue.settle(claims, [None, None], 1)
    assert [claim.key for claim in queue.hold([again], 2)] == [7]
    queue.settle([again], [None], 2)
    assert [row.key for row in Due.objects.all()] == [8]


@pytest.mark.postgresql
@pytest.mark.django_db
def test_however_the_database_goes_about_it_no_more_is_taken_than_was_asked_for() -> None:
    """It may look for what is due once for each row that it passes, and then finds other rows each time."""
    queue.ask("tea", 1, range(20), NOON)
    with connection.cursor() as cursor:
        for way in ("hashagg", "hashjoin", "mergejoin", "sort", "material"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    assert len(queue.take("tea", 1, NOON, 1, 3)) == 3
    assert Due.objects.filter(owner=1).count() == 3


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


class Post:
    """An errand: what it was told to do, by its keys; nothing is written down that would have to be read again."""

    def __init__(self, run: Callable[[int], None] = lambda _key: None) -> None:
        self.does, self.noted = run, list[int]()

    def prepare(self, claims: Sequence[Claim], _now: datetime) -> Sequence[Claim | Idle]:
        return [Idle(NOON + 60 * S) if claim.key == 1 else claim for claim in claims]

    def run(self, job: Claim, _going: Going) -> int:
        self.does(job.lane)
        return job.key

    def note(self, done: Sequence[tuple[Claim, int]], _now: datetime) -> Sequence[Next]:
        if any(key == 13 for _, key in done):
            raise ValueError("thirteen")
        self.noted += [key for _, key in done]
        return [None] * len(done)


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.django_db(transaction=True)
def test_a_lane_that_hangs_keeps_no_other_waiting(time: Time, gate: threading.Event) -> None:
    post = Post(lambda lane: None if lane == 2 else bool(gate.wait(120)) and None)
    worker = _worker(time, Handler("post", errand=post))
    queue.ask("post", 1, range(100, 120), NOON, lane=1)
    queue.ask("post", 1, range(200, 230), NOON + 1, lane=2)
    time.at += S
    end = watch.monotonic() + 60
    while len(post.noted) < 30 and watch.monotonic() < end:
        if not worker.turn():
            watch.sleep(0.002)
    assert sorted(post.noted) == list(range(200, 230))
    assert Due.objects.exclude(owner=0).count() == A_LANE
    gate.set()
    while Due.objects.exists():
        worker.turn()
    worker.close()
    assert sorted(post.noted) == [*range(100, 120), *range(200, 230)]
    assert not Row.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_errand_that_fails_is_put_off_and_no_other_with_it(time: Time) -> None:
    def run(lane: int) -> None:
        if lane == 7:
            raise OSError("no route")

    post = Post(run)
    worker = _worker(time, Handler("post", errand=post))
    queue.ask("post", 1, [7], NOON, lane=7)
    queue.ask("post", 1, [1, 8, 13], NOON)
    while worker.turn():
        worker.settle_all()
    assert post.noted == [8]
    said = [
        (row.key, row.tries, row.fault, (to_micros(row.due_at) - NOON) // S)
        for row in Due.objects.order_by("key")
    ]
    assert said == [(1, 0, "", 60), (7, 1, "OSError: no route", 5), (13, 1, "ValueError: thirteen", 5)]
    worker.close()


@pytest.mark.django_db(transaction=True)
def test_what_is_taken_and_not_being_done_is_free_again(time: Time) -> None:
    post = Post()
    worker = _worker(time, Handler("post", errand=post))
    worker.turn()
    # Taken, and the answer of the database was lost.
    queue.ask("post", 1, [8], NOON)
    queue.take("post", 1, NOON, worker.crew.me, 1)
    assert not worker.turn()
    worker.look_anew()
    while worker.turn():
        worker.settle_all()
    worker.close()
    assert post.noted == [8]


@pytest.mark.django_db(transaction=True)
def test_what_another_took_over_meanwhile_is_not_noted(time: Time, gate: threading.Event) -> None:
    post = Post(lambda _lane: bool(gate.wait(120)) and None)
    worker = _worker(time, Handler("post", errand=post))
    queue.ask("post", 1, [7], NOON)
    worker.turn()
    queue.give_back([1], [worker.crew.me])
    (other,) = queue.take("post", 1, NOON, 99, 1)
    gate.set()
    worker.settle_all()
    worker.close()
    assert post.noted == []
    assert [claim.key for claim in queue.hold([other], 99)] == [7]


@pytest.mark.program
@pytest.mark.django_db(transaction=True)
def test_whatever_keeps_a_beat_from_being_counted_the_next_one_is() -> None:
    asked: list[int] = []

    def clock() -> datetime:
        if threading.current_thread().name == "beat":
            asked.append(1)
            if len(asked) == 1:
                raise OSError("too many open files")
        return from_micros(NOON)

    worker = Worker(clock, lambda: [1], [Handler("post", many=lambda claims, now: [None for _ in claims])])
    until = watch.monotonic() + 60
    worker.run(lambda: len(asked) < 2 and watch.monotonic() < until)
    assert len(asked) >= 2

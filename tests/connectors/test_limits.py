"""No call more than the source, or our share of it, allows."""

import threading

import pytest

from beforehand.connectors.limits import BUCKETS, SHORT_S, Limits
from beforehand.connectors.trouble import Limited
from beforehand.engine.instants import HOUR, MINUTE, SECOND


class Time:
    def __init__(self) -> None:
        self.at = 1_000 * HOUR

    def __call__(self) -> int:
        return self.at

    def rest(self, seconds: float) -> None:
        self.at += int(seconds * SECOND)


def calls(limits: Limits, time: Time, most: int) -> int:
    """How many are made until one is refused."""
    for made in range(most):
        try:
            with limits.turn("x", True, time.rest):
                pass
        except Limited:
            return made
    return most


def test_a_rolling_window_is_never_exceeded() -> None:
    time = Time()
    limits, made = Limits(time, 100, HOUR), []
    for _ in range(200):
        made += [time.at] * calls(limits, time, 7)
        time.at += MINUTE
    assert all(sum(end - HOUR < at <= end for at in made) <= 100 for end in made)
    assert len(made) > 300


def test_what_is_refused_says_when_a_call_is_free() -> None:
    time = Time()
    limits = Limits(time, 5, HOUR)
    assert calls(limits, time, 9) == 5
    assert limits.wait() > SHORT_S
    time.at += int(limits.wait() * SECOND)
    assert calls(limits, time, 9) == 5


def test_a_short_wait_is_spent_by_the_call_itself() -> None:
    time = Time()
    limits = Limits(time, 3, SECOND)
    assert calls(limits, time, 30) == 30


def test_another_turn_goes_on_with_what_was_used() -> None:
    time = Time()
    first = Limits(time, 10, HOUR)
    calls(first, time, 8)
    second = Limits(time, 10, HOUR, used=first.used())
    assert (second.left(), second.is_scarce(20), second.is_scarce(30)) == (2, False, True)
    assert calls(second, time, 9) == 2


def test_a_clock_that_is_set_back_frees_and_blocks_nothing_for_long() -> None:
    time = Time()
    limits = Limits(time, 10, HOUR)
    calls(limits, time, 10)
    time.at -= 24 * HOUR
    assert calls(limits, time, 9) == 0
    time.at += HOUR + 2 * HOUR // BUCKETS
    assert calls(limits, time, 9) == 9


def test_calls_that_are_not_counted_are_free() -> None:
    time = Time()
    limits = Limits(time, 1, HOUR)
    for _ in range(5):
        with limits.turn("x", False, time.rest):
            pass
    assert limits.left() == 1


@pytest.mark.parametrize("at_a_time", [1, 3])
def test_at_one_endpoint_only_so_many_at_once(at_a_time: int) -> None:
    limits, inside, most = Limits(lambda: 0, at_a_time=at_a_time), 0, 0
    lock, go, full = threading.Lock(), threading.Barrier(8), threading.Event()

    def call() -> None:
        nonlocal inside, most
        go.wait()
        with limits.turn("x", True, lambda _: None):
            with lock:
                inside += 1
                most = max(most, inside)
                if inside == at_a_time:
                    full.set()
            # None goes before there are as many as may be; the others have a while to come in all the same.
            full.wait(60)
            threading.Event().wait(0.02)
            with lock:
                inside -= 1

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, limits.calls) == (at_a_time, 8)


def test_threads_together_make_no_call_too_many() -> None:
    limits, made, lock = Limits(lambda: 1_000 * HOUR, 50, HOUR, at_a_time=16), [0], threading.Lock()

    def call() -> None:
        for _ in range(20):
            try:
                with limits.turn("x", True, lambda _: None), lock:
                    made[0] += 1
            except Limited:
                return

    threads = [threading.Thread(target=call) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [50]

"""How much somebody is asked to read, and what never waits."""

from hypothesis import given
from hypothesis import strategies as st

from beforehand.alerts.bundle import Batch, Limits, Plan, Quiet, Recently, Waiting, plan
from beforehand.engine.instants import HOUR, MINUTE, SECOND

NOW = 1_000 * HOUR
NEW = Recently(None, ())
CALM = Quiet()
waiting = st.lists(st.tuples(st.sampled_from(["quiet", "normal", "urgent"]), st.booleans()), max_size=12).map(
    lambda some: [Waiting(n, *one) for n, one in enumerate(some)]
)
sent = st.lists(st.integers(NOW - 2 * HOUR, NOW), max_size=20)
until = st.one_of(st.none(), st.integers(NOW - HOUR, NOW + 10 * HOUR))


def test_the_first_goes_at_once_and_further_ones_a_minute_later_as_one() -> None:
    first = plan([Waiting(1, "normal")], NEW, CALM, Limits(), NOW)
    assert [batch.ids for batch in first.batches] == [(1,)]
    just = Recently(NOW - 10 * SECOND, [NOW - 10 * SECOND])
    rest = plan([Waiting(2, "normal"), Waiting(3, "normal")], just, CALM, Limits(), NOW)
    assert (rest.batches, rest.again) == ((), NOW + 50 * SECOND)
    later = plan([Waiting(2, "normal"), Waiting(3, "normal")], just, CALM, Limits(), NOW + 50 * SECOND)
    assert [batch.ids for batch in later.batches] == [(2, 3)]


def test_above_the_hour_s_cap_the_rest_is_folded_into_one() -> None:
    hour = [NOW - 50 * MINUTE + n * MINUTE for n in range(12)]
    folded = plan([Waiting(1, "normal"), Waiting(2, "quiet")], Recently(hour[-1], hour), CALM, Limits(), NOW)
    assert (folded.batches, folded.again) == ((), NOW + 10 * MINUTE)


def test_what_went_before_the_clock_was_set_back_keeps_nobody_waiting() -> None:
    ahead = Recently(NOW + HOUR, [NOW + HOUR - n for n in range(20)])
    planned = plan([Waiting(1, "normal")], ahead, CALM, Limits(), NOW)
    assert ([batch.ids for batch in planned.batches], planned.again) == ([(1,)], None)


def test_quiet_ones_wait_for_working_hours_and_normal_ones_for_the_morning() -> None:
    quiet = Quiet(NOW + 9 * HOUR, NOW + 6 * HOUR)
    planned = plan(
        [Waiting(1, "quiet"), Waiting(2, "normal"), Waiting(3, "urgent")], NEW, quiet, Limits(), NOW
    )
    assert [batch.ids for batch in planned.batches] == [(3,)]
    assert planned.again == NOW + 6 * HOUR


def test_what_was_missed_goes_as_one_summary() -> None:
    planned = plan([Waiting(n, "urgent", True) for n in range(90)], NEW, CALM, Limits(), NOW)
    assert [(len(batch.ids), batch.summary) for batch in planned.batches] == [(90, True)]


@given(waiting, sent, until, until)
def test_urgent_ones_never_wait(
    some: list[Waiting], hour: list[int], quiet: int | None, normal: int | None
) -> None:
    planned = plan(some, Recently(max(hour, default=None), hour), Quiet(quiet, normal), Limits(), NOW)
    gone = {one for batch in planned.batches for one in batch.ids}
    assert {one.id for one in some if one.urgency == "urgent"} <= gone


@given(waiting, sent, until, until)
def test_nothing_is_dropped_or_sent_twice_and_what_waits_is_looked_at_again(
    some: list[Waiting], hour: list[int], quiet: int | None, normal: int | None
) -> None:
    planned = plan(some, Recently(max(hour, default=None), hour), Quiet(quiet, normal), Limits(), NOW)
    gone = [one for batch in planned.batches for one in batch.ids]
    assert len(gone) == len(set(gone))
    waits = {one.id for one in some} - set(gone)
    assert bool(waits) == (planned.again is not None)
    assert planned.again is None or planned.again > NOW


@given(waiting, sent)
def test_an_hour_has_no_more_messages_that_are_not_urgent_than_the_cap(
    some: list[Waiting], hour: list[int]
) -> None:
    limits = Limits(an_hour=5)
    planned = plan(some, Recently(max(hour, default=None), hour), CALM, limits, NOW)
    calm = [
        b
        for b in planned.batches
        if not b.summary and any(w.urgency != "urgent" for w in some if w.id in b.ids)
    ]
    recent = [at for at in hour if at > NOW - HOUR]
    assert not calm or len(recent) < 5
    assert len(calm) <= 1


def test_a_stream_of_urgent_ones_keeps_no_other_waiting_for_longer_than_its_minute() -> None:
    waiting = [Waiting(1, "normal", since=0)]
    for second in range(0, 60, 20):
        # An urgent one went just now.
        recently = Recently(second * SECOND, ())
        assert plan(waiting, recently, Quiet(), Limits(), second * SECOND) == Plan((), MINUTE)
    went = plan(waiting, Recently(50 * SECOND, ()), Quiet(), Limits(), MINUTE)
    assert went == Plan((Batch((1,)),), None)


def test_what_may_have_gone_already_goes_as_the_same_message_again() -> None:
    waiting = [Waiting(1, "normal", gone_as="m"), Waiting(2, "normal", gone_as="m"), Waiting(3, "normal")]
    went = plan(waiting, NEW, CALM, Limits(), NOW)
    assert [batch.ids for batch in went.batches] == [(1, 2), (3,)]
    missed = [one._replace(summary=True) for one in waiting]
    assert plan(missed, NEW, CALM, Limits(), NOW).batches == (Batch((1, 2), True), Batch((3,), True))

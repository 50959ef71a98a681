"""What must hold whatever the coverage and the ticket: laws of rules 1.6, 4.4, 5.3 and 5.4."""

from datetime import date

from hypothesis import assume, given
from hypothesis import strategies as st
from tests.engine.made import ODD_DAYS, calendars, coverage_of, examples, weeks
from tests.engine.oracle import dating
from tests.engine.oracle.counting import MICRO, Calendar, day_number
from tests.engine.tickets import Case, cases, coverages_of, event_of, history_of, terms_of

from beforehand.engine.clock import Readings, read
from beforehand.engine.coverage import Coverage
from beforehand.engine.errors import Invalid
from beforehand.engine.history import History
from beforehand.engine.instants import DAY, HOUR

NEAR = st.integers(-5 * DAY, 5 * DAY)
AMOUNTS = st.integers(0, 80 * HOUR) | st.sampled_from([1, 40, 500, 3000]).map(lambda n: n * HOUR)


@st.composite
def coverages(draw: st.DrawFn) -> tuple[Coverage, int]:
    zone, around = draw(st.sampled_from(ODD_DAYS))
    return coverage_of(draw(calendars(zone, around))), day_number(around) * DAY


# 1.6


@examples(30)
@given(coverages(), NEAR, AMOUNTS)
def test_between_a_start_and_what_add_gives_is_the_amount(
    made: tuple[Coverage, int], start: int, amount: int
) -> None:
    coverage, start = made[0], made[1] + start
    end = coverage.add(start, amount)
    assume(end is not None)
    assert end is not None
    assert coverage.between(start, end) == amount
    if amount:
        assert coverage.between(start, end - 1) == amount - 1


@examples(30)
@given(coverages(), NEAR, NEAR, NEAR)
def test_business_time_adds_up_and_never_runs_back(
    made: tuple[Coverage, int], a: int, b: int, c: int
) -> None:
    coverage, (a, b, c) = made[0], sorted(made[1] + offset for offset in (a, b, c))
    assert coverage.between(a, c) == coverage.between(a, b) + coverage.between(b, c)
    assert 0 <= coverage.between(a, b) <= coverage.between(a, c) <= c - a


@examples(25)
@given(coverages(), NEAR, AMOUNTS, AMOUNTS)
def test_add_is_monotonic_and_adds_up(made: tuple[Coverage, int], start: int, one: int, two: int) -> None:
    coverage, start = made[0], made[1] + start
    first, both = coverage.add(start, one), coverage.add(start, one + two)
    assume(first is not None and both is not None)
    assert first is not None
    assert both is not None
    assert first <= both
    if two:
        assert coverage.add(first, two) == both


LONG = tuple(zone for zone, _ in ODD_DAYS)


@examples(6)
@given(st.sampled_from(LONG), weeks(), st.integers(1990, 2015), st.integers(1, 20), st.integers(0, DAY))
def test_twenty_years_are_counted_as_date_by_date(
    zone: str, weekly: tuple[tuple[int, int, int], ...], year: int, years: int, offset: int
) -> None:
    calendar = Calendar(zone, weekly)
    start = day_number(date(year, 2, 28)) * DAY + offset // MICRO * MICRO
    end = day_number(date(year + years, 3, 1)) * DAY
    assert (
        coverage_of(calendar).between(start, end)
        == dating.between(calendar, start // MICRO, end // MICRO) * MICRO
    )


# 4.4, 5.3, 5.4


def reading(case: Case, as_of: int | None = None, spans: bool = False) -> Readings:
    covers = coverages_of(case)
    return read(history_of(case), terms_of(case, covers), covers["own"], as_of or case.as_of, spans=spans)


def sound(case: Case) -> None:
    try:
        reading(case)
    except Invalid:  # a day target in a calendar that never shuts
        assume(False)


@examples(25)
@given(cases(), st.randoms(use_true_random=False), st.integers(0, 3))
def test_events_shuffled_and_doubled_give_the_same_readings(case: Case, random: object, doubled: int) -> None:
    sound(case)
    events = [event_of(event) for event in case.events]
    jumbled = events + events[:doubled]
    random.shuffle(jumbled)  # type: ignore[attr-defined]
    covers = coverages_of(case)
    terms, history = terms_of(case, covers), history_of(case)
    assume(not history.conflicts)  # of two contents of one event the first to arrive stays
    again = read(History(jumbled, history.source), terms, covers["own"], case.as_of)
    assert list(again) == list(read(history, terms, covers["own"], case.as_of))


@examples(25)
@given(cases())
def test_spans_cover_life_once_and_what_counted_is_the_time_used(case: Case) -> None:
    sound(case)
    for clock in reading(case, spans=True):
        edges = [span.start for span in clock.spans[1:]]
        assert edges == [span.end for span in clock.spans[:-1]]
        if clock.spans:
            assert clock.spans[-1].end == case.as_of
        since = (
            clock.start if clock.number > 1 else min(span.start for span in clock.spans) if clock.spans else 0
        )
        counted = sum(
            span.end - span.start for span in clock.spans if span.why == "counted" and span.start >= since
        )
        assert counted == clock.used


@examples(25)
@given(cases(), st.lists(st.integers(0, 4 * 24 * 60), min_size=2, max_size=4))
def test_between_events_readings_move_on_with_time_and_nothing_else(case: Case, minutes: list[int]) -> None:
    sound(case)
    last = max(event.until or event.at for event in case.events)
    times = [last + minute * 60 * MICRO for minute in sorted(minutes)]
    before = None
    for now in times:
        clocks = reading(case, now)
        if before is not None:
            for old, new in zip(before, clocks, strict=True):
                assert new.used >= old.used
                assert old.verdict == new.verdict or (old.verdict, new.verdict) == ("none", "breached")
                if old.breached_at is not None:
                    assert (new.breached_at, new.deadline) == (old.breached_at, old.deadline)
                if old.run == new.run == "running" and old.deadline is not None:
                    assert new.deadline == old.deadline
        before = clocks

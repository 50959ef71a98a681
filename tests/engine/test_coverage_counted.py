"""Coverage against the oracle that counts every minute, or second, of it: rules 1.2 to 1.6."""

from datetime import date

from hypothesis import assume, given
from hypothesis import strategies as st
from tests.engine.made import ODD_DAYS, calendars, counted, coverage_of, examples, windows
from tests.engine.oracle.counting import MICRO, Calendar, Counted, day_number

from beforehand.engine.coverage import Coverage
from beforehand.engine.instants import DAY

BEFORE, AFTER = 4, 5
NEAR = 5 * DAY // 2
MINUTE = 60 * MICRO


class Pair:
    """One calendar twice: the engine's coverage and the counted one, both around one day."""

    def __init__(
        self, calendar: Calendar, around: date, step: int = 60, days: tuple[int, int] = (BEFORE, AFTER)
    ) -> None:
        self.calendar = calendar
        self.coverage: Coverage = coverage_of(calendar)
        self.counted: Counted = counted(calendar, around, *days, step)
        self.middle = day_number(around) * DAY

    def __repr__(self) -> str:
        return repr(self.calendar)

    def step(self, instant: int) -> int:
        return (instant // MICRO - self.counted.first) // self.counted.step


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    zone, around = draw(st.sampled_from(ODD_DAYS))
    return Pair(draw(calendars(zone, around)), around)


OFFSETS = st.integers(-NEAR // MINUTE, NEAR // MINUTE).map(lambda n: n * MINUTE)
"""Near the middle: on a minute, or anywhere between two."""
ANYWHERE = OFFSETS | st.integers(-NEAR, NEAR)


@examples(30)
@given(pairs())
def test_windows_are_those_counted(pair: Pair) -> None:
    start, end = pair.middle - NEAR, pair.middle + NEAR
    runs = pair.counted.runs(pair.counted.open)
    inside = [(max(a, start), min(b, end)) for a, b in runs if a < end and b > start]
    assert [tuple(window) for window in pair.coverage.windows(start, end)] == inside


@examples(30)
@given(pairs())
def test_what_closures_took_is_shut_once(pair: Pair) -> None:
    start, end = pair.middle - NEAR, pair.middle + NEAR
    mask = bytearray(pair.counted.steps)
    for piece in pair.coverage.shut(start, end):
        low, high = pair.step(piece.start), pair.step(piece.end)
        assert not any(mask[low:high])
        mask[low:high] = b"\1" * (high - low)
    low, high = pair.step(start), pair.step(end)
    assert mask[low:high] == pair.counted.holiday[low:high]


@examples(30)
@given(pairs(), ANYWHERE, ANYWHERE)
def test_between_is_what_was_counted(pair: Pair, start: int, end: int) -> None:
    start, end = sorted((pair.middle + start, pair.middle + end))
    assert pair.coverage.between(start, end) == pair.counted.between(start, end)
    assert pair.coverage.between(end, start) == 0


@examples(30)
@given(pairs(), ANYWHERE, st.integers(0, 3000).map(lambda n: n * MINUTE) | st.integers(0, 2 * DAY))
def test_add_is_the_instant_at_which_so_much_was_counted(pair: Pair, start: int, amount: int) -> None:
    start += pair.middle
    expected = pair.counted.add(start, amount)
    assume(expected is not None)
    assert pair.coverage.add(start, amount) == expected


@examples(30)
@given(pairs(), ANYWHERE)
def test_it_is_open_and_opens_next_as_counted(pair: Pair, instant: int) -> None:
    instant += pair.middle
    assert pair.coverage.is_open(instant) == pair.counted.is_open(instant)
    opening = pair.counted.next_open(instant)
    if opening is not None:
        assert pair.coverage.next_open(instant) == opening
    edges = [edge for run in pair.counted.runs(pair.counted.open) for edge in run if instant < edge]
    if edges and edges[0] < pair.middle + AFTER * DAY:
        assert pair.coverage.next_change(instant) == edges[0]


SECOND_DAYS = (
    ("Africa/Monrovia", date(1972, 1, 7)),  # the offset gains 44 minutes and 30 seconds
    ("Europe/London", date(2026, 3, 29)),
    ("America/Havana", date(2025, 11, 2)),
)


@st.composite
def pairs_in_seconds(draw: st.DrawFn) -> tuple[Pair, int]:
    zone, around = draw(st.sampled_from(SECOND_DAYS))
    weekday = around.weekday()
    times = draw(st.lists(windows(scale=60).flatmap(shaken), min_size=1, max_size=3))
    calendar = Calendar(zone, tuple((weekday, *window) for window in times))
    return Pair(calendar, around, 1, (1, 2)), day_number(around) * DAY


def shaken(window: tuple[int, int]) -> st.SearchStrategy[tuple[int, int]]:
    """The window with seconds to its times."""
    return st.tuples(st.integers(0, 29), st.integers(30, 59)).map(
        lambda s: (window[0] + s[0], window[1] + s[1] - 59)
    )


@examples(6)
@given(pairs_in_seconds())
def test_windows_with_seconds_are_those_counted(given_pair: tuple[Pair, int]) -> None:
    pair, middle = given_pair
    found = [tuple(window) for window in pair.coverage.windows(middle - DAY, middle + 2 * DAY)]
    assert found == pair.counted.runs(pair.counted.open)


@examples(30)
@given(pairs())
def test_business_days_are_those_on_which_a_window_opens(pair: Pair) -> None:
    assume(not pair.coverage.is_always)
    table = pair.coverage.table(pair.middle - NEAR, pair.middle + NEAR)
    low, high = (pair.middle - NEAR) // DAY, (pair.middle + NEAR) // DAY
    days: dict[int, list[tuple[int, int]]] = {}
    for opens, closes, day in table.day_windows:
        if low < day < high:
            days.setdefault(day, []).append((opens, closes))
    expected = pair.counted.business_days()
    assert days == {
        day: [(opens * MICRO, closes * MICRO) for opens, closes in windows]
        for day, windows in expected.items()
        if low < day < high
    }

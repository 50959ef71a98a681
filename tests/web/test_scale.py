"""The timeline's axis."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beforehand.engine.instants import DAY, HOUR, to_instant
from beforehand.web.scale import Scale

START = to_instant(datetime(2026, 10, 23, 16, tzinfo=UTC))


@given(
    st.integers(1, 3000 * DAY),
    st.lists(st.tuples(st.integers(0, 40 * DAY), st.integers(0, 3 * DAY)), max_size=8),
    st.lists(st.integers(-DAY, 3001 * DAY), min_size=2, max_size=8),
)
def test_later_is_never_further_left_and_all_is_within(
    length: int, dead: list[tuple[int, int]], at: list[int]
) -> None:
    stretches = sorted((START + begins, START + begins + lasts) for begins, lasts in dead)
    scale = Scale(START, START + length, 980, stretches)
    places = [scale.x(START + instant) for instant in sorted(at)]
    assert places == sorted(places)
    assert all(-1e-6 <= x <= 980 + 1e-6 for x in places)
    assert scale.x(START) == 0
    assert scale.x(START + length) == pytest.approx(980)


def test_a_night_is_drawn_narrower_than_a_day() -> None:
    scale = Scale(START, START + DAY, 1000, [(START + 2 * HOUR, START + 17 * HOUR)])
    assert scale.x(START + 17 * HOUR) - scale.x(START + 2 * HOUR) < 250


@pytest.mark.parametrize(
    ("length", "labels"),
    [
        (timedelta(hours=2), ["Fri 23 Oct", "17:15", "17:30"]),
        (timedelta(days=4), ["Fri 23 Oct", "Sat 24 Oct", "Sun 25 Oct", "Mon 26 Oct", "Tue 27 Oct"]),
        (timedelta(days=100), ["26 Oct", "2 Nov", "9 Nov"]),
        (timedelta(days=800), ["Nov 2026", "Jan 2027"]),
        (timedelta(days=2000), ["2027", "2028", "2029"]),
    ],
)
def test_marks_fit_the_length_of_the_life_over_a_change_of_clocks(
    length: timedelta, labels: list[str]
) -> None:
    scale = Scale(START, START + int(length.total_seconds()) * 1_000_000, 980)
    ticks = scale.ticks("Europe/London", 62)
    got = [tick.label for tick in ticks]
    assert got[: len(labels)] == labels
    assert all(b.x - a.x >= 62 for a, b in pairwise(ticks))

"""Who is on duty: nights when the clocks change, shifts over midnight, and a walk minute by minute beside it."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.people.conftest import at
from tests.support.tries import tries

from beforehand.engine.instants import DAY, MINUTE, to_datetime
from beforehand.engine.zones import load
from beforehand.people.roster import Dated, Roster, Stretch, Weekly

HOUR_S, DAY_S = 3600, 86_400
SATURDAY = 5


def on(roster: Roster, *texts: str) -> list[tuple[int, ...]]:
    return [roster.on_duty(at(text)) for text in texts]


def test_a_shift_over_midnight_ends_on_the_next_day() -> None:
    nights = Roster("UTC", [Weekly(7, 6, 22 * HOUR_S, 6 * HOUR_S)], [])  # Sunday, into Monday
    assert on(nights, "2026-03-01 21:59", "2026-03-01 22:00", "2026-03-02 05:59", "2026-03-02 06:00") == [
        (), (7,), (7,), ()
    ]  # fmt: skip


@pytest.mark.parametrize(("begins", "ends"), [(0, 0), (0, DAY_S), (9 * HOUR_S, 9 * HOUR_S)])
def test_a_shift_that_ends_when_it_began_is_a_day_long(begins: int, ends: int) -> None:
    day = Roster("UTC", [Weekly(7, 0, begins, ends)], [])
    starts = at("2026-03-02 00:00") + begins * 1_000_000
    assert [day.on_duty(starts + step) for step in (-1, 0, DAY - 1, DAY)] == [(), (7,), (7,), ()]


def test_the_night_that_is_an_hour_shorter_and_the_one_that_is_longer() -> None:
    nights = Roster("Europe/London", [Weekly(7, SATURDAY, 22 * HOUR_S, 6 * HOUR_S)], [])
    assert on(nights, "2026-03-28 22:00", "2026-03-29 04:59", "2026-03-29 05:00") == [(7,), (7,), ()]
    assert on(nights, "2026-10-24 20:59", "2026-10-24 21:00", "2026-10-25 05:59", "2026-10-25 06:00") == [
        (), (7,), (7,), ()
    ]  # fmt: skip


def test_several_are_on_duty_at_once_in_a_steady_order() -> None:
    roster = Roster("UTC", [Weekly(9, 0, 0, DAY_S), Weekly(3, 0, 0, DAY_S)], [])
    assert on(roster, "2026-03-02 12:00") == [(3, 9)]


def test_stretches_say_who_comes_and_goes_and_when_nobody_is_there() -> None:
    monday = at("2026-03-02 00:00")
    hours = [monday + n * 60 * MINUTE for n in range(25)]
    weekly = [Weekly(1, 0, 8 * HOUR_S, 12 * HOUR_S), Weekly(1, 0, 12 * HOUR_S, 14 * HOUR_S)]
    roster = Roster("UTC", weekly, [Dated(hours[13], hours[16], 2)])
    assert list(roster.stretches(monday, hours[24])) == [
        Stretch(monday, hours[8], ()),
        Stretch(hours[8], hours[13], (1,)),
        Stretch(hours[13], hours[16], (2,)),
        Stretch(hours[16], hours[24], ()),
    ]


def test_a_roster_of_nobody_is_one_stretch() -> None:
    assert list(Roster("UTC", [], []).stretches(0, DAY)) == [Stretch(0, DAY, ())]


# Eight days about a change of the clocks, in zones that change at one, at two and at midnight.
NIGHTS = [
    ("Europe/London", datetime(2026, 3, 24, tzinfo=UTC)),
    ("Europe/London", datetime(2026, 10, 20, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 10, 27, tzinfo=UTC)),
    ("Africa/Cairo", datetime(2026, 4, 20, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 1, tzinfo=UTC)),
]
MINUTES = 8 * 24 * 60


@cache
def walls(zone: str, begins: datetime) -> list[datetime]:
    """What the clocks of a zone show, minute by minute, from two days before."""
    first = begins - timedelta(days=2)
    return [
        (first + timedelta(minutes=n)).astimezone(load(zone)).replace(tzinfo=None)
        for n in range(MINUTES + 4 * 1440)
    ]


def walked(zone: str, begins: datetime, shift: Weekly) -> set[int]:
    """The minutes after `begins` at which a shift runs: from the first at which the clock shows its begin or later,

    to the last before which it showed less than its end.
    """
    clock, found = walls(zone, begins), set[int]()
    day: date = clock[0].date() - timedelta(days=1)
    while day <= clock[-1].date():
        if day.weekday() == shift.day:
            midnight = datetime(day.year, day.month, day.day)
            length = (shift.ends - shift.begins) % DAY_S or DAY_S
            opens = midnight + timedelta(seconds=shift.begins)
            closes = opens + timedelta(seconds=length)
            first = next((n for n, wall in enumerate(clock) if wall >= opens), len(clock))
            last = max((n for n, wall in enumerate(clock) if wall < closes), default=-1)
            found |= set(range(first, last + 1))
        day += timedelta(days=1)
    return {n - 2 * 1440 for n in found}


quarters = st.integers(0, 95).map(lambda n: n * 900)
shifts = st.builds(
    Weekly, st.integers(1, 3), st.integers(0, 6), quarters, st.integers(0, 96).map(lambda n: n * 900)
)


@settings(max_examples=tries(40))
@given(st.sampled_from(NIGHTS), st.lists(shifts, max_size=5), st.data())
def test_it_is_as_a_walk_minute_by_minute_says(
    where: tuple[str, datetime], weekly: list[Weekly], data: st.DataObject
) -> None:
    zone, begins = where
    start = (begins - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    minutes = st.integers(0, MINUTES)
    pairs = data.draw(st.lists(st.tuples(minutes, minutes, st.integers(1, 3)), max_size=3))
    dated = [Dated(start + a * MINUTE, start + b * MINUTE, who) for a, b, who in pairs if a < b]
    roster = Roster(zone, weekly, dated)
    runs = [(shift.who, walked(zone, begins, shift)) for shift in weekly]
    for n in range(0, MINUTES, 7):
        instant = start + n * MINUTE
        expected = {who for since, until, who in dated if since <= instant < until} or {
            who for who, minutes_of in runs if n in minutes_of
        }
        assert roster.on_duty(instant) == tuple(sorted(expected)), to_datetime(instant)
    pieces = list(roster.stretches(start, start + MINUTES * MINUTE))
    assert [piece.since for piece in pieces[1:]] == [piece.until for piece in pieces[:-1]]
    assert all(
        roster.on_duty(piece.since) == roster.on_duty(piece.until - 1) == piece.who for piece in pieces
    )
    assert all(a.who != b.who for a, b in pairwise(pieces))

"""What due dates must not be taken for: a time that was promised before, or hours of another calendar elsewhere."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from beforehand.engine.coverage import Coverage
from beforehand.engine.instants import HOUR, MINUTE, to_instant
from beforehand.promises.draft.due_dates import Due
from beforehand.promises.draft.inferred import Cell, Found, Week, infer
from beforehand.promises.file.hours import Hours
from beforehand.promises.psa import Calendar

pytestmark = pytest.mark.program
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
OFFICE: Hours = {day: [["09:00", "17:00"]] for day in WEEKDAYS}
EARLY: Hours = {day: [["08:00", "16:00"]] for day in WEEKDAYS}
LONDON = Coverage("Europe/London", {day: [("09:00", "17:00")] for day in WEEKDAYS})
CELL = Cell("gold", "P1", "response")
FIRST = datetime(2026, 3, 1, tzinfo=UTC)


def week(key: str, hours: Hours, zone: str = "") -> Week:
    return Week(Calendar(key, key, {}, zone, default=key == "one"), hours, ())


def dues(number: int, target: int, begun: datetime = FIRST, days: int = 200, step: int = 1) -> list[Due]:
    """Of tickets at all hours, in the hours of an office in London, rounded up to `step`."""
    dice = random.Random(number)
    found = []
    for _ in range(number):
        start = to_instant(begun + timedelta(seconds=dice.randrange(days * 86_400)))
        due = LONDON.add(start, target)
        assert due is not None
        found.append(Due(*CELL, start, -(-due // step) * step))
    return found


def test_a_time_that_the_newest_tickets_no_more_have_is_not_taken() -> None:
    now = dues(25, 8 * HOUR, FIRST + timedelta(days=210), 20)
    found = infer([*now, *dues(275, 4 * HOUR)], [week("one", OFFICE, "Europe/London")], "UTC")
    assert found.found == {}
    assert found.open[CELL].of == 300


def test_due_dates_that_are_told_to_the_minute_tell_a_round_time() -> None:
    """What is created outside of hours is due to the second: most of these."""
    some = dues(80, 4 * HOUR, step=MINUTE)
    found = infer(some, [week("one", OFFICE, "Europe/London")], "UTC")
    assert found.found == {CELL: Found(4 * HOUR, "one", 80, 0)}


def test_due_dates_that_are_rounded_to_quarters_of_an_hour_tell_nothing() -> None:
    some = dues(80, 4 * HOUR, step=15 * MINUTE)
    assert infer(some, [week("one", OFFICE, "Europe/London")], "UTC").found == {}


@pytest.mark.parametrize("hours", [OFFICE, EARLY], ids=["the same hours", "an hour earlier"])
@pytest.mark.parametrize("first", ["one", "two"])
def test_another_calendars_due_dates_put_no_calendar_elsewhere(hours: Hours, first: str) -> None:
    """From 8 to 16 on the Azores is from 9 to 17 in London, all year."""
    second = "two" if first == "one" else "one"
    found = infer(dues(120, 4 * HOUR), [week(first, OFFICE), week(second, hours)], "Europe/London")
    assert {zone.name for zone in found.zones.values()} == {"Europe/London"}

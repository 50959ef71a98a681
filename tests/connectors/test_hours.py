"""Hours and dates as sources write them."""

import pytest

from beforehand.connectors.hours import date_of, dates, day_length, is_whole_week, listed, spell, wall, week
from beforehand.promises.psa import DAYS


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("09:00:00", "09:00"), ("1900-01-01T17:30:00Z", "17:30"), ("23:59:59", "24:00"), ("23:59:00", "23:59"),
        ("2026-04-03", ""), ("24:30", ""), ("", ""), (None, ""), (9, ""),
    ],
)  # fmt: skip
def test_a_time_of_day(said: object, found: str) -> None:
    assert wall(said) == found


def test_hours_end_after_they_begin_and_midnight_ends_a_day() -> None:
    assert spell("08:00", "17:00") == (("08:00", "17:00"),)
    assert spell("08:00", "00:00:00") == (("08:00", "24:00"),)
    assert (
        spell("00:00", "00:00") == spell("22:00", "06:00") == spell("08:00", None) == spell(None, None) == ()
    )


def test_a_week_names_the_days_whose_hours_say_nothing() -> None:
    hours, odd = week({"monday": ("08:00", "17:00"), "tuesday": ("08:00", "08:00"), "sunday": (None, None)})
    assert (hours, odd) == ({"monday": (("08:00", "17:00"),)}, ["tuesday"])


def test_how_long_a_day_is_and_whether_there_is_work_always() -> None:
    assert day_length({"monday": (("08:00", "12:00"), ("13:00", "17:30"))}) == 510
    assert day_length({"monday": (("08:00", "12:00"),), "friday": (("08:00", "11:00"),)}) is None
    assert day_length({}) is None
    always = dict.fromkeys(DAYS, (("00:00", "24:00"),))
    assert is_whole_week(always)
    assert not is_whole_week({day: spells for day, spells in always.items() if day != "sunday"})


def test_dates() -> None:
    assert date_of("2026-12-25T00:00:00Z") == "2026-12-25"
    assert date_of("1900-01-01T00:00:00") == date_of("soon") == date_of(None) == ""
    assert list(dates("2026-12-31T00:00:00", "2027-01-02T23:59:59")) == [
        "2026-12-31",
        "2027-01-01",
        "2027-01-02",
    ]
    assert (
        list(dates("2026-12-31", "2026-01-01")) == list(dates("2026-12-31", "2099-01-01")) == ["2026-12-31"]
    )
    assert not dates("1900-01-01T00:00:00", None)


def test_names_as_words() -> None:
    assert listed(["a", "b", "a"]) == "“a”, “b”"
    assert listed("abcdefg") == "“a”, “b”, “c”, “d”, “e” and 2 more"

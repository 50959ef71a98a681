"""How times are written: what was said is read again, and what is no time is refused with an example."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beforehand.engine.instants import DAY, HOUR, MINUTE, SECOND
from beforehand.engine.weekly import DAY_S, DAYS, Closure, Opening, wall_text
from beforehand.promises.file import hours, notation
from beforehand.promises.file.notation import AT_CLOSE, Days, Misread, Time

amounts = st.integers(1, notation.LONGEST - 1)
times = st.integers(0, DAY_S)
names = st.text("abc, 24x7", max_size=8).map(str.strip)
dates = st.dates(date(1970, 1, 1), date(2199, 1, 1))
promises = st.builds(Time, amounts, st.booleans()) | st.builds(
    Days, st.integers(1, 999), st.none() | times, st.none() | st.just(AT_CLOSE) | times, names
)
windows = st.tuples(st.integers(0, DAY_S - 1), st.integers(1, DAY_S)).filter(lambda w: w[0] != w[1])
weeks = st.dictionaries(
    st.sampled_from(DAYS), st.lists(windows.map(lambda w: [wall_text(s) for s in w]), min_size=1, max_size=3)
).map(lambda week: {day: sorted(week[day]) for day in DAYS if day in week})


@given(promises)
def test_a_target_that_was_said_is_read_again(promise: notation.Promise) -> None:
    assert notation.read_promise(notation.say_promise(promise)) == promise


@given(amounts, st.booleans())
def test_a_duration_that_was_said_is_read_again(amount: int, days: bool) -> None:
    assert notation.read_duration(notation.say_duration(amount, days), days) == amount


@given(weeks)
def test_hours_that_were_said_are_read_again(week: hours.Hours) -> None:
    assert hours.read_hours(hours.say_hours(week)) == week


@given(dates, st.integers(0, 400), windows)
def test_closures_that_were_said_are_read_again(first: date, days: int, part: tuple[int, int]) -> None:
    whole = Closure(first, first + timedelta(days), "Fair")
    assert notation.read_closure(notation.say_closure(whole), "Fair") == whole
    some = Closure(first, first, "Fair", min(part), max(part))
    assert notation.read_closure(notation.say_closure(some), "Fair") == some


@given(dates, windows)
def test_openings_that_were_said_are_read_again(day: date, part: tuple[int, int]) -> None:
    opening = Opening(day, part[0], part[1] if part[1] > part[0] else part[1] + DAY_S, "Staffed")
    assert notation.read_opening(notation.say_opening(opening), "Staffed") == opening


@pytest.mark.parametrize(
    ("text", "promise"),
    [
        ("4h", Time(4 * HOUR)),
        ("4 hours", Time(4 * HOUR)),
        ("1 h 30 m", Time(90 * MINUTE)),
        ("1h30m", Time(90 * MINUTE)),
        ("1 hour and 30 minutes", Time(90 * MINUTE)),
        ("1.5h", Time(90 * MINUTE)),
        ("90s", Time(90 * SECOND)),
        ("62h", Time(62 * HOUR)),
        ("1h 24x7", Time(HOUR, True)),
        ("1 hour, round the clock", Time(HOUR, True)),
        ("next business day", Days(1)),
        ("3 business days by 12:00", Days(3, 12 * 3600)),
        ("in 3 business days", Days(3)),
        ("next business day by 12:00, cut-off 16:00", Days(1, 12 * 3600, 16 * 3600)),
        ("Next business day, cut-off close", Days(1, None, AT_CLOSE)),
        ("next business day by 12:00 cut-off 16:00 calendar Office", Days(1, 12 * 3600, 16 * 3600, "Office")),
        ("2 business days, calendar Office, London", Days(2, None, None, "Office, London")),
    ],
)
def test_targets_are_read_as_people_write_them(text: str, promise: notation.Promise) -> None:
    assert notation.read_promise(text) == promise


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4",
        "four hours",
        "-4h",
        "0h",
        "4 days",
        "4x",
        "24x7",
        "0 business days",
        "next day",
        "1e3h",
        "4h 4",
        "٤h",
    ],
)
def test_what_is_no_target_is_refused(text: str) -> None:
    with pytest.raises(Misread):
        notation.read_promise(text)


def test_days_of_24_hours_are_only_for_settings() -> None:
    assert notation.read_duration("7 days", days=True) == 7 * DAY
    with pytest.raises(Misread):
        notation.read_duration("7 days")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Mon-Fri 9:00-17:30", "Mon-Fri 9:00-17:30"),
        (
            "monday-friday 09:00-12:30,13:00-17:30; sat 22:00-06:00",
            "Mon-Fri 9:00-12:30, 13:00-17:30; Sat 22:00-6:00",
        ),
        ("Sat, Sun 10:00-0:00", "Sat, Sun 10:00-24:00"),
        ("fri-mon 8:00-9:00", "Mon 8:00-9:00; Fri-Sun 8:00-9:00"),
        ("daily 00:00-24:00", "24x7"),
        ("24/7", "24x7"),
        ("never", "never"),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, said: str) -> None:
    assert hours.say_hours(hours.read_hours(text)) == said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9:00-17:30",
        "Mon",
        "Mon 8-5",
        "Mon 9:00-9:00",
        "Mon 25:00-26:00",
        "Mon-Fri-Sun 9:00-10:00",
        "Mox 9:00-10:00",
    ],
)
def test_what_are_no_hours_is_refused(text: str) -> None:
    with pytest.raises(Misread):
        hours.read_hours(text)


@pytest.mark.parametrize("text", ["2026-02-31", "31/12/2026", "2026-1-1", "", "today"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(Misread):
        notation.read_date(text)

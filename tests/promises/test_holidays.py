"""Closures from the holidays library and from iCalendar files (clock.md 1.2)."""

from datetime import date

import pytest

from beforehand.engine.weekly import DAY_S, Closure
from beforehand.promises.file.notation import Misread
from beforehand.promises.holidays import public_holidays, read_calendar, read_region, years_needed

FIRST, LAST = date(2026, 1, 1), date(2027, 12, 31)
NOON = 12 * 3600


def calendar(*events: str) -> bytes:
    body = "".join(
        f"BEGIN:VEVENT\nUID:{n}\nDTSTAMP:20250101T000000Z\n{event}\nEND:VEVENT\n"
        for n, event in enumerate(events)
    )
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\n{body}END:VCALENDAR\n".replace(
        "\n", "\r\n"
    ).encode()


def read(*events: str, zone: str = "Europe/London") -> list[Closure]:
    return read_calendar(calendar(*events), zone, FIRST, LAST)


def test_public_holidays_are_whole_days_with_names_of_the_subdivision() -> None:
    england = public_holidays("GB-ENG", [2026])
    assert Closure(date(2026, 8, 31), date(2026, 8, 31), "Late Summer Bank Holiday") in england
    assert date(2026, 11, 30) not in {closure.first for closure in england}
    assert date(2026, 11, 30) in {closure.first for closure in public_holidays("GB-SCT", [2026])}


@pytest.mark.parametrize("region", ["XX", "GB-XYZ", "gb", "", "England"])
def test_a_region_that_the_library_does_not_know_is_refused(region: str) -> None:
    with pytest.raises(Misread):
        read_region(region)


def test_years_reach_from_the_first_version_to_three_years_ahead() -> None:
    assert years_needed(date(2024, 5, 1), date(2026, 3, 1)) == range(2024, 2030)
    assert years_needed(None, date(2026, 3, 1)) == range(2026, 2030)


def test_all_day_events_are_whole_days_and_their_end_is_not_in_them() -> None:
    closures = read("SUMMARY:Summer\nDTSTART;VALUE=DATE:20260803\nDTEND;VALUE=DATE:20260815")
    assert closures == [Closure(date(2026, 8, 3), date(2026, 8, 14), "Summer")]


def test_an_event_with_times_is_cut_at_midnight_of_the_owners_zone() -> None:
    closures = read("SUMMARY:Move\nDTSTART:20261224T170000Z\nDTEND:20261226T090000Z", zone="Europe/Berlin")
    assert closures == [
        Closure(date(2026, 12, 24), date(2026, 12, 24), "Move", 18 * 3600, DAY_S),
        Closure(date(2026, 12, 25), date(2026, 12, 25), "Move"),
        Closure(date(2026, 12, 26), date(2026, 12, 26), "Move", 0, 10 * 3600),
    ]


def test_recurrences_and_their_exceptions_are_followed() -> None:
    closures = read(
        "SUMMARY:Fair\nDTSTART;VALUE=DATE:20260301\nRRULE:FREQ=YEARLY\nEXDATE;VALUE=DATE:20270301"
    )
    assert closures == [Closure(date(2026, 3, 1), date(2026, 3, 1), "Fair")]


def test_times_of_another_zone_and_of_none() -> None:
    closures = read(
        "SUMMARY:New York\nDTSTART;TZID=America/New_York:20260302T090000\nDURATION:PT1H",
        "SUMMARY:Anywhere\nDTSTART:20260303T120000\nDTEND:20260303T130000",
    )
    assert closures == [
        Closure(date(2026, 3, 2), date(2026, 3, 2), "New York", 14 * 3600, 15 * 3600),
        Closure(date(2026, 3, 3), date(2026, 3, 3), "Anywhere", NOON, NOON + 3600),
    ]


def test_cancelled_events_and_those_without_length_say_nothing() -> None:
    assert read("SUMMARY:Off\nSTATUS:CANCELLED\nDTSTART;VALUE=DATE:20260301") == []
    assert read("SUMMARY:Moment\nDTSTART:20260303T120000Z") == []


def test_an_event_that_began_before_the_first_day_still_counts() -> None:
    closures = read("SUMMARY:Winter\nDTSTART;VALUE=DATE:20251220\nDTEND;VALUE=DATE:20260105")
    assert closures == [Closure(date(2025, 12, 20), date(2026, 1, 4), "Winter")]


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xfe\x00", b"BEGIN:VCALENDAR\n"])
def test_what_is_no_calendar_is_refused(content: bytes) -> None:
    with pytest.raises(Misread):
        read_calendar(content, "UTC", FIRST, LAST)


def test_a_recurrence_that_never_ends_is_refused_in_time() -> None:
    with pytest.raises(Misread, match="daily"):
        read("SUMMARY:Mad\nDTSTART:20260101T000000Z\nDTEND:20260101T000001Z\nRRULE:FREQ=SECONDLY")

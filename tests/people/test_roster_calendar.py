"""What an iCalendar file says about who is on duty."""

import pytest
from tests.people.conftest import at

from beforehand.people.models import Provider, Technician
from beforehand.people.roster_calendar import RosterRead, read_roster
from beforehand.people.staff import Staff

pytestmark = pytest.mark.django_db
SINCE, UNTIL = "2026-03-01 00:00", "2026-12-31 00:00"


@pytest.fixture(autouse=True)
def people(provider: Provider) -> None:
    Technician.objects.create(
        provider=provider, name="Ada Ferrant", aliases=["Ada"], email="ada@northgate.example"
    )
    Technician.objects.create(provider=provider, name="Ben Okafor", aliases=["bokafor"])


def event(*lines: str, summary: str = "Ada Ferrant") -> str:
    return "\n".join(["BEGIN:VEVENT", f"UID:{hash(lines)}", f"SUMMARY:{summary}", *lines, "END:VEVENT"])


def read(provider: Provider, *events: str, since: str = SINCE, until: str = UNTIL) -> RosterRead:
    text = "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *events, "END:VCALENDAR"])
    return read_roster(text.replace("\n", "\r\n").encode(), Staff(provider), at(since), at(until))


def spans(found: RosterRead) -> list[tuple[str, int, int]]:
    return [(shift.person.name, shift.since, shift.until) for shift in found.shifts]


def span(begins: str, ends: str, name: str = "Ada Ferrant") -> tuple[str, int, int]:
    return name, at(begins), at(ends)


ONE = ("DTSTART:20260306T170000Z", "DTEND:20260309T080000Z")


def test_an_event_is_a_shift(provider: Provider) -> None:
    found = read(provider, event(*ONE))
    assert spans(found) == [span("2026-03-06 17:00", "2026-03-09 08:00")]
    assert found.faults == ()


def test_a_weekly_event_keeps_its_wall_time_and_leaves_out_what_is_excepted(provider: Provider) -> None:
    weekly = event(
        "DTSTART;TZID=America/New_York:20260302T200000",
        "DTEND;TZID=America/New_York:20260303T080000",
        "RRULE:FREQ=WEEKLY;COUNT=4",
        "EXDATE;TZID=America/New_York:20260316T200000",
    )
    # The clocks of New York go forward on 8 March.
    assert spans(read(provider, weekly)) == [
        span("2026-03-03 01:00", "2026-03-03 13:00"),
        span("2026-03-10 00:00", "2026-03-10 12:00"),
        span("2026-03-24 00:00", "2026-03-24 12:00"),
    ]


def test_an_all_day_event_is_the_local_day_however_long_it_is(provider: Provider) -> None:
    days = event("DTSTART;VALUE=DATE:20260328", "DTEND;VALUE=DATE:20260330")
    assert spans(read(provider, days)) == [span("2026-03-28 00:00", "2026-03-29 23:00")]
    assert spans(read(provider, event("DTSTART;VALUE=DATE:20261025"))) == [
        span("2026-10-24 23:00", "2026-10-26 00:00")
    ]


def test_a_time_without_a_zone_is_by_the_providers_clocks(provider: Provider) -> None:
    found = read(provider, event("DTSTART:20260701T090000", "DURATION:PT8H"))
    assert spans(found) == [span("2026-07-01 08:00", "2026-07-01 16:00")]


def test_a_shift_moved_to_another_day_is_there_alone(provider: Provider) -> None:
    weekly = event("UID:1", "DTSTART:20260302T090000Z", "DTEND:20260302T170000Z", "RRULE:FREQ=WEEKLY;COUNT=2")
    moved = "\n".join(
        ["BEGIN:VEVENT", "UID:1", "SUMMARY:Ben Okafor", "RECURRENCE-ID:20260309T090000Z",
         "DTSTART:20260310T090000Z", "DTEND:20260310T170000Z", "END:VEVENT"]
    )  # fmt: skip
    first = weekly.replace("UID:" + weekly.split("UID:")[1].split("\n")[0] + "\n", "", 1)
    assert spans(read(provider, first, moved)) == [
        span("2026-03-02 09:00", "2026-03-02 17:00"),
        span("2026-03-10 09:00", "2026-03-10 17:00", "Ben Okafor"),
    ]


@pytest.mark.parametrize(
    ("summary", "more", "who"),
    [
        ("ada  FERRANT", [], ["Ada Ferrant"]),
        ("bokafor", [], ["Ben Okafor"]),
        ("On call: Ada Ferrant (primary)", [], ["Ada Ferrant"]),
        ("On call", ["ATTENDEE;CN=Ben Okafor:mailto:b@x.example"], ["Ben Okafor"]),
        ("On call", ["ATTENDEE:MAILTO:Ada@Northgate.example"], ["Ada Ferrant"]),
        (
            "On call",
            ["ATTENDEE;CN=Ada:mailto:a@x", "ATTENDEE;CN=bokafor:mailto:b@x"],
            ["Ada Ferrant", "Ben Okafor"],
        ),
        ("On call", ["ATTENDEE;CN=Zed:mailto:z@x", "ORGANIZER;CN=Ben Okafor:mailto:b@x"], ["Ben Okafor"]),
        ("Ben Okafor", ["ORGANIZER;CN=Ada:mailto:a@x"], ["Ben Okafor"]),
    ],
)
def test_the_event_says_who(provider: Provider, summary: str, more: list[str], who: list[str]) -> None:
    found = read(provider, event(*ONE, *more, summary=summary))
    assert [shift.person.name for shift in found.shifts] == who
    assert found.faults == ()


@pytest.mark.parametrize("summary", ["Zed", "Adamant", "Ada Ferrant or Ben Okafor", ""])
def test_who_is_not_known_or_not_clear_is_a_fault_that_names_the_event(
    provider: Provider, summary: str
) -> None:
    found = read(provider, event(*ONE, summary=summary), event("DTSTART;VALUE=DATE:20260401"))
    assert len(found.shifts) == 1
    (fault,) = found.faults
    assert repr(summary) in fault.place
    assert "6 March 2026" in fault.place
    assert "Ada Ferrant, Ben Okafor" in fault.expected


def test_an_unknown_name_is_told_once_and_not_at_each_recurrence(provider: Provider) -> None:
    found = read(provider, event(*ONE, "RRULE:FREQ=WEEKLY", summary="Zed"), event(*ONE, summary="Yan"))
    assert len(found.faults) == 2


def test_cancelled_events_those_without_length_and_those_outside_say_nothing(provider: Provider) -> None:
    found = read(
        provider,
        event(*ONE, "STATUS:CANCELLED"),
        event("DTSTART:20260306T170000Z", "DTEND:20260306T170000Z"),
        event("DTSTART:20250306T170000Z", "DTEND:20250307T170000Z", summary="Zed"),
    )
    assert found == RosterRead((), ())


def test_a_shift_that_has_begun_is_still_one_and_the_same_shift_twice_is_one(provider: Provider) -> None:
    found = read(provider, event(*ONE), event(*ONE, "X-A:1"), since="2026-03-08 00:00")
    assert spans(found) == [span("2026-03-06 17:00", "2026-03-09 08:00")]


@pytest.mark.parametrize(
    "content", [b"", b"no calendar", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT", b"\xff\xfe\x00", b"x" * 2_000_001]
)
def test_what_is_no_calendar_is_said_to_be_none(provider: Provider, content: bytes) -> None:
    found = read_roster(content, Staff(provider), at(SINCE), at(UNTIL))
    assert found.shifts == ()
    assert len(found.faults) == 1


def test_an_event_every_hour_is_no_shift(provider: Provider) -> None:
    (fault,) = read(provider, event(*ONE, "RRULE:FREQ=HOURLY")).faults
    assert "Ada Ferrant" in fault.place

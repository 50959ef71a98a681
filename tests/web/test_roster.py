"""The roster on a page: weekly shifts, and a calendar that is shown before it is taken."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from tests.support.staff import make_staff

from beforehand.people.models import DutyDate, DutyShift, Provider, Technician
from beforehand.web import moment

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def a_monday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moment, "now", lambda: MONDAY)


@pytest.fixture
def people(provider: Provider) -> dict[str, Technician]:
    return make_staff(provider, MONDAY)


def calendar(*names: str, day: str = "20260310") -> SimpleUploadedFile:
    events = [
        f"BEGIN:VEVENT\r\nUID:{name}\r\nSUMMARY:{name}\r\nDTSTART;VALUE=DATE:{day}\r\nEND:VEVENT\r\n"
        for name in names
    ]
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{''.join(events)}END:VCALENDAR\r\n"
    return SimpleUploadedFile("on-call.ics", text.encode(), "text/calendar")


def read(client: Client, *names: str, day: str = "20260310") -> HttpResponse:
    return client.post("/staff/roster/file/", {"calendar": calendar(*names, day=day)})  # type: ignore[return-value]


def test_shifts_of_a_week_are_added_and_removed(signed_in: Client, people: dict[str, Technician]) -> None:
    asked = {"technician": people["ben"].pk, "days": [5, 6], "begins": "22:00", "ends": "06:00"}
    assert signed_in.post("/staff/roster/shifts/", asked).status_code == 302
    signed_in.post("/staff/roster/shifts/", asked)  # once more is no more
    nights = DutyShift.objects.filter(day__gte=5)
    assert [(one.begins, one.ends) for one in nights] == [(22 * 3600, 6 * 3600)] * 2
    page = signed_in.get("/staff/roster/").content.decode()
    assert "22:00–6:00" in page
    signed_in.post(f"/staff/roster/shifts/{nights[0].pk}/")
    assert nights.all().count() == 1


@pytest.mark.parametrize(
    ("field", "value"), [("days", []), ("days", [7]), ("begins", "25:00"), ("ends", ""), ("technician", 999)]
)
def test_a_shift_that_cannot_be_is_refused_at_its_field(
    signed_in: Client, people: dict[str, Technician], field: str, value: object
) -> None:
    asked = {"technician": people["ben"].pk, "days": [5], "begins": "8:00", "ends": "9:00"} | {field: value}
    answer = signed_in.post("/staff/roster/shifts/", asked)
    assert answer.status_code == 400
    assert set(answer.context["form"].errors) == {field}
    assert DutyShift.objects.count() == 10


def test_what_was_read_is_shown_and_kept_once_it_is_taken(
    signed_in: Client, people: dict[str, Technician]
) -> None:
    page = read(signed_in, "Ada Ferrant", "bokafor")
    assert page.context["count"] == 2
    assert DutyDate.objects.count() == 1
    signed_in.post("/staff/roster/take/", {"agreed": page.context["agreed"]})
    kept = list(DutyDate.objects.order_by("technician__name").values_list("technician__name", "origin"))
    assert kept == [("Ada Ferrant", "on-call.ics"), ("Ben Okafor", "on-call.ics")]
    again = read(signed_in, "Ada Ferrant", day="20260311")
    assert again.context["replaced"] == 2
    signed_in.post("/staff/roster/take/", {"agreed": again.context["agreed"], "keep": "yes"})
    assert DutyDate.objects.count() == 3


def test_what_is_over_stays_when_a_new_roster_comes(
    signed_in: Client, provider: Provider, people: dict[str, Technician]
) -> None:
    past = MONDAY - timedelta(days=3), MONDAY - timedelta(days=2)
    DutyDate.objects.create(provider=provider, technician=people["ben"], since=past[0], until=past[1])
    signed_in.post("/staff/roster/take/", {"agreed": read(signed_in, "Ada Ferrant").context["agreed"]})
    assert [one.technician.name for one in DutyDate.objects.order_by("since")] == [
        "Ben Okafor",
        "Ada Ferrant",
    ]
    signed_in.post("/staff/roster/forget/")
    assert DutyDate.objects.get().technician == people["ben"]


def test_with_a_fault_nothing_can_be_taken_and_all_faults_are_told(
    signed_in: Client, people: dict[str, Technician]
) -> None:
    page = read(signed_in, "Ada Ferrant", "Zed", "Yan")
    assert page.status_code == 400
    assert len(page.context["faults"]) == 2
    assert page.context["agreed"] == ""
    assert b"Take them" not in page.content
    assert b"Zed" in page.content


def test_who_left_is_nobody_in_a_calendar(signed_in: Client, people: dict[str, Technician]) -> None:
    (fault,) = read(signed_in, "Gil Abara").context["faults"]
    assert "Ada Ferrant, Ben Okafor, Chiara Lodi, Dev Raman" in fault.expected


def test_a_calendar_without_events_says_so(signed_in: Client, people: dict[str, Technician]) -> None:
    page = read(signed_in, "Ada Ferrant", day="20200101")
    assert b"no event in the next 400 days" in page.content


def test_no_file_one_that_is_too_large_and_one_that_is_none_are_said(
    signed_in: Client, people: dict[str, Technician]
) -> None:
    large = SimpleUploadedFile("x.ics", b"x" * 2_000_001)
    none = SimpleUploadedFile("x.ics", b"nothing of the kind")
    for more in ({}, {"calendar": large}, {"calendar": none}):
        answer = signed_in.post("/staff/roster/file/", more)
        assert answer.status_code == 400
        assert b"an iCalendar file" in answer.content


def test_only_what_was_shown_here_can_be_taken(
    signed_in: Client, provider: Provider, people: dict[str, Technician]
) -> None:
    agreed = read(signed_in, "Ada Ferrant").context["agreed"]
    for wrong in ("", agreed[:-1] + ("A" if agreed[-1] != "A" else "B"), "x" + agreed):
        assert signed_in.post("/staff/roster/take/", {"agreed": wrong}).status_code == 400
    people["ada"].delete()
    answer = signed_in.post("/staff/roster/take/", {"agreed": agreed})
    assert answer.status_code == 400
    assert b"still there" in answer.content
    assert DutyDate.objects.count() == 1


def test_the_coming_days_say_who_comes_and_goes(signed_in: Client, people: dict[str, Technician]) -> None:
    stretches = signed_in.get("/staff/roster/").context["stretches"]
    assert [who for _, _, who in stretches[:4]] == [
        ["Chiara Lodi (away: Ben Okafor stands in)"], ["Ben Okafor"], [], ["Ada Ferrant"]
    ]  # fmt: skip

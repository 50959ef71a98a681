"""A tenant's set-up in the words that are one for all sources, and its verdict of tickets."""

from typing import Any

import pytest
from tests.connectors.connectwise.conftest import Hand
from tests.connectors.connectwise.fake import Tenant, iso, when
from tests.connectors.connectwise.world import STATUSES

from beforehand.connectors.connectwise.reader import Reader
from beforehand.promises.psa import Calendar, HolidayList, Serves, SetUpPlain, Sla, Status, Target, set_up_of
from beforehand.tickets.models import PsaView

MONDAY = {"monday": (("09:00", "17:00"),)}


def _plain(reader: Reader, kind: type) -> list[Any]:
    return [piece.plain for piece in reader.set_up().pieces if isinstance(piece.plain, kind)]


@pytest.mark.django_db
def test_a_whole_set_up_in_plain_words(tenant: Tenant, hand: Hand) -> None:
    lists = tenant.lists
    lists["service/SLAs"][0] |= {"planWithin": 8.0, "resolutionHours": 24.0, "defaultFlag": True}
    lists["company/companies"][0]["calendar"] = {"id": 1, "name": "Office"}
    lists["finance/agreements"][0] |= {
        "startDate": "2025-04-01T00:00:00Z",
        "endDate": "2027-03-31T00:00:00Z",
    }
    lists["service/boards/20/statuses"] = lists["service/boards/20/statuses"][:1]
    hand.at("09:00")
    assert set_up_of(hand.connection.provider_id, "psa") == SetUpPlain(
        (
            Sla(
                "7",
                "Gold SLA",
                (
                    Target("response", 60),
                    Target("plan", 480),
                    Target("resolution", 1440),
                    Target("response", 120, "Priority 2"),
                ),
                "1",
            ),
        ),
        (Calendar("1", "Office", MONDAY, "", "Eastern Standard Time", ("9",), default=True),),
        (HolidayList("9", "US", (("2026-01-01", "New Year", False),)),),
        (Status("501", "New", "Service Desk", False, False, False),),
        (
            Serves("agreement 900", "7", "Acme Ltd", "Gold", "2025-04-01", "2027-03-31", "1"),
            Serves("client 300", "7", "Acme Ltd", calendar="1"),
            Serves("default", "7"),
        ),
    )


def test_an_sla_runs_in_the_hours_on_which_it_is_based(tenant: Tenant, reader: Reader) -> None:
    based = [
        {"basedOn": "AllHours"},
        {"basedOn": "Customer"},
        {"basedOn": "MyCalendar"},
        {"basedOn": "Custom", "customCalendar": {"id": 4}},
        {"basedOn": "Custom"},
        {"basedOn": "Moonlight"},
    ]
    tenant.lists["service/SLAs"] = [
        {"id": n, "name": f"S{n}", "respondHours": 0.5, **one} for n, one in enumerate(based, 1)
    ]
    found = _plain(reader, Sla)
    assert [(one.calendar, one.round_the_clock) for one in found] == [
        ("", True),
        ("", False),
        ("1", False),
        ("4", False),
        ("", False),
        ("", False),
    ]
    assert found[0].targets == (Target("response", 30, "", True),)
    missing = reader.set_up().missing
    assert [said for said in missing if "“S5”" in said and "calendar" in said]
    assert [said for said in missing if "“S6”" in said and "based" in said]


def test_no_hours_are_no_target_and_for_a_priority_a_question(tenant: Tenant, reader: Reader) -> None:
    tenant.lists["service/SLAs"][0] |= {"resolutionHours": 0}
    tenant.lists["service/SLAs/7/priorities"][0] |= {"respondHours": 0, "resolutionHours": 0}
    (sla,) = _plain(reader, Sla)
    assert sla.targets == (Target("response", 60),)
    (said,) = [one for one in reader.set_up().missing if "0 hours" in one]
    assert "response for “Priority 2”" in said


def test_priorities_that_may_not_be_read_leave_the_targets_untold(tenant: Tenant, reader: Reader) -> None:
    tenant.lists["service/SLAs"].append({"id": 8, "name": "Silver", "basedOn": "AllHours", "respondHours": 2})
    tenant.forbidden = {"service/SLAs/7/", "service/SLAs/8/"}
    assert [one.targets for one in _plain(reader, Sla)] == [None, None]


def test_a_status_does_what_its_stage_says(reader: Reader) -> None:
    found = {one.name: (one.holds, one.responds, one.resolves) for one in _plain(reader, Status)}
    assert set(found) == set(STATUSES)
    assert found["In Progress"] == (False, True, False)
    assert found["Waiting on Client"] == (True, None, None)
    assert found["Completed"] == found["Closed"] == (False, None, True)


def test_a_plan_is_no_resolution_and_an_unknown_stage_nothing(tenant: Tenant, reader: Reader) -> None:
    rows = tenant.lists["service/boards/20/statuses"]
    rows[0]["escalationStatus"], rows[1]["escalationStatus"] = "ResolutionPlan", "SomethingNew"
    planned, odd = _plain(reader, Status)[:2]
    assert (planned.holds, planned.responds, planned.resolves) == (False, None, False)
    assert (odd.holds, odd.responds, odd.resolves) == (None, None, None)


def test_holidays_of_some_hours_are_named_and_left_out(tenant: Tenant, reader: Reader) -> None:
    tenant.lists["schedule/holidayLists/9/holidays"].append(
        {"id": 2, "name": "Early close", "date": "2026-12-24", "allDayFlag": False, "timeStart": "13:00:00"}
    )
    (days,) = _plain(reader, HolidayList)
    assert [date for date, _, _ in days.days] == ["2026-01-01"]
    assert any("“Early close”" in one for one in reader.set_up().missing)


def test_what_is_over_served_until_then_and_is_told_as_stopped_where_nobody_knows_when_that_was(
    tenant: Tenant, reader: Reader
) -> None:
    company = {"id": 300}
    tenant.lists["finance/agreements"] = [
        {"id": 1, "name": "Old", "company": company, "sla": {"id": 7}, "cancelledFlag": True},
        {"id": 2, "name": "Off", "company": company, "sla": {"id": 7}, "agreementStatus": "Inactive"},
        {"id": 3, "name": "Bare", "company": company},
        {
            "id": 4, "name": "On", "company": company, "sla": {"id": 7}, "noEndingDateFlag": True,
            "endDate": "2020-01-01T00:00:00Z",
        },
        {
            "id": 5, "name": "Left", "company": company, "sla": {"id": 7}, "cancelledFlag": True,
            "endDate": "2026-12-31T00:00:00Z", "dateCancelled": "2026-02-10T00:00:00Z",
        },
        {
            "id": 6, "name": "Run out", "company": company, "sla": {"id": 7}, "agreementStatus": "Expired",
            "endDate": "2026-01-31T00:00:00Z",
        },
    ]  # fmt: skip
    assert _plain(reader, Serves) == [
        Serves("agreement 1", "7", "Acme Ltd", "Old", stopped=True),
        Serves("agreement 2", "7", "Acme Ltd", "Off", stopped=True),
        Serves("agreement 4", "7", "Acme Ltd", "On"),
        Serves("agreement 5", "7", "Acme Ltd", "Left", until="2026-02-10"),
        Serves("agreement 6", "7", "Acme Ltd", "Run out", until="2026-01-31"),
    ]


def test_a_day_of_which_the_hours_cannot_be_read_is_no_day_without_work(
    tenant: Tenant, reader: Reader
) -> None:
    tenant.lists["schedule/calendars"][0] |= {"saturdayStartTime": "17:00:00", "saturdayEndTime": "09:00:00"}
    (calendar,) = _plain(reader, Calendar)
    assert calendar.unread == ("saturday",)


@pytest.mark.django_db
def test_its_verdict_is_of_tickets_that_are_over_and_have_an_sla(tenant: Tenant, hand: Hand) -> None:
    done = {"dateResolved": iso(when("08:30")), "respondMinutes": 20, "resolveMinutes": 180}
    tenant.open(1, "08:00", isInSla=False)
    tenant.open(2, "08:00", isInSla=False, **done)
    tenant.open(3, "08:00", isInSla=True, closedFlag=True)
    tenant.open(4, "08:00", isInSla=True, **done, sla=None)
    tenant.open(5, "08:00", isInSla=None, **done)
    hand.at("09:00")
    rows = PsaView.objects.order_by("ticket__external_id")
    assert list(rows.values_list("kept", flat=True)) == [None, False, True, None, None]
    assert set(rows.values_list("response_kept", "resolution_kept")) == {(None, None)}

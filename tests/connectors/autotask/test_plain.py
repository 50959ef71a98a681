"""What an Autotask says of its set-up in the words that are one for all sources, and its verdicts of tickets."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.connectors.autotask.fake import Autotask, iso
from tests.connectors.conftest import Hand

from beforehand.connectors.autotask.reader import Reader
from beforehand.promises.psa import Calendar, HolidayList, Serves, SetUpPlain, Sla, Status, set_up_of
from beforehand.tickets.models import PsaView

NINE = datetime(2026, 3, 9, 9, tzinfo=UTC)


def _location(**more: Any) -> dict[str, Any]:
    ends = (("Start", "09"), ("End", "17"))
    hours = {f"mondayBusinessHours{end}Time": f"1900-01-01T{hour}:00:00Z" for end, hour in ends}
    return {"name": "Head Office", "id": 10, "timeZoneID": 30, "holidaySetID": 3, **hours, **more}


@pytest.mark.django_db
def test_a_whole_set_up_in_plain_words(autotask: Autotask, hand: Hand) -> None:
    autotask.add("InternalLocationWithBusinessHours", **_location(isDefault=True, noHoursOnHolidays=True))
    autotask.add("HolidaySets", id=3, holidaySetName="UK")
    autotask.add("Holidays", holidaySetID=3, holidayDate="2026-04-03T00:00:00Z", holidayName="Good Friday")
    autotask.rows["Contracts"][0] |= {
        "companyID": 300,
        "startDate": "2025-04-01T00:00:00Z",
        "endDate": "2027-03-31T00:00:00Z",
    }
    autotask.add("Contracts", id=901, contractName="Hours", companyID=300)
    hand.pull()
    found = set_up_of(hand.connection.provider_id, hand.connection.source.slug)
    assert found._replace(statuses=()) == SetUpPlain(
        (Sla("2", "Gold SLA", None),),
        (
            Calendar(
                "10",
                "Head Office",
                {"monday": (("09:00", "17:00"),)},
                "",
                "(GMT) London",
                ("3",),
                default=True,
            ),
        ),
        (HolidayList("3", "UK", (("2026-04-03", "Good Friday", False),)),),
        (),
        (Serves("contract 900", "2", "Contoso", "Gold", "2025-04-01", "2027-03-31"),),
    )
    assert Status("7", "Waiting Customer") in found.statuses
    assert {(one.holds, one.responds, one.resolves) for one in found.statuses} == {(None, None, None)}


def test_holidays_with_hours_are_no_days_without_work(autotask: Autotask, reader: Reader) -> None:
    autotask.add("InternalLocationWithBusinessHours", **_location(noHoursOnHolidays=False))
    said = reader.set_up()
    (calendar,) = [piece.plain for piece in said.pieces if isinstance(piece.plain, Calendar)]
    assert (calendar.holidays, calendar.default) == ((), False)
    assert any("“Head Office”" in one for one in said.missing)


@pytest.mark.django_db
def test_verdicts_are_its_results_else_its_own_stamps_and_never_a_guess(
    autotask: Autotask, hand: Hand
) -> None:
    due, done = iso(NINE + timedelta(hours=1)), iso(NINE + timedelta(hours=2))
    stamps = {"firstResponseDueDateTime": due, "resolvedDueDateTime": due}
    cases: list[dict[str, Any]] = [
        {
            **stamps,
            "serviceLevelAgreementHasBeenMet": False,
            "firstResponseDateTime": due,
            "resolvedDateTime": done,
        },
        {**stamps, "serviceLevelAgreementHasBeenMet": None},
        {**stamps, "serviceLevelAgreementHasBeenMet": 1, "firstResponseDateTime": done},
        {"serviceLevelAgreementHasBeenMet": True, "status": 5, "completedDate": done},
    ]
    ids = [autotask.create(NINE, serviceLevelAgreementID=2, **case) for case in cases]
    autotask.add(
        "ServiceLevelAgreementResults", ticketID=ids[3], isFirstResponseMet=True, isResolutionMet=False
    )
    hand.pull()
    rows = PsaView.objects.order_by("ticket__external_id")
    assert list(rows.values_list("response_kept", "resolution_kept", "kept")) == [
        (True, False, False),
        (None, None, None),
        (False, None, None),
        (True, False, True),
    ]

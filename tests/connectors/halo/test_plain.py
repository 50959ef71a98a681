"""HaloPSA's set-up in the words that are one for all sources, and its verdicts of tickets."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.connectors.halo.conftest import NOW, Hand, at
from tests.connectors.halo.fake import Halo, stamp

from beforehand.connectors.halo.reader import Reader
from beforehand.promises.psa import Calendar, HolidayList, Serves, SetUpPlain, Sla, Status, Target, set_up_of
from beforehand.tickets.models import PsaView

Make = Callable[..., Reader]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
OFFICE: dict[str, Any] = {
    "id": 1, "name": "Office", "timezone": "GMT Standard Time", "alldayssame": True,
    "start": "1900-01-01T09:00:00", "end": "1900-01-01T17:00:00", **{f"inc{day}": True for day in WEEKDAYS},
}  # fmt: skip
ROUND: dict[str, Any] = {
    "id": 2, "name": "Always", "timezone": "Mars Standard Time", "alldayssame": True,
    "start": "1900-01-01T00:00:00", "end": "1900-01-01T23:59:59",
    **{f"inc{day}": True for day in (*WEEKDAYS, "saturday", "sunday")},
}  # fmt: skip


def _policy(number: int, name: str, response: Any, fix: Any, **more: Any) -> dict[str, Any]:
    return {
        "id": f"3-{number}", "slaid": 3, "priorityid": number, "name": name, "responsetime": response[0],
        "responseunits": response[1], "fixtime": fix[0], "fixunits": fix[1], **more,
    }  # fmt: skip


def _plain(reader: Make, kind: type, **settings: str) -> list[Any]:
    return [piece.plain for piece in reader(**settings).set_up().pieces if isinstance(piece.plain, kind)]


def _targets(halo: Halo, reader: Make, *policies: dict[str, Any], **settings: str) -> Any:
    halo.tables["Workday"] = [OFFICE, ROUND]
    halo.tables["Priority"] = list(policies)
    (sla,) = _plain(reader, Sla, **settings)
    return sla.targets


@pytest.mark.django_db
def test_a_whole_set_up_in_plain_words(halo: Halo, hand: Hand) -> None:
    halo.tables["Workday"] = [OFFICE]
    halo.tables["Priority"] = [_policy(1, "P1", (0.5, "H"), (1.0, "D"))]
    halo.tables["Status"] = halo.tables["Status"][:3]
    halo.tables["ClientContract"][0] |= {
        "sla_id": 3,
        "start_date": "2025-04-01T00:00:00",
        "end_date": "1900-01-01T00:00:00",
    }
    halo.tables["TicketType"][0]["default_sla"] = 3
    hand.pull()
    office = dict.fromkeys(WEEKDAYS, (("09:00", "17:00"),))
    assert set_up_of(hand.connection.provider_id, "halo") == SetUpPlain(
        (Sla("3", "Gold SLA", (Target("response", 30, "P1"), Target("resolution", 480, "P1")), "1"),),
        (Calendar("1", "Office", office, "Europe/London", holidays=("workday 1",)),),
        (HolidayList("workday 1", "Office", (("2026-04-03", "Good Friday", False),)),),
        (
            Status("1", "New", holds=False),
            Status("2", "In Progress", holds=False),
            Status("4", "With User", holds=True),
        ),
        (
            Serves("contract 900", "3", "Contoso", "GOLD-2025", "2025-04-01"),
            Serves("default", "3"),
        ),
    )


def test_a_target_in_a_unit_that_is_not_known_is_left_out_and_named(halo: Halo, reader: Make) -> None:
    policies = [_policy(1, "P1", (30.0, "M"), (4.0, "H")), _policy(2, "P2", (1.0, None), (9999.0, "D"))]
    assert _targets(halo, reader, *policies) == (Target("resolution", 240, "P1"),)
    missing = reader().set_up().missing
    assert "response targets in a unit that is not known (M) are left out: “Gold SLA, P1”" in missing
    assert "response targets in a unit that is not known (none) are left out: “Gold SLA, P2”" in missing
    assert "resolution targets of more than a year are left out: “Gold SLA, P2”" in missing
    assert Target("response", 30, "P1") in _targets(halo, reader, *policies, minutes="M")


def test_days_are_known_where_all_days_of_work_are_equally_long(halo: Halo, reader: Make) -> None:
    policy = _policy(1, "P1", (1.0, "H"), (2.0, "D"))
    assert Target("resolution", 960, "P1") in _targets(halo, reader, policy)
    short = OFFICE | {"alldayssame": False} | {f"start{day}": OFFICE["start"] for day in WEEKDAYS}
    short |= {f"end{day}": OFFICE["end"] for day in WEEKDAYS} | {"endfriday": "1900-01-01T13:00:00"}
    halo.tables["Workday"] = [short]
    (sla,) = _plain(reader, Sla)
    assert sla.targets == (Target("response", 60, "P1"),)
    assert any("not all equally long" in one for one in reader().set_up().missing)


def test_only_what_is_tracked_and_runs_by_its_time_alone_is_a_target(halo: Halo, reader: Make) -> None:
    halo.tables["SLA"][0] |= {"trackslaresponsetime": False, "responsereset": True}
    policies = [
        _policy(1, "P1", (1.0, "H"), (4.0, "H")),
        _policy(2, "P2", (1.0, "H"), (8.0, "H"), fixendofday=True),
        _policy(3, "P3", (1.0, "H"), (0.0, "H")),
    ]
    assert _targets(halo, reader, *policies) == (Target("resolution", 240, "P1"),)
    missing = reader().set_up().missing
    assert any("put off" in one and "P2" in one for one in missing)
    assert any("each reply" in one and "Gold SLA" in one for one in missing)


def test_a_priority_with_hours_of_its_own_is_said_only_where_they_are_all_hours(
    halo: Halo, reader: Make
) -> None:
    day = _policy(1, "P1", (1.0, "H"), (4.0, "H"), workdaysoverride=2)
    other = _policy(2, "P2", (1.0, "H"), (4.0, "H"), workdaysoverride=7)
    assert _targets(halo, reader, day, other) == (
        Target("response", 60, "P1", True),
        Target("resolution", 240, "P1", True),
    )
    assert any("working days of their own" in one and "P2" in one for one in reader().set_up().missing)


def test_what_could_not_be_read_is_no_empty_promise(halo: Halo, reader: Make) -> None:
    halo.forbidden = {"Priority"}
    assert [sla.targets for sla in _plain(reader, Sla)] == [None]
    halo.forbidden = set()
    halo.tables["Priority"] = [_policy(1, "P1", (1.0, "H"), (4.0, "H")) | {"slaid": 9}]
    assert [sla.targets for sla in _plain(reader, Sla)] == [()]


def test_a_zone_that_is_not_known_is_a_hint_and_a_day_without_hours_is_named(
    halo: Halo, reader: Make
) -> None:
    halo.tables["Workday"] = [ROUND, OFFICE | {"end": OFFICE["start"], "timeslots": [{"id": 1}]}]
    always, office = _plain(reader, Calendar)
    assert (always.zone, always.zone_hint, always.hours["sunday"]) == (
        "",
        "Mars Standard Time",
        (("00:00", "24:00"),),
    )
    assert office.hours == {}
    missing = reader().set_up().missing
    assert "working days of which the hours of some days are not known: “Office”" in missing
    assert any("time slots" in one for one in missing)


def test_holidays_are_whole_days_of_everybody(halo: Halo, reader: Make) -> None:
    days = [
        ("2026-12-24T13:00:00", "2026-12-24T17:00:00", {"allday": False, "name": "Early close"}),
        ("2026-12-25T00:00:00", "2026-12-27T23:59:59", {"allday": True, "name": "Christmas"}),
        ("2026-05-01T00:00:00", "2026-05-02T00:00:00", {"allday": True, "name": "May Day"}),
        ("2026-06-01T00:00:00", None, {"allday": True, "name": "Alex away", "agent_id": 150}),
    ]
    halo.tables["Holiday"] = [
        {"id": str(n), "workday_id": 1, "date": date, "end_date": end, **more}
        for n, (date, end, more) in enumerate(days)
    ]
    (said,) = _plain(reader, HolidayList)
    assert [day for day, _, _ in said.days] == ["2026-05-01", "2026-12-25", "2026-12-26", "2026-12-27"]
    missing = reader().set_up().missing
    assert "holidays that are not whole days are left out: “Early close”" in missing
    assert any("end at midnight" in one and "May Day" in one for one in missing)


def test_statuses_hold_by_what_is_known_of_their_action(halo: Halo, reader: Make) -> None:
    halo.tables["Status"].append({"id": 30, "name": "Parked", "type": 0, "slaaction": "Z"})
    found = {one.name: (one.holds, one.responds, one.resolves) for one in _plain(reader, Status)}
    assert found["With User"] == (True, None, None)
    assert found["New"] == (False, None, None)
    assert found["Parked"] == found["Resolved"] == (None, None, None)


def test_whom_an_sla_serves_is_said_where_it_is_clear(halo: Halo, reader: Make) -> None:
    contract = {"client_id": 300, "sla_id": 3, "active": True}
    halo.tables["ClientContract"] = [
        {"id": 1, "ref": "Ended", **contract, "expired": True},
        {"id": 2, "ref": "Off", **contract, "active": False},
        {"id": 3, "ref": "None", **contract, "sla_id": -1},
        {"id": 4, "ref": "Over", **contract, "expired": True, "end_date": "2026-02-28T00:00:00"},
        {"id": 5, "ref": "Early", **contract, "active": False, "end_date": "2027-02-28T00:00:00"},
    ]
    halo.tables["Client"].append({"id": 400, "name": "Fabrikam"})
    halo.tables["Site"][0]["sla_id"] = 3
    halo.tables["Site"] += [
        {"id": n, "name": str(n), "client_id": 400, "sla_id": sla} for n, sla in ((401, 3), (402, 4))
    ]
    for one, sla in zip(halo.tables["TicketType"], (3, 4, 5), strict=True):
        one["default_sla"] = sla
    assert _plain(reader, Serves) == [
        Serves("contract 1", "3", "Contoso", "Ended", stopped=True),
        Serves("contract 2", "3", "Contoso", "Off", stopped=True),
        Serves("contract 4", "3", "Contoso", "Over", until="2026-02-28", stopped=True),
        Serves("contract 5", "3", "Contoso", "Early", until="2027-02-28", stopped=True),
        Serves("client 300", "3", "Contoso"),
    ]
    missing = reader().set_up().missing
    assert "clients whose sites have different SLAs are left out: “Fabrikam”" in missing
    assert any("ticket types" in one for one in missing)


@pytest.mark.django_db
def test_verdicts_are_of_closed_tickets_that_count(halo: Halo, hand: Hand) -> None:
    closed = stamp(at("10 08:00"))
    cases: dict[int, dict[str, Any]] = {
        1001: {"slaresponsestate": "I", "slastate": "O", "dateclosed": closed},
        1002: {"slaresponsestate": "O", "slastate": "I"},
        1003: {"slaresponsestate": None, "slastate": "", "dateclosed": closed},
        1004: {"slaresponsestate": "I", "slastate": "I", "dateclosed": closed, "excludefromsla": True},
        1005: {"slaresponsestate": "I"},
        1006: {"slaresponsestate": "I", "responsedate": closed},
    }
    for number, more in cases.items():
        halo.open(number, at("10 07:00"), **more)
    hand.pull(NOW)
    rows = PsaView.objects.order_by("ticket__external_id")
    assert list(rows.values_list("response_kept", "resolution_kept", "kept")) == [
        (True, False, None),
        (False, None, None),
        (None, None, None),
        (None, None, None),
        (None, None, None),
        (True, None, None),
    ]

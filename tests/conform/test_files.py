"""Files that `beforehand conform` cannot take: every fault at once, each with its place and an example."""

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest

from beforehand.conform.files import load
from beforehand.engine.errors import Invalid

HOURS = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")} | {"sat": [], "sun": []}
CALENDAR = {"timezone": "Europe/London", "hours": HOURS, "holidays": []}
DEADLINE = {
    "id": "a-1",
    "op": "deadline",
    "portable": True,
    "calendar": CALENDAR,
    "start": "2026-11-25T09:00:00Z",
    "seconds": 3600,
    "expect": "2026-11-25T10:00:00Z",
}
CLOCK = {
    "id": "a-2",
    "op": "clock",
    "portable": True,
    "calendar": CALENDAR,
    "terms": {"response_s": 3600, "resolution_s": None, "update_s": None, "pause_statuses": []},
    "created": "2026-11-25T09:00:00Z",
    "events": [],
    "expect": {"response_due": "2026-11-25T10:00:00Z"},
}


def given(*cases: Any) -> bytes:
    return json.dumps({"cases": cases}).encode()


def faults(data: bytes) -> list[str]:
    with pytest.raises(Invalid) as refused:
        load(["-"], io.BytesIO(data))
    return [str(fault) for fault in refused.value.faults]


@pytest.mark.parametrize(
    "data", [given(DEADLINE), gzip.compress(given(DEADLINE)), b"\xef\xbb\xbf" + given(DEADLINE)]
)
def test_it_reads_plain_and_gzipped_files(data: bytes) -> None:
    assert [case.id for case in load(["-"], io.BytesIO(data))[0].cases] == ["a-1"]


def test_a_file_cut_off_is_refused_with_its_line() -> None:
    (fault,) = faults(given(DEADLINE)[:-30])
    assert fault.startswith("standard input, line 1, column ")
    assert "cut off" in fault


def test_a_gzip_file_cut_off_is_refused() -> None:
    (fault,) = faults(gzip.compress(given(DEADLINE))[:-20])
    assert "expected a whole gzip file" in fault


def test_another_encoding_is_refused_with_its_line_and_byte() -> None:
    data = json.dumps({"cases": [{"id": "é"}]}, ensure_ascii=False, indent=1).encode("latin-1")
    (fault,) = faults(data)
    assert fault.startswith("standard input, line 4 (byte 28): found the byte 0xe9, expected text in UTF-8")


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"id,op\n", b'{"cases": {}}', b'{"case": []}', b"[" * 100_000, b"NaN"]
)
def test_what_is_no_file_of_cases_is_refused(data: bytes) -> None:
    assert len(faults(data)) == 1


def test_a_missing_file_and_a_folder_are_refused_together(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as refused:
        load([str(tmp_path / "none.json"), str(tmp_path)], io.BytesIO())
    assert [fault.found for fault in refused.value.faults] == ["No such file or directory", "Is a directory"]


def test_every_missing_key_is_named() -> None:
    assert [fault.partition(":")[0] for fault in faults(given({"op": "deadline"}, {"id": "a-2"}))] == [
        f"standard input, case {case}"
        for case in (
            "number 1, id",
            "number 1, portable",
            "number 1, calendar",
            "number 1, start",
            "number 1, seconds",
            "number 1, expect",
            "a-2, op",
            "a-2, portable",
            "a-2, calendar",
        )
    ]


def with_value(case: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    changed: dict[str, Any] = json.loads(json.dumps(case))
    *steps, last = path.split(".")
    inner: Any = changed
    for step in steps:
        inner = inner[int(step)] if step.isdigit() else inner[step]
    inner[last] = value
    return changed


WINTER = {"at": "2026-11-25T09:00:00Z"}


@pytest.mark.parametrize(
    ("case", "path", "value", "place"),
    [
        (DEADLINE, "op", "due", "op"),
        (DEADLINE, "op", ["deadline"], "op"),
        (DEADLINE, "portable", "yes", "portable"),
        (DEADLINE, "portable", False, "semantics"),
        (DEADLINE, "start", "2026-02-30T09:00:00Z", "start"),
        (DEADLINE, "start", "2026-11-25T09:00:00", "start"),
        (DEADLINE, "start", "0001-01-01T00:00:00Z", "start"),
        (DEADLINE, "start", 1764061200, "start"),
        (DEADLINE, "seconds", -1, "seconds"),
        (DEADLINE, "seconds", True, "seconds"),
        (DEADLINE, "seconds", 10**30, "seconds"),
        (DEADLINE, "seconds", "1h", "seconds"),
        (DEADLINE, "calendar.timezone", "Europe/Londres", "calendar.timezone"),
        (DEADLINE, "calendar.timezone", None, "calendar.timezone"),
        (DEADLINE, "calendar.hours.mon", [["09:00", "09:00"]], "calendar.hours.mon[0]"),
        (DEADLINE, "calendar.hours.mon", [["09:00"]], "calendar.hours.mon[0]"),
        (DEADLINE, "calendar.hours.mon", [["09:00", "25:00"]], "calendar.hours.mon[0]"),
        (DEADLINE, "calendar.hours.mon", "09:00", "calendar.hours.mon"),
        (DEADLINE, "calendar.hours.monday", [], "calendar.hours.monday"),
        (DEADLINE, "calendar.holidays", ["2026-13-01"], "calendar.holidays[0]"),
        (DEADLINE, "calendar.shift", [], "calendar.shift"),
        (DEADLINE, "calendar.shifts", [{"date": "2026-11-25"}], "calendar.shifts[0].hours"),
        (
            DEADLINE,
            "calendar.breaks",
            [{"date": "2026-11-25", "from": "22:00", "to": "01:00"}],
            "calendar.breaks[0]",
        ),
        (CLOCK, "terms.response_s", 0, "terms.response_s"),
        (CLOCK, "terms.resolution", 60, "terms.resolution"),
        (CLOCK, "events", [WINTER | {"kind": "reply"}], "events[0].kind"),
        (CLOCK, "events", [WINTER | {"kind": "status"}], "events[0].value"),
        (CLOCK, "events", [WINTER | {"kind": "sla_change"}], "events[0].terms"),
        (CLOCK, "events", [{"at": "soon", "kind": "closed"}], "events[0].at"),
        (CLOCK, "events", ["closed"], "events[0]"),
        (CLOCK, "as_of", "today", "as_of"),
        (CLOCK, "expect", {}, "expect"),
        (CLOCK, "expect", {"response_due": "now"}, "expect.response_due"),
        (CLOCK, "expect", {"response_meet": True}, "expect.response_meet"),
        (CLOCK, "expect", {"escalation_events": -1}, "expect.escalation_events"),
    ],
)
def test_a_wrong_value_is_refused_at_its_place(
    case: dict[str, Any], path: str, value: Any, place: str
) -> None:
    (fault,) = faults(given(with_value(case, path, value)))
    assert fault.startswith(f"standard input, case {case['id']}, {place}: found ")

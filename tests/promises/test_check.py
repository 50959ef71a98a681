"""What is wrong with an agreement file is said all at once, each fault with its line and a way out."""

from datetime import date
from pathlib import Path

import pytest

from beforehand.promises.file.check import Checked, check, check_text
from beforehand.promises.file.reader import Reader

TODAY = date(2026, 3, 2)
GOOD = """\
provider:
  name: Northwind IT
  zone: Europe/London
  coverage: Office
statuses:
  every board: {New: working, Done: resolved}
coverages:
  Office:
    zone: client
    hours: Mon-Fri 9:00-17:30
plans:
  Standard:
    editions:
      - from: 2024-01-01
        lines:
          - {priority: P1, response: 1h}
          - {response: 4h}
clients:
  Acme:
    agreements:
      Support:
        versions:
          - {from: 2025-01-01, until: 2025-12-31, plan: Standard}
          - {from: 2026-01-01, plan: Standard}
"""

LINES, OFFICE = "        lines:", "  coverage: Office"


def checked(text: str, used_statuses: tuple[tuple[str, str], ...] = ()) -> Checked:
    return check_text(text, Reader("terms.yaml"), Path(), TODAY, used_statuses)


def faults(text: str) -> list[str]:
    return [str(fault) for fault in checked(text).faults]


def warnings(text: str) -> list[str]:
    found = checked(text)
    assert found.faults == ()
    return [str(warning) for warning in found.warnings]


def test_a_good_file_has_neither_faults_nor_warnings() -> None:
    found = checked(GOOD)
    assert found.document is not None
    assert (found.faults, found.warnings) == ((), ())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Europe/London", "Europe/Londn", "line 3, column 3, provider.zone: found 'Europe/Londn', expected a zone"),
        ("Europe/London", "Europe/Londn", '(for example: "Europe/London")'),
        ("9:00-17:30", "9:00-9:00", "line 10, column 5, coverages.Office.hours: found 'Mon-Fri"),
        ("9:00-17:30", "9:00-9:00", "expected a window with a length"),
        ("from: 2026-01-01", "from: 2025-12-31", "line 24, column 14, clients.Acme.agreements.Support.versions[1]"),
        ("from: 2026-01-01", "from: 2025-12-31", "found 2025-12-31, before the last version ends on 2025-12-31"),
        ("from: 2026-01-01", "from: 2025-01-01", "versions in the order of their dates"),
        ("until: 2025-12-31", "until: 2024-12-31", "expected a day not before 2025-01-01"),
        ("{response: 4h}", "{priority: P1, response: 4h}", "line 17, column 13, plans.Standard.editions[0].lines[1]"),
        ("{response: 4h}", "{priority: P1, response: 4h}", "found the same tickets as line [0]"),
        ("response: 4h", "coverage: 24x7, response: next business day", "found business days, where coverage is 24x7"),
        ("response: 4h", "response: 4 hrs!", "found '4 hrs!', expected a time to be held to"),
        ("response: 4h", "resolve: 4h", "found 'resolve', expected one of name, contract"),
        ("response: 4h", "reponse: 4h", "(for example: response)"),
        ("response: 4h", "name: x", "found no target, expected at least one of response"),
        ("response: 4h", "response: [4h, 5h]", "found a list, expected one value"),
        ("response: 4h", "response: ~", "found nothing, expected a value"),
        ("plan: Standard}\n  ", "plan: Standart}\n  ", "expected a plan: Standard (for example: Standard)"),
        ("coverage: Office", "coverage: Ofice", "expected a coverage: Office, 24x7 (for example: Office)"),
        ("Done: resolved", "Done: resovled", "statuses.every board.Done: found 'resovled', expected a state"),
        ("Done: resolved", "Done: resolved planed", "expected after the state any of responded, planned, noise"),
        (LINES, "        settings: {pauses: {plan: scheduled-by-us}}\n" + LINES, "ourselves never does"),
        (LINES, "        settings: {retarget: from creation}\n" + LINES, '(for example: "from-creation")'),
        (LINES, "        settings: {restart after: 7}\n" + LINES, "expected a duration"),
        ("  name: Northwind IT\n", "", "line 1, column 1, provider.name: found none, expected the provider's name"),
        ("  Office:", "  24x7:", "found '24x7', expected another name"),
        ("  coverage: Office\n", "  triage: 30m\n", "provider.triage: found business time, and no coverage"),
        ("  coverage: Office\n", "", "lines[0].coverage: found none, expected a coverage of the line"),
        (OFFICE, OFFICE + "\n  priorities: [P2, P3]", "found 'P1', expected a priority: P2, P3"),
        (OFFICE, OFFICE + "\n  holidays: GB-ENGLAND", "expected a subdivision of GB: ENG"),
        (OFFICE, OFFICE + "\n  closures: {31/12/2026: Eve}", "found '31/12/2026', expected a date as year-month-day"),
        (OFFICE, OFFICE + "\n  closures: {2026-02-31: Eve}", "found '2026-02-31', expected a date"),
        (OFFICE, OFFICE + "\n  closures: {2026-02-02: A, 2026-02-02 to 2026-02-02: B}", "the dates of 'A'"),
        (OFFICE, OFFICE + "\n  calendars: nowhere.ics", "nowhere.ics: No such file"),
        (OFFICE, OFFICE + "\n  coverage: Office", "line 5, column 3, provider.coverage: found 'coverage' again"),
        ("  Acme:", "  Birch: {aliases: [ACME]}\n  Acme:", "found 'acme', which means Birch already"),
        ("  Acme:", "  Acme:\n    keys: ['7', '7']", "found '7' again"),
        ("  Acme:", "\tAcme:", "line 19, column 1: found a tab in the indentation, expected spaces"),
        ("- {from: 2025-01-01,", "- {from: 2023-01-01,", "before the plan's first edition of 2024-01-01"),
        ("- {from: 2026-01-01, plan: Standard}", "- {from: 2026-01-01}", "found neither plan nor lines"),
        ("Acme:", '"Ac\\0me":', "expected a short name of visible characters"),
    ],
)  # fmt: skip
def test_a_fault_is_said_with_its_place_and_a_way_out(old: str, new: str, said: str) -> None:
    assert old in GOOD
    assert said in "\n".join(faults(GOOD.replace(old, new)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: found nothing, expected an agreement file"),
        ("just words", "found 'just words', expected a table of keys and values"),
        ("- a\n- b", "found a list, expected a table"),
        ("provider: {name: x", "column 1: found did not find expected"),
        ("provider: [" + "[" * 5000, "terms.yaml"),
        ("provider: &p {name: *p}", "terms.yaml"),
        ("a: 1\n---\nb: 2", "expected YAML"),
    ],
)
def test_what_is_no_agreement_file_is_said_plainly(text: str, said: str) -> None:
    assert said in "\n".join(faults(text))


def test_all_faults_are_said_at_once() -> None:
    text = GOOD.replace("Europe/London", "Mars").replace("9:00-17:30", "9-17").replace("4h", "4 weeks")
    assert len(faults(text)) == 3


def test_two_agreements_at_once_must_differ_by_contract() -> None:
    other = "      Second: {versions: [{from: 2025-06-01, plan: Standard}]}\n"
    assert "a line for the same tickets in force at the same time as 'Support'" in "\n".join(
        faults(GOOD + other)
    )
    apart = GOOD.replace("      Support:\n", "      Support:\n        contract: A\n")
    assert faults(apart + other.replace("{versions", "{contract: B, versions")) == []
    settings = "settings: {closed time counts: yes}, lines: [{response: 1h}]"
    clash = f"      Second: {{contract: B, versions: [{{from: 2025-06-01, {settings}}}]}}\n"
    assert "other settings in force" in "\n".join(faults(apart + clash))


def test_a_version_that_overrides_coverage_is_checked_against_the_plans_day_targets() -> None:
    text = GOOD.replace("response: 4h", "response: next business day")
    text = text.replace("{from: 2026-01-01, plan", "{from: 2026-01-01, coverage: 24x7, plan")
    assert "versions[1].coverage.response: found business days, where coverage is 24x7" in "\n".join(
        faults(text)
    )


def test_a_file_that_is_not_utf_8_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "terms.yaml"
    file.write_bytes("provider:\n  name: Müller\n".encode("latin-1"))
    (fault,) = check(file, TODAY).faults
    assert "terms.yaml, line 2: found the byte fc, expected text in UTF-8" in str(fault)


def test_a_file_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    (fault,) = check(tmp_path / "none.yaml", TODAY).faults
    assert "No such file" in str(fault)


def test_a_calendar_file_is_read_beside_the_agreement_file(tmp_path: Path) -> None:
    event = "BEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20260803\r\nSUMMARY:Works\r\nEND:VEVENT\r\n"
    (tmp_path / "own.ics").write_text(
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{event}END:VCALENDAR\r\n", newline=""
    )
    file = tmp_path / "terms.yaml"
    file.write_text(GOOD.replace("  Acme:", "  Acme:\n    calendars: own.ics"))
    document = check(file, TODAY).document
    assert document is not None
    assert [row.first for row in document.clients["Acme"].dates.calendars["own.ics"]] == [date(2026, 8, 3)]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("9:00-17:30", "9:00-13:00, 12:00-17:30", "Mon 09:00-13:00 and Mon 12:00-17:30, expected windows apart"),
        ("Mon-Fri 9:00-17:30", "never", "expected hours in which work is owed: no clock will ever run out"),
        (OFFICE, OFFICE + "\n  closures: {2026-12-25: Christmas}", "no date in 2027"),
        ("Done: resolved", "Done: working", "expected a status that is resolved or closed"),
        (OFFICE, OFFICE + "\n  unknown clients: become clients", "expected an agreement for every client"),
        ("  Acme:", "  Birch: {}\n  Acme:", "clients.Birch: found no agreement"),
        ("plan: Standard}\n  ", "plan: Standard, holidays: client}\n  ", "and none listed"),
    ],
)  # fmt: skip
def test_what_is_seldom_meant_is_a_warning(old: str, new: str, said: str) -> None:
    assert old in GOOD
    found = warnings(GOOD.replace(old, new))
    assert said in "\n".join(found)


def test_a_priority_without_a_target_is_a_warning() -> None:
    text = GOOD.replace(OFFICE, OFFICE + "\n  priorities: [P1, P2, P3]")
    text = text.replace("{response: 4h}", "{priority: P2, response: 4h}")
    assert "found no line for every ticket of priority P3" in "\n".join(warnings(text))


def test_a_status_that_tickets_use_and_nobody_mapped_is_a_warning() -> None:
    found = checked(GOOD, (("", "New"), ("Desk", "Waiting on user"), ("", "Don")))
    said = "\n".join(map(str, found.warnings))
    assert "found tickets in status 'Waiting on user' on board 'Desk'" in said
    assert "Don: resolved" in said
    assert "'New'" not in said

"""What `beforehand conform` prints and how it ends."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.conform.test_files import CLOCK, DEADLINE, given, with_value

pytestmark = pytest.mark.program


def conform(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "beforehand", "conform", *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True)
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


def test_it_counts_what_agrees_and_ends_with_0() -> None:
    done = conform("-", stdin=given(DEADLINE, CLOCK))
    assert done.stdout == "standard input  portable: 2 agree, 0 differ; not portable: 0 agree, 0 differ\n"
    assert done.returncode == 0


def test_a_portable_case_that_differs_has_a_line_and_ends_with_1(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_bytes(given(with_value(DEADLINE, "expect", "2026-11-25T10:30:00Z")))
    done = conform(str(wrong))
    assert done.stdout.splitlines() == [
        (
            f"{wrong}, a-1 (deadline), "
            "deadline: expected 2026-11-25T10:30:00Z, ours 2026-11-25T10:00:00Z. PORTABLE"
        ),
        f"{wrong}  portable: 0 agree, 1 differ; not portable: 0 agree, 0 differ",
    ]
    assert done.returncode == 1


def test_a_case_that_is_not_portable_differs_by_a_named_rule_and_ends_with_0() -> None:
    other = {"portable": False, "semantics": "boundary_next: ...", "seconds": 8 * 3600}
    done = conform("-", stdin=given(DEADLINE | other | {"expect": "2026-11-26T09:00:00Z"}))
    assert done.stdout.splitlines()[0] == (
        "standard input, a-1 (deadline), deadline: expected 2026-11-26T09:00:00Z, ours 2026-11-25T17:00:00Z. "
        "Not portable: rule 1.5, a target used up when coverage shuts is due at that close "
        "(with the next opening we agree)"
    )
    assert done.returncode == 0


def test_a_difference_nobody_knows_is_said_to_be_one() -> None:
    other = {"portable": False, "semantics": "moon_phase", "expect": None}
    done = conform("-", stdin=given(DEADLINE | other))
    assert "expected none, ours 2026-11-25T10:00:00Z. Not portable: no rule is known" in done.stdout


def test_a_file_that_cannot_be_read_ends_with_2_and_prints_no_case(tmp_path: Path) -> None:
    sound = tmp_path / "sound.json"
    sound.write_bytes(given(DEADLINE))
    done = conform(str(sound), "-", stdin=given(DEADLINE)[:-9])
    assert (done.returncode, done.stdout) == (2, "")
    assert "standard input, line 1, column" in done.stderr
    assert "cut off" in done.stderr

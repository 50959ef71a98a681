"""`beforehand agreements` as a person runs it: in a process of its own, with a data folder of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support import migrated

pytestmark = pytest.mark.program

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "msp.yaml"


def run(tmp_path: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    kept = {
        n: v
        for n, v in os.environ.items()
        if not n.startswith(("BEFOREHAND_", "DJANGO_")) and n != "DATABASE_URL"
    }
    environment = {**kept, "BEFOREHAND_DATA": str(tmp_path / "data"), **env}
    file = tmp_path / "data" / "beforehand.sqlite3"
    if words[0] != "check" and not file.exists():
        migrated.copy_to(file)
    command = [sys.executable, "-m", "beforehand", "agreements", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)


def test_check_needs_no_database(tmp_path: Path) -> None:
    done = run(tmp_path, "check", str(EXAMPLE), DATABASE_URL="postgres://u@127.0.0.1:1/none")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{EXAMPLE}: no fault, no warnings.\n"
    assert not (tmp_path / "data").exists()


def test_check_says_every_fault_and_ends_with_1(tmp_path: Path) -> None:
    file = tmp_path / "terms.yaml"
    file.write_text(
        EXAMPLE.read_text().replace("Europe/Berlin", "Europe/Berlln").replace("response: 15m", "response: 15")
    )
    done = run(tmp_path, "check", str(file))
    assert done.returncode == 1
    assert "found     'Europe/Berlln'" in done.stderr
    assert 'example   "Europe/Berlin"' in done.stderr
    assert "found     '15'" in done.stderr
    assert "2 faults, no warnings" in done.stderr


def test_load_makes_the_provider_and_dump_gives_the_file_back(tmp_path: Path) -> None:
    loaded = run(tmp_path, "load", str(EXAMPLE))
    assert loaded.returncode == 0, loaded.stderr
    assert "Northwind IT: the terms are now those of" in loaded.stdout
    dumped = run(tmp_path, "dump")
    assert dumped.returncode == 0, dumped.stderr
    file = tmp_path / "dumped.yaml"
    file.write_text(dumped.stdout)
    again = run(tmp_path, "load", str(file))
    assert again.stdout == f"Northwind IT: nothing new in {file}.\n"


@pytest.mark.parametrize(
    "words", [("load", "none.yaml"), ("dump", "--provider", "nobody"), ("draft", "halo")]
)
def test_what_cannot_be_done_is_said_plainly_and_ends_with_2(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = run(tmp_path, *words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "expected" in done.stderr

"""Backup and restore as they are used: by the program, while others write, and after everything was lost."""

import json
import stat
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from .conftest import Make, last_line

pytestmark = pytest.mark.program

ON_POSTGRESQL = pytest.mark.postgresql
WAYS = [
    pytest.param("sqlite", "sqlite", marks=pytest.mark.sqlite),
    pytest.param("postgresql", "postgresql", marks=ON_POSTGRESQL),
    pytest.param("sqlite", "postgresql", marks=ON_POSTGRESQL),
    pytest.param("postgresql", "sqlite", marks=ON_POSTGRESQL),
]


@pytest.mark.parametrize(("old", "new"), WAYS)
def test_everything_is_there_again_after_everything_was_lost(
    make: Make, tmp_path: Path, old: str, new: str
) -> None:
    first, file = make("first", old), tmp_path / "all.gz"
    first.fill()
    key = (first.data / "secret-key").read_text()
    before = first.backup(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    first.lose()
    second = first if old == new else make("second", new)
    second.run("beforehand", "restore", file)
    assert second.backup(tmp_path / "again.gz") == before
    assert (second.data / "secret-key").read_text() == key
    second.run("beforehand", "check", "--cores", "1")
    # What is new has ids of its own.
    tells = second.begin("tests.support.living", "go-on")
    assert tells.stdout is not None
    assert tells.stdout.readline() == "1\n"
    tells.kill()
    tells.communicate()


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param("sqlite", marks=pytest.mark.sqlite),
        pytest.param("postgresql", marks=ON_POSTGRESQL),
    ],
)
def test_a_backup_is_of_one_moment_while_events_keep_coming_in(make: Make, tmp_path: Path, kind: str) -> None:
    place, file = make("busy", kind), tmp_path / "busy.gz"
    place.fill()
    tells = place.begin("tests.support.living", "go-on")
    assert tells.stdout is not None
    while int(tells.stdout.readline()) < 100:
        pass
    place.backup(file)
    assert tells.poll() is None
    tells.kill()
    kept = [int(line) for line in tells.communicate()[0].splitlines() if line.strip().isdigit()]
    numbers, events = living(file)
    assert numbers == list(range(1, len(numbers) + 1))
    assert 100 <= len(numbers) <= max(kept, default=100) + 1
    assert events == 4 * len(numbers)
    place.run("beforehand", "restore", file, code=2)
    place.run("beforehand", "restore", "--replace", file)
    assert len(list((place.data / "backups").glob("*-replaced.backup.gz"))) == 1
    place.run("beforehand", "check", "--cores", "1")


@pytest.mark.sqlite
def test_a_backup_goes_through_pipes(make: Make, tmp_path: Path) -> None:
    first, second = make("first", "sqlite"), make("second", "sqlite")
    first.fill()
    done = subprocess.run(
        [sys.executable, "-m", "beforehand", "backup", "-"], env=first.environment, capture_output=True
    )
    assert done.returncode == 0, done.stderr
    piped = subprocess.run(
        [sys.executable, "-m", "beforehand", "restore", "-"],
        env=second.environment, input=done.stdout, capture_output=True,
    )  # fmt: skip
    assert piped.returncode == 0, piped.stderr
    (tmp_path / "first.gz").write_bytes(done.stdout)
    assert second.backup(tmp_path / "second.gz") == last_line(tmp_path / "first.gz")
    second.run("beforehand", "backup", "--verify", tmp_path / "second.gz")


def living(file: Path) -> tuple[list[int], int]:
    """The numbers of the tickets told by `go-on` in a backup, and how many events they have."""
    numbers, events, table, columns = [], 0, "", dict[str, list[str]]()
    for line in zlib.decompress(file.read_bytes(), 31).decode().splitlines():
        row = json.loads(line)
        if isinstance(row, dict):
            columns = row["backup"]["tables"] if "backup" in row else columns
            table = row.get("table", table)
            continue
        named = dict(zip(columns[table], row, strict=True))
        if table == "tickets_ticket" and named["external_id"].startswith("N"):
            numbers.append(int(named["external_id"][1:]))
        if table == "tickets_event":
            events += named["event_id"] in {"1", "2", "3", "4"}
    return sorted(numbers), events

"""`beforehand import` as a user meets it: in a process of its own, killed, and without room on the disk."""

import os
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.support import migrated

from beforehand.connectors.log import commands
from beforehand.connectors.log.commands import Order, import_logs
from beforehand.kernel.faults import Refused
from beforehand.people.accounts import create_provider
from beforehand.people.models import Provider

from .conftest import AGREEMENT, CHANGES, HEADER, LOG, NOW

pytestmark = pytest.mark.program

PREPARE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from beforehand.config import start
start.open_database()
from beforehand.people.accounts import create_provider
from beforehand.promises.file.load import load
now = datetime(2026, 3, 10, tzinfo=UTC)
load(Path(sys.argv[1]), create_provider("Desk", "UTC", now), now)
"""
sqlite_only = pytest.mark.sqlite


class Desk:
    """A data folder of its own, in which commands run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        names = {name: value for name, value in os.environ.items() if not name.startswith("BEFOREHAND_")}
        names.pop("DATABASE_URL", None)
        names.pop("DJANGO_SETTINGS_MODULE", None)
        self.environment = {**names, "BEFOREHAND_DATA": str(folder / "data")}
        migrated.copy_to(folder / "data" / "beforehand.sqlite3")
        (folder / "agreement.yaml").write_text(AGREEMENT)
        (folder / "mine.yaml").write_text(CHANGES)
        subprocess.run(
            [sys.executable, "-c", PREPARE, "agreement.yaml"], cwd=folder, env=self.environment, check=True
        )

    def command(self, *more: str) -> list[str]:
        return [sys.executable, "-m", "beforehand", "import", "log.csv", "--mapping", "mine.yaml", *more]

    def run(self, *more: str, limit: int = 0) -> subprocess.CompletedProcess[str]:
        """Imports log.csv; no file may grow over `limit` bytes, which is how a full disk shows."""
        return self.run_command(self.command(*more), limit)

    def reread(self, *more: str, limit: int = 0) -> subprocess.CompletedProcess[str]:
        """Reads everything again, likewise."""
        return self.run_command([sys.executable, "-m", "beforehand", "reread", *more], limit)

    def run_command(self, command: list[str], limit: int) -> subprocess.CompletedProcess[str]:

        def small_disk() -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        return subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True,
            preexec_fn=small_disk if limit else None,
        )  # fmt: skip

    def rows(self, what: str) -> list[tuple[object, ...]]:
        connection = sqlite3.connect(self.folder / "data" / "beforehand.sqlite3")
        try:
            return connection.execute(what).fetchall()
        finally:
            connection.close()

    def everything(self, source: str = "changes") -> list[list[tuple[object, ...]]]:
        """All that an import makes, but for the ids and the time of arrival."""
        return [
            self.rows(
                "SELECT external_id, event_id, at, kind, seq, flags, field, value, person FROM tickets_event e"
                " JOIN tickets_ticket t ON t.id = e.ticket_id JOIN tickets_source s ON s.id = t.source_id"
                f" WHERE s.slug = '{source}' ORDER BY 1, 2"
            ),
            self.rows(
                "SELECT external_id, metric, c.number, c.start, target, used, verdict, stop FROM tickets_clock c"
                " JOIN tickets_ticket t ON t.id = c.ticket_id JOIN tickets_source s ON s.id = t.source_id"
                f" WHERE s.slug = '{source}' ORDER BY 1, 2, 3"
            ),
        ]


def long_log(tickets: int) -> str:
    return HEADER + "".join(
        row.replace(f"T{n}", f"{ticket}-{n}", 1)
        for ticket in range(tickets)
        for n in (1, 2)
        for row in LOG.splitlines(keepends=True)
        if row.startswith(f"T{n}")
    )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@sqlite_only
def test_a_killed_import_is_taken_up_by_the_same_command(desk: Desk) -> None:
    (desk.folder / "log.csv").write_text(long_log(4_000))
    with subprocess.Popen(
        desk.command(), cwd=desk.folder, env=desk.environment, stdout=subprocess.DEVNULL
    ) as process:
        until = time.monotonic() + 300
        while time.monotonic() < until and not desk.rows("SELECT 1 FROM tickets_event LIMIT 1"):
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    kept = desk.rows("SELECT COUNT(*) FROM tickets_event")[0][0]
    done = desk.run()
    found = re.search(r"24,000 rows: ([\d,]+) taken, ([\d,]+) known already, 0 rejected", done.stdout)
    assert found, done.stdout + done.stderr
    assert int(found[2].replace(",", "")) > 0
    assert isinstance(kept, int)
    resumed = desk.everything()
    assert 0 < kept < len(resumed[0])
    desk.run("--source", "at-once")
    assert desk.everything("at-once") == resumed


@sqlite_only
def test_a_full_disk_is_said_and_the_same_command_goes_on(desk: Desk) -> None:
    (desk.folder / "log.csv").write_text(long_log(1_500))
    full = desk.run(limit=1_500_000)
    assert full.returncode == 2, full.stdout + full.stderr
    assert "room on the disk, then the same command again: nothing is taken twice" in full.stderr
    assert "Traceback" not in full.stderr
    assert "9,000 rows" in desk.run().stdout
    assert len(desk.everything()[0]) == 1_500 * 15


@sqlite_only
@pytest.mark.parametrize("cores", ["1", "2"])
def test_a_full_disk_is_said_by_a_rereading_too_and_it_goes_on(desk: Desk, cores: str) -> None:
    (desk.folder / "log.csv").write_text(long_log(1_500))
    desk.run()
    before = desk.rows("SELECT * FROM tickets_clock ORDER BY id")
    full = desk.reread("--from-nothing", "--cores", cores, limit=100_000)
    assert full.returncode == 2, full.stdout + full.stderr
    assert "room on the disk" in full.stderr
    assert "Traceback" not in full.stderr
    assert desk.reread("--cores", cores).returncode == 0
    assert desk.rows("SELECT * FROM tickets_clock ORDER BY id") == before


@sqlite_only
def test_no_room_for_rejected_rows_is_said(desk: Desk) -> None:
    (desk.folder / "log.csv").write_text(LOG + f"x,{'y' * 900}\n" * 2_000)
    full = desk.run(limit=1_500_000)
    assert full.returncode == 2, full.stdout + full.stderr
    assert "rejected rows" in full.stderr
    assert "Traceback" not in full.stderr
    assert not list(desk.folder.glob("*rejects*"))


@sqlite_only
def test_a_rejected_row_gives_exit_code_1_and_the_summary_says_where_it_is(desk: Desk) -> None:
    (desk.folder / "log.csv").write_text(LOG + "T9,1\n")
    done = desk.run()
    assert done.returncode == 1
    assert "7 rows: 6 taken, 0 known already, 1 rejected" in done.stdout
    assert "log.csv.rejects.csv" in done.stdout
    assert done.stderr == ""


def order(*files: str, provider: str = "", rejects: str = "") -> Order:
    return Order(files, "servicenow", "", provider, Path(rejects) if rejects else None, lambda: NOW)


@pytest.mark.django_db
def test_without_a_provider_the_way_to_one_is_said() -> None:
    with pytest.raises(Refused, match="beforehand agreements load FILE"):
        import_logs(order("log.csv"))


def test_of_several_providers_one_must_be_named(provider: Provider) -> None:
    create_provider("Other", "UTC", NOW)
    with pytest.raises(Refused, match="one of desk, other"):
        import_logs(order("log.csv"))
    with pytest.raises(Refused, match=r"'dsk', expected one of desk, other .*--provider desk"):
        import_logs(order("log.csv", provider="dsk"))


def test_what_cannot_go_together_is_refused_at_once() -> None:
    with pytest.raises(Refused) as caught:
        import_logs(order("a.csv", "a.csv", "-", rejects="b.csv"))
    assert [fault.place for fault in caught.value.faults] == ["FILE", "FILE", "--rejects"]
    with pytest.raises(Refused, match="another path"):
        import_logs(order("a.csv", rejects="a.csv"))


def test_a_source_keeps_what_its_mapping_told(provider: Provider, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(CHANGES)
    (tmp_path / "log.csv").write_text(LOG)
    mine = Order([str(tmp_path / "log.csv")], str(tmp_path / "mine.yaml"), "", "", None, lambda: NOW)
    assert import_logs(mine)
    (tmp_path / "mine.yaml").write_text(CHANGES.replace("precision: 1m", "precision: 1s"))
    with pytest.raises(Refused, match=r"precision 1m.*precision 1s.*--source changes-2"):
        import_logs(mine)
    assert import_logs(mine._replace(source="changes-2"))


def test_where_no_terminal_is_a_line_says_now_and_then_how_far_it_is(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(commands, "EVERY", 0.0)
    (tmp_path / "mine.yaml").write_text(CHANGES)
    (tmp_path / "log.csv").write_text(LOG)
    import_logs(Order([str(tmp_path / "log.csv")], str(tmp_path / "mine.yaml"), "", "", None, lambda: NOW))
    said = capsys.readouterr()
    assert "log.csv: 7 lines done of 7" in said.err.replace("\n", " ")
    assert "lines done" not in said.out

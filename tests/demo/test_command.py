"""`beforehand demo` as it is started by hand."""

import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from tests.support.ports import free_port

pytestmark = [
    pytest.mark.program,
    pytest.mark.sqlite,  # the demo is never anywhere else
]
DEMO = [sys.executable, "-m", "beforehand", "demo"]
SMALL = ["--no-browser", "--days", "14", "--clients", "3"]
Started = Callable[..., subprocess.Popen[str]]


def environment(folder: Path) -> dict[str, str]:
    """A real installation's settings, which the demo must leave alone."""
    return {
        "PATH": os.environ["PATH"],
        "BEFOREHAND_DATA": str(folder),
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "BEFOREHAND_URL": "https://sla.example.com",
    }


@pytest.fixture
def port() -> int:
    return free_port()


@contextmanager
def demo(folder: Path, port: int, *more: str) -> Iterator[str]:
    """The first page of a demo that runs meanwhile."""
    command = [*DEMO, "--port", str(port), *SMALL, *more]
    server = subprocess.Popen(command, env=environment(folder), stdout=subprocess.PIPE, text=True)
    try:
        yield page(port)
    finally:
        server.send_signal(signal.SIGTERM)
        said, _ = server.communicate(timeout=120)
        assert f"http://127.0.0.1:{port}/" in said


def page(port: int) -> str:
    for _ in range(2400):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=120) as answer:
                return str(answer.read().decode())
        except ConnectionError:
            time.sleep(0.05)
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionError):
                raise
            time.sleep(0.05)
    raise TimeoutError("the demo never answered")


def events(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "demo.sqlite3")) as database:
        return int(database.execute("SELECT count(*) FROM tickets_event").fetchone()[0])


def run(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*DEMO, *more], env=environment(folder), capture_output=True, text=True, timeout=600
    )


def test_it_is_made_served_signed_in_started_again_made_anew_and_removed(tmp_path: Path, port: int) -> None:
    began = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    with demo(tmp_path, port) as first:
        assert "simulated" in first.lower()
        assert "sign-in" not in first
        told = events(tmp_path)
        assert told > 1000
        refused = run(tmp_path, "--port", str(port + 1), "--no-browser")
        assert refused.returncode == 2
        assert f"one that runs already at http://127.0.0.1:{port}" in refused.stderr
        assert run(tmp_path, "--remove").returncode == 2
    spent = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    with demo(tmp_path, port):
        assert told <= events(tmp_path) < told + 50
    # Not made again: against the first start, in the processor's seconds, since machines differ and have other work.
    again = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - spent
    assert again < (spent - began) / 2
    (tmp_path / "demo.json").write_text("{}")
    with demo(tmp_path, port, "--fresh"):
        assert '"seed": 7' in (tmp_path / "demo.json").read_text()
        assert events(tmp_path) > 1000
    assert "deleted" in run(tmp_path, "--remove").stdout
    assert {file.name for file in tmp_path.iterdir()} == {"secret-key"}
    assert "no demo" in run(tmp_path, "--remove").stdout


def test_at_600x_it_goes_on_while_one_watches_and_never_backwards(tmp_path: Path, port: int) -> None:
    with demo(tmp_path, port, "--speed", "600") as first:
        assert "Simulated, 600x" in first
        told = events(tmp_path)
        begun = time.monotonic()
        while events(tmp_path) == told and time.monotonic() - begun < 300:
            time.sleep(0.2)
        assert events(tmp_path) > told
        reached = json.loads((tmp_path / "demo.json").read_text())["reached"]
    with demo(tmp_path, port):
        assert json.loads((tmp_path / "demo.json").read_text())["taken"] >= reached


@pytest.mark.parametrize("speed", ["0", "601", "fast"])
def test_a_speed_that_means_nothing_is_refused(tmp_path: Path, speed: str) -> None:
    assert run(tmp_path, "--speed", speed).returncode == 2

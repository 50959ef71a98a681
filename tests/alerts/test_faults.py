"""Workers that are killed, stopped and doubled, over both databases, against a real mail server."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import postgres
from tests.support.post import Post, post_office

pytestmark = [pytest.mark.program, pytest.mark.sqlite]
TICKETS = 240
KILLS = int(os.environ.get("KILLS", "6"))
"""200 of them were tried as well; that takes ten minutes."""


class House:
    """An installation over a database of its own, and the workers of it."""

    def __init__(self, url: str, data: Path, post: Post) -> None:
        self.environment = {
            "PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
            "BEFOREHAND_DATA": str(data), "DATABASE_URL": url, "BEFOREHAND_MAIL": f"smtp://127.0.0.1:{post.port}",
            "BEFOREHAND_MAIL_FROM": "b@northwind.test",
        }  # fmt: skip
        self.log = data / "workers.log"
        self.workers: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "House":
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()

    def run(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, *command], env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def worker(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "beforehand", "worker"]
        with self.log.open("ab") as log:
            self.workers.append(subprocess.Popen(command, env=self.environment, stdout=log, stderr=log))
        return self.workers[-1]

    def deliveries(self) -> list[dict[str, Any]]:
        code = (
            "from beforehand.config import start; start.start();"
            "from beforehand.alerts.models import Delivery; import json;"
            "print(json.dumps(list(Delivery.objects.filter(step=0).values('key', 'state', 'message', 'repeats', 'why'))))"
        )
        found: list[dict[str, Any]] = json.loads(self.run("-c", code))
        return found


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'house.sqlite3'}"


@pytest.fixture
def server() -> Iterator[str]:
    programs = postgres.installed_bin() or postgres.embedded_bin()
    if programs is None:
        pytest.skip("needs a PostgreSQL, and none is installed")
    with postgres.server(programs) as address:
        yield address


def _wait_for(house: House, seconds: float) -> list[dict[str, Any]]:
    end = time.monotonic() + seconds
    while True:
        rows = house.deliveries()
        if len(rows) == TICKETS and all(row["state"] == "sent" for row in rows):
            return rows
        assert time.monotonic() < end, Counter(row["state"] for row in rows)
        time.sleep(0.5)


def _holds(rows: list[dict[str, Any]], post: Post) -> None:
    """Each step was told, and twice only where that is said."""
    came = Counter(str(letter["Message-ID"]).strip("<>") for letter in post.letters)
    assert {row["message"] for row in rows} <= came.keys()
    twice = {row["message"] for row in rows if came[row["message"]] > 1}
    assert twice <= {row["message"] for row in rows if row["repeats"]}


@pytest.mark.parametrize("database", ["sqlite", "server"])
def test_killed_at_random_under_load_nothing_is_lost_and_repeats_are_said(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue(database)
    chance = random.Random(48)
    with post_office() as post, House(url, tmp_path, post) as house:
        house.run("-m", "tests.support.alerting", str(TICKETS), "10")
        for _ in range(KILLS):
            worker = house.worker()
            time.sleep(chance.uniform(0.8, 3.2))
            worker.kill()
            worker.wait()
        worker = house.worker()
        rows = _wait_for(house, 60)
        worker.terminate()
        assert worker.wait(10) == 0
        _holds(rows, post)


def test_of_several_workers_one_may_be_killed_and_one_stand_still(server: str, tmp_path: Path) -> None:
    with post_office() as post, House(server, tmp_path, post) as house:
        house.run("-m", "tests.support.alerting", str(TICKETS), "6")
        workers = [house.worker() for _ in range(3)]
        time.sleep(5)
        workers[0].kill()
        workers[1].send_signal(signal.SIGSTOP)
        time.sleep(40)
        workers[1].send_signal(signal.SIGCONT)
        rows = _wait_for(house, 60)
        for worker in workers:
            worker.terminate()
            worker.wait(20)
        _holds(rows, post)

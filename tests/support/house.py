"""An installation in processes of its own: over a database of a test, with workers that can be killed and stopped."""

import os
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

Row = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]


class House:
    """Its workers write to a mail server at `mail`, a port of this machine, which may be changed."""

    def __init__(self, url: str, data: Path, mail: int) -> None:
        self.url, self.mail = url, mail
        self._environment = {
            "PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
            "BEFOREHAND_DATA": str(data), "DATABASE_URL": url, "BEFOREHAND_MAIL_FROM": "b@northwind.test",
        }  # fmt: skip
        self.log = data / "workers.log"
        self.workers: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "House":
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()

    @property
    def environment(self) -> dict[str, str]:
        return {**self._environment, "BEFOREHAND_MAIL": f"smtp://127.0.0.1:{self.mail}"}

    def run(self, *command: str) -> str:
        """What a command of Python says; it must go well."""
        done = subprocess.run(
            [sys.executable, *command], env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def fill(self, count: int, over: float, *more: str) -> None:
        """So many tickets, whose first step is reached within so many seconds, in three from now on."""
        self.run("-m", "tests.support.alerting", str(count), str(over), *more)

    def worker(self, **environment: str) -> "subprocess.Popen[bytes]":
        """One more worker, which is being started."""
        command = [sys.executable, "-m", "beforehand", "worker"]
        with self.log.open("ab") as log:
            self.workers.append(
                subprocess.Popen(command, env=self.environment | environment, stdout=log, stderr=log)
            )
        return self.workers[-1]

    def settled(self, **environment: str) -> "subprocess.Popen[bytes]":
        """A worker that is there before anything is due: how long it takes to be is for the machine to say."""
        self.fill(0, 0)
        worker = self.worker(**environment)
        self.wait_until("SELECT count(*) FROM kernel_worker")
        return worker

    def kill(self, worker: "subprocess.Popen[bytes]") -> None:
        """Gone, whatever it does."""
        worker.kill()
        worker.wait()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the database answers."""
        if self.url.startswith("sqlite"):
            with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"), timeout=20)) as opened:
                return opened.execute(query).fetchall()
        with psycopg.connect(self.url) as connected:
            return connected.execute(query).fetchall()  # type: ignore[call-overload,no-any-return]

    def ask(self, query: str) -> Any:
        """The one value that the database answers."""
        return self.rows(query)[0][0]

    def deliveries(self, which: str = "d.step = 0") -> list[Row]:
        """The deliveries, of the first step by default."""
        columns = ("key", "state", "message", "repeats", "why", "tries", "alert_id", "step", "address")
        names = ", ".join(columns)
        found = self.rows(
            f"SELECT {names} FROM alerts_delivery d LEFT JOIN alerts_mailbox m ON m.id = d.mailbox_id WHERE {which}"
        )
        return [dict(zip(columns, row, strict=True)) for row in found]

    def wait_for(self, count: int, seconds: float, states: Collection[str] = ("sent",)) -> list[Row]:
        """The deliveries of the first step, once they are so many and all are done."""
        end = time.monotonic() + seconds
        while True:
            rows = self.deliveries()
            if len(rows) == count and all(row["state"] in states for row in rows):
                return rows
            assert time.monotonic() < end, (
                Counter(row["state"] for row in rows),
                self.log.read_text()[-4000:],
            )
            time.sleep(0.5)

    def wait_until(self, query: str, seconds: float = 300) -> None:
        """Until the database answers with something."""
        end = time.monotonic() + seconds
        while not self.ask(query):
            assert time.monotonic() < end, (query, self.log.read_text()[-4000:])
            time.sleep(0.1)


class Told(NamedTuple):
    """Steps that were due, that were told, and that came twice (each of these is marked)."""

    due: int
    told: int
    twice: int


def holds(rows: Sequence[Row], letters: Sequence[EmailMessage]) -> Told:
    """Each step was told, and twice only where that is said."""
    came = Counter(str(letter["Message-ID"]).strip("<>") for letter in letters)
    sent = [row for row in rows if row["state"] == "sent"]
    assert {row["message"] for row in sent} <= came.keys()
    twice = [row for row in rows if came[row["message"]] > 1]
    assert all(row["repeats"] for row in twice), [row for row in twice if not row["repeats"]]
    assert len({row["key"] for row in rows}) == len(rows)
    return Told(len(rows), len(sent), len(twice))

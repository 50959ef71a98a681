"""Installations in places of their own, worked on by the program itself."""

import json
import os
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from tests.support import migrated

ROOT = Path(__file__).resolve().parents[2]
RENEWED = {"promises_providerterms"}
"""Tables with a word that a restore makes anew."""


class Place(NamedTuple):
    """An installation: its data folder and its database."""

    data: Path
    url: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "BEFOREHAND_DATA": str(self.data),
            "DATABASE_URL": self.url,
            "PYTHONPATH": str(ROOT),
        }

    def run(
        self, *arguments: str | Path, code: int = 0, environment: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", *map(str, arguments)]
        env = environment or self.environment
        done = subprocess.run(command, env=env, capture_output=True, text=True)
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def fill(self) -> None:
        """A small MSP lives there. On SQLite its tables are copied; that they are made is tested elsewhere."""
        if not self.url:
            migrated.copy_to(self.data / "beforehand.sqlite3")
        self.run("tests.support.living", "fill")

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", *arguments]
        return subprocess.Popen(
            command, env=self.environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def backup(self, file: Path) -> dict[str, Any]:
        """What a backup of it holds: its last line."""
        self.run("beforehand", "backup", file)
        return last_line(file)

    def lose(self) -> None:
        shutil.rmtree(self.data)
        if self.url:
            remake(self.url)


Make = Callable[[str, str], Place]


def last_line(file: Path) -> dict[str, Any]:
    lines = zlib.decompress(file.read_bytes(), 31).decode().splitlines()
    end: dict[str, Any] = json.loads(lines[-1])["end"]
    return {name: value for name, value in end["digests"].items() if name not in RENEWED}


def remake(url: str) -> None:
    """An empty database of that name on the server."""
    parts = urlsplit(url)
    name = parts.path.strip("/")
    with psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}"')


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """An empty installation on `sqlite`, or on `postgresql` where the tests run on that."""

    def one(name: str, kind: str) -> Place:
        if kind == "sqlite":
            return Place(tmp_path / name, "")
        # Folders of tests have the same names in each process of the suite; the server is one for all.
        unlike_any = f"/{tmp_path.name[-30:]}-{name}-{token_hex(4)}"
        url = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=unlike_any))
        remake(url)
        return Place(tmp_path / name, url)

    return one

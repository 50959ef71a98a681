"""Databases for installations in processes of their own: made once, and copied for each test."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from tests.support import migrated, postgres
from tests.support.house import ROOT
from tests.support.postgres import Running

_numbers = count(1)


def _migrate(url: str, data: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        "BEFOREHAND_DATA": str(data), "DATABASE_URL": url,
    }  # fmt: skip
    subprocess.run(
        [sys.executable, "-m", "beforehand", "migrate"], env=environment, check=True, capture_output=True
    )


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of SQLite with the tables and no rows."""
    file = tmp_path_factory.mktemp("empty") / "empty.sqlite3"
    migrated.copy_to(file)
    return file


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A PostgreSQL with the tables and no rows in its database \"empty\"."""
    programs = postgres.installed_bin() or postgres.embedded_bin()
    if programs is None:
        pytest.skip("needs a PostgreSQL, and none is installed")
    with postgres.running(programs) as found:
        _execute(found, "CREATE DATABASE empty")
        _migrate(found.named("empty"), tmp_path_factory.mktemp("data"))
        yield found


def _execute(running: Running, command: str) -> None:
    with psycopg.connect(running.url, autocommit=True) as connected:
        connected.execute(command)  # type: ignore[arg-type]


@pytest.fixture
def sqlite(empty: Path, tmp_path: Path) -> str:
    """A database in a file of its own."""
    shutil.copy(empty, tmp_path / "house.sqlite3")
    return f"sqlite:///{tmp_path / 'house.sqlite3'}"


@pytest.fixture
def server(running: Running) -> str:
    """A database of its own on the server."""
    name = f"house_{next(_numbers)}"
    _execute(running, f"CREATE DATABASE {name} TEMPLATE empty")
    return running.named(name)


@pytest.fixture(params=["sqlite", "server"])
def url(request: pytest.FixtureRequest) -> str:
    """Either database."""
    address: str = request.getfixturevalue(request.param)
    return address

"""What is compiled: kept on disk, made anew when anything it stands on changes, done without where it cannot be."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.program

ENGINE = Path(__file__).parents[2] / "src" / "beforehand" / "engine"
ADD = """
import sys
from beforehand.engine.columns import add_many, read_columns, encode
from beforehand.engine.coverage import Coverage
print(add_many(Coverage.always(), [0, 10, 20], [1, 2, 2**60]).tolist(), "numba" in sys.modules)
"""
READ = """
import sys
sys.modules["numba"] = None  # as where it is not installed
from tests.engine.readers import read_by_columns
from tests.engine.cast import OFFICE, at
from tests.engine.test_columns import TERMS, UPDATES, same, ticket
from beforehand.engine import history as h
from beforehand.engine.clock import read
start = at("mon 9:00")
long = h.History([h.created(start), h.status(start + 5, "x"), *(h.message(start + k * 10**9) for k in range(99))])
for terms in (TERMS, UPDATES):
    for history in (ticket(start), long):
        print(same(read_by_columns(history, terms, OFFICE), read(history, terms, OFFICE)))
"""


def run(code: str, root: Path, **environment: str) -> str:
    inherited = {name: value for name, value in os.environ.items() if name not in environment}
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**inherited, "PYTHONPATH": str(root), **environment},
        cwd=ENGINE.parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the engine that may be changed."""
    shutil.copytree(ENGINE, tmp_path / "beforehand" / "engine", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "beforehand" / "__init__.py").touch()
    return tmp_path


def test_it_is_compiled_once_and_anew_when_something_it_stands_on_changes(copied: Path) -> None:
    cache = copied / "cache"
    for _ in range(2):
        assert run(ADD, copied, NUMBA_CACHE_DIR=str(cache)) == f"[1, 12, {2**62}] True"
        assert len(list(cache.rglob("*.nbc"))) == 1
    instants = copied / "beforehand" / "engine" / "instants.py"
    instants.write_text(instants.read_text().replace("NEVER = 2**62", "NEVER = 2**61"))
    assert run(ADD, copied, NUMBA_CACHE_DIR=str(cache)) == f"[1, 12, {2**61}] True"


def test_it_works_where_no_folder_can_be_written(copied: Path) -> None:
    nowhere = copied / "a file"
    nowhere.touch()
    answer = run(ADD, copied, NUMBA_CACHE_DIR=str(nowhere / "cache"))
    assert answer == f"[1, 12, {2**62}] True"


def test_without_numba_it_is_the_same() -> None:
    assert set(run(READ, ENGINE.parents[1]).split()) == {"True"}

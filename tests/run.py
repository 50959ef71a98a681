"""`./beforehand test`: every check, on both databases and in a browser; skips are listed, CI fails on one.

With arguments after `--` it is pytest alone, with these arguments, for a quick look.
"""

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from tests.support import chrome, debian, faketime, postgres, tracker

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".venv" / "bin"
PYTEST = [str(BIN / "python"), "-m", "pytest"]
# Two processes; one that has nothing left takes from the other's.
TWO = ["-n2", "--dist=worksteal"]
# All examples of each test with made-up input; without this a quarter.
WHOLE = ["--hypothesis-profile=suite"]
BROWSER_TESTS = ROOT / "tests" / "browser"
COMPILE_AHEAD = "from beforehand.engine import columns; columns.compile_ahead()"
_KEEP = {"BEFOREHAND_SHARED", "BEFOREHAND_PYTHON"}


@dataclass
class Run:
    """What has been done so far."""

    work: Path
    failed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    times: list[tuple[str, float]] = field(default_factory=list)

    def note(self, name: str, passed: bool, began: float) -> None:
        self.times.append((name, time.monotonic() - began))
        if not passed:
            self.failed.append(name)


def environment(**more: str) -> dict[str, str]:
    """This process's environment less the developer's own settings, which no test may meet."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name != "DATABASE_URL" and (name in _KEEP or not name.startswith("BEFOREHAND_"))
    }
    return {**kept, **more}


def static_checks(work: Path) -> dict[str, list[str]]:
    python = str(BIN / "python")
    return {
        "ruff check": [str(BIN / "ruff"), "check"],
        "ruff format": [str(BIN / "ruff"), "format", "--check"],
        "mypy": [str(BIN / "mypy")],
        "import-linter": [str(BIN / "lint-imports")],
        "migrations": [python, "-m", "django", "makemigrations", "--check", "--dry-run"],
        "docs": [python, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(work / "site")],
        # No check, but else each process of the tests would compile the columns for itself, the first time.
        "compile": [python, "-c", COMPILE_AHEAD],
    }


def check_statically(run: Run) -> None:
    """All checks that execute no test, two at a time; only what failed is shown."""
    settings = {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONPATH": str(ROOT),
        "NO_MKDOCS_2_WARNING": "1",
    }

    def one(check: tuple[str, list[str]]) -> tuple[str, float, subprocess.CompletedProcess[str]]:
        began = time.monotonic()
        name, command = check
        env = environment(**settings)
        return name, began, subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)

    with ThreadPoolExecutor(2) as pool:
        for name, began, done in pool.map(one, static_checks(run.work).items()):
            run.note(name, done.returncode == 0, began)
            print(f"{name}: {'passed' if done.returncode == 0 else 'FAILED'}", flush=True)
            if done.returncode:
                print(done.stdout, done.stderr, sep="\n", flush=True)


def run_pytest(run: Run, name: str, arguments: list[str], **more: str) -> None:
    print(f"\n== {name}", flush=True)
    began = time.monotonic()
    result = run.work / f"{len(run.times)}.xml"
    done = subprocess.run([*PYTEST, f"--junitxml={result}", *arguments], cwd=ROOT, env=environment(**more))
    run.note(name, done.returncode == 0, began)
    if result.exists():
        run.skipped += [f"{name}: {skip}" for skip in skips_in(result)]


def skips_in(result: Path) -> list[str]:
    """The tests skipped in a junit file, with their reasons; an expected failure is none."""
    return [
        f"{case.get('classname')}::{case.get('name')}: {skip.get('message')}"
        for case in ElementTree.parse(result).iter("testcase")
        for skip in case.iter("skipped")
        if skip.get("type") != "pytest.xfail"
    ]


def on_sqlite(run: Run) -> None:
    if faketime.library() is None and debian.can_install():
        debian.install("libfaketime")
    if tracker.missing() and debian.can_install():
        tracker.install()
    others = "not browser and not postgresql"
    run_pytest(run, "unit tests on SQLite", [*TWO, "-m", f"not program and {others}", "-p", "no:playwright"])
    whole = [*TWO, "-m", f"(program or hypothesis) and {others}", *WHOLE, "-p", "no:playwright"]
    run_pytest(run, "program tests on SQLite", whole)


def on_postgresql(run: Run) -> None:
    programs = postgres.installed_bin()
    if programs is None and debian.can_install():
        debian.install("postgresql")
        programs = postgres.installed_bin()
    programs = programs or postgres.embedded_bin()
    if programs is None:
        run.skipped.append("tests on PostgreSQL: none is installed and the wheel has none for this machine")
        return
    with postgres.server(programs) as url:
        # What meets no database has been run, and is the same here.
        marks = "(database or postgresql) and not browser and not sqlite"
        there = [*TWO, "-m", marks, *WHOLE, "-p", "no:playwright"]
        run_pytest(run, "tests on PostgreSQL", there, DATABASE_URL=url)


def in_a_browser(run: Run) -> None:
    if not any(BROWSER_TESTS.glob("**/test_*.py")):
        return
    if chrome.find_chrome() is None and debian.can_install():
        debian.install("chromium")
    if chrome.find_chrome() is None:
        run.skipped.append("browser tests: no Chromium or Chrome is installed")
        return
    run_pytest(run, "browser tests", [*TWO, "-m", "browser", str(BROWSER_TESTS)])


def summary(run: Run) -> int:
    ci = os.environ.get("CI") == "true"
    print("\n== Summary")
    for name, seconds in run.times:
        print(f"{seconds:6.1f} s  {name}{'  FAILED' if name in run.failed else ''}")
    for skip in run.skipped:
        print(f"SKIPPED  {skip}")
    if run.skipped and ci:
        print("A skip is a failure in CI.")
    return 1 if run.failed or (run.skipped and ci) else 0


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--"]:
        arguments = arguments[1:]
    if arguments:
        return subprocess.run([*PYTEST, *arguments], cwd=ROOT).returncode
    with tempfile.TemporaryDirectory(prefix="beforehand-test-") as work:
        run = Run(Path(work))
        check_statically(run)
        on_sqlite(run)
        on_postgresql(run)
        in_a_browser(run)
        return summary(run)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

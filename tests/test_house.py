"""What the linters cannot hold: the engine's imports, the clock, the environment."""

import ast
import re
import sys
import tomllib
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parents[1] / "src" / "beforehand"
SOURCES = sorted(SRC.rglob("*.py"))
READS_THE_CLOCK = re.compile(
    r"\b(datetime|timezone)\.(now|utcnow|today)\(|\bdate\.today\(|\btime\.(time|time_ns|localtime|gmtime)\(|\bNow\(\)"
)
MAY_READ_THE_CLOCK = ("cli.py", "web/", "config/", "demo/")
READS_THE_ENVIRONMENT = re.compile(r"\bos\.(environ|getenv)\b|\bgetenv\(")


def _room(file: Path) -> str:
    return file.relative_to(SRC).as_posix()


def _lines_with(pattern: re.Pattern[str], files: list[Path]) -> list[str]:
    return [
        f"{_room(file)}:{number}: {line.strip()}"
        for file in files
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if pattern.search(line)
    ]


def test_nothing_below_the_shell_reads_the_clock() -> None:
    below = [file for file in SOURCES if not _room(file).startswith(MAY_READ_THE_CLOCK)]
    assert _lines_with(READS_THE_CLOCK, below) == []


def test_only_config_reads_the_environment() -> None:
    elsewhere = [file for file in SOURCES if not _room(file).startswith("config/")]
    assert _lines_with(READS_THE_ENVIRONMENT, elsewhere) == []


@pytest.mark.parametrize(
    "line",
    [
        "now = datetime.now(UTC)",
        "x = timezone.now()",
        "time.time()",
        "date.today()",
        "dt.datetime.utcnow()",
        "Now()",
    ],
)
def test_the_search_for_clock_reads_finds_them(line: str) -> None:
    assert READS_THE_CLOCK.search(line)


def _imports(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = [*file.relative_to(SRC.parent).parts[: -node.level]] if node.level else []
            names.add(".".join([*above, *filter(None, [node.module])]))
    return names


def test_the_engine_needs_the_standard_library_alone() -> None:
    strangers = {
        f"{_room(file)}: {name}"
        for file in SOURCES
        if _room(file).startswith("engine/")
        for name in _imports(file)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not name.startswith("beforehand.engine")
        and not (file.name == "columns.py" and name.split(".")[0] in {"numpy", "numba"})
    }
    assert strangers == set()


def test_the_linter_holds_every_file_of_the_second_check_apart_from_the_first() -> None:
    """And what it may not import, it reads no rows of either."""
    contracts = tomllib.loads((SRC.parents[1] / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    (apart,) = [one for one in contracts if one["type"] == "forbidden"]
    files = {file.stem for file in SOURCES if _room(file).startswith("alerts/audit")}
    held = {name.rpartition(".")[2] for name in apart["source_modules"]}
    # What has it made when it is due, and its rows, say nothing of what should have been.
    assert files - held == {"audit_round", "audit_models"}
    reads = re.compile(r"\bWatch\b|\bDue\.|kernel_due|chain_(step|start|place|next|known)")
    assert _lines_with(reads, [file for file in SOURCES if file.stem in held]) == []


def test_no_file_of_ours_names_a_host_in_a_lock() -> None:
    locks = sorted(SRC.parents[1].glob("requirements*.lock"))
    assert len(locks) == 4
    assert [lock.name for lock in locks if "://" in lock.read_text()] == []


def test_nothing_we_install_is_under_the_gpl_or_agpl() -> None:
    # The LGPL asks nothing of one who uses a library unchanged; text-unidecode offers another licence too.
    strict = {
        found.name
        for found in distributions()
        if re.search(r"(?<!L)(?<!Lesser )(\bA?GPL|GNU (Affero )?General Public)", _licence(found))
    }
    assert strict <= {"text-unidecode"}


def _licence(found: Distribution) -> str:
    data = found.metadata
    classifiers = [line for line in data.get_all("Classifier") or [] if line.startswith("License")]
    named = data.get("License-Expression") or data.get("License") or ""
    # Some put the whole text there, which names every licence there is.
    return "\n".join([named if len(named) < 200 else "", *classifiers])

"""docs/reference/agreement-file.md says everything that the parser knows, and its example is true."""

import re
from datetime import date
from pathlib import Path

import pytest

from beforehand.promises.file.check import check_text
from beforehand.promises.file.keys import KEYS
from beforehand.promises.file.reader import Reader
from beforehand.promises.file.settings import SETTINGS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "agreement-file.md").read_text()


def keys_of(section: str) -> list[str]:
    """The keys in the table under a heading."""
    body = PAGE.split(f"\n## {section}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `([^`]+)` \|", body, re.MULTILINE)


@pytest.mark.parametrize("section", KEYS)
def test_every_key_is_documented_under_its_heading(section: str) -> None:
    assert sorted(keys_of(section)) == sorted(KEYS[section])


def test_every_setting_can_be_read() -> None:
    assert {*SETTINGS, "pauses"} == set(KEYS["settings"])


def test_the_first_file_has_neither_faults_nor_warnings() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    found = check_text(block, Reader("page"), Path(), date(2026, 3, 2))
    assert (found.faults, found.warnings) == ((), ())

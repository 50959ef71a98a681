"""What the docs show is run."""

import doctest
from pathlib import Path

import pytest

REFERENCE = Path(__file__).resolve().parents[1] / "docs" / "reference"


@pytest.mark.parametrize("page", ["engine.md"])
def test_the_examples_of_a_page_are_true(page: str) -> None:
    results = doctest.testfile(str(REFERENCE / page), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert results.attempted > 10
    assert results.failed == 0

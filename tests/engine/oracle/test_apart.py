"""The oracle is worth something only while it shares nothing with what it judges."""

import ast
import sys
from pathlib import Path

import pytest

FILES = [path for path in sorted(Path(__file__).parent.glob("*.py")) if not path.name.startswith("test_")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_stands_on_the_standard_library_and_itself(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            assert {alias.name.split(".")[0] for alias in node.names} <= sys.stdlib_module_names
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 1 or (node.module or "").split(".")[0] in sys.stdlib_module_names

"""How to add a source: each has what the others have, or it is not one yet."""

from pathlib import Path

import pytest

from beforehand import connectors as room
from beforehand.connectors.abilities import Writer
from beforehand.connectors.contract import FIELDS_TOLD, Connector
from beforehand.connectors.registry import connectors
from beforehand.connectors.wanted import Foresees

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(room.__file__).parent
EACH = [pytest.param(one, id=one.slug) for one in connectors().values()]


@pytest.mark.parametrize("one", EACH)
def test_a_connector_has_its_folder_tests_and_docs(one: Connector) -> None:
    assert (FOLDER / one.slug / "__init__.py").exists()
    assert list((ROOT / "tests" / "connectors" / one.slug).glob("test_*.py"))
    assert (ROOT / "docs" / "guide" / f"source-{one.slug}.md").exists()
    assert f"guide/source-{one.slug}.md" in (ROOT / "mkdocs.yml").read_text()


@pytest.mark.parametrize("one", [each for each in EACH if (FOLDER / each.id / "client.py").exists()])  # type: ignore[operator]
def test_one_that_asks_has_a_fake_that_answers(one: Connector) -> None:
    for name in ("client", "translate", "set_up"):
        assert (FOLDER / one.slug / f"{name}.py").exists()
    assert (ROOT / "tests" / "connectors" / one.slug / "fake.py").exists()
    assert (one.hear is None) == (not (FOLDER / one.slug / "hooks.py").exists())


@pytest.mark.parametrize("one", EACH)
def test_its_form_can_be_shown(one: Connector) -> None:
    names = [setting.name for setting in one.settings]
    assert len(names) == len(set(names))
    for setting in one.settings:
        assert setting.label
        assert setting.kind in ("text", "url", "secret", "whole", "choice", "flag")
        assert (setting.kind == "choice") == bool(setting.choices)
        assert not (setting.kind == "secret" and setting.default)
    if not one.tells_itself and one.turn is None:
        assert one.calls(10_000) >= one.calls(100) > 0


@pytest.mark.parametrize("one", EACH)
def test_one_whose_reader_is_its_opener_says_whether_it_writes(one: Connector) -> None:
    if isinstance(one.open, type):
        assert one.writes == issubclass(one.open, Writer) == issubclass(one.open, Foresees)
    else:
        assert not one.writes


def test_fields_told_are_named_once() -> None:
    assert len(set(FIELDS_TOLD)) == len(FIELDS_TOLD)

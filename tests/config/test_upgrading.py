"""An older database under a newer program: whoever starts first backs it up and changes it, the others wait."""

from pathlib import Path

import pytest

from .conftest import Make, Place

pytestmark = pytest.mark.program

KINDS = [
    pytest.param("sqlite", marks=pytest.mark.sqlite),
    pytest.param("postgresql", marks=pytest.mark.postgresql),
]


@pytest.fixture(params=KINDS)
def older(request: pytest.FixtureRequest, make: Make) -> Place:
    """An installation as an older version left it."""
    place = make("older", request.param)
    place.fill()
    for app, name in (("tickets", "0001_first"), ("people", "0001_initial")):
        place.run("django", "migrate", app, name, "--settings", "beforehand.config.settings")
    return place


def backups(place: Place) -> list[Path]:
    return sorted((place.data / "backups").glob("*"))


def test_of_several_that_start_at_once_one_makes_the_backup_and_all_serve(older: Place) -> None:
    starting = [older.begin("beforehand", "migrate") for _ in range(3)]
    said = [process.communicate(timeout=600) for process in starting]
    assert [process.returncode for process in starting] == [0, 0, 0], said
    (backup,) = backups(older)
    assert sum(str(backup) in err for _, err in said) == 1
    older.run("beforehand", "backup", "--verify", backup)
    older.run("beforehand", "reread", "--cores", "1")


def test_where_no_backup_can_be_made_nothing_is_changed_and_the_way_out_is_said(older: Place) -> None:
    (older.data / "backups").write_text("a file in the way")
    refused = older.run("beforehand", "migrate", code=2)
    assert "upgrade of the database" in refused.stderr
    assert "BEFOREHAND_UPGRADE_BACKUP=no" in refused.stderr
    pending = older.run("django", "migrate", "--plan", "--settings", "beforehand.config.settings").stdout
    assert "0002_board" in pending
    without = older.environment | {"BEFOREHAND_UPGRADE_BACKUP": "no"}
    older.run("beforehand", "migrate", environment=without)

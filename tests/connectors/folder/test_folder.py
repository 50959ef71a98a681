"""A watched folder: what is whole is taken in and moved, and nothing else is touched."""

import gzip
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import override_settings
from tests.support.connected import connected

from beforehand.connectors.folder.checking import Folder
from beforehand.connectors.folder.place import folder_of
from beforehand.connectors.models import Connection
from beforehand.connectors.sync import pull
from beforehand.connectors.trouble import Trouble
from beforehand.engine.instants import SECOND, to_instant
from beforehand.kernel.due.handlers import Going
from beforehand.people.accounts import create_provider
from beforehand.tickets.models import Event, ImportRun, Source, SourceState, Ticket

MAPPING = """
name: Export of the desk
source: desk
precision: 1s
dates: [iso]
files:
  changes:
    rows: changes
    ticket: id
    created: opened
    changed: updated
    fields: {status: state, client: client}
"""
ROWS = "id,opened,updated,state,client\n1,2026-03-02 09:00,2026-03-02 09:00,New,Contoso\n"
MORE = ROWS + "2,2026-03-02 10:00,2026-03-02 10:00,New,Contoso\n"


class Watched:
    """The folder, its connection, and the time."""

    def __init__(self, folder: Path, connection: Connection) -> None:
        self.folder, self.connection, self.now = folder, connection, datetime(2026, 3, 10, 9, tzinfo=UTC)
        self.fresh: Callable[[], bool] = lambda: True

    def look(self, seconds: int = 0) -> int:
        """A turn after so many seconds; in how many seconds it wants the next."""
        self.now += timedelta(seconds=seconds)
        self.connection.refresh_from_db()
        came = pull(self.connection, Going(lambda: self.now, lambda: self.fresh()))
        self.trouble = came.trouble
        return (came.again - to_instant(self.now)) // SECOND

    def names(self, below: str = ".") -> list[str]:
        return sorted(path.name for path in (self.folder / below).glob("*") if path.is_file())

    def runs(self) -> list[tuple[str, int, int, int, bool]]:
        rows = ImportRun.objects.order_by("pk")
        return [(r.log, r.taken, r.known, r.rejected, bool(r.fault)) for r in rows]


@pytest.fixture
def watched(db: None, tmp_path: Path) -> Iterator[Watched]:
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "desk.yaml").write_text(MAPPING)
    now = datetime(2026, 3, 10, 9, tzinfo=UTC)
    told = {"folder": str(folder), "mapping": "desk.yaml"}
    made = connected(create_provider("Desk", "UTC", now), now, "folder", settings=told, cursor="")
    with override_settings(FOLDERS=(tmp_path,)):
        yield Watched(folder, made)


def test_a_file_that_has_stopped_growing_is_taken_in_and_moved(watched: Watched) -> None:
    (watched.folder / "a.csv").write_text(ROWS)
    assert watched.look() == 10
    (watched.folder / "a.csv").write_text(MORE)
    assert watched.look(15) == 10
    assert Ticket.objects.count() == 0
    assert watched.look(15) == 60
    assert Ticket.objects.count() == 2
    assert (watched.names(), watched.names("done")) == (["desk.yaml"], ["a.csv"])
    assert watched.runs() == [("a.csv", 2, 0, 0, False)]
    source = Source.objects.get()
    assert (source.name, source.messages, source.precision) == ("The desk", False, SECOND)
    assert SourceState.objects.get().reached == watched.now


def test_the_same_name_again_is_kept_beside_the_first(watched: Watched) -> None:
    for rows in (ROWS, MORE):
        (watched.folder / "a.csv").write_text(rows)
        watched.look()
        watched.look(15)
    assert watched.names("done") == ["a.2.csv", "a.csv"]
    assert watched.runs() == [("a.csv", 1, 0, 0, False), ("a.csv", 1, 1, 0, False)]


def test_rows_that_cannot_be_taken_lie_beside_the_file_and_a_file_of_none_has_failed(
    watched: Watched,
) -> None:
    (watched.folder / "some.csv").write_text(ROWS + "2,yesterday,2026-03-02 10:00,New,Contoso\n")
    (watched.folder / "none.csv").write_text(ROWS.replace("2026-03-02 09:00", "yesterday"))
    (watched.folder / "page.csv").write_text("<!DOCTYPE html><p>Sign in</p>")
    (watched.folder / "empty.csv").write_text("")
    watched.look()
    watched.look(15)
    assert watched.names("done") == ["some.csv", "some.csv.rejects.csv"]
    assert watched.names("failed") == ["empty.csv", "none.csv", "none.csv.rejects.csv", "page.csv"]
    assert sorted(watched.runs()) == [
        ("empty.csv", 0, 0, 0, True), ("none.csv", 0, 0, 1, False), ("page.csv", 0, 0, 0, True),
        ("some.csv", 1, 0, 1, False),
    ]  # fmt: skip
    kept = ImportRun.objects.get(log="none.csv").rejects
    assert kept == str(watched.folder / "failed" / "none.csv.rejects.csv")


def test_an_end_in_the_middle_is_repeated_without_harm(watched: Watched) -> None:
    (watched.folder / "a.csv").write_text(MORE)
    watched.look()
    watched.fresh = lambda: False
    assert watched.look(15) == 0
    assert watched.trouble == ""
    assert watched.names() == ["a.csv", "desk.yaml"]
    watched.fresh = lambda: True
    watched.look(15)
    assert (watched.names("done"), Event.objects.count()) == (["a.csv"], 6)
    assert [run[1:3] for run in watched.runs()] == [(2, 0), (0, 2)]
    assert ImportRun.objects.filter(ended=None).count() == 1


def test_what_is_hidden_or_no_table_or_points_elsewhere_is_left_alone(
    watched: Watched, tmp_path: Path
) -> None:
    (tmp_path / "secret.csv").write_text(ROWS)
    (watched.folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    for name in (".a.csv", "a.csv.part", "a.xlsx"):
        (watched.folder / name).write_text(ROWS)
    watched.look()
    assert watched.look(15) == 60
    assert Ticket.objects.count() == 0
    assert len(watched.names()) == 5


def test_a_packed_file_is_taken_too(watched: Watched) -> None:
    (watched.folder / "a.csv.gz").write_bytes(gzip.compress(MORE.encode()))
    watched.look()
    watched.look(15)
    assert (watched.names("done"), Ticket.objects.count()) == (["a.csv.gz"], 2)


@pytest.mark.parametrize(
    "named", ["/etc", "exports", "{root}/../..", "{root}/exports/none", "{data}", "{root}/away"]
)
def test_a_folder_elsewhere_is_not_looked_into(watched: Watched, tmp_path: Path, named: str) -> None:
    from django.conf import settings

    (tmp_path / "away").symlink_to("/etc")
    with pytest.raises(Trouble):
        folder_of(named.format(root=tmp_path, data=settings.DATA))


def test_below_the_data_folder_nothing_need_be_allowed(watched: Watched) -> None:
    with override_settings(FOLDERS=(), DATA=watched.folder.parent):
        assert folder_of(str(watched.folder)) == watched.folder.resolve()
    with override_settings(FOLDERS=()), pytest.raises(Trouble, match="BEFOREHAND_FOLDERS"):
        folder_of(str(watched.folder))


def test_a_folder_or_mapping_that_is_not_there_is_said(watched: Watched) -> None:
    watched.connection.settings["mapping"] = "../desk.yaml"
    watched.connection.save()
    assert watched.look() == 5
    assert "no mapping '../desk.yaml'" in watched.trouble
    assert SourceState.objects.get().failing == watched.now
    told = dict(watched.connection.settings)
    assert [right.ok for right in Folder(told).check()] == [True, False]
    assert [right.ok for right in Folder({**told, "mapping": "desk.yaml"}).check()] == [True, True]
    assert [right.ok for right in Folder({**told, "folder": "/etc"}).check()] == [False]


def test_a_mapping_that_tells_otherwise_is_refused_once_there_are_tickets(watched: Watched) -> None:
    """1.5: readings stand on what a source tells."""
    (watched.folder / "a.csv").write_text(ROWS)
    watched.look()
    watched.look(15)
    (watched.folder / "desk.yaml").write_text(MAPPING.replace("precision: 1s", "precision: 1m"))
    watched.look(60)
    assert "tells otherwise" in watched.trouble
    assert Source.objects.get().precision == SECOND

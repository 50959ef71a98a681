"""Backup and restore from inside: what is kept, what is refused, and that nothing is ever half done."""

import resource
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from tests.support import msp

from beforehand.config import backups, environ
from beforehand.kernel.backup import restoring, tables
from beforehand.kernel.faults import Refused
from beforehand.kernel.schema import bring_up_to_date
from beforehand.people.models import Provider, User
from beforehand.promises.book import current
from beforehand.tickets.models import Event, Ticket
from beforehand.tickets.notices import Listener

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.program]


@pytest.fixture(autouse=True)
def provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Provider:
    monkeypatch.setenv("BEFOREHAND_DATA", str(tmp_path / "data"))
    made = msp.make_promises(NOW)
    msp.make_user(made)
    msp.make_tickets(made, NOW, more=2)
    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "all.gz"
    backups.back_up(str(made), NOW, backups.silent)
    return made


def restore(file: Path, *, replace: bool = True, now: datetime = NOW) -> backups.Restored:
    return backups.restore(str(file), now, backups.silent, replace=replace)


def automatic() -> list[str]:
    return sorted(path.name for path in (environ.current().data / "backups").glob("*"))


def test_no_model_and_no_table_is_left_out() -> None:
    kept = {table.name for table in tables.tables_at(tables.applied(connection))}
    models = apps.get_models(include_auto_created=True)
    assert {model._meta.db_table for model in models if model._meta.managed} - kept == tables.left_out()
    # A connection's own temporary table is of the ledger's, and gone with it.
    there = set(connection.introspection.table_names()) - {"standing"}
    assert there - kept == tables.left_out() | {"django_migrations"}


def test_a_restore_brings_back_what_was_changed_and_keeps_what_was_there(file: Path) -> None:
    tickets, events = Ticket.objects.count(), Event.objects.count()
    User.objects.filter(username="marta").update(first_name="Nobody")
    Ticket.objects.update(subject="overwritten")
    done = restore(file)
    assert (Ticket.objects.count(), Event.objects.count()) == (tickets, events)
    assert User.objects.get(username="marta").first_name == "Marta"
    assert done.kept is not None
    assert stat.S_IMODE(done.kept.stat().st_mode) == 0o600
    restore(done.kept)
    assert set(Ticket.objects.values_list("subject", flat=True)) == {"overwritten"}


def test_a_database_with_rows_is_left_alone_unless_told(file: Path) -> None:
    Ticket.objects.update(subject="still here")
    with pytest.raises(Refused, match=r"expected an empty database .for example: --replace"):
        restore(file, replace=False)
    assert Ticket.objects.filter(subject="still here").exists()


def test_a_book_that_was_read_before_is_not_used_after(file: Path, provider: Provider) -> None:
    before = current(provider)
    restore(file)
    assert current(provider) is not before


@pytest.mark.parametrize("spoil", ["cut", "flip", "other"])
def test_a_file_that_is_not_right_changes_nothing(file: Path, spoil: str) -> None:
    whole = file.read_bytes()
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    file.write_bytes({"cut": whole[:-20], "flip": flipped, "other": b"my letters"}[spoil])
    Ticket.objects.update(subject="still here")
    with pytest.raises(Refused, match=r"backup .*all\.gz: found"):
        restore(file)
    assert Ticket.objects.filter(subject="still here").exists()
    assert automatic() == []


def test_a_backup_by_a_newer_version_is_refused(tmp_path: Path, file: Path) -> None:
    recorder = MigrationRecorder(connection)
    recorder.record_applied("people", "0999_from_next_year")
    # Written by the newer version itself, which knows its own migrations.
    backups.back_up(str(tmp_path / "new.gz"), NOW, backups.silent)
    recorder.record_unapplied("people", "0999_from_next_year")
    with pytest.raises(Refused, match=r"newer version of Beforehand .*people\.0999_from_next_year"):
        restore(tmp_path / "new.gz")
    assert Ticket.objects.exists()


def test_a_restore_that_fails_at_its_last_step_has_changed_nothing(file: Path) -> None:
    def fails(**_: object) -> None:
        raise RuntimeError("at the last step")

    Ticket.objects.update(subject="still here")
    key = (environ.current().data / "secret-key").read_text()
    restoring.restored.connect(fails)
    try:
        with pytest.raises(RuntimeError):
            restore(file)
    finally:
        restoring.restored.disconnect(fails)
    assert Ticket.objects.filter(subject="still here").exists()
    assert (environ.current().data / "secret-key").read_text() == key


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """What a full disk is to this process: no file may become longer."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_on_a_full_disk_no_half_a_backup_is_left(tmp_path: Path) -> None:
    with no_file_beyond(5_000), pytest.raises(Refused, match="expected a place with room for it"):
        backups.back_up(str(tmp_path / "all.gz"), NOW, backups.silent)
    assert [path.name for path in tmp_path.glob("*.gz")] + [path.name for path in tmp_path.glob(".*")] == []


def test_where_what_is_there_cannot_be_kept_it_is_not_replaced(file: Path) -> None:
    Ticket.objects.update(subject="still here")
    with no_file_beyond(5_000), pytest.raises(Refused, match="room"):
        restore(file)
    assert Ticket.objects.filter(subject="still here").exists()


def test_no_other_file_is_written_over(tmp_path: Path, file: Path) -> None:
    letters = tmp_path / "letters.txt"
    letters.write_text("mine")
    with pytest.raises(Refused, match="another file of that name"):
        backups.back_up(str(letters), NOW, backups.silent)
    assert letters.read_text() == "mine"
    backups.back_up(str(file), NOW, backups.silent)


def test_the_key_comes_back_with_the_backup(file: Path) -> None:
    kept = environ.current().data / "secret-key"
    key = kept.read_text()
    assert restore(file).new_key is False
    kept.write_text("x" * 40)
    assert restore(file).new_key is True
    assert kept.read_text() == key
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_sessions_are_not_restored(file: Path) -> None:
    with file.open("rb") as opened:
        heading = restoring.check(opened, "all.gz", backups.silent)
    assert "django_session" not in heading.tables
    assert "people_user" in heading.tables


def test_open_pages_hear_of_it(file: Path, provider: Provider) -> None:
    listener = Listener()
    listener.look()
    restore(file)
    try:
        end = time.monotonic() + 60
        while not (heard := listener.look()) and time.monotonic() < end:
            time.sleep(0.01)
        assert heard.missed or provider.pk in heard.anybody
    finally:
        listener.close()


OLDER = ("people", "0001_initial"), ("tickets", "0001_first")


def go_back() -> None:
    """The database as an older version left it: with its rows, and without the migrations since."""
    for app, name in reversed(OLDER):
        call_command("migrate", app, name, verbosity=0)


@pytest.fixture
def older() -> Iterator[None]:
    go_back()
    yield
    bring_up_to_date()


@pytest.mark.usefixtures("older")
def test_an_older_database_is_backed_up_before_it_is_changed(tmp_path: Path) -> None:
    bring_up_to_date(keep=lambda: backups.keep_before_upgrade(NOW))
    (name,) = automatic()
    assert name == "2026-03-10-090000-before-0.1.0.backup.gz"
    assert Ticket.objects.count() > 10
    bring_up_to_date(keep=lambda: backups.keep_before_upgrade(NOW + timedelta(hours=1)))
    assert automatic() == [name]
    # The backup is of the older database, and is brought up to date as that was.
    Ticket.objects.update(subject="after the upgrade")
    restore(environ.current().data / "backups" / name)
    assert not Ticket.objects.filter(subject="after the upgrade").exists()


@pytest.mark.usefixtures("older")
def test_without_room_for_the_backup_the_database_is_not_changed() -> None:
    before = tables.applied(connection)
    with no_file_beyond(5_000), pytest.raises(Refused, match=r"no backup .*BEFOREHAND_UPGRADE_BACKUP=no"):
        bring_up_to_date(keep=lambda: backups.keep_before_upgrade(NOW))
    assert tables.applied(connection) == before


def test_the_last_five_of_each_kind_stay(tmp_path: Path) -> None:
    for hour in range(7):
        backups.keep_before_upgrade(NOW + timedelta(hours=hour))
    assert [name[11:13] for name in automatic()] == ["11", "12", "13", "14", "15"]

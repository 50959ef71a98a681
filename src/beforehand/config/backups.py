"""Backups of this installation: its database, its key, and the folder of those that are made by themselves."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

from beforehand.config import environ
from beforehand.config.keys import another_key, kept_key, make_folder
from beforehand.kernel.faults import Fault, Refused

if TYPE_CHECKING:
    from beforehand.kernel.backup.form import Heading, Sums

STDIO = "-"
KEPT = 5
"""So many backups of each kind that are made by themselves are kept."""

Progress = Callable[[str, int], None]


def silent(_table: str, _rows: int) -> None:
    """Progress that nobody looks at."""


def back_up(path: str, now: datetime, tell: Progress) -> "Sums":
    """Makes a backup of what the database holds at this moment; `-` is standard output. Needs Django started."""
    from django.db import connection

    from beforehand.kernel.backup import making
    from beforehand.kernel.snapshot import one_moment

    target = nullcontext(sys.stdout.buffer) if path == STDIO else making.whole_file(Path(path))
    with target as out, one_moment(connection):
        sums = making.write_backup(connection, out, _heading(now), tell)
        out.flush()
    return sums


def _heading(now: datetime) -> "Callable[[str, list[tuple[str, str]], dict[str, list[str]]], Heading]":
    from beforehand.kernel.backup.form import Heading

    def head(database: str, migrations: list[tuple[str, str]], tables: dict[str, list[str]]) -> Heading:
        return Heading(
            program=version("beforehand"),
            made=now.astimezone(UTC).isoformat(),
            tzdata=version("tzdata"),
            database=database,
            migrations=migrations,
            tables=tables,
            key=kept_key(environ.current().data) if environ.current().keeps_key else None,
        )

    return head


class Restored(NamedTuple):
    """What a restore has done. `kept` is the backup of what was there before; `new_key` whether the key is another."""

    heading: "Heading"
    kept: Path | None
    new_key: bool


@contextmanager
def opened(path: str) -> Iterator[tuple[IO[bytes], str]]:
    """A backup to read, and its name; one from standard input is put into the data folder, since it is read twice."""
    if path != STDIO:
        place = f"backup {path}"
        try:
            with Path(path).open("rb") as file:
                yield file, place
        except OSError as error:
            raise Refused(Fault(place, str(error.strerror), "a backup that can be read")) from error
        return
    with tempfile.TemporaryFile(dir=environ.current().data) as spooled:
        while block := sys.stdin.buffer.read(1 << 20):
            spooled.write(block)
        spooled.seek(0)
        yield spooled, "backup from standard input"


def verify(path: str, tell: Progress) -> "Heading":
    """Reads a backup from end to end and holds it against its own sums; its heading. Refused where it is not right."""
    from beforehand.kernel.backup import restoring

    with opened(path) as (file, place):
        return restoring.check(file, place, tell)


def restore(path: str, now: datetime, tell: Progress, *, replace: bool) -> Restored:
    """Puts a backup in the place of all the database holds, or nothing; only with `replace` where that is something."""
    from beforehand.kernel.backup import restoring

    here = environ.current()
    kept_path = automatic(here.data, "replaced", now)

    def keep() -> Path:
        _keep_in_transaction(kept_path, now)
        return kept_path

    with opened(path) as (file, place):
        heading = restoring.check(file, place, tell)
        file.seek(0)
        new_key = here.keeps_key and heading.key is not None and heading.key != kept_key(here.data)
        with another_key(here.data, heading.key or "") if new_key else nullcontext():
            kept = restoring.restore(file, place, "default", tell, keep if replace else None)
    if kept:
        drop_oldest(kept)
    return Restored(heading, kept, new_key)


def _keep_in_transaction(path: Path, now: datetime) -> None:
    from django.db import connection

    from beforehand.kernel.backup import making

    make_folder(path.parent)
    with making.whole_file(path) as out:
        making.write_backup(connection, out, _heading(now), silent)


def keep_before_upgrade(now: datetime) -> None:
    """Makes a backup of the database before it is brought up to date, and says where. Refused where that fails."""
    path = automatic(environ.current().data, f"before-{version('beforehand')}", now)
    try:
        make_folder(path.parent)
        back_up(str(path), now, silent)
    except Refused as refused:
        way_out = "room on the disk, or BEFOREHAND_UPGRADE_BACKUP=no if you have another backup"
        found = "; ".join(f"{fault.place}: {fault.found}" for fault in refused.faults)
        expected = "a backup before the database is changed; it was left as it is"
        raise Refused(
            Fault("upgrade of the database", f"no backup ({found})", expected, way_out)
        ) from refused
    drop_oldest(path)
    sys.stderr.write(f"The database is brought up to date. A backup of it as it was is {path}\n")


def automatic(data: Path, kind: str, now: datetime) -> Path:
    """Where a backup that is made by itself goes: never over one that is there."""
    stem = f"{now.astimezone(UTC):%Y-%m-%d-%H%M%S}"
    names = (f"{stem}{f'-{number}' if number else ''}-{kind}.backup.gz" for number in count())
    return next(path for name in names if not (path := data / "backups" / name).exists())


def drop_oldest(newest: Path) -> None:
    """Deletes the oldest backups made by themselves for the same reason, but for the last KEPT."""
    kind = "*-before-*.backup.gz" if "-before-" in newest.name else "*-replaced.backup.gz"
    for path in sorted(newest.parent.glob(kind))[:-KEPT]:
        path.unlink(missing_ok=True)

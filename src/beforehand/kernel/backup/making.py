"""A backup made while everything goes on: all of it as it was at one moment, and the file whole or not there."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from beforehand.kernel.faults import Fault, Refused

from .form import Heading, Reader, Row, Sums, Writer
from .tables import Node, Table, applied, tables_at

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

BATCH = 2_000
"""Rows in memory at once."""

Progress = Callable[[str, int], None]
"""Told of a table and how many of its rows are done."""
Head = Callable[[str, list[Node], dict[str, list[str]]], Heading]
"""Makes the heading of what is known here: the kind of database, its migrations and tables."""


def write_backup(connection: "BaseDatabaseWrapper", out: IO[bytes], head: Head, tell: Progress) -> Sums:
    """Writes all that a database holds into an open file; call it within one moment."""
    nodes = applied(connection)
    if not nodes:
        name = connection.settings_dict["NAME"]
        raise Refused(Fault(f"database {name}", "nothing in it", "one that Beforehand has used"))
    tables = tables_at(nodes)
    writer = Writer(out, head(connection.vendor, nodes, {table.name: table.columns for table in tables}))
    for table in tables:
        for count in writer.table(table.name, _batches(connection, table)):
            tell(table.name, count)
    writer.finish()
    return writer.sums


def _batches(connection: "BaseDatabaseWrapper", table: Table) -> Iterator[list[Row]]:
    quote = connection.ops.quote_name
    columns = ", ".join(map(quote, table.columns))
    readers = [(k, read) for k, cell in enumerate(table.cells) if (read := cell.reader(connection))]
    with connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {quote(table.name)} ORDER BY {quote(table.key)}")
        while found := cursor.fetchmany(BATCH):
            rows = [list(row) for row in found]
            for k, read in readers:
                for row in rows:
                    row[k] = read(row[k])
            yield rows


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write into that takes its name only when all is written and on the disk; for its owner alone.

    Refused where another file has that name which is no backup, and where it cannot be written.
    """
    _keep_others(path)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        found = error.strerror or str(error)
        raise Refused(
            Fault(
                f"backup {path}",
                found,
                "a place with room for it, where this user may write",
                "/var/backups/sla.gz",
            )
        ) from error
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()


def _keep_others(path: Path) -> None:
    """Refuses to write over a file that is no backup, such as the database itself."""
    if path.exists() and not _is_backup(path):
        raise Refused(Fault(f"backup {path}", "another file of that name, which is no backup", "a new name"))


def _is_backup(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            Reader(file, str(path))
    except (OSError, Refused):
        return False
    return True


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

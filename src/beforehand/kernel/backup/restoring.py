"""A backup put in the place of what a database holds: in one transaction, so all of it is there or nothing is changed.

The tables are made anew at the backup's migrations, filled, checked, and only then brought up to this version.
Whoever reads or writes meanwhile waits (on SQLite readers go on) and then meets what was restored.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DatabaseError, IntegrityError, OperationalError, connections, transaction
from django.db.migrations.executor import MigrationExecutor

from beforehand.kernel import fresh
from beforehand.kernel.faults import Fault, Refused
from beforehand.kernel.schema import alone, refuse_newer

from .form import Heading, Reader, Row, newer
from .making import BATCH, Progress
from .signals import restored
from .tables import Table, applied, every_table_at, has_rows, leaves, tables_at

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

_PATIENCE, _TRIES = "500ms", 120
"""How long tables are waited for at once (less than PostgreSQL takes to see a deadlock, so that never others
give way), and how often."""


def check(file: IO[bytes], place: str, tell: Progress) -> Heading:
    """Reads a backup from end to end; its heading. Refused where it is not whole, or from a newer version."""
    reader = Reader(file, place)
    known = set(MigrationExecutor(None).loader.disk_migrations)
    unknown = sorted(f"{app}.{name}" for app, name in set(reader.heading.migrations) - known)
    if unknown:
        raise Refused(newer(place, f"{reader.heading.program}, with {', '.join(unknown)}"))
    there = {table.name: table.columns for table in tables_at(reader.heading.migrations)}
    if there != reader.heading.tables:
        raise Refused(
            Fault(place, "other tables than its version of Beforehand has", "a backup as it was written")
        )
    for count, (table, _) in enumerate(reader.rows(), 1):
        if count % BATCH == 0:
            tell(table, count)
    return reader.heading


def restore(
    file: IO[bytes], place: str, alias: str, tell: Progress, keep: "Callable[[], Path] | None" = None
) -> Path | None:
    """Puts a checked backup in the place of all that the database holds.

    `keep` makes a backup of what is there, within the same transaction; where that is anything and there is no
    `keep`, nothing is done (Refused). Gives the path of that backup, if one was made.
    """
    connection = connections[alias]
    refuse_newer(alias)
    with alone(connection), _unchecked(connection):
        try:
            with transaction.atomic(using=alias, durable=True):
                kept = _keep(connection, keep)
                given = _ids_given(connection)
                _empty(connection)
                _fill(connection, Reader(file, place), tell)
                _give_no_more(connection, given)
                restored.send(sender=None, using=alias)
        except DatabaseError as error:
            raise _not_taken(place, error) from error
    return kept


def _keep(connection: "BaseDatabaseWrapper", keep: "Callable[[], Path] | None") -> Path | None:
    _hold(connection)
    if not has_rows(connection):
        return None
    if keep is None:
        name = connection.settings_dict["NAME"]
        expected, way_out = "an empty database", "--replace, which first makes a backup of what is there"
        raise Refused(Fault(f"database {name}", "rows in it", expected, way_out))
    return keep()


def _hold(connection: "BaseDatabaseWrapper") -> None:
    """From here on nobody else reads or writes (SQLite's transactions hold writers off when they begin)."""
    if connection.vendor != "postgresql":
        return
    tables = [connection.ops.quote_name(table.name) for table in every_table_at(applied(connection))]
    for _ in range(_TRIES if tables else 0):
        try:
            with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{_PATIENCE}'")
                cursor.execute(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
                cursor.execute("SET LOCAL lock_timeout = 0")
                return
        except OperationalError:
            time.sleep(0.2)
    if tables:
        expected, way_out = (
            "a moment in which nobody uses it",
            "stop what runs, such as an import, and try again",
        )
        raise Refused(Fault("database", "tables that others hold for more than a minute", expected, way_out))


def _empty(connection: "BaseDatabaseWrapper") -> None:
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Our own tables in one statement, and what hangs on them that is not ours stands in the way.
            names = [table.name for table in every_table_at(applied(connection))]
            names = sorted({*names, *_named_like_ours(connection), "django_migrations"})
            cursor.execute(f"DROP TABLE IF EXISTS {', '.join(map(quote, names))}")
            return
        # Virtual tables first: the tables in which they keep their rows go with them.
        while names := _sqlite_tables(cursor):
            cursor.execute(f"DROP TABLE {quote(names[0])}")


def _named_like_ours(connection: "BaseDatabaseWrapper") -> list[str]:
    """Tables that a migration of ours made by SQL, such as an index of words."""
    rooms = (room.label for room in apps.get_app_configs() if room.name.startswith("beforehand."))
    ours = tuple(f"{label}_" for label in rooms)
    return [name for name in connection.introspection.table_names() if name.startswith(ours)]


def _sqlite_tables(cursor: Any) -> list[str]:
    cursor.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        " ORDER BY sql NOT LIKE 'CREATE VIRTUAL%', name"
    )
    return [name for (name,) in cursor.fetchall()]


def _ids_given(connection: "BaseDatabaseWrapper") -> dict[str, int]:
    """The last id that SQLite gave for each table: whoever follows a table by its ids (notices) must not miss one."""
    if connection.vendor == "postgresql" or "sqlite_sequence" not in _every_table(connection):
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, seq FROM sqlite_sequence")
        return dict(cursor.fetchall())


def _give_no_more(connection: "BaseDatabaseWrapper", given: dict[str, int]) -> None:
    now, there = _ids_given(connection), connection.introspection.table_names()
    with connection.cursor() as cursor:
        for table, last in given.items():
            if table not in there or last <= now.get(table, 0):
                continue
            if table not in now:
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, 0)", [table])
            cursor.execute("UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [last, table])


def _every_table(connection: "BaseDatabaseWrapper") -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master")
        return {name for (name,) in cursor.fetchall()}


def _fill(connection: "BaseDatabaseWrapper", reader: Reader, tell: Progress) -> None:
    if fresh.is_whole(reader.heading.migrations):
        fresh.make_tables(connection)
    else:
        MigrationExecutor(connection).migrate(leaves(reader.heading.migrations))
    tables = {table.name: table for table in tables_at(reader.heading.migrations)}
    with connection.cursor() as cursor:
        for table in tables.values():
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table.name)}")
        if connection.vendor == "postgresql":
            # Migrations that add a reference leave it checked at once.
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for name, rows in groupby(reader.rows(), key=itemgetter(0)):
            _load(connection, tables[name], (row for _, row in rows), tell)
        connection.check_constraints()
        models = [table.model for table in tables.values()]
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
    call_command("migrate", database=connection.alias, interactive=False, verbosity=0)


def _load(connection: "BaseDatabaseWrapper", table: Table, rows: Iterator[Row], tell: Progress) -> None:
    quote = connection.ops.quote_name
    columns = ", ".join(map(quote, table.columns))
    writers = [(k, write) for k, cell in enumerate(table.cells) if (write := cell.writer(connection))]
    count = 0
    with connection.cursor() as cursor:
        while batch := list(islice(rows, BATCH)):
            for k, write in writers:
                for row in batch:
                    row[k] = write(row[k])
            if connection.vendor == "postgresql":
                # Django does not translate the errors of a copy.
                with (
                    connection.wrap_database_errors,
                    cursor.copy(f"COPY {quote(table.name)} ({columns}) FROM STDIN") as copy,
                ):
                    for row in batch:
                        copy.write_row(row)
            else:
                marks = ", ".join(["%s"] * len(table.columns))
                cursor.executemany(f"INSERT INTO {quote(table.name)} ({columns}) VALUES ({marks})", batch)
            count += len(batch)
            tell(table.name, count)


@contextmanager
def _unchecked(connection: "BaseDatabaseWrapper") -> Iterator[None]:
    """On SQLite tables are made and changed with foreign keys unchecked, which must be said before a transaction."""
    if connection.vendor == "postgresql":
        yield
        return
    connection.disable_constraint_checking()
    try:
        yield
    finally:
        connection.enable_constraint_checking()


def _not_taken(place: str, error: DatabaseError) -> Refused:
    if isinstance(error, IntegrityError):
        expected = "rows that belong together"
        return Refused(
            Fault(
                place, f"rows that this database does not take ({error})".strip(), expected, "another backup"
            )
        )
    expected, way_out = "a database that takes all rows", "mend that and restore again; nothing was changed"
    return Refused(Fault("database", str(error).strip(), expected, way_out))

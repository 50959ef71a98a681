"""Whether this code and the database it opens belong together, and bringing an older one up to date."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.management import call_command
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor

from beforehand.kernel import fresh
from beforehand.kernel.backup.tables import has_rows
from beforehand.kernel.faults import Fault, Refused

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

# Any number will do, as long as every Beforehand that shares a PostgreSQL takes the same.
_ADVISORY_LOCK = 0x6265666F72


def unknown_migrations(connection: "BaseDatabaseWrapper") -> list[str]:
    """The migrations that this database has had and this code does not have: a newer version was here."""
    loader = MigrationExecutor(connection).loader
    return sorted(
        f"{app}.{name}" for app, name in set(loader.applied_migrations) - set(loader.disk_migrations)
    )


def refuse_unusable(alias: str = "default") -> None:
    """Raises Refused where no database is to be had: no server, no right to it, or a file that is none."""
    connection = connections[alias]
    try:
        _reach(connection)
    except DatabaseError as error:
        raise Refused(
            Fault(
                place=f"database {connection.settings_dict['NAME']}",
                found=str(error).strip() or type(error).__name__,
                expected="a database that this user can open and write to",
                example="DATABASE_URL names another; without it, it is a file in the folder BEFOREHAND_DATA",
            )
        ) from error


def _reach(connection: "BaseDatabaseWrapper") -> None:
    if connection.vendor == "postgresql":
        import psycopg  # only where PostgreSQL is used

        # Not through the pool, which would try again and again and then say only that it was too long.
        with connection.wrap_database_errors:
            psycopg.connect(**connection.get_connection_params()).close()
    connection.ensure_connection()


def refuse_newer(alias: str = "default") -> None:
    """Raises Refused where a newer version of Beforehand has changed this database."""
    connection = connections[alias]
    unknown = unknown_migrations(connection)
    if unknown:
        raise Refused(
            Fault(
                place=f"database {connection.settings_dict['NAME']}",
                found=f"changes by a newer version of Beforehand ({', '.join(unknown)})",
                expected="a database last used by this version or an older one",
                example="start the newer version again, or restore the backup made before it was installed;"
                " nothing was changed",
            )
        )


def bring_up_to_date(
    alias: str = "default", verbosity: int = 0, keep: Callable[[], None] | None = None
) -> None:
    """Refuses a newer database and runs what migrations an older one lacks, one process at a time.

    Before a database that holds anything is changed, `keep` makes a backup of it; when that fails, nothing is changed.
    """
    refuse_unusable(alias)
    refuse_newer(alias)
    if not _pending(alias):
        return
    with alone(connections[alias]):
        refuse_newer(alias)
        # Another process may have done it while this one waited.
        if keep is not None and _pending(alias) and has_rows(connections[alias]):
            keep()
        if fresh.is_new(connections[alias]):
            _make_tables(connections[alias])
        call_command("migrate", database=alias, interactive=False, verbosity=verbosity)


def _make_tables(connection: "BaseDatabaseWrapper") -> None:
    try:
        fresh.make_tables(connection)
    except DatabaseError as error:
        raise Refused(
            Fault(
                place=f"database {connection.settings_dict['NAME']}",
                found=str(error).partition("\n")[0],
                expected="a database in which this user can make tables",
                example="one that this user owns; nothing was changed",
            )
        ) from error


def _pending(alias: str) -> bool:
    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


@contextmanager
def alone(connection: "BaseDatabaseWrapper") -> Iterator[None]:
    """Holds off every other process that would migrate the same database."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_ADVISORY_LOCK])
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_ADVISORY_LOCK])
        return
    lock = Path(f"{connection.settings_dict['NAME']}.lock")
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield

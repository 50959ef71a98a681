"""Reading much as it stood at one moment, while others go on writing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import transaction

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper


@contextmanager
def one_moment(connection: "BaseDatabaseWrapper") -> Iterator[None]:
    """Within it everything is read as it stood when it began; nobody who writes is held up."""
    if connection.vendor == "postgresql":
        with transaction.atomic(using=connection.alias, durable=True), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
        return
    with connection.cursor() as cursor:
        # Django's own transactions take SQLite's write lock when they begin; this one only reads.
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")

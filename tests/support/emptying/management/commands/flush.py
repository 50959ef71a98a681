"""Empties the database after a test that commits.

Django's own deletes from every table and makes all permissions anew, which takes longer than most tests. Here only
tables with rows are emptied, and what `migrate` left in a new database stays.
"""

from typing import Any

from django.core.management.commands.flush import Command as Flush
from django.db import connections, transaction

STAYS = {"auth_permission", "django_content_type", "django_migrations"}


class Command(Flush):
    """Takes what Django's tests hand to its own; sequences go on, as they do there."""

    def handle(self, **options: Any) -> None:
        connection = connections[options["database"]]
        quoted = connection.ops.quote_name
        tables = sorted({*connection.introspection.table_names(include_views=False)} - STAYS)
        asked = (f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {quoted(name)})" for name in tables)
        with (
            connection.constraint_checks_disabled(),
            transaction.atomic(using=connection.alias),
            connection.cursor() as cursor,
        ):
            cursor.execute(" UNION ALL ".join(asked))
            for (name,) in cursor.fetchall():
                cursor.execute(f"DELETE FROM {quoted(name)}")

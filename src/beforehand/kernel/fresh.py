"""The tables of a new installation, made as the migrations end and not by all the steps of the versions before."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.apps import apps
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper


def is_new(connection: "BaseDatabaseWrapper") -> bool:
    """Whether nothing of ours is in a database; others may have tables there."""
    tables = set(connection.introspection.table_names())
    return not MigrationLoader(connection).applied_migrations and tables.isdisjoint(
        model._meta.db_table for model in apps.get_models()
    )


def is_whole(migrations: Collection[tuple[str, str]]) -> bool:
    """Whether these are all the migrations that this version has."""
    return set(migrations) == set(MigrationLoader(None).graph.nodes)


def make_tables(connection: "BaseDatabaseWrapper") -> None:
    """All tables, and every migration noted as done; all of it or nothing. For a database without them.

    A test holds it to be what the migrations end in. They take ten times as long, since Django makes all models anew
    for each of their steps. What a migration brings besides tables (rows, say) would have to be brought here too.
    """
    executor = MigrationExecutor(connection)
    with connection.schema_editor(atomic=True) as editor:
        for model in executor.loader.project_state().apps.get_models():
            editor.create_model(model)
        executor.recorder.ensure_schema()
        executor.recorder.migration_qs.bulk_create(
            executor.recorder.Migration(app=app, name=name) for app, name in executor.loader.graph.nodes
        )

"""Which tables a database has, by the migrations it has had: never by today's models, which may be ahead of it."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from django.db.migrations.loader import MigrationLoader

from .cells import Cell

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

Node = tuple[str, str]
"""A migration: its app and its name."""

_OF_DJANGO = frozenset({"django_session"})
"""Not kept: after a restore everybody signs in anew."""
_MADE_BY_MIGRATING = frozenset({"django_content_type", "auth_permission"})


@dataclass(frozen=True)
class Table:
    """A table as a set of migrations leaves it, with its columns in their order."""

    model: type[models.Model]

    @property
    def name(self) -> str:
        """The table's name in the database."""
        return self.model._meta.db_table

    @property
    def key(self) -> str:
        """The column of the primary key."""
        assert self.model._meta.pk is not None
        return _column(self.model._meta.pk)

    @property
    def columns(self) -> list[str]:
        """The names of its columns."""
        return [_column(field) for field in self.model._meta.local_concrete_fields]

    @cached_property
    def cells(self) -> list[Cell]:
        """How each column's values are written and read."""
        return [Cell(field) for field in self.model._meta.local_concrete_fields]


def _column(field: "models.Field[Any, Any]") -> str:
    assert field.column is not None
    return field.column


def applied(connection: "BaseDatabaseWrapper") -> list[Node]:
    """The migrations that a database has had, in one order."""
    return sorted(MigrationLoader(connection).applied_migrations)


def tables_at(nodes: Collection[Node]) -> list[Table]:
    """All tables that there are after these migrations, by name, but for what is left out."""
    without = left_out()
    return [table for table in every_table_at(nodes) if table.name not in without]


def left_out() -> frozenset[str]:
    """Tables that mean nothing once they are restored: a room's own are said in its AppConfig as `not_backed_up`."""
    rooms = (getattr(room, "not_backed_up", ()) for room in apps.get_app_configs())
    return _OF_DJANGO.union(*rooms)


def every_table_at(nodes: Collection[Node]) -> list[Table]:
    """All tables of models that there are after these migrations, by name."""
    loader = MigrationLoader(None)
    known = [node for node in nodes if node in loader.graph.nodes]
    then = loader.project_state(known).apps
    found = [
        Table(model)
        for model in then.get_models(include_auto_created=True)
        if model._meta.can_migrate("default")
    ]
    return sorted(found, key=lambda table: table.name)


def leaves(nodes: Collection[Node]) -> list[Node]:
    """The migrations after which none of the same app comes: migrating to them alone brings all of `nodes`."""
    graph, there = MigrationLoader(None).graph, set(nodes)
    return sorted(
        node
        for node in there
        if not any(child.key in there and child.key[0] == node[0] for child in graph.node_map[node].children)
    )


def has_rows(connection: "BaseDatabaseWrapper") -> bool:
    """Whether anything is kept in a database beside what migrating puts there by itself."""
    with connection.cursor() as cursor:
        for table in tables_at(applied(connection)):
            if table.name not in _MADE_BY_MIGRATING:
                cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(table.name)} LIMIT 1")
                if cursor.fetchone():
                    return True
    return False

"""Values of a column as JSON, the same whichever database they stand in."""

import base64
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import models
from django.utils.duration import duration_iso_string

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

Convert = Callable[[Any], Any]

_PLAIN = (models.CharField, models.TextField, models.IntegerField, models.FloatField)
"""Both databases give these as Python's text and numbers, and take them so."""


def neutral(value: Any) -> str:
    """What JSON has no word for, as a text that the column's field reads back. TypeError for anything unknown."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(duration_iso_string(value))
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    if isinstance(value, Decimal | UUID):
        return str(value)
    raise TypeError(f"a backup has no way to write {type(value).__name__}")


class Cell:
    """One column. `None` for a conversion means that the value is taken as it is."""

    def __init__(self, field: "models.Field[Any, Any]") -> None:
        self.field = field
        # A foreign key is kept as what it points to is.
        while isinstance(self.field, models.ForeignKey):
            self.field = self.field.target_field
        self._plain = isinstance(self.field, _PLAIN) or self.field.get_internal_type() == "BigIntegerField"

    def reader(self, connection: "BaseDatabaseWrapper") -> Convert | None:
        """From what the database gives to what JSON can say, or `neutral` can."""
        if isinstance(self.field, models.BooleanField):
            return _as_bool
        if self._plain:
            return None
        column = self.field.get_col(self.field.model._meta.db_table)
        steps = [*connection.ops.get_db_converters(column), *self.field.get_db_converters(connection)]
        return partial(_through, steps, column, connection) if steps else None

    def writer(self, connection: "BaseDatabaseWrapper") -> Convert | None:
        """From what stands in the file to what the database takes."""
        if self._plain or isinstance(self.field, models.BooleanField):
            return None
        return lambda value: self.field.get_db_prep_save(self.field.to_python(value), connection)


def _as_bool(value: object) -> bool | None:
    return None if value is None else bool(value)


def _through(steps: list[Any], column: Any, connection: "BaseDatabaseWrapper", value: Any) -> Any:
    for step in steps:
        value = step(value, column, connection)
    return value

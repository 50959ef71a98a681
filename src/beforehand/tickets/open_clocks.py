"""The condition that a clock is open, as the partial indexes have it."""

from django.db import models
from django.db.models import F, Func

from beforehand.engine.codes import STOPPED


def literally(column: str, condition: str) -> Func:
    """A condition with its constant written out.

    SQLite chooses a partial index only where it sees that the condition is the index's own; it does not look at
    parameters.
    """
    return Func(F(column), template=condition.format("%(expressions)s"), output_field=models.BooleanField())


def literally_open() -> Func:
    """The condition that a clock is open."""
    return literally("run", f"NOT ({{}} = {STOPPED})")

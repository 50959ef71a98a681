"""Instants in the database: whole microseconds since 1970-01-01T00:00:00Z, on every database alike."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.dateparse import parse_datetime

if TYPE_CHECKING:
    from django.db.models.expressions import Combinable

    _Set = TypeVar("_Set", contravariant=True)
    _Get = TypeVar("_Get", covariant=True)

    class _Field(models.Field[_Set, _Get]):
        """What django-stubs reads off a field, for columns that may be null and others."""

        _pyi_private_set_type: datetime | Combinable
        _pyi_private_get_type: datetime
        _pyi_lookup_exact_type: datetime
else:
    # Django's fields take no type arguments when they run.
    _Set = _Get = None
    _Field = {(_Set, _Get): models.Field}

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(instant: datetime) -> int:
    """Microseconds since the epoch, exactly. A datetime without a time zone is no instant: ValueError."""
    if instant.utcoffset() is None:
        raise ValueError(f"{instant!r} has no time zone, so it names no instant")
    return (instant - EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The aware UTC datetime of these microseconds since the epoch; OverflowError outside years 1 to 9999."""
    return EPOCH + timedelta(microseconds=micros)


class InstantField(_Field[_Set, _Get]):
    """A bigint column of microseconds whose Python value is an aware UTC datetime.

    Comparisons, ranges, ordering, Min and Max work as on any column; parts of a date (`__year`) do not, since
    they have no meaning without a zone. Naive datetimes are refused wherever they come in.
    """

    description = "Instant (UTC, to the microsecond)"

    def get_internal_type(self) -> str:
        return "BigIntegerField"

    def from_db_value(self, value: int | None, _expression: object, _connection: object) -> datetime | None:
        return None if value is None else from_micros(value)

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return to_micros(value) if isinstance(value, datetime) else value

    def to_python(self, value: Any) -> datetime | None:
        """An aware UTC datetime of a datetime or an ISO 8601 text with an offset; else ValidationError."""
        instant = parse_datetime(value) if isinstance(value, str) else value
        if instant is None and value is None:
            return None
        if not isinstance(instant, datetime) or instant.utcoffset() is None:
            raise ValidationError(
                "%(value)s is no instant: expected a date, time and offset, such as 2026-03-02T09:00:00Z.",
                code="invalid",
                params={"value": value},
            )
        return instant.astimezone(UTC)

    def value_to_string(self, obj: models.Model) -> str:
        value: Any = self.value_from_object(obj)
        return "" if value is None else value.isoformat()

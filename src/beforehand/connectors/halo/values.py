"""What stands in HaloPSA's answers, made into values: nothing of it is sure to have the type it should have."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from beforehand.engine.instants import to_instant
from beforehand.kernel.zones import known_zones

Row = Mapping[str, Any]
"""An object of an answer. Fields that are not known pass; those that are missing count as empty."""

_EMPTY = 1901
"""Halo has no empty date: it says 1900-01-01, or 1899-12-30."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(said: Any) -> int | None:
    """An instant in microseconds; None where the date is empty. Halo's times are in UTC and do not say so."""
    if not isinstance(said, str) or not said.strip():
        return None
    try:
        at = datetime.fromisoformat(said.strip())
    except ValueError:
        return None
    if not _EMPTY <= at.year < 2200:
        return None
    return to_instant(at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC))


def first_instant(row: Row, *names: str) -> int | None:
    """The first of these dates that is not empty."""
    return next((at for name in names if (at := instant(row.get(name))) is not None), None)


def naive(at: int) -> str:
    """An instant as Halo takes it in a query: UTC without a zone, whole seconds."""
    return f"{_EPOCH + timedelta(microseconds=at):%Y-%m-%dT%H:%M:%S}"


def iso(at: int | None) -> str | None:
    """An instant as it is kept and shown elsewhere."""
    return None if at is None else f"{_EPOCH + timedelta(microseconds=at):%Y-%m-%dT%H:%M:%S.%f}Z"


def whole(said: Any) -> int | None:
    """A whole number: ids come as numbers, as decimals (300.0) and as texts."""
    if isinstance(said, bool) or said is None:
        return None
    if isinstance(said, int):
        return said
    try:
        number = float(said)
    except (TypeError, ValueError):
        return None
    return int(number) if math.isfinite(number) and number == int(number) else None


def key(said: Any) -> str:
    """An id as a key; "" where there is none. A global id is a text, and stays one."""
    number = whole(said)
    if number is not None:
        return str(number) if number > 0 else ""
    return text(said)


def text(said: Any) -> str:
    """A text without what the database or UTF-8 cannot hold; "" for anything else."""
    if not isinstance(said, str):
        return ""
    return said.replace("\x00", "").encode("utf-8", "replace").decode("utf-8").strip()


def zone_of(said: Any) -> str:
    """A time zone by the name that we use; Halo has those of Windows. "" where it is neither."""
    name = text(said)
    return name if name in known_zones() else WINDOWS_TO_OLSON.get(name, "")


def flag(said: Any) -> bool:
    """Yes or no; Halo has both as numbers in places."""
    return said in (True, 1, "1", "true", "True")


def rows_of(said: Any) -> list[Row]:
    """The objects in a list; whatever else is in it is left out."""
    return [one for one in said if isinstance(one, Mapping)] if isinstance(said, list) else []

"""Instants and durations as integers: microseconds since 1970-01-01T00:00:00Z (clock.md 1.1)."""

from datetime import UTC, datetime, timedelta

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ONE = timedelta(microseconds=1)

FIRST = (datetime(1900, 1, 1, tzinfo=UTC) - EPOCH) // _ONE
LAST = (datetime(2200, 1, 1, tzinfo=UTC) - EPOCH) // _ONE
"""The engine reads clocks between these two instants; a deadline after LAST is no deadline (1.6)."""

NEVER = 2**62
"""Stands for "no such instant" where only integers fit (inside walk.py and columns.py)."""


def to_instant(moment: datetime) -> int:
    """Microseconds since the epoch of an aware datetime, exact. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError(
            f"an instant needs a zone: found {moment!r}, expected e.g. 2026-11-25T09:00:00+00:00"
        )
    gap = moment - EPOCH
    return (gap.days * 86_400 + gap.seconds) * 1_000_000 + gap.microseconds


def to_datetime(instant: int) -> datetime:
    """The aware UTC datetime of an instant in microseconds, exact."""
    return EPOCH + timedelta(0, 0, instant)  # by position it takes a fifth less time


def to_duration(amount: timedelta) -> int:
    """A timedelta in microseconds, exact."""
    return (amount.days * 86_400 + amount.seconds) * 1_000_000 + amount.microseconds

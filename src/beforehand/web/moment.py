"""The one place in which pages read the clock; everything below gets `now` handed down."""

from datetime import UTC, datetime


def now() -> datetime:
    """This instant."""
    return datetime.now(UTC)


def rate() -> float:
    """How fast `now` runs: seconds of it in one second of the wall's."""
    return 1.0

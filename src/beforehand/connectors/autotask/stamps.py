"""Instants as Autotask writes them: ISO in UTC; years before 1971 stand for none."""

from datetime import UTC, datetime
from typing import Any

from beforehand.engine.instants import DAY, SECOND, to_datetime, to_instant


def instant(said: Any) -> int | None:
    """Microseconds since the epoch; None for nothing, or for what is no date."""
    if not isinstance(said, str) or not said.strip():
        return None
    try:
        found = datetime.fromisoformat(said.strip())
    except ValueError:
        return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    at = to_instant(found.astimezone(UTC))
    return at if at > 365 * DAY else None


def written(at: int) -> str:
    """An instant for a filter, cut to the second."""
    return to_datetime(at - at % SECOND).strftime("%Y-%m-%dT%H:%M:%SZ")

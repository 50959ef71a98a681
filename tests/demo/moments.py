"""The instants at which the tests start the demo."""

from datetime import UTC, datetime

WEDNESDAY = datetime(2026, 11, 25, 14, 20, tzinfo=UTC)
SUNDAY = datetime(2026, 11, 22, 11, 5, tzinfo=UTC)

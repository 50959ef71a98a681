"""What a script needs to count in business time by itself: open windows, and the viewer's clock."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TypedDict

from beforehand.engine.coverage import Coverage
from beforehand.engine.instants import DAY
from beforehand.engine.saying import Saying
from beforehand.engine.zones import Stretches, load
from beforehand.web.standing import named
from beforehand.web.templatetags.said import short

BACK, AHEAD = 2 * DAY, 8 * DAY
"""How far windows reach: a page that lost its server counts on as long as that."""


class Hours(TypedDict):
    """The windows of a coverage, [opens, closes) in microseconds, and how each opening is said; good until `until`."""

    windows: list[tuple[int, int]]
    opens: list[str]
    until: int


def hours_of(coverages: Iterable[Coverage], now: int, zone: str) -> dict[str, Hours]:
    """Each coverage by its name, as seen at `now` in the viewer's zone."""
    how = Saying(now, zone, 0, 1)
    return {named(coverage): _hours(coverage, now, how) for coverage in coverages}


def _hours(coverage: Coverage, now: int, how: Saying) -> Hours:
    until = now + AHEAD
    windows = [(window.start, window.end) for window in coverage.windows(now - BACK, until)]
    # Shut until later than that: the opening is still said.
    later = coverage.next_open(until)
    if later is not None and later > until:
        windows.append((later, later))
    said = [short(how.at(opens), how.today) if opens > now else "" for opens, _ in windows]
    return {"windows": windows, "opens": said, "until": until}


def offsets(zone: str, now: int) -> list[tuple[int, int]]:
    """The zone's offsets from UTC in microseconds, each from an instant on, as far as windows reach."""
    found = Stretches(load(zone), now - BACK, now + AHEAD)
    return list(zip(found.starts, found.offsets, strict=True))


def next_midnight(zone: str, now: datetime) -> datetime:
    """The first instant of the viewer's next day, from which on other words are right for the same instants."""
    day = now.astimezone(load(zone)).date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=load(zone)).astimezone(UTC)

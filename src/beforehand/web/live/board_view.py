"""A board that stays right: read anew when a change can touch it, and only what differs is sent."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from beforehand.engine.instants import to_instant
from beforehand.web import moment
from beforehand.web.board_shown import Shown, Viewed

from .hours import Hours, hours_of, next_midnight, offsets
from .streams import message
from .touch import Change, touches
from .version import VERSION
from .view import Tick


class _Sent(NamedTuple):
    """What browsers were last sent. Rows are (rev, html) by the id of their clock, in the order of the page."""

    day: date
    digest: str
    rows: dict[int, tuple[str, str]]
    parts: Mapping[str, str]
    hours: dict[str, Hours]
    late: int
    offsets: list[tuple[int, int]]


class BoardView:
    """The board of one provider, one address and one zone, for all who look at it."""

    def __init__(self, viewed: Viewed) -> None:
        self.viewed = viewed
        self.due: datetime | None = None
        self._sent: _Sent | None = None

    def touched(self, changes: list[Change]) -> bool:
        """Whether any of these changes can alter it."""
        return touches(self.viewed.asked, changes)

    def read(self, tick: Tick) -> bytes | None:
        """Reads the page again and says what is different; at a new day of the viewer's everything is."""
        before, now = self._sent, self._read(tick)
        self._sent = now
        self.due = next_midnight(self.viewed.zone, tick.now)
        if before is None or before.day != now.day:
            return self.whole("", tick.now)
        different = _difference(before, now)
        return message("change", {**_at(tick.now), "rev": now.digest, **different}) if different else None

    def whole(self, have: str, now: datetime, /) -> bytes:
        """Everything; the rows' HTML only to those who have other rows."""
        sent = self._sent
        assert sent is not None, "a view is read before it is shown"
        rows = {} if have == sent.digest else {str(clock): html for clock, (_, html) in sent.rows.items()}
        return message(
            "whole",
            {
                **_at(now), "rev": sent.digest, "version": VERSION, "offsets": sent.offsets, "hours": sent.hours,
                "order": list(sent.rows), "rows": rows, "parts": sent.parts, "late": sent.late,
            },
        )  # fmt: skip

    def _read(self, tick: Tick) -> _Sent:
        asked, zone = self.viewed.asked, self.viewed.zone
        counted = (asked.client, asked.team, asked.priority, asked.metric, asked.q, zone)
        shown = Shown(self.viewed, tick.provider, tick.book, tick.now, tick.figures.get(counted))
        tick.figures[counted] = shown.figures
        day = shown.local.date()
        before = self._sent if self._sent is not None and self._sent.day == day else None
        known = before.rows if before else {}
        rows, hours = {}, dict(before.hours) if before else {}
        for row in shown.rows:
            clock = row.clock.pk
            same = known.get(clock, ("", ""))
            rows[clock] = same if same[0] == row.rev else (row.rev, shown.html_of(row))
        instant = to_instant(tick.now)
        hours |= hours_of({row.coverage for row in shown.rows if row.hours not in hours}, instant, zone)
        shifts = before.offsets if before else offsets(zone, instant)
        return _Sent(day, shown.digest, rows, shown.parts(), hours, shown.figures.late, shifts)


def _at(now: datetime) -> dict[str, object]:
    return {"now": to_instant(now), "rate": moment.rate()}


def _difference(before: _Sent, now: _Sent) -> dict[str, object]:
    """Of the rows those with another content, of all else whatever is different."""
    found: dict[str, object] = {}
    if rows := {str(clock): row[1] for clock, row in now.rows.items() if before.rows.get(clock) != row}:
        found["rows"] = rows
    if list(before.rows) != list(now.rows):
        found["order"] = list(now.rows)
    if hours := {name: hours for name, hours in now.hours.items() if name not in before.hours}:
        found["hours"] = hours
    if parts := {name: html for name, html in now.parts.items() if before.parts[name] != html}:
        found["parts"] = parts
    if before.late != now.late:
        found["late"] = now.late
    return found

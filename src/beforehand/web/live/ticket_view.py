"""A ticket's page that stays right: read anew when the ticket changes and, while a clock runs, each of its minutes."""

from datetime import datetime, timedelta

from beforehand.engine.clock import Reading
from beforehand.engine.instants import MINUTE, to_instant
from beforehand.tickets.models import Ticket
from beforehand.web import moment
from beforehand.web.ticket_page import ViewedTicket, parts, shown
from beforehand.web.ticket_reading import ClockView

from .hours import Hours, hours_of, next_midnight, offsets
from .streams import message
from .touch import Change
from .version import VERSION
from .view import Tick

STILL = 600_000_000
"""Microseconds after which the timeline of a clock that stands still keeps up with now."""


class TicketView:
    """The page of one ticket in one zone, for all who look at it."""

    def __init__(self, viewed: ViewedTicket) -> None:
        self.viewed = viewed
        self.due: datetime | None = None
        self._parts: dict[str, str] = {}
        self._hours: dict[str, Hours] = {}

    def touched(self, changes: list[Change]) -> bool:
        """Whether its ticket is among those that changed."""
        return any(change.ticket == self.viewed.ticket for change in changes)

    def read(self, tick: Tick) -> bytes | None:
        """Reads the page again and says which parts are different; those that time has moved are, too."""
        row = Ticket.objects.select_related("source", "client").get(
            provider=tick.provider, pk=self.viewed.ticket
        )
        context = shown(row, tick.provider, tick.book, tick.now, self.viewed)
        before, self._parts = self._parts, parts(context)
        clocks: list[ClockView] = context.get("clocks", [])  # type: ignore[assignment]
        open_clocks = [clock.reading for clock in clocks if clock.counts]
        self._hours = hours_of({r.coverage for r in open_clocks}, to_instant(tick.now), self.viewed.zone)
        self.due = next_midnight(self.viewed.zone, tick.now)
        for reading in open_clocks:
            self.due = min(self.due, tick.now + timedelta(microseconds=_until_other_words(reading)))
        changed = {name: html for name, html in self._parts.items() if before.get(name) != html}
        return message("change", self._said(tick.now, changed)) if changed else None

    def whole(self, _have: str, now: datetime, /) -> bytes:
        """All parts."""
        more = {"version": VERSION, "offsets": offsets(self.viewed.zone, to_instant(now))}
        return message("whole", {**self._said(now, self._parts), **more})

    def _said(self, now: datetime, changed: dict[str, str]) -> dict[str, object]:
        return {"now": to_instant(now), "rate": moment.rate(), "hours": self._hours, "parts": changed}


def _until_other_words(reading: Reading) -> int:
    """How long the words of an open clock stay right, in microseconds; between, the browser counts by itself."""
    if reading.run == "running":
        return MINUTE - reading.used % MINUTE
    change = reading.coverage.next_change(reading.as_of) if reading.run == "off hours" else None
    return min(STILL, STILL if change is None else change - reading.as_of)

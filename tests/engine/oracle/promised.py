"""What one metric is promised, and what stops it (clock.md 2.3 to 2.6, 3.4, 3.6)."""

from collections.abc import Mapping

from .clocks import TooFar
from .counting import DAY, MICRO, Counted
from .given import Deal, Promise, Row, Told
from .story import Story

STOPS = {
    "response": "contact",
    "plan": "planned",
    "update": "contact",
    "onsite": "visit",
    "triage": "triaged",
    "meaningful": "meaningful",
    "first-reply": "any reply",
}
RESPONSE_BY = {
    "human contact": "contact",
    "any reply": "any reply",
    "status": "responded",
    "meaningful": "meaningful",
}
BESIDE = ("response", "meaningful", "first-reply")
ENDS = frozenset({"resolved", "closed"})


class Promised:
    """A metric under a deal; `own` names the agreement's coverage among `covers`."""

    def __init__(self, metric: str, deal: Deal, covers: Mapping[str, Counted], own: str) -> None:
        self.metric, self.deal, self.covers, self.own = metric, deal, covers, own
        self.beside = metric in BESIDE

    def of(self, row: Row) -> Promise | None:
        """What a row promises; the figures beside the response are held to its target (3.5)."""
        return row.promises.get("response" if self.beside else self.metric)

    def bridged(self, found: list[Row]) -> tuple[list[Row], int | None]:
        """The row that holds after each event: a time without one is bridged by the next (2.3), the last one stays;
        and from which event on none promises anything."""
        rows = [row if self.of(row) else None for row in found]
        promising = [n for n, row in enumerate(rows) if row]
        if not promising:
            return [], None
        gone = promising[-1] + 1
        holding = [next((row for row in rows[n:] if row), rows[promising[-1]]) for n in range(len(rows))]
        return [row for row in holding if row], gone if gone < len(rows) else None

    def stopping(self, story: Story, told: Told) -> str | None:
        """The fact that stops the clock: "" where it cannot be judged, None where there is no clock (2.6, 3.4)."""
        own = (
            RESPONSE_BY[self.deal.response_by]
            if self.metric == "response"
            else STOPS.get(self.metric, "resolved")
        )
        if not self.beside:
            return "" if self.metric in ("update", "onsite") and not told.messages else own
        origin = story.origin
        if origin in ("provider", "machine"):
            touched = self.metric == "response" and self.deal.found_by_provider == "first human touch"
            return "touch" if touched else None
        if origin == "recurring" or (origin == "client-live" and self.metric == "meaningful"):
            return None
        if origin == "client-live" or told.messages or own == "responded":
            return own
        if self.metric != "response":
            return None
        return "told" if told.responded else ""

    @property
    def later(self) -> frozenset[str]:
        """The later stages that complete this one (3.6); for the resolution, closing without resolving (3.7)."""
        return ENDS | {"planned"} if self.beside else ENDS

    @property
    def pausing(self) -> tuple[str, ...]:
        return self.deal.pauses.get("response" if self.beside else self.metric, ())

    def cover(self, row: Row) -> str:
        """The coverage that the time is counted in (2.5)."""
        promise, cover = self.of(row), row.coverage or self.own
        assert promise is not None
        if promise.round_the_clock:
            return "always"
        return promise.calendar or cover if promise.days and not self.covers[cover].always else cover

    def target(self, row: Row, start: int) -> int:
        promise = self.of(row)
        assert promise is not None
        if promise.amount:
            return promise.amount
        due = day_due(self.covers[promise.calendar or row.coverage or self.own], start, promise)
        return max(self.covers[self.cover(row)].between(start, due), 1)


def day_due(calendar: Counted, start: int, promise: Promise) -> int:
    """Rule 2.5: the last close, or the given time, of the n-th business day after the local day of the start."""
    windows = calendar.business_days()
    days = sorted(windows)
    day = calendar.local[(start // MICRO - calendar.first) // calendar.step] // DAY

    def showing(on: int, wall: int) -> int:
        return (calendar.first + calendar.first_showing(on * DAY + wall) * calendar.step) * MICRO

    if promise.cut_off != "":
        for on in (d for d in days if d >= day):
            close = max(closes for _, closes in windows[on]) * MICRO
            if start <= (close if promise.cut_off == "close" else showing(on, int(promise.cut_off))):
                day = on
                break
    later = [on for on in days if on > day]
    if len(later) < promise.days:
        raise TooFar
    due = later[promise.days - 1]
    closes = [closes * MICRO for _, closes in windows[due]]
    if promise.by is None:
        return max(closes)
    wanted = showing(due, promise.by)
    if any(opens * MICRO <= wanted <= shuts * MICRO for opens, shuts in windows[due]):
        return wanted
    return min([close for close in closes if close > wanted], default=max(closes))

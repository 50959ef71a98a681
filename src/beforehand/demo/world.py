"""The simulated world: what its PSA has to tell between two instants."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from beforehand.engine.instants import DAY, FIRST, to_datetime
from beforehand.promises.book import Book
from beforehand.tickets.events import TicketEvent

from .arrivals import Birth, births
from .cast import Cast
from .life import live
from .rush import rush

LONGEST = 100 * DAY
"""No ticket lives longer, from its creation to its last event."""


@dataclass(frozen=True, slots=True)
class World:
    """Made of a cast, the agreement and a seed; begins on the day `first`. `rushes`: when the demo was started."""

    cast: Cast
    book: Book
    seed: int
    first: date
    rushes: Sequence[int] = ()

    def births(self, since: int | None, until: int) -> list[Birth]:
        """The tickets that may have something to tell, in the order of their creation."""
        first = self.first if since is None else max(self.first, _day(since - LONGEST))
        days = (_day(until + DAY) - first).days + 1
        found = births(self.cast, self.book, self.seed, [first + timedelta(days=n) for n in range(days)])
        taken: set[str] = set()
        for start in (start for start in self.rushes if since is None or start > since - LONGEST):
            found += rush(self.cast, self.book, self.seed, start, taken)
        return sorted((birth for birth in found if birth.at <= until), key=lambda birth: birth.at)

    def born(self, after: int, until: int) -> list[Birth]:
        """The tickets that come to be after `after`, up to and at `until`; those of a rush are not among them."""
        first = max(self.first, _day(after - DAY))
        days = (_day(until + DAY) - first).days + 1
        found = births(self.cast, self.book, self.seed, [first + timedelta(days=n) for n in range(days)])
        return [birth for birth in found if after < birth.at <= until]

    def told(self, birth: Birth, since: int | None, until: int) -> list[TicketEvent]:
        """What happened to a ticket after `since` (None: ever) up to and at `until`.

        Of a rush after `since`, and of a ticket made after it, everything is told, also what happened before.
        """
        whole = since is None or birth.rush > since or birth.at > since
        after = FIRST if whole or since is None else since + 1
        life = live(birth, self.cast, self.book)
        return [TicketEvent(birth.number, event) for event in life if after <= event.at <= until]


def _day(instant: int) -> date:
    return to_datetime(instant).date()

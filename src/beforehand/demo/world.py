"""The simulated world: what its PSA has to tell between two instants."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from beforehand.engine.history import Event
from beforehand.engine.instants import DAY, to_datetime
from beforehand.promises.book import Book

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

    def told(self, since: int | None, until: int) -> Iterator[tuple[str, list[Event]]]:
        """What happened to each ticket after `since` (None: ever) up to and at `until`.

        Of a rush after `since` everything is told, also what happened before it.
        """
        for birth in self._births(since, until):
            fresh = since is None or birth.rush > since
            events = [
                event
                for event in live(birth, self.cast, self.book)
                if event.at <= until and (fresh or event.at > since)
            ]
            if events:
                yield birth.number, events

    def _births(self, since: int | None, until: int) -> list[Birth]:
        """The tickets that may have something to tell, those that ended before `since` left out."""
        first = self.first if since is None else max(self.first, _day(since - LONGEST))
        days = (_day(until + DAY) - first).days + 1
        found = births(self.cast, self.book, self.seed, [first + timedelta(days=n) for n in range(days)])
        taken: set[str] = set()
        for start in self.rushes:
            found += rush(self.cast, self.book, self.seed, start, taken)
        return sorted((birth for birth in found if birth.at <= until), key=lambda birth: birth.at)


def _day(instant: int) -> date:
    return to_datetime(instant).date()

"""What the simulated world tells from one instant on, in the order in which its PSA would tell it."""

from heapq import heappop, heappush

from beforehand.engine.instants import DAY
from beforehand.tickets.events import TicketEvent

from .arrivals import Birth
from .world import LONGEST, World


class Feed:
    """Tells once all that happens after `since` (microseconds). Lives are planned a day ahead, each once."""

    def __init__(self, world: World, since: int) -> None:
        self._world, self._since, self._planned = world, since, since + DAY
        self._ahead: list[tuple[int, str, int, TicketEvent]] = []
        for birth in world.births(since, self._planned):
            self._plan(birth)

    def until(self, now: int) -> list[TicketEvent]:
        """What happened up to and at `now` and was not told before."""
        while self._planned < now:
            for birth in self._world.born(self._planned, self._planned + DAY):
                self._plan(birth)
            self._planned += DAY
        found = []
        while self._ahead and self._ahead[0][0] <= now:
            found.append(heappop(self._ahead)[-1])
        return found

    def _plan(self, birth: Birth) -> None:
        for told in self._world.told(birth, self._since, birth.at + LONGEST):
            # Mail is older than the ticket that a PSA makes of it, and known only with it.
            known = max(told.event.at, birth.at)
            heappush(self._ahead, (known, told.ticket, told.event.seq, told))

"""Where reading goes on, as it is written down between two pages."""

import json
from typing import Any, NamedTuple

from beforehand.engine.instants import MINUTE

OVERLAP = 5 * MINUTE
"""Changes are asked for from so long before the last look: clocks differ, and a stamp is set before it is seen."""


class Sweep(NamedTuple):
    """A look at what changed since `since`, page by page. `next`: the source's time at its first page, from which the
    next look goes on; `seen`: the stamps of tickets that were told lately, so that the overlap costs nothing; `first`:
    with which ticket the page before began; `read`: rows so far.
    """

    since: int
    page: int = 1
    next: int = 0
    read: int = 0
    first: str = ""
    seen: dict[str, int] = {}

    def write(self) -> str:
        """As a cursor."""
        return json.dumps(self._asdict(), separators=(",", ":"))

    def over(self) -> "Sweep":
        """The next look, after the last page of this one."""
        since = max(self.next, self.since)
        return Sweep(since, seen={id_: at for id_, at in self.seen.items() if at >= since - OVERLAP})


class Back(NamedTuple):
    """The past, page by page, the newest tickets first. `total`: how many there are, -1 where unknown."""

    page: int = 1
    read: int = 0
    first: str = ""
    total: int = -1

    def write(self) -> str:
        """As a cursor."""
        return json.dumps(self._asdict(), separators=(",", ":"))


def sweep(cursor: str) -> Sweep:
    """A look as it was written."""
    return Sweep(**_read(cursor))


def back(cursor: str) -> Back:
    """The past as it was written; "" begins."""
    return Back(**_read(cursor)) if cursor else Back()


def _read(cursor: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(cursor)
    return said

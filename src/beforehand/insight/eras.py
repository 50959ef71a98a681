"""What a source was set to when: a setting that was changed since explains nothing of what came before."""

from bisect import bisect_right
from datetime import datetime
from typing import NamedTuple

from beforehand.engine.instants import NEVER, to_instant
from beforehand.promises.models import SetUpPiece
from beforehand.promises.psa import KINDS, SetUpPlain, plain_of


class Era(NamedTuple):
    """A spell in which a source's set-up stayed the same."""

    number: int
    set_up: SetUpPlain


class Eras:
    """A source's set-ups by date. What was read first is taken for what was before, since no source tells that; each
    kind of piece by itself: of some a source begins to tell later."""

    def __init__(self, provider: int, source: str) -> None:
        rows = SetUpPiece.objects.filter(provider=provider, source=source, kind__in=KINDS).exclude(plain={})
        pieces = list(rows.order_by("kind", "key", "since"))
        first: dict[str, datetime] = {}
        for row in pieces:
            first[row.kind] = min(row.since, first.get(row.kind, row.since))
        self.known: datetime | None = max(first.values(), default=None)
        """Since when all of it is known."""
        self._pieces = [
            (
                0 if row.since == first[row.kind] else to_instant(row.since),
                NEVER if row.until is None else to_instant(row.until),
                (row.kind, row.key, row.plain),
            )
            for row in pieces
        ]
        bounds = {bound for since, until, _ in self._pieces for bound in (since, until)}
        self._begin = sorted(bounds - {NEVER} | {0})
        self._made: dict[int, Era] = {}

    @property
    def now(self) -> Era:
        """The latest: as it was read last."""
        return self.at(NEVER - 1)

    def at(self, instant: int) -> Era:
        """What held at an instant."""
        number = bisect_right(self._begin, instant) - 1
        if number not in self._made:
            begin = self._begin[max(number, 0)]
            held = (piece for since, until, piece in self._pieces if since <= begin < until)
            self._made[number] = Era(number, plain_of(held))
        return self._made[number]

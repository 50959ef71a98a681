"""A turn of a connection: what its steps have in common, which is to read tickets and to keep what was read."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from . import steady, words
from .ahead import Ahead
from .contract import Connector, Reader, Told
from .keep import TakenOver, failed, keep
from .limits import SPARED, Limits
from .models import Connection
from .trouble import Forbidden, Missing, Odd, Trouble

__all__ = ["TakenOver", "Turn"]

A_WHILE = timedelta(seconds=2)
"""So long a ticket that was read waits for others to be kept with: each commit makes all who write wait."""
SOON = timedelta(minutes=5)
"""So long after its set-up was read it is not read again for a name that it does not know."""
STRANGE = (LookupError, TypeError, ValueError, AttributeError)
"""What a ticket of a form that nobody expected comes to."""
log = logging.getLogger("beforehand.sync")


class Turn:
    """A turn of a connection."""

    def __init__(
        self,
        connection: Connection,
        kind: Connector,
        reader: Reader,
        clock: Callable[[], datetime],
        limits: Limits,
    ) -> None:
        self.connection, self.kind, self.reader = connection, kind, reader
        self.clock, self.limits = clock, limits
        self.ahead = Ahead(reader, lambda: self.has_time)
        self.takes_nothing = False
        """Whether what is written to it is not answered now."""

    @property
    def has_time(self) -> bool:
        """Whether calls are left for what is not urgent."""
        return not self.limits.is_scarce(SPARED)

    def save(self, **values: object) -> None:
        """Write progress down, and what it took of the calls, unless another worker has taken over: TakenOver."""
        values["used"] = self.limits.used()
        for name, value in values.items():
            setattr(self.connection, name, value)
        at = self.connection
        if not Connection.objects.filter(provider=at.provider_id, pk=at.pk, turn=at.turn).update(**values):
            raise TakenOver

    def keep(self, told: Sequence[Told]) -> int:
        """Keep tickets as they were read just now: of these nothing older that was read ahead is kept after."""
        self.ahead.outdate(one.id for one in told)
        return self.keep_past(told)

    def keep_past(self, told: Sequence[Told]) -> int:
        """Keep tickets. Where one names what the set-up does not know, that is read first: it may be a new name."""
        self._learn_if_strange(told)
        return keep(self.connection, told, self.clock())

    def _learn_if_strange(self, told: Sequence[Told]) -> None:
        read = self.connection.set_up_read
        if (read is None or self.clock() >= read + SOON) and words.are_strange(self.connection, told):
            self.learn()

    def learn(self) -> None:
        """Read the set-up, as far as it may be read. What was read ahead has the names of before."""
        self.ahead.drop()
        try:
            words.learn(self.connection, self.reader.set_up(), self.clock())
            steady.remind(self.connection, self.reader)
        except (Odd, Forbidden, Missing) as trouble:
            self.connection.missing = [str(trouble)]
        self.save(set_up_read=self.clock(), missing=self.connection.missing)

    def read(self, ids: Sequence[str]) -> None:
        """Read tickets deep and keep them together. One that cannot be read or kept stops no other."""
        size = max(self.kind.reads, 1)
        told: list[Told] = []
        faults: dict[str, str] = {}
        began = self.clock()
        try:
            for start in range(0, len(ids), size):
                some = ids[start : start + size]
                missed = self._read(some, told)
                if len(some) > 1 and len(missed) == len(some):
                    alone = [self._read([ticket], told) for ticket in some]
                    missed = {ticket: fault for each in alone for ticket, fault in each.items()}
                faults |= missed
                if self.clock() >= began + A_WHILE:
                    self._keep_read(told)
                    began = self.clock()
        except Trouble:
            self._settle(told, faults)  # what came before it
            raise
        self._settle(told, faults)

    def _read(self, ids: Sequence[str], told: list[Told]) -> dict[str, str]:
        """Read tickets together, to be kept with others; what kept which from being read."""
        try:
            came = list(self.reader.read(ids))
        except (Odd, Forbidden, Missing) as trouble:
            return dict.fromkeys(ids, str(trouble))
        except STRANGE as error:
            log.exception("source %s: tickets %s", self.connection.source.slug, ", ".join(ids))
            return dict.fromkeys(ids, _strange(error))
        if not {one.id for one in told}.isdisjoint(one.id for one in came):
            self._keep_read(told)  # two readings of a ticket are not kept as one
        told += came
        whole = {one.id for one in came if one.deep or one.gone}
        return {ticket: "its history was not told" for ticket in ids if ticket not in whole}

    def _settle(self, told: list[Told], faults: dict[str, str]) -> None:
        self._keep_read(told)
        for ticket, fault in faults.items():
            failed(self.connection, ticket, fault, self.clock())

    def _keep_read(self, told: list[Told]) -> None:
        """Keep what was gathered together, or each alone where one is of a form that cannot be kept."""
        some = told[:]
        told.clear()
        if not some:
            return
        try:
            self.keep(some)
        except STRANGE:
            for one in some:
                self._keep_alone(one)

    def _keep_alone(self, one: Told) -> None:
        try:
            keep(self.connection, [one], self.clock())
        except STRANGE as error:
            log.exception("source %s: ticket %s", self.connection.source.slug, one.id)
            failed(self.connection, one.id, _strange(error), self.clock())

    def close(self) -> None:
        """Nothing of it runs any more."""
        self.ahead.close()


def _strange(error: Exception) -> str:
    return f"of a form that nobody expected ({type(error).__name__})"

"""A log taken in: rows read in runs, told as events, handed to the ledger. Everything may be done again at any time.

Nothing needs to be remembered of how far an import got: event ids come from the rows alone, so that a second run of
the same log, or of a longer one, sees what is known already and takes the rest.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from django.db import OperationalError, transaction

from beforehand.connectors import requesters
from beforehand.connectors.requesters import Asker
from beforehand.engine.history import Event
from beforehand.kernel.faults import Fault, Refused
from beforehand.promises.book import current
from beforehand.tickets import ledger
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.known import events_of
from beforehand.tickets.models import Source
from beforehand.tickets.reading import clients_named

from .cells import REJECTED, Cells, Unusable, shape_of
from .changes import RecordTeller
from .lines import Log, Row
from .mapping import CHANGES, MESSAGES, TICKETS, TURNS, LogMapping, Shape
from .messages import MessageTeller
from .rejects import Rejects, default_path
from .telling import Item, Teller
from .told import REMEMBERED, Memory
from .turns import TurnTeller

RUN = 5_000
FIRST_REJECTS = 20
"""Rows read before the ledger is written: one transaction."""
_TELLERS: dict[str, Callable[[Shape, Cells], Teller[Any]]] = {
    CHANGES: RecordTeller,
    TICKETS: RecordTeller,
    TURNS: TurnTeller,
    MESSAGES: MessageTeller,
}
_CUT = ": the file ends in the middle of this row"

Progress = Callable[[str, int, int], None]
"""Told of the log's name, how many lines are done, and of how many (0: unknown)."""


@dataclass
class Came:
    """What came of one log so far: rows by what became of them, events, tickets; the first rejects, line and reason."""

    log: str
    rows: int = 0
    taken: int = 0
    known: int = 0
    rejected: int = 0
    events: int = 0
    conflicts: int = 0
    tickets: int = 0
    rejects: Path | None = None
    moved: tuple[Path, Path] | None = None
    reasons: dict[str, int] = field(default_factory=dict)
    first_rejects: list[tuple[int, str]] = field(default_factory=list)


class Opened(NamedTuple):
    """A log with its header read, and the shape it has."""

    log: Log
    shape: Shape
    lines: int


def open_logs(files: Collection[str], mapping: LogMapping) -> list[Opened]:
    """Logs looked at from end to end, in the order in which the mapping names their kinds.

    Raises Refused with the faults of all of them; nothing has been taken then.
    """
    faults: list[Fault] = []
    opened = []
    for given in files:
        log = Log(given, mapping.encoding, mapping.delimiter)
        try:
            lines = log.look()
            shape = mapping.shapes[0] if not lines else _shape(log, mapping)
            opened.append(Opened(log, shape, lines))
        except Refused as refused:
            faults += refused.faults
    if faults:
        raise Refused(faults)
    return sorted(opened, key=lambda one: mapping.shapes.index(one.shape))


def _shape(log: Log, mapping: LogMapping) -> Shape:
    with log.text() as text:
        return shape_of(_header(log, log.rows(text)).cells, mapping, log.place)


def _header(log: Log, rows: Iterator[Row]) -> Row:
    header = next(rows, None)
    if header is None:
        raise Refused(Fault(log.place, "nothing: the file is empty", "a CSV file with a line of headers"))
    if header.reason:
        raise Refused(Fault(f"{log.place}, line 1", header.reason, "a line of headers, as CSV"))
    return header


class Import:
    """One run over some logs of one source."""

    def __init__(
        self, source: Source, mapping: LogMapping, now: datetime, remembered: int = REMEMBERED
    ) -> None:
        self.source, self.mapping, self.now = source, mapping, now
        self.remembered = remembered

    def take(
        self,
        log: Log,
        lines: int,
        rejects: Path | None,
        tell: Progress,
        run: int = RUN,
        came: Came | None = None,
    ) -> Came:
        """Takes in one log, counting in `came`. Raises Refused where it cannot be read on; what was taken stays."""
        came = came or Came(log.place)
        with log.text() as text:
            rows = log.rows(text)
            header = _header(log, rows)
            shape = shape_of(header.cells, self.mapping, log.place)
            again = tuple(header.cells[:2]) == REJECTED
            kept = Rejects(rejects or default_path(log.given), log, header.raw, again)
            teller = _TELLERS[shape.rows](shape, Cells(header.cells, self.mapping))
            taker = _Taker(self, teller, came, kept, len(header.cells), log)
            try:
                for done in taker.run(rows, run):
                    tell(log.place, done, lines)
                came.moved = kept.finish()
            finally:
                kept.abandon()
        came.rejects = kept.path if kept.count else None
        return came

    def fetch(self, tickets: Collection[str]) -> Mapping[str, list[Event]]:
        """The events of tickets of this source that the ledger has."""
        return events_of(self.source, tickets)

    def met(self, askers: Mapping[Asker, int]) -> Mapping[Asker, str]:
        """Keeps those who asked, as far as they can be known; the names that tickets have for them."""
        book = current(self.source.provider)
        book.take_in({one.client for one in askers})
        with transaction.atomic():
            return requesters.met(self.source, askers, self.now, book)

    def append(self, events: list[TicketEvent]) -> ledger.Appended:
        """Hands events to the ledger, all in one transaction, under the agreements as they are by now."""
        try:
            book = current(self.source.provider)
            book.take_in(clients_named(event for _, event in events))
            with transaction.atomic():
                appended = ledger.append(self.source, events, self.now, book, at_once=len(events))
                touched = {ticket for ticket, event in events if requesters.concerns(event)}
                requesters.tell_tiers(self.source, touched, self.now, book)
            return appended
        except OperationalError as error:
            way_out = "room on the disk, then the same command again: nothing is taken twice"
            raise Refused(Fault("database", str(error), "a database that takes rows", way_out)) from error


class _Taker:
    """The rows of one log on their way: runs of rows, by ticket."""

    def __init__(
        self, whole: Import, teller: Teller[Any], came: Came, rejects: Rejects, width: int, log: Log
    ) -> None:
        self._import, self._teller, self._came, self._rejects = whole, teller, came, rejects
        self._width, self._log = width, log
        self._memory = Memory(whole.fetch, whole.remembered)
        self._touched: set[str] = set()

    def run(self, rows: Iterator[Row], size: int) -> Iterator[int]:
        """Takes all rows; gives the number of lines done after each run.

        A run's last ticket waits for the next run, so that rows that stand together are seen together.
        """
        groups: dict[str, list[Item]] = {}
        count = line = 0
        for row in rows:
            line = row.line
            item = self._read(row)
            if item is None:
                continue
            groups.setdefault(item.ticket, []).append(item)
            count += 1
            if count >= size:
                last = {} if len(groups) == 1 else dict([groups.popitem()])
                self._write(groups)
                groups, count = last, sum(map(len, last.values()))
                yield line
        self._write(groups)
        yield line

    def _read(self, row: Row) -> Item | None:
        self._came.rows += 1
        if row.reason:
            self._reject(row, row.reason)
            return None
        if len(row.cells) != self._width:
            cut = "" if row.raw.endswith(("\n", "\r")) or len(row.cells) > self._width else _CUT
            self._reject(row, f"{len(row.cells)} fields, expected {self._width} as in the header{cut}")
            return None
        try:
            item: Item = self._teller.read(row)
        except Unusable as unusable:
            self._reject(row, str(unusable))
            return None
        return item

    def _reject(self, row: Row, reason: str) -> None:
        self._rejects.add(row.line, reason, row.raw)
        self._came.rejected += 1
        if len(self._came.first_rejects) < FIRST_REJECTS:
            self._came.first_rejects.append((row.line, reason))
        kind = reason.partition(":")[0]
        self._came.reasons[kind] = self._came.reasons.get(kind, 0) + 1

    def _named(self, groups: dict[str, list[Item]]) -> dict[str, list[Item]]:
        """The rows with the names that tickets have for their contacts."""
        askers: dict[Asker, int] = {}
        for item in chain.from_iterable(groups.values()):
            if item.asker is not None:
                askers[item.asker] = max(item.at, askers.get(item.asker, item.at))
        if not askers:
            return groups
        names = self._import.met(askers)
        other = {asker for asker, name in names.items() if name != asker.name}
        touched = [ticket for ticket, items in groups.items() if any(item.asker in other for item in items)]
        kept = self._import.fetch(touched) if touched else {}

        def named(item: Item) -> Item:
            name = None if item.asker is None else names.get(item.asker)
            if item.asker is None or name is None:
                return item
            events = kept.get(item.ticket, ()) if item.asker in other else ()
            # Before its columns were known a ticket was told a bare name, and that stays.
            if requesters.is_told(events, item.at, item.asker.name, name):
                return item
            told: Item = self._teller.named(item, name)
            return told

        return {ticket: [named(item) for item in items] for ticket, items in groups.items()}

    def _write(self, groups: dict[str, list[Item]]) -> None:
        """Tells the tickets of a run, and keeps what is new or contradicts what is kept."""
        groups = self._named(groups)
        found = self._memory.of(groups, self._teller.names)
        events: list[TicketEvent] = []
        taken = known_rows = 0
        for ticket, items in groups.items():
            told = found[ticket]
            for outcome in self._teller.tell(ticket, items, told, self._memory):
                if outcome.reason:
                    self._reject(outcome.row, outcome.reason)
                    continue
                is_new, known = False, told.known
                for event in outcome.events:
                    old = None if known is None else known.get(event.id)
                    if old is None:
                        is_new = True
                        if known is not None:
                            known[event.id] = event
                    elif old == event:
                        continue
                    events.append(TicketEvent(ticket, event))
                taken += is_new
                known_rows += not is_new
        appended = self._import.append(events) if events else ledger.Appended(0, 0, 0, 0)
        came = self._came
        came.taken += taken
        came.known += known_rows
        came.events += appended.taken
        came.conflicts += appended.conflicts
        # A ticket whose rows stand far apart is in several runs.
        self._touched.update(event.ticket for event in events)
        came.tickets = len(self._touched)

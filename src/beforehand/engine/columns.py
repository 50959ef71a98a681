"""Readings and business time for many tickets at once, over integer columns: the same functions, compiled.

The walk and its drivers (many.py) are compiled by Numba as they stand; there is no second implementation. Where Numba
cannot be had they run as they are: the same, two orders of magnitude slower.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from . import many, record, scan
from .clock import DEFAULT_THRESHOLDS, percents_of
from .codebook import source_bits
from .codes import ABSORBED, S_UNCERTAIN, STARTS
from .compiling import TUPLES, Compiler
from .coverage import Coverage
from .flat import Flat, Rules
from .history import History
from .indexed import Indexed, index
from .instants import FIRST, LAST, NEVER
from .readings import Readings, reading_of
from .rules import Compiled
from .settle import settle
from .spanlog import SPAN_SIZE
from .table import Table

Integers = npt.NDArray[np.int64]
Numbers = npt.NDArray[Any]
CHUNK = 1024
"""Tickets walked between two packings of their records: few enough for the processor's own memory."""

_I1, _I2, _I4, _I8 = np.int8, np.int16, np.int32, np.int64
RECORD: tuple[tuple[str, int, type], ...] = tuple(
    (name, getattr(record, name.upper()), kind)
    for kind, names in (
        (_I8, "start target used stop breach deadline later first_stop"),
        (_I4, "number stop_event marks cycle line cover finding stops"),
        (_I1, "metric verdict run reached"),
    )
    for name in names.split()
)
"""Name, slot in record.py and type of each column of records; `instants` of the thresholds come last."""
HEAD = tuple(
    (name, getattr(scan, "H_" + name.upper()), kind)
    for kind, names in (
        (_I8, "created start"),
        (_I4, "status last_line"),
        (_I1, "out origin excluded unmapped"),
    )
    for name in names.split()
)


class Columns(NamedTuple):
    """Events of many tickets, each ticket's in effective order (4.4), as integers under one Compiled.

    Ticket k has events offsets[k] to offsets[k + 1]: `at` in microseconds, `kind` and `flags` of codes.py, `code` of
    Codebook.columns. By ticket: `source`, of codebook.source_bits, with S_UNCERTAIN; `precision` in microseconds (1.5).
    """

    offsets: Numbers
    at: Numbers
    kind: Numbers
    flags: Numbers
    code: Numbers
    source: Numbers
    precision: Numbers


class Batch:
    """Readings of many tickets: `records` by the names of RECORD, those of ticket k from begins[k] to begins[k + 1].

    NEVER stands for "no such instant". `heads`: what holds for each ticket as a whole, by the names of HEAD.
    """

    def __init__(
        self, compiled: Compiled, as_of: int | None, percents: tuple[int, ...], tickets: int
    ) -> None:
        self.compiled, self.as_of, self.percents = compiled, as_of, percents
        shape = [(name, kind) for name, _, kind in RECORD]
        room = tickets * len(compiled.metrics)
        self.records = np.empty(room, [*shape, ("instants", _I8, (len(percents),))])
        self.begins = np.zeros(tickets + 1, _I8)
        self.heads = np.empty(tickets, [(name, kind) for name, _, kind in HEAD])

    def __len__(self) -> int:
        return len(self.heads)

    def pack(self, first: int, last: int, heads: Integers, begins: Integers, out: Integers) -> None:
        """Take over tickets `first` to `last` as `many.read_many` leaves them."""
        low = int(self.begins[first])
        count = int(begins[last - first])
        self.begins[first + 1 : last + 1] = low + begins[1 : last - first + 1]
        if low + count > len(self.records):
            self.records.resize(max(low + count, len(self.records) * 5 // 4), refcheck=False)
        taken = self.records[low : low + count]
        for name, slot, _ in RECORD:
            taken[name] = out[:count, slot]
        taken["instants"] = out[:count, record.THRESHOLDS :]
        for name, slot, _ in HEAD:
            self.heads[name][first:last] = heads[: last - first, slot]

    def tickets(self, first: int = 0, last: int | None = None) -> Iterator[tuple[list[int], list[list[int]]]]:
        """The head and the raw records of each ticket, as `clock.records_of` gives them, in the same slots.

        Of the head, the slots that HEAD does not name are 0; of records, those that serve the walk alone.
        """
        until = len(self) if last is None else last
        for low in range(first, until, CHUNK):
            high = min(low + CHUNK, until)
            begins = self.begins[low : high + 1]
            kept = self.records[begins[0] : begins[-1]]
            rows = np.zeros((len(kept), record.THRESHOLDS + len(self.percents)), _I8)
            rows[:, record.THRESHOLDS :] = kept["instants"]
            heads = np.zeros((high - low, scan.H_SIZE), _I8)
            for table, named, source in ((rows, RECORD, kept), (heads, HEAD, self.heads[low:high])):
                for name, slot, _ in named:
                    table[:, slot] = source[name]
            records, at = rows.tolist(), (begins - begins[0]).tolist()
            for k, head in enumerate(heads.tolist()):
                yield head, records[at[k] : at[k + 1]]

    def readings(self, ticket: int, history: History) -> Readings:
        """The same Readings as `clock.read` gives of the ticket's history, without spans."""
        events = settle(history.events, self.compiled.terms) if history.uncertain else history.events
        as_of = events[-1].at if self.as_of is None else self.as_of
        head, records = next(self.tickets(ticket, ticket + 1))
        items = [reading_of(self.compiled, events, as_of, self.percents, r) for r in records]
        return Readings(tuple(items), as_of, head)


def encode(histories: Iterable[History], compiled: Compiled) -> Columns:
    """Histories as columns. Uncertain events are put at the end that is worse, as `clock.read` does (4.4)."""
    offsets, at, kind, flags, code = array("q", [0]), array("q"), array("b"), array("h"), array("q")
    source, precision = array("b"), array("q")
    for history in histories:
        events = settle(history.events, compiled.terms) if history.uncertain else history.events
        instants, kinds, codes, bits = compiled.book.columns(events)
        at.extend(instants)
        kind.extend(kinds)
        flags.extend(bits)
        code.extend(codes)
        offsets.append(len(at))
        source.append(source_bits(history.source) | (S_UNCERTAIN if history.uncertain else 0))
        precision.append(history.source.precision)
    return Columns(*(np.array(column) for column in (offsets, at, kind, flags, code, source, precision)))


def read_columns(
    columns: Columns, compiled: Compiled, as_of: int | None = None, thresholds: Sequence[int] = ()
) -> Batch:
    """Read all tickets at `as_of` (microseconds), or each at its last event (None), on one core.

    ValueError for columns that do not fit together, events out of order and instants outside 1900 to 2199.
    """
    percents = percents_of(thresholds) if thresholds else DEFAULT_THRESHOLDS
    kinds = (_I8, _I8, _I1, _I2, _I8, _I1, _I8)
    c = Columns(*(np.ascontiguousarray(c, kind) for c, kind in zip(columns, kinds, strict=True)))
    _check(c)
    batch = Batch(compiled, as_of, percents, len(c.source))
    _read(batch, c, _way())
    batch.records.resize(int(batch.begins[-1]), refcheck=False)
    return batch


def _check(c: Columns) -> None:
    offsets, sizes = c.offsets, {len(c.at), len(c.kind), len(c.flags), len(c.code)}
    fit = len(sizes) == 1 and len(c.source) == len(c.precision) == len(offsets) - 1
    if not fit or offsets[0] != 0 or offsets[-1] not in sizes or np.any(offsets[1:] < offsets[:-1]):
        found = f"columns of {sorted(sizes)} events, {len(c.source)} sources, {len(c.precision)} precisions"
        raise ValueError(f"found {found}, offsets {offsets}; expected as many, and offsets from 0 up to them")
    early = c.at[1:] < c.at[:-1]
    early[offsets[(offsets > 0) & (offsets < len(c.at))] - 1] = False
    for wrong, what in (
        (np.flatnonzero(early) + 1, "an event earlier than the one before it"),
        (np.flatnonzero((c.at < FIRST) | (c.at >= LAST)), "an instant outside the years 1900 to 2199"),
    ):
        if len(wrong):
            ticket = int(np.searchsorted(offsets, wrong[0], "right")) - 1
            raise ValueError(f"ticket {ticket} of the batch: found {what}, {c.at[wrong[0]]}")


def _read(batch: Batch, c: Columns, way: "_Way") -> None:
    """Walk the tickets of a batch, some thousands at a time, and pack their records."""
    compiled, percents, tickets, ints, zeros = batch.compiled, batch.percents, len(batch), way.ints, way.zeros
    size, longest = record.THRESHOLDS + len(percents), int(np.diff(c.offsets).max(initial=0))
    flat, rules = way.struct(compiled.flat(*_reach(c, batch.as_of), percents[-1])), way.struct(compiled.rules)
    asked = NEVER if batch.as_of is None else batch.as_of, ints(percents), percents.index(100)
    blank, metrics = ints([*record.BLANK, *[NEVER] * len(percents)]), ints(compiled.metrics)
    scratch = [*map(zeros, (7, longest, longest, longest, size)), zeros(3, size), zeros(0, SPAN_SIZE)]
    heads, begins, out = (
        zeros(CHUNK, scan.H_SIZE),
        zeros(CHUNK + 1),
        zeros(CHUNK * (len(compiled.metrics) or 1), size),
    )
    read, done = way.function("read_many"), 0
    while done < tickets:
        until = min(done + CHUNK, tickets)
        low, high = c.offsets[done], c.offsets[until]
        by_ticket = c.offsets[done : until + 1] - low, c.source[done:until], c.precision[done:until]
        events = [column[low:high] for column in (c.at, c.kind, c.flags, c.code)]
        given = map(ints, (*by_ticket, *events))
        came = read(flat, rules, metrics, *given, *asked, blank, *scratch, heads, begins, out)
        if came == 0:
            out = zeros(2 * len(out), size)
        else:
            batch.pack(done, done + came, np.asarray(heads), np.asarray(begins), np.asarray(out))
            done += came


def _reach(c: Columns, as_of: int | None) -> tuple[int, int]:
    """Between which instants the tickets' clocks begin and are read."""
    begins = c.code[((c.kind == STARTS) | (c.kind == ABSORBED)) & (c.code != NEVER)]
    if begins.min(initial=FIRST) < FIRST:
        raise ValueError(f"found a clock that starts at {begins.min()}, expected the years 1900 to 2199")
    last = int(c.at.max(initial=FIRST)) if as_of is None else as_of
    first = min(int(c.at.min(initial=last)), int(begins.min(initial=last)), last)
    return first, max(last, min(int(begins.max(initial=last)), LAST - 1))


def compile_ahead() -> None:
    """Compile what this module runs and keep it on disk (seconds, once), so that processes to come only load it."""
    for name in ("read_many", "add_each", "between_each"):
        _way().function(name)


def add_many(coverage: Coverage, starts: npt.ArrayLike, amounts: npt.ArrayLike) -> Integers:
    """`coverage.add` for each start and amount, in microseconds; NEVER where it gives None."""
    start, amount = (np.ascontiguousarray(a, _I8) for a in np.broadcast_arrays(starts, amounts))
    if amount.size and amount.min() < 0:
        raise ValueError(f"found {amount.min()} microseconds, expected durations that are not negative")
    if not start.size:
        return np.zeros(start.shape, _I8)
    table = coverage.table(int(start.min()), int(start.max()))
    results = _run("add_each", table, start, amount)
    while table.last < LAST and (short := results == NEVER).any():
        table = coverage.table(table.first, min(2 * table.last - table.first, LAST - 1))
        results[short] = _run("add_each", table, start[short], amount[short])
    return results


def between_many(coverage: Coverage, starts: npt.ArrayLike, ends: npt.ArrayLike) -> Integers:
    """`coverage.between` for each start and end, in microseconds."""
    start, end = (np.ascontiguousarray(a, _I8) for a in np.broadcast_arrays(starts, ends))
    if not start.size:
        return np.zeros(start.shape, _I8)
    table = coverage.table(int(min(start.min(), end.min())), int(max(start.max(), end.max())))
    return _run("between_each", table, start, end)


def _run(name: str, table: Table, starts: Integers, others: Integers) -> Integers:
    way = _way()
    results = way.ints(np.empty(starts.size, _I8))
    way.function(name)(_indexed(table), way.ints(starts.ravel()), way.ints(others.ravel()), results)
    return np.asarray(results, _I8).reshape(starts.shape)


@lru_cache(256)
def _indexed(table: Table) -> Any:
    return _way().struct(index(table))


class _Way:
    """How the functions run: compiled over arrays, or as they are over lists."""

    def __init__(self, compiler: Compiler | None) -> None:
        self._compiler = compiler

    @lru_cache(8)  # noqa: B019
    def function(self, name: str) -> Any:
        return self._compiler.entry(name) if self._compiler else getattr(many, name)

    def ints(self, column: npt.ArrayLike) -> Any:
        found = np.ascontiguousarray(column, _I8)
        return found if self._compiler else found.tolist()

    def zeros(self, *shape: int) -> Any:
        return self.ints(np.zeros(shape, _I8))

    def struct(self, value: Flat | Rules | Indexed) -> Any:
        if self._compiler is None:
            return value
        parts, kind = (getattr(value, field.name) for field in fields(value)), TUPLES[type(value)]
        return kind(*(part if isinstance(part, int) else self.ints(part) for part in parts))


@lru_cache(1)
def _way() -> _Way:
    try:
        import numba
    except ImportError:
        return _Way(None)
    return _Way(Compiler(numba))

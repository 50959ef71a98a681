"""read(history, terms, coverage, as_of): what every clock of a ticket has come to (clock.md 3 to 5)."""

from collections.abc import Sequence

from .codebook import source_bits
from .codes import S_UNCERTAIN
from .coverage import Coverage
from .history import Event, History
from .instants import LAST, NEVER
from .readings import Reading, Readings, Threshold, reading_of
from .record import BLANK, METRIC, NUMBER
from .rules import Compiled
from .scan import H_CREATED, H_SIZE, H_START, scan
from .settle import settle
from .spanlog import SPAN_FROM, SPAN_SIZE
from .spans import explain
from .terms import Terms
from .turns import Ticket
from .walk import room_for, walk_all

__all__ = ["DEFAULT_THRESHOLDS", "Reading", "Readings", "Threshold", "compile_terms", "read", "records_of"]

DEFAULT_THRESHOLDS = (50, 75, 90, 100)


def read(
    history: History,
    terms: Terms,
    coverage: Coverage,
    as_of: int | None = None,
    *,
    thresholds: Sequence[int] = (),
    spans: bool = False,
) -> Readings:
    """What every clock of the ticket has come to at `as_of`, from the events up to then and nothing else.

    `as_of` in microseconds; None means the last event, which is what is stored (5.4). `thresholds` are percentages
    asked for beside 50, 75, 90 and 100; `spans` adds the explanation of 5.3. No clocks before the creation.
    """
    compiled = compile_terms(terms, coverage)
    events = settle(history.events, terms) if history.uncertain else history.events
    if as_of is None:
        as_of = events[-1].at
    elif events[-1].at > as_of:
        events = tuple(e for e in events if e.at <= as_of)
    percents = percents_of(thresholds) if thresholds else DEFAULT_THRESHOLDS
    head, records, log = _walk_all(compiled, events, history, as_of, percents, spans)
    items = [reading_of(compiled, events, as_of, percents, r) for r in records]
    if spans:
        covers = compiled.coverages
        told = [explain(covers, events, log, r[METRIC], r[NUMBER]) for r in records]
        items = [item._replace(spans=s) for item, s in zip(items, told, strict=True)]
    return Readings(tuple(items), as_of, head)


def records_of(compiled: Compiled, history: History, as_of: int) -> tuple[list[int], list[list[int]]]:
    """What scan.py says of the ticket, and the raw records of its clocks with the default thresholds."""
    events = settle(history.events, compiled.terms) if history.uncertain else history.events
    head, records, _ = _walk_all(compiled, events, history, as_of, DEFAULT_THRESHOLDS, False)
    return head, records


def percents_of(thresholds: Sequence[int]) -> tuple[int, ...]:
    """The percentages to look for, ascending: those asked for beside 50, 75, 90 and 100."""
    if not all(1 <= percent <= 500 for percent in thresholds):
        raise ValueError(f"thresholds: found {list(thresholds)}, expected percentages from 1 to 500, e.g. 80")
    return tuple(sorted({*DEFAULT_THRESHOLDS, *thresholds}))


def compile_terms(terms: Terms, coverage: Coverage) -> Compiled:
    """The integer form of terms with a coverage, made once. Invalid for a day target without business days."""
    compiled = terms.compiled.get(coverage)
    if compiled is None:
        compiled = terms.compiled[coverage] = Compiled(terms, coverage)
    return compiled  # type: ignore[return-value]


def _walk_all(
    compiled: Compiled,
    events: tuple[Event, ...],
    history: History,
    as_of: int,
    percents: tuple[int, ...],
    spans: bool,
) -> tuple[list[int], list[list[int]], list[list[int]]]:
    """What scan.py says of the ticket, the records of its clocks, and the raw spans if asked for."""
    n, rules, source, head = len(events), compiled.rules, history.source, [0] * H_SIZE
    bits = source_bits(source) | S_UNCERTAIN if history.uncertain else source_bits(source)
    at, kind, code, flags = compiled.book.columns(events)
    facts, line = [0] * n, [0] * n
    scan(rules, bits, n, at, kind, flags, code, [0] * 7, facts, line, head)
    if head[H_CREATED] == NEVER:
        return head, [], []
    blank = [*BLANK, *[NEVER] * len(percents)]
    room = room_for(compiled.metrics, head)
    flat = compiled.flat(min(head[H_START], at[0]), max(as_of, min(head[H_START], LAST - 1)), percents[-1])
    out = [blank[:] for _ in range(room)]
    side = [blank[:], blank[:], blank[:]]
    log = [[0] * SPAN_SIZE for _ in range((2 * n + 6) * room + 1)] if spans else []
    if spans:
        log[0][SPAN_FROM] = 1
    full = percents.index(100)
    ticket = Ticket(
        bits, source.precision, n, at, facts, line, head, as_of, percents, full, [0] * n, blank[:], blank
    )
    count = walk_all(flat, rules, ticket, compiled.metrics, out, side, log)
    return head, out[:count], log[1 : log[0][SPAN_FROM]] if spans else []

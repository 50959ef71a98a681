"""read(history, terms, coverage, as_of): what every clock of a ticket has come to (clock.md chapters 3 to 5)."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .codes import (
    ASSIGNED,
    CHANGED,
    FIELD_CODES,
    FIRST_REPLY,
    M_UNCERTAIN,
    MARKS as MARK_NAMES,
    MEANINGFUL,
    METRICS,
    ORIGIN_UNMAPPED,
    ORIGINS,
    OTHER_FIELD,
    RUNS,
    S_MESSAGES,
    S_RESPONDED,
    S_TEXTS,
    STATUS,
    UPDATE,
    VERDICTS,
)
from .coverage import Coverage
from .flat import Flat
from .history import Event, History, Source
from .instants import LAST, NEVER
from .record import (
    BREACH,
    COVER,
    CYCLE,
    DEADLINE,
    FINDING,
    FIRST_STOP,
    LATER,
    LINE,
    MARKS,
    METRIC,
    NUMBER,
    REACHED,
    RUN,
    START,
    STOP,
    STOP_EVENT,
    STOPS,
    TARGET,
    THRESHOLDS,
    UNREACHABLE,
    USED,
    VERDICT,
)
from .rules import Codebook, Compiled
from .scan import H_CREATED, H_EXCLUDED, H_ORIGIN, H_SIZE, H_START, H_UNMAPPED, scan
from .settle import settle
from .spans import Span, explain
from .terms import Line, Terms
from .walk import SPAN_SIZE, settle_verdicts, walk

DEFAULT_THRESHOLDS = (50, 75, 90, 100)
_STARTS_OR_ABSORBS = frozenset((9, 11))


class Threshold(NamedTuple):
    """An instant at which a percentage of the target is reached, or will be if the clock runs on (5.2)."""

    percent: int
    instant: int | None
    reached: bool


class Reading(NamedTuple):
    """One clock as of an instant (5.1, 5.2). Instants and durations in microseconds; None where there is none."""

    metric: str
    number: int
    start: int
    as_of: int
    target: int
    used: int
    verdict: str
    run: str
    deadline: int | None
    thresholds: tuple[Threshold, ...]
    stop: int | None
    stop_event: Event | None
    breached_at: int | None
    cycle: int
    marks: tuple[str, ...]
    line: Line | None
    coverage: Coverage
    later_target: int | None
    finding: Event | None
    """The change made in the last quarter of the target, with its person (4.1)."""
    stops: int
    first_stop: int | None
    spans: tuple[Span, ...] = ()

    @property
    def left(self) -> int | None:
        """Business time left; negative when late (5.2). None for a target that coverage never opens for."""
        return None if self.target >= UNREACHABLE else self.target - self.used

    @property
    def permille(self) -> int:
        """Use of the target in tenths of a percent, cut and never rounded up (1.4): 999 is 99.9%."""
        return self.used * 1000 // self.target

    @property
    def is_open(self) -> bool:
        """Whether the clock has not stopped."""
        return self.run != "stopped"


class Readings(Sequence[Reading]):
    """All clocks of one ticket as of an instant, and what holds for the ticket as a whole."""

    __slots__ = ("as_of", "excluded", "items", "origin", "start", "unmapped_origin", "unmapped_status")

    def __init__(self, items: tuple[Reading, ...], as_of: int, head: Sequence[int]) -> None:
        self.items, self.as_of = items, as_of
        self.start: int | None = None if head[H_START] == NEVER else head[H_START]
        self.origin = ORIGINS[head[H_ORIGIN]]
        self.excluded = ("no", "awaiting approval", "yes")[head[H_EXCLUDED]]
        self.unmapped_status = bool(head[H_UNMAPPED] & 1)
        self.unmapped_origin = bool(head[H_UNMAPPED] & 2)

    def __getitem__(self, key):  # type: ignore[no-untyped-def]
        if isinstance(key, str):
            found = self.of(key)
            if not found:
                raise KeyError(key)
            return found[-1]
        return self.items[key]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Reading]:
        return iter(self.items)

    def of(self, metric: str) -> tuple[Reading, ...]:
        """The clocks of a metric by number: one, or several after a restart or for `update`."""
        return tuple(reading for reading in self.items if reading.metric == metric)


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
    asked for beside 50, 75, 90 and 100; `spans` adds the explanation of 5.3. No clocks before the ticket's creation.
    """
    compiled = compile_terms(terms, coverage)
    events = history.events if not history.uncertain else settle(history.events, terms)
    if as_of is None:
        as_of = events[-1].at
    elif events[-1].at > as_of:
        events = tuple(e for e in events if e.at <= as_of)
    percents = tuple(sorted({*DEFAULT_THRESHOLDS, *thresholds})) if thresholds else DEFAULT_THRESHOLDS
    head, records, raw = _walk_all(compiled, events, history.source, as_of, percents, spans)
    extra = M_UNCERTAIN if history.uncertain else 0
    items = tuple(_reading(compiled, events, as_of, percents, r, extra) for r in records)
    if spans:
        items = tuple(
            item._replace(spans=explain(compiled.coverages, events, raw, n)) for n, item in enumerate(items)
        )
    return Readings(items, as_of, head)


def records_of(compiled: Compiled, history: History, as_of: int) -> tuple[list[int], list[list[int]]]:
    """What scan.py says of the ticket, and the raw records of its clocks with the default thresholds: for storing."""
    events = settle(history.events, compiled.terms) if history.uncertain else history.events
    head, records, _ = _walk_all(compiled, events, history.source, as_of, DEFAULT_THRESHOLDS, False)
    if history.uncertain:
        for record in records:
            record[MARKS] |= M_UNCERTAIN
    return head, records


def compile_terms(terms: Terms, coverage: Coverage) -> Compiled:
    """The integer form of terms with a coverage, made once. Raises Invalid for a day target without business days."""
    compiled = terms.compiled.get(coverage)
    if compiled is None:
        compiled = terms.compiled[coverage] = Compiled(terms, coverage)
    return compiled  # type: ignore[return-value]


def source_bits(source: Source) -> int:
    """What a source tells, as the bits that walk.py takes."""
    return S_MESSAGES * source.messages + S_RESPONDED * source.responded + S_TEXTS * source.texts


def encode(event: Event, book: Codebook) -> int:
    """What an event says, as one integer: a status or field by its code, an owner or none, an instant."""
    kind = event.kind
    if kind == STATUS:
        return book.statuses.get(event.value, 0)
    if kind == CHANGED:
        name = FIELD_CODES.get(event.field, OTHER_FIELD)
        if name < 7:
            return name | book.fields[name].get(event.value, 0) << 4
        if name == FIELD_CODES["origin"]:
            origin = event.value or ORIGINS[0]
            return name | (ORIGINS.index(origin) if origin in ORIGINS else ORIGIN_UNMAPPED) << 4
        return name
    if kind == ASSIGNED:
        return 1 if event.value else 0
    if kind in _STARTS_OR_ABSORBS:
        return NEVER if event.since is None else event.since
    return 0


def _walk_all(
    compiled: Compiled, events: tuple[Event, ...], source: Source, as_of: int, percents: tuple[int, ...], spans: bool
) -> tuple[list[int], list[list[int]], list[list[int]]]:
    n, book, rules, bits = len(events), compiled.book, compiled.rules, source_bits(source)
    at = [e.at for e in events]
    kind = [e.kind for e in events]
    flags = [e.flags for e in events]
    code = [encode(e, book) for e in events]
    fields, state, facts, line, effective = [0] * 7, [0] * n, [0] * n, [0] * n, [0] * n
    head = [0] * H_SIZE
    scan(rules, bits, n, at, kind, flags, code, fields, state, facts, line, head)
    if head[H_CREATED] == NEVER:
        return head, [], []
    size = THRESHOLDS + len(percents)
    room = len(compiled.metrics) + 2 + 2 * n * (UPDATE in compiled.metrics) + sum(f >> 6 & 1 for f in facts)
    full = percents.index(100)
    first = min(head[H_START], at[0])
    ahead = as_of
    while True:
        flat = compiled.flat(first, ahead)
        out = [[0] * size for _ in range(room)]
        raw = [[0] * SPAN_SIZE for _ in range((2 * n + 6) * room)] if spans else []
        snap = [0] * size
        head[-1], count = 0, 0
        for metric in compiled.metrics:
            count = walk(
                flat, rules, metric, bits, source.precision, n, at, state, facts, line, head, percents, full, as_of,
                out, count, int(spans), raw, effective, snap,
            )  # fmt: skip
        records = out[:count]
        if ahead >= LAST - 1 or not any(falls_short(r) for r in records):
            break
        ahead = min(2 * max(ahead, as_of) - first + 1, LAST - 1)
    settle_verdicts(head, records, 0, count)
    return head, records, raw


def falls_short(r: Sequence[int]) -> bool:
    """Whether a record may have wanted a table that reaches further: a running clock without an end in sight."""
    return r[TARGET] == UNREACHABLE or (r[DEADLINE] == NEVER and r[RUN] not in (3, 4))


def _reading(
    compiled: Compiled, events: tuple[Event, ...], as_of: int, percents: tuple[int, ...], r: Sequence[int], extra: int
) -> Reading:
    reached, marks = r[REACHED], r[MARKS] | extra
    return Reading(
        METRICS[r[METRIC]],
        r[NUMBER],
        r[START],
        as_of,
        r[TARGET],
        r[USED],
        VERDICTS[r[VERDICT]],
        RUNS[r[RUN]],
        None if r[DEADLINE] == NEVER else r[DEADLINE],
        tuple(
            Threshold(p, None if r[THRESHOLDS + k] == NEVER else r[THRESHOLDS + k], k < reached)
            for k, p in enumerate(percents)
        ),
        None if r[STOP] == NEVER else r[STOP],
        events[r[STOP_EVENT]] if r[STOP_EVENT] >= 0 else None,
        None if r[BREACH] == NEVER else r[BREACH],
        r[CYCLE],
        tuple(name for k, name in enumerate(MARK_NAMES) if marks >> k & 1) if marks else (),
        compiled.terms.lines[r[LINE]] if r[LINE] >= 0 else None,
        compiled.coverages[r[COVER]],
        r[LATER] or None,
        events[r[FINDING]] if r[FINDING] >= 0 else None,
        r[STOPS],
        None if r[FIRST_STOP] == NEVER else r[FIRST_STOP],
    )

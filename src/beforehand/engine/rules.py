"""Terms and a coverage turned into integers, for scan.py and walk.py."""

from collections.abc import Container, Iterable
from dataclasses import fields

from .codebook import Codebook
from .codes import (
    BESIDE,
    BOARD,
    CLIENT_LIVE,
    CUT_CLOSE,
    CUT_NONE,
    DAYS_TARGET,
    DURATION,
    F_ANY_REPLY,
    F_CLOSED,
    F_CONTACT,
    F_MEANINGFUL,
    F_PLANNED,
    F_RESOLVED,
    F_RESPONDED,
    F_STATE,
    F_TOLD,
    F_TOUCH,
    F_TRIAGED,
    F_VISIT,
    FIELDS,
    MACHINE,
    MEANINGFUL,
    MEANS_NOISE,
    MEANS_UNMAPPED,
    METRICS,
    NO_TARGET,
    ONSITE,
    ORIGINS,
    PROVIDER,
    RECURRING,
    RESPONSE,
    RETARGETS,
    S_MESSAGES,
    S_RESPONDED,
    STATES,
    TELLS,
    TRIAGE,
    UPDATE,
)
from .coverage import MARGIN, YEAR, Coverage
from .errors import Invalid
from .flat import Flat, Rules
from .instants import DAY, FIRST, LAST
from .terms import Meaning, Settings, StatusMap, Target, Terms
from .zones import stretches

ENDS = F_RESOLVED | F_CLOSED
RESPONSE_FACTS = {
    "human contact": F_CONTACT,
    "any reply": F_ANY_REPLY,
    "status": F_RESPONDED,
    "meaningful": F_MEANINGFUL,
}
# What stops each metric, and the later stages that complete it (2.4, 3.6); response's own stop is a setting (3.4).
STOPS = (F_CONTACT, F_PLANNED, ENDS, F_CONTACT, F_VISIT, F_TRIAGED, F_MEANINGFUL, F_ANY_REPLY)
LATER = (F_PLANNED | ENDS, ENDS, 0, ENDS, ENDS, ENDS, F_PLANNED | ENDS, F_PLANNED | ENDS)


class Compiled:
    """Terms with the coverage of an agreement, as integers. `metrics` are those that any line promises."""

    __slots__ = ("_days", "_flat", "_longest", "_reach", "book", "coverages", "metrics", "rules", "terms")

    def __init__(self, terms: Terms, coverage: Coverage) -> None:
        self.terms, self.book = terms, Codebook(terms)
        faults = [
            fault
            for line in terms.lines
            for target in line.targets
            for fault in target.faults(f"line {line.name!r}, {target.metric}", line.coverage or coverage)
        ]
        if faults:
            raise Invalid(faults)
        self.coverages: list[Coverage] = []
        self._longest: dict[int, int] = {}
        """The longest target of each coverage, in business time."""
        self._days: dict[int, int] = {}
        """The longest day target of each coverage that is a calendar, in business days."""
        self.rules = self._rules(terms, coverage)
        kinds = self.rules.kind
        self.metrics = [m for m in range(8) if any(kinds[k] != NO_TARGET for k in range(m, len(kinds), 8))]
        self._reach = (FIRST, FIRST, 0)
        self._flat: Flat | None = None

    def flat(self, first: int, last: int, percent: int = 100) -> Flat:
        """The coverages laid flat, from `first` to where any clock that runs at `last` has used `percent`.

        Or to the end of all tables: so a reading never depends on what was read before. `percent` is 100 or more.
        """
        if self._flat is None or first < self._reach[0] or last > self._reach[1] or percent > self._reach[2]:
            # More room is made on the side that is wanted only: a past comes the newest first, a little older each.
            if last > self._reach[1]:
                last = max(last, min(last + YEAR, LAST - 1))
            if self._flat is not None:
                first, percent = min(first, self._reach[0]), max(percent, self._reach[2])
                last = max(last, self._reach[1])
            for number, coverage in enumerate(self.coverages):
                self._lay_out(number, coverage, first, last, percent)
            # Tables begin a year before what they are asked for.
            self._reach = (max(coverage.laid_out.first for coverage in self.coverages), last, percent)
            self._flat = lay_flat(self.coverages, self._days)
        return self._flat

    def _lay_out(self, number: int, coverage: Coverage, first: int, last: int, percent: int) -> None:
        longest, days = self._longest[number], self._days.get(number, 0)
        table = coverage.table(first, last)
        while table.last < LAST:
            before = table.elapsed(last)
            need = (longest * percent + before * (percent - 100)) // 100
            if table.sums[-1] - before > need and table.days_after(last) > days + 3:
                return
            table = coverage.table(first, min(2 * table.last - table.first, LAST - 1))

    def _cover(self, coverage: Coverage) -> int:
        if coverage not in self.coverages:
            self._longest[len(self.coverages)] = 0
            self.coverages.append(coverage)
        return self.coverages.index(coverage)

    def _rules(self, terms: Terms, coverage: Coverage) -> Rules:
        cells: list[tuple[int, int, int, int, int, int]] = []
        low, cond_field, cond_code = [0], [], []
        for line in terms.lines:
            for name, value in line.match.items():
                cond_field.append(FIELDS.index(name))
                cond_code.append(self.book.fields[FIELDS.index(name)][value])
            low.append(len(cond_field))
            promised = {
                METRICS.index(t.metric): self._cell(t, line.coverage or coverage) for t in line.targets
            }
            cells += _row(promised)
        uncovered = {TRIAGE: self._cell(terms.triage, coverage)} if terms.triage else {}
        cells += _row(uncovered)
        kind, amount, cover, calendar, by, cut_off = (list(column) for column in zip(*cells, strict=True))
        self._cover(coverage)
        return Rules(
            len(terms.lines), low, cond_field, cond_code, len(self.book.statuses) + 1, self._meanings(terms.statuses),
            kind, amount, cover, calendar, by, cut_off, *_settings(terms.settings),
        )  # fmt: skip

    def _cell(self, target: Target, coverage: Coverage) -> tuple[int, int, int, int, int, int]:
        if target.amount:
            cover = self._cover(Coverage.always() if target.round_the_clock else coverage)
            self._longest[cover] = max(self._longest[cover], target.amount)
            return DURATION, target.amount, cover, cover, CUT_NONE, CUT_NONE
        calendar = self._cover(target.calendar or coverage)
        # Counted in the named calendar, or by the clock where coverage is 24x7 (2.5).
        cover = self._cover(coverage) if coverage.is_always else calendar
        self._days[calendar] = max(self._days.get(calendar, 0), target.days)
        self._longest[cover] = max(self._longest[cover], 2 * DAY * (target.days + 3))
        cut = CUT_CLOSE if target.cut_off == "close" else CUT_NONE if target.cut_off == "" else target.cut_off
        return DAYS_TARGET, target.days, cover, calendar, CUT_NONE if target.by is None else target.by, cut

    def _meanings(self, statuses: StatusMap) -> list[int]:
        boards = ["", *sorted(self.book.fields[BOARD], key=lambda name: self.book.fields[BOARD][name])]
        return [
            code
            for board in boards
            for code in [
                _meaning(None),
                *(_meaning(statuses.meaning(board, name)) for name in self.book.statuses),
            ]
        ]


def _row(
    promised: dict[int, tuple[int, int, int, int, int, int]],
) -> list[tuple[int, int, int, int, int, int]]:
    """The cells of a line for all metrics; the figures beside the response are held to its target (3.5)."""
    none = (NO_TARGET, 0, 0, 0, CUT_NONE, CUT_NONE)
    return [promised.get(RESPONSE if m in BESIDE else m, none) for m in range(len(METRICS))]


def _meaning(meaning: Meaning | None) -> int:
    if meaning is None:
        return MEANS_UNMAPPED | F_STATE
    state = STATES.index(meaning.state)
    bits = (F_RESPONDED, F_PLANNED, MEANS_NOISE)
    return state | F_STATE << state | sum(bit for bit, on in zip(bits, meaning[1:], strict=True) if on)


def _settings(
    settings: Settings,
) -> tuple[list[int], list[int], list[int], int, int, int, int, int, int]:
    pauses = [sum(F_STATE << STATES.index(s) for s in settings.pauses.get(metric, ())) for metric in METRICS]
    for beside in BESIDE:
        pauses[beside] = pauses[RESPONSE]
    return (
        [
            _stop_facts(settings, metric, source, origin)
            for source in range(TELLS + 1)
            for origin in range(len(ORIGINS))
            for metric in range(len(METRICS))
        ],
        list(LATER),
        pauses,
        int(settings.wait_ends == "client message"),
        RETARGETS.index(settings.retarget),
        int(settings.closed_time_counts),
        -1 if settings.restart_after is None else settings.restart_after,
        int(settings.merge_start == "earliest"),
        int(settings.exclusion_needs_approval),
    )


def _stop_facts(settings: Settings, metric: int, source: int, origin: int) -> int:
    """The facts that stop a metric's clock (3.4, 2.6); 0: it cannot be judged; -1: it has none."""
    own = RESPONSE_FACTS[settings.response_by] if metric == RESPONSE else STOPS[metric]
    if metric == RESPONSE or metric in BESIDE:
        if origin in (PROVIDER, MACHINE):
            touched = settings.found_by_provider == "first human touch" and metric == RESPONSE
            return F_TOUCH if touched else -1
        if origin == RECURRING or (origin == CLIENT_LIVE and metric == MEANINGFUL):
            return -1
        if origin == CLIENT_LIVE or source & S_MESSAGES or own & F_RESPONDED:
            return own
        if metric != RESPONSE:
            return -1
        return F_TOLD if source & S_RESPONDED else 0
    if metric in (UPDATE, ONSITE) and not source & S_MESSAGES:
        return 0
    return own


def lay_flat(coverages: Iterable[Coverage], with_days: Container[int]) -> Flat:
    """The tables of coverages one after another; days and zone only for those that day targets use."""
    columns: list[list[int]] = [[] for _ in fields(Flat)]
    (
        opens,
        closes,
        sums,
        shift,
        low,
        high,
        day,
        day_opens,
        day_closes,
        day_low,
        day_high,
        z_starts,
        z_offsets,
        z_low,
        z_high,
    ) = columns
    for number, coverage in enumerate(coverages):
        table = coverage.laid_out
        low.append(len(opens))
        opens += table.opens
        closes += table.closes
        sums += table.sums
        shift += [start - before for start, before in zip(table.opens, table.sums, strict=True)]
        high.append(len(opens))
        day_low.append(len(day))
        z_low.append(len(z_starts))
        if number in with_days:
            for window in table.day_windows:
                day.append(window.day)
                day_opens.append(window.opens)
                day_closes.append(window.closes)
            zone = stretches(coverage.zone, table.first - MARGIN, table.last + MARGIN)
            z_starts += zone.starts
            z_offsets += zone.offsets
        day_high.append(len(day))
        z_high.append(len(z_starts))
    return Flat(*columns)

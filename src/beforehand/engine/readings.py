"""What `read` answers: a reading for each clock of a ticket (clock.md chapter 5)."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple, overload

from . import codes
from .coverage import Coverage
from .history import Event
from .instants import NEVER
from .record import THRESHOLDS, UNREACHABLE
from .rules import Compiled
from .scan import H_EXCLUDED, H_ORIGIN, H_START, H_UNMAPPED
from .spans import Span
from .terms import Line


class Threshold(NamedTuple):
    """An instant at which a percentage of the target is reached, or will be if the clock runs on (5.2)."""

    percent: int
    instant: int | None
    reached: bool


class Reading(NamedTuple):
    """One clock as of an instant (5.1, 5.2). Instants and durations in microseconds; None: there is none."""

    metric: str
    number: int
    start: int
    as_of: int
    target: int
    used: int
    verdict: str
    run: str
    deadline: int | None
    percents: tuple[int, ...]
    """The percentages looked for (5.2), `reached` of which are reached, and their instants (NEVER: none)."""
    reached: int
    instants: tuple[int, ...]
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
    def thresholds(self) -> tuple[Threshold, ...]:
        """The instant of each percentage of the target, and whether it is reached (5.2)."""
        return tuple(
            Threshold(percent, None if at == NEVER else at, k < self.reached)
            for k, (percent, at) in enumerate(zip(self.percents, self.instants, strict=True))
        )

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
        self.origin = codes.ORIGINS[head[H_ORIGIN]]
        self.excluded = ("no", "awaiting approval", "yes")[head[H_EXCLUDED]]
        self.unmapped_status = bool(head[H_UNMAPPED] & 1)
        self.unmapped_origin = bool(head[H_UNMAPPED] & 2)

    @overload
    def __getitem__(self, key: int | str) -> Reading: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[Reading, ...]: ...
    def __getitem__(self, key: int | str | slice) -> Reading | tuple[Reading, ...]:
        """A clock by its place, or the last of a metric by its name (KeyError where there is none)."""
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


@lru_cache(maxsize=1024)
def marks_of(bits: int) -> tuple[str, ...]:
    """The names of a record's marks."""
    return tuple(name for k, name in enumerate(codes.MARKS) if bits >> k & 1)


def reading_of(
    compiled: Compiled,
    events: Sequence[Event],
    as_of: int,
    percents: tuple[int, ...],
    r: Sequence[int],
) -> Reading:
    """The reading that a raw record of walk.py stands for.

    Builds the tuples without their constructors, which would take a third of the time of a whole `read`.
    """
    metric, number, start, target, used, verdict, run, stop, stop_event, breach = r[:10]
    deadline, marks, later, cycle, line, cover, reached, finding, stops, first_stop = r[10:20]
    return _tuple(
        Reading,
        (
            codes.METRICS[metric],
            number,
            start,
            as_of,
            target,
            used,
            codes.VERDICTS[verdict],
            codes.RUNS[run],
            None if deadline == NEVER else deadline,
            percents,
            reached,
            tuple(r[THRESHOLDS:]),
            None if stop == NEVER else stop,
            events[stop_event] if stop_event >= 0 else None,
            None if breach == NEVER else breach,
            cycle,
            marks_of(marks),
            compiled.terms.lines[line] if line >= 0 else None,
            compiled.coverages[cover],
            later or None,
            events[finding] if finding >= 0 else None,
            stops,
            None if first_stop == NEVER else first_stop,
            (),
        ),
    )


_tuple = tuple.__new__

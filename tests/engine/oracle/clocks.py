"""What is known of one clock while time passes."""

from dataclasses import dataclass, field

from .given import Row


class TooFar(Exception):
    """The answer lies beyond the steps that were counted."""


@dataclass
class Clock:
    """One clock of a metric. `labels` say for each step since the ticket's begin why it counted or did not."""

    metric: str
    number: int
    start: int
    target: int
    cover: str
    row: Row
    used: int = 0
    breached_at: int | None = None
    reached: dict[int, int] = field(default_factory=dict)
    verdict: str = "none"
    run: str = "running"
    stop: int | None = None
    stop_event: int | None = None
    first_stop: int | None = None
    stops: int = 0
    cycle: int = 1
    later: int | None = None
    finding: int | None = None
    settled: bool = False
    marks: set[str] = field(default_factory=set)
    labels: list[str] = field(default_factory=list)
    deadline: int | None = None
    thresholds: dict[int, int | None] = field(default_factory=dict)


def need(clock: Clock, percent: int) -> int:
    """The use at which a percentage of the target is reached: the percent is cut, not rounded up (1.4)."""
    return -(-clock.target * percent // 100)

"""Who promised what, and what happened: the oracle's own forms (clock.md chapters 2 to 4).

Instants and durations in microseconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields


class Brief:
    """Shows only what is not as usual, since hypothesis prints the cases that fail."""

    def __repr__(self) -> str:
        shown = [part for part in fields(self) if part.repr]  # type: ignore[arg-type]
        said = [
            f"{part.name}={value!r}" for part in shown if (value := getattr(self, part.name)) != part.default
        ]
        return f"{type(self).__name__}({', '.join(said)})"


@dataclass(frozen=True, repr=False)
class Ev(Brief):
    """One event. `by` is person, client or automation."""

    at: int
    kind: str
    id: str = ""
    seq: int = 0
    value: str = ""
    field: str = ""
    by: str = "person"
    public: bool = False
    automatic: bool = False
    template: bool = False
    near_copy: bool = False
    expectation: bool = False
    visit: bool = False
    until: int | None = None
    since: int | None = None
    supersedes: str = ""
    retracts: str = ""


@dataclass(frozen=True, repr=False)
class Promise(Brief):
    """A target: an amount, or `days` with its settings; `calendar` names a coverage, `by` and `cut_off` seconds."""

    amount: int = 0
    days: int = 0
    by: int | None = None
    cut_off: int | str = ""
    calendar: str = ""
    round_the_clock: bool = False


@dataclass(frozen=True)
class Row:
    """A line of the agreement. `coverage` "" is the agreement's own."""

    name: str
    match: Mapping[str, str] = field(default_factory=dict)
    promises: Mapping[str, Promise] = field(default_factory=dict)
    coverage: str = ""
    own: bool = False


@dataclass(frozen=True, repr=False)
class Deal(Brief):
    """An agreement: rows, what statuses mean by board (state, responded, planned, noise), and every setting."""

    rows: tuple[Row, ...]
    statuses: Mapping[str, Mapping[str, tuple[str, bool, bool, bool]]] = field(
        default_factory=dict, repr=False
    )
    triage: int = 0
    response_by: str = "human contact"
    pauses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    wait_ends: str = "client message"
    retarget: str = "from-creation"
    closed_time_counts: bool = False
    restart_after: int | None = 7 * 86_400_000_000
    merge_start: str = "earliest"
    found_by_provider: str = "no response clock"


@dataclass(frozen=True)
class Told:
    """What the source tells (1.5, 3.4)."""

    precision: int = 0
    messages: bool = True
    responded: bool = False
    texts: bool = True

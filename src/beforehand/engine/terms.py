"""What is promised: lines, targets, settings, and what a provider's statuses mean (clock.md chapters 2 to 4)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, NamedTuple

from .codes import FIELDS, METRICS, RETARGETS, STATES
from .coverage import Coverage
from .errors import Fault, Invalid
from .instants import DAY

NOTHING: Mapping[str, "Meaning"] = MappingProxyType({})


class Meaning(NamedTuple):
    """What a status of the source means (3.2): a state of STATES, and whether it says responded, planned or noise."""

    state: str
    responded: bool = False
    planned: bool = False
    noise: bool = False


@dataclass(frozen=True, slots=True)
class StatusMap:
    """The provider's map from status to meaning, per board; board "" serves every board that has none of its own.

    A status that the map does not know works as `working` and is reported (3.2).
    """

    boards: Mapping[str, Mapping[str, Meaning]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        faults = [
            Fault(
                f"statuses.{board or '(every board)'}.{status}",
                repr(meaning.state),
                "a state",
                ", ".join(STATES),
            )
            for board, statuses in self.boards.items()
            for status, meaning in statuses.items()
            if meaning.state not in STATES
        ]
        if faults:
            raise Invalid(faults)

    def meaning(self, board: str, status: str) -> Meaning | None:
        """The meaning of a status on a board; None when nobody mapped it."""
        return self.boards.get(board, self.boards.get("", NOTHING)).get(status)


@dataclass(frozen=True, slots=True)
class Target:
    """One promise: a metric and a time (2.4, 2.5). Either `amount` (microseconds) or `days` is given.

    `round_the_clock` runs the amount on physical time ("1 hour, 24x7"). A day target is due on the `days`-th
    business day after its start: at the day's last close, or at `by` (seconds after local midnight). `cut_off` is
    "" (none), "close" or seconds after midnight. `calendar` names the business days where coverage is 24x7.
    """

    metric: str
    amount: int = 0
    days: int = 0
    by: int | None = None
    cut_off: int | Literal["", "close"] = ""
    calendar: Coverage | None = None
    round_the_clock: bool = False

    def faults(self, place: str, coverage: Coverage) -> list[Fault]:
        """What is wrong with this target on a line that has this coverage."""
        found = []
        if self.metric not in METRICS[:6]:
            found.append(Fault(f"{place}.metric", repr(self.metric), "a metric", ", ".join(METRICS[:6])))
        if (self.amount > 0) == (self.days > 0) or self.amount < 0 or self.days < 0:
            what = f"amount {self.amount}, days {self.days}"
            found.append(
                Fault(place, what, "either an amount or days, more than 0", '"4h" or "next business day"')
            )
        if self.days and self.round_the_clock:
            found.append(
                Fault(place, "a day target round the clock", "a day target in business days", '"4h 24x7"')
            )
        if self.days and (self.calendar or coverage).is_always:
            what = "round the clock" if self.calendar else "none, and coverage is 24x7"
            found.append(
                Fault(f"{place}.calendar", what, "a calendar that shuts, to name the business days (2.5)")
            )
        if self.amount >= 2**54:
            found.append(Fault(f"{place}.amount", str(self.amount), "a target under 500 years"))
        return found


@dataclass(frozen=True, slots=True)
class Line:
    """A row of an agreement: the tickets it fits (`match`, by fields of 2.2) and the targets it gives them."""

    name: str
    match: Mapping[str, str]
    targets: tuple[Target, ...]
    coverage: Coverage | None = None
    own: bool = False
    """True for the client's own line, which beats the plan's (2.2)."""

    @property
    def rank(self) -> tuple[int, ...]:
        """Sorts the winner first: most fields named, then by the order of 2.2, then the client's own."""
        named = tuple(0 if name in self.match else 1 for name in FIELDS)
        return (-len(self.match), *named, 0 if self.own else 1)


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting of chapters 2 to 4 that an agreement or its plan may change; the defaults stand in clock.md."""

    response_by: Literal["human contact", "any reply", "status", "meaningful"] = "human contact"
    pauses: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: dict.fromkeys(
            ("response", "plan", "resolution", "update"), ("waiting-on-client", "scheduled-by-client")
        )
    )
    wait_ends: Literal["client message", "by-status"] = "client message"
    retarget: Literal["from-creation", "from-change", "keep-first"] = "from-creation"
    closed_time_counts: bool = False
    restart_after: int | None = 7 * DAY
    merge_start: Literal["earliest", "own"] = "earliest"
    found_by_provider: Literal["no response clock", "first human touch"] = "no response clock"
    exclusion_needs_approval: bool = False

    def faults(self) -> list[Fault]:
        """What is wrong with these settings."""
        allowed = {
            "response_by": ("human contact", "any reply", "status", "meaningful"),
            "wait_ends": ("client message", "by-status"),
            "retarget": RETARGETS,
            "merge_start": ("earliest", "own"),
            "found_by_provider": ("no response clock", "first human touch"),
        }
        found = [
            Fault(
                f"settings.{name}", repr(getattr(self, name)), "one of " + ", ".join(values), repr(values[0])
            )
            for name, values in allowed.items()
            if getattr(self, name) not in values
        ]
        for metric, states in self.pauses.items():
            place = f"settings.pauses.{metric}"
            if metric not in METRICS[:6]:
                found.append(Fault(place, repr(metric), "a metric", ", ".join(METRICS[:6])))
            for state in states:
                if state not in STATES[1:4]:
                    found.append(Fault(place, repr(state), "a state that may pause", ", ".join(STATES[1:4])))
        if self.restart_after is not None and self.restart_after < 0:
            found.append(
                Fault("settings.restart_after", str(self.restart_after), "a duration or nothing", '"7d"')
            )
        return found


class Choice(NamedTuple):
    """Which line won for a ticket, and why each other one did not (2.2)."""

    winner: Line | None
    lost: tuple[tuple[Line, str, tuple[tuple[str, str], ...]], ...]
    """(line, message id, values): `fits-less`, `names-later-field`, `plan-line`, `other-value`."""


class Terms:
    """The terms of one agreement version. Immutable; valid or not constructible (Invalid lists every fault)."""

    __slots__ = ("compiled", "lines", "name", "settings", "statuses", "triage")

    def __init__(
        self,
        lines: Iterable[Line],
        statuses: StatusMap | None = None,
        settings: Settings | None = None,
        triage: Target | None = None,
        name: str = "",
    ) -> None:
        self.name = name
        self.lines = tuple(sorted(lines, key=lambda line: line.rank))
        self.statuses = statuses or StatusMap()
        self.settings = settings or Settings()
        self.triage = triage
        """The provider's own target for tickets that no line fits (2.3)."""
        faults = self.settings.faults() + _line_faults(self.lines)
        if triage is not None and (triage.metric != "triage" or triage.days or triage.amount <= 0):
            faults.append(Fault("triage", repr(triage.metric), "a triage target with an amount", '"30m"'))
        if faults:
            raise Invalid(faults)
        self.compiled: dict[Coverage, object] = {}

    def choose(self, fields: Mapping[str, str]) -> Choice:
        """The line that wins for a ticket with these fields, and why the others lost (2.2)."""
        winner: Line | None = None
        lost = []
        for line in self.lines:
            differs = tuple(
                (name, fields.get(name, ""))
                for name, value in line.match.items()
                if fields.get(name) != value
            )
            if differs:
                lost.append((line, "other-value", differs))
            elif winner is None:
                winner = line
            else:
                lost.append((line, *_why_lost(winner, line)))
        return Choice(winner, tuple(lost))


def _why_lost(winner: Line, line: Line) -> tuple[str, tuple[tuple[str, str], ...]]:
    if len(line.match) < len(winner.match):
        return "fits-less", (("names", str(len(line.match))), ("winner", str(len(winner.match))))
    for name in FIELDS:
        if (name in winner.match) != (name in line.match):
            return "names-later-field", (("field", name),)
    return "plan-line", ()


def _line_faults(lines: tuple[Line, ...]) -> list[Fault]:
    faults: list[Fault] = []
    seen: dict[tuple[object, ...], Line] = {}
    for line in lines:
        place = f"line {line.name!r}"
        for name in line.match:
            if name not in FIELDS:
                faults.append(Fault(place, repr(name), "a field a line may name", ", ".join(FIELDS)))
        key = (tuple(sorted(line.match.items())), line.own)
        if key in seen:
            faults.append(
                Fault(place, f"the same tickets as line {seen[key].name!r}", "lines that differ (2.2)")
            )
        seen.setdefault(key, line)
        metrics = [target.metric for target in line.targets]
        for metric in {m for m in metrics if metrics.count(m) > 1}:
            faults.append(Fault(place, f"{metric} twice", "one target for each metric"))
    return faults

"""One shape for everything that is refused: what, where, what was expected instead, and an example."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with what came in.

    `place` names file, line and field as far as known ("terms.yaml, line 12, coverage.zone"), `found` is the
    value met there, `expected` says what would be right, and `example`, if any, shows it or a way out.
    """

    place: str
    found: str
    expected: str
    example: str = ""

    def __str__(self) -> str:
        said = f"{self.place}: found {self.found}, expected {self.expected}"
        return f"{said} (for example: {self.example})" if self.example else said


class Refused(Exception):
    """Nothing was done, because of these faults: all of them, not the first."""

    def __init__(self, faults: Iterable[Fault] | Fault) -> None:
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__(*self.faults)

    def __str__(self) -> str:
        return "\n".join(map(str, self.faults))


def refuse_if_any(faults: Iterable[Fault]) -> None:
    """Raises Refused with all of `faults`, unless there are none."""
    gathered = tuple(faults)
    if gathered:
        raise Refused(gathered)

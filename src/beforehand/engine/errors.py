"""What is wrong with a value, said so that a person can mend it."""

from typing import NamedTuple


class Fault(NamedTuple):
    """One thing that is wrong: where, what was found, what was expected, an example that would do."""

    place: str
    found: str
    expected: str
    example: str = ""

    def __str__(self) -> str:
        text = f"{self.place}: found {self.found}, expected {self.expected}"
        return f"{text}, e.g. {self.example}" if self.example else text


class Invalid(ValueError):
    """A value that cannot exist, with every fault found in it (not only the first)."""

    def __init__(self, faults: list[Fault] | tuple[Fault, ...]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))

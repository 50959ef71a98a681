"""Clocks with a verdict, counted, and how the share of the kept ones is said (clock.md chapter 6)."""

from typing import NamedTuple

FEW = 10
"""Under so many verdicts the words lead and the percentage follows (6.2)."""


class Counts(NamedTuple):
    """Clocks with a verdict."""

    met: int = 0
    breached: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.met + self.breached

    @property
    def permille(self) -> int:
        """How many of a thousand are met, cut: only where all are it is 1000. Without any there is none to ask for."""
        return self.met * 1000 // self.total

    @property
    def percent(self) -> str:
        """Met of all, with one decimal, cut."""
        return f"{self.permille // 10}.{self.permille % 10} %"

    @property
    def few(self) -> bool:
        """Whether they are too few for a percentage to lead (6.2)."""
        return self.total < FEW

    def plus(self, met: int, breached: int) -> "Counts":
        """With so many more."""
        return Counts(self.met + met, self.breached + breached)


NONE = Counts()

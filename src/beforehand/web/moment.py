"""The one place in which pages read the clock; everything below gets `now` handed down.

It is the real one, but in the demo, whose time may run faster.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import NamedTuple


class Clock(NamedTuple):
    """A simulated clock: it stood at `start` when the machine's steady clock (time.monotonic) stood at `steady`.

    It runs `speed` times as fast as the wall's, and never backwards, whatever the wall's is set to. `what` is shown in
    all pages and `why` says more of it: nobody is to take that time for ours.
    """

    start: datetime
    steady: float
    speed: float
    what: str = "Simulated"
    why: str = "No client, person or ticket here is real."

    def now(self) -> datetime:
        """This instant of the simulation."""
        return self.start + timedelta(seconds=(time.monotonic() - self.steady) * self.speed)


_simulated: Clock | None = None


def simulate(clock: Clock | None) -> None:
    """From here on pages of this process go by that clock; None: by the real one."""
    global _simulated
    _simulated = clock


def simulated() -> Clock | None:
    """The simulated clock by which pages go, if they do."""
    return _simulated


def now() -> datetime:
    """This instant."""
    return _simulated.now() if _simulated else datetime.now(UTC)


def rate() -> float:
    """How fast `now` runs: seconds of it in one second of the wall's."""
    return _simulated.speed if _simulated else 1.0

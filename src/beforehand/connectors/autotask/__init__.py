"""Autotask PSA: tickets by last activity, histories one call a ticket, ten thousand calls an hour for everybody."""

from beforehand.connectors.contract import Connector, Tells
from beforehand.engine.instants import HOUR, SECOND

from .client import CHUNK, ROWS
from .hooks import hear
from .memory import AT_A_TIME
from .reader import Reader
from .settings import SETTINGS

TOGETHER = 50
"""Tickets of a step: what is asked for all of them together is then small beside their histories."""
TOGETHER_CALLS = 5
"""Notes, work, results, appointments and their service calls."""


def calls(tickets: int) -> int:
    """The calls of a backfill with histories: one a ticket, and what comes by the page and by the step."""
    pages, steps = -(-tickets // ROWS), -(-tickets // TOGETHER)
    return tickets + steps * (TOGETHER_CALLS + 1) + pages * 3 + tickets // CHUNK


CONNECTOR = Connector(
    "autotask",
    "Autotask PSA",
    SETTINGS,
    Tells(SECOND),
    Reader,
    calls,
    hear,
    limit=(10_000, HOUR),
    share=10,
    at_a_time=AT_A_TIME,
    reads=TOGETHER,
    docs="guide/source-autotask.md",
)

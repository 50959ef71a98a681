"""Autotask PSA: tickets by last activity, histories one call a ticket, ten thousand calls an hour for everybody."""

from beforehand.connectors.contract import Connector, Tells
from beforehand.engine.instants import SECOND

from .cost import LIMIT, SHARE, TOGETHER, calls
from .due_dates import due_dates
from .hooks import hear
from .memory import AT_A_TIME
from .reader import Reader
from .settings import SETTINGS

CONNECTOR = Connector(
    "autotask",
    "Autotask PSA",
    SETTINGS,
    Tells(SECOND),
    Reader,
    calls,
    hear,
    limit=LIMIT,
    share=SHARE,
    at_a_time=AT_A_TIME,
    reads=TOGETHER,
    docs="guide/source-autotask.md",
    writes=True,
    creators=True,
    due_dates=due_dates,
)

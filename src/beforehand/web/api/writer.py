"""What all requests tell goes to the ledger from one thread: those that wait together share a commit."""

from collections.abc import Callable
from datetime import datetime

from beforehand.connectors import requesters
from beforehand.tickets.ledger import Batch

from .together import Together


class Writer(Together[Batch, list[int]]):
    """Hands batches to the ledger, with whom they name; what came of each event of a batch, once it is kept."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(
            "events",
            lambda batches: requesters.keep_together(batches, clock()),
            lambda batch: len(batch.events),
        )

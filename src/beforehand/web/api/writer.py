"""What all requests tell goes to the ledger from one thread: those that wait together share a commit."""

from collections.abc import Callable
from datetime import datetime

from beforehand.tickets import ledger
from beforehand.tickets.ledger import Batch

from .together import Together


class Writer(Together[Batch, list[int]]):
    """Hands batches to the ledger; what came of each event of a batch, once it is kept."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(
            "events",
            lambda batches: ledger.append_together(batches, clock()),
            lambda batch: len(batch.events),
        )

"""One thread keeps what all requests tell: those that wait together share a commit, and are answered after it."""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import NamedTuple

from django.db import DatabaseError, connection

from beforehand.tickets import ledger
from beforehand.tickets.ledger import Batch

from .answers import Problem
from .callers import busy

TOGETHER = 2_000
"""Events that share a commit at most, unless one request alone has more."""

log = logging.getLogger(__name__)


class Order(NamedTuple):
    """A batch, and who waits for what comes of it."""

    batch: Batch
    loop: asyncio.AbstractEventLoop
    came: "asyncio.Future[list[int]]"


class Writer:
    """Hands batches to the ledger. What is answered as kept is on the disk; what is not answered may be sent again."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._orders: SimpleQueue[Order | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    async def keep(self, batch: Batch) -> list[int]:
        """What came of each event of the batch, once it is kept. Raises Problem 503 where it cannot be."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
            self._thread.start()
        loop = asyncio.get_running_loop()
        order = Order(batch, loop, loop.create_future())
        self._orders.put(order)
        return await order.came

    def close(self) -> None:
        """Ends the thread, once what it was handed is kept and told."""
        if self._thread is not None:
            self._orders.put(None)
            self._thread.join()
            self._thread = None

    def _work(self) -> None:
        while orders := self._waiting():
            self._keep(orders)
        connection.close()

    def _waiting(self) -> list[Order]:
        """What is to be kept next, together; waits for it. Nothing when the thread is to end."""
        orders: list[Order] = []
        size = 0
        while size < TOGETHER:
            try:
                order = self._orders.get(block=not orders)
            except Empty:
                break
            if order is None:
                if orders:  # those first
                    self._orders.put(None)
                break
            orders.append(order)
            size += len(order.batch.events)
        return orders

    def _keep(self, orders: Sequence[Order]) -> None:
        """All in one transaction; where that fails each in its own, so that none suffers for another."""
        try:
            came = ledger.append_together([order.batch for order in orders], self._clock())
        except Exception as error:
            connection.close()
            if len(orders) > 1:
                for order in orders:
                    self._keep([order])
                return
            if not isinstance(error, DatabaseError):
                log.exception("events could not be kept")
            _tell(orders[0], _problem(error))
            return
        for order, outcomes in zip(orders, came, strict=True):
            _tell(order, outcomes)


def _problem(error: Exception) -> Problem:
    if isinstance(error, DatabaseError):
        return busy()
    return Problem(500, "our_fault", "Something went wrong here. Nothing of this request was kept.")


def _tell(order: Order, came: list[int] | Problem) -> None:
    def tell() -> None:
        if order.came.done():  # the caller has gone
            return
        if isinstance(came, Problem):
            order.came.set_exception(came)
        else:
            order.came.set_result(came)

    order.loop.call_soon_threadsafe(tell)

"""One thread that writes what many requests want kept: those that wait together share a commit."""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Generic, NamedTuple, TypeVar

from django.db import DatabaseError, connection

from .answers import Problem
from .callers import busy

TOGETHER = 2_000
"""What shares a commit at most, in units of `size`, unless one request alone is more."""

log = logging.getLogger(__name__)
Work = TypeVar("Work")
Came = TypeVar("Came")


class _Order(NamedTuple, Generic[Work, Came]):
    """Some work, and who waits for what comes of it."""

    work: Work
    loop: asyncio.AbstractEventLoop
    came: "asyncio.Future[Came]"


class Together(Generic[Work, Came]):
    """Has `do` done for all that wait, in one transaction; what came of each is told once that is on the disk.

    What is not told of as kept may be sent again.
    """

    def __init__(
        self,
        name: str,
        do: Callable[[Sequence[Work]], Sequence[Came]],
        size: Callable[[Work], int] = lambda _: 1,
    ) -> None:
        self._name, self._do, self._size = name, do, size
        self._orders: SimpleQueue[_Order[Work, Came] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    async def keep(self, work: Work) -> Came:
        """What came of it, once it is kept. Raises Problem 503 where it cannot be."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        loop = asyncio.get_running_loop()
        order: _Order[Work, Came] = _Order(work, loop, loop.create_future())
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

    def _waiting(self) -> list[_Order[Work, Came]]:
        """What is to be kept next, together; waits for it. Nothing when the thread is to end."""
        orders: list[_Order[Work, Came]] = []
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
            size += self._size(order.work)
        return orders

    def _keep(self, orders: Sequence[_Order[Work, Came]]) -> None:
        """All in one transaction; where that fails each in its own, so that none suffers for another."""
        try:
            came = self._do([order.work for order in orders])
        except Exception as error:
            connection.close()
            if len(orders) > 1:
                for order in orders:
                    self._keep([order])
                return
            if not isinstance(error, DatabaseError):
                log.exception("%s: what came could not be kept", self._name)
            _tell(orders[0], _problem(error))
            return
        for order, one in zip(orders, came, strict=True):
            _tell(order, one)


def _problem(error: Exception) -> Problem:
    if isinstance(error, DatabaseError):
        return busy()
    return Problem(500, "our_fault", "Something went wrong here. Nothing of this request was kept.")


def _tell(order: _Order[Work, Came], came: Came | Problem) -> None:
    def tell() -> None:
        if order.came.done():  # the caller has gone
            return
        if isinstance(came, Problem):
            order.came.set_exception(came)
        else:
            order.came.set_result(came)

    order.loop.call_soon_threadsafe(tell)

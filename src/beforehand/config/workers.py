"""Workers: in a process of their own, or beside the server that started them."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from beforehand.kernel.due.handlers import Handler
    from beforehand.kernel.due.worker import Worker

log = logging.getLogger("beforehand.worker")
AGAIN_S = 2.0
"""After so long a worker that ended though nobody asked it to is started again."""

NICE = 10
"""By how much what computes for long gives way to everything else."""


def run(parent: int = 0, slow: bool = False) -> None:
    """Do what is due until SIGTERM or Ctrl-C; with `parent`, until that process is gone.

    What computes for long is done beside it, by a process (`slow`) that leaves the others the machine.
    """
    worker = _worker(lambda: datetime.now(UTC), lambda handler: handler.slow == slow)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: worker.stop())
    if slow:
        os.nice(NICE)
    with beside(0 if slow else 1, "--slow"):
        worker.run(lambda: not parent or os.getppid() == parent)


def _worker(clock: Callable[[], datetime], does: Callable[["Handler"], bool] = lambda _: True) -> "Worker":
    from beforehand.kernel.due.handlers import registered
    from beforehand.kernel.due.worker import Worker
    from beforehand.people.models import Provider

    return Worker(
        clock,
        lambda: list(Provider.objects.order_by("pk").values_list("pk", flat=True)),
        [handler for handler in registered() if does(handler)],
    )


@contextmanager
def in_thread(clock: Callable[[], datetime]) -> Iterator[None]:
    """A worker in this process, by a clock of its own: for a simulation, whose time no other process knows."""
    worker = _worker(clock)
    thread = threading.Thread(target=worker.run, name="worker")
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join()


@contextmanager
def beside(count: int, *options: str) -> Iterator[None]:
    """So many workers beside this process, for as long as this goes on. One that dies is started again."""
    ending = threading.Event()
    keepers = [threading.Thread(target=_keep, args=(ending, options), daemon=True) for _ in range(count)]
    for keeper in keepers:
        keeper.start()
    try:
        yield
    finally:
        ending.set()
        for keeper in keepers:
            keeper.join(3)


def _keep(ending: threading.Event, options: Sequence[str]) -> None:
    command = [sys.executable, "-m", "beforehand", "worker", "--parent", str(os.getpid()), *options]
    while not ending.is_set():
        began = time.monotonic()
        try:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603  (ourselves)
        except OSError as error:
            # No memory, no room for another process: for now.
            log.warning("a worker could not be started (%s); trying again", error)
            ending.wait(AGAIN_S)
            continue
        while process.poll() is None and not ending.wait(0.2):
            pass
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(2)
            except subprocess.TimeoutExpired:
                # What it has taken is free for others at once: its process is gone.
                process.kill()
                process.wait()
        ending.wait(max(0.0, AGAIN_S - (time.monotonic() - began)))

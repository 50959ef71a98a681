"""Workers: in a process of their own, or beside the server that started them."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from beforehand.kernel.due.worker import Worker

AGAIN_S = 2.0
"""After so long a worker that ended though nobody asked it to is started again."""


def run(parent: int = 0) -> None:
    """Do what is due until SIGTERM or Ctrl-C; with `parent`, until that process is gone."""
    worker = _worker(lambda: datetime.now(UTC))
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: worker.stop())
    worker.run(lambda: not parent or os.getppid() == parent)


def _worker(clock: Callable[[], datetime]) -> "Worker":
    from beforehand.kernel.due.worker import Worker
    from beforehand.people.models import Provider

    return Worker(clock, lambda: list(Provider.objects.order_by("pk").values_list("pk", flat=True)))


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
def beside(count: int) -> Iterator[None]:
    """So many workers beside this process, for as long as this goes on. One that dies is started again."""
    ending = threading.Event()
    keepers = [threading.Thread(target=_keep, args=(ending,), daemon=True) for _ in range(count)]
    for keeper in keepers:
        keeper.start()
    try:
        yield
    finally:
        ending.set()
        for keeper in keepers:
            keeper.join(3)


def _keep(ending: threading.Event) -> None:
    command = [sys.executable, "-m", "beforehand", "worker", "--parent", str(os.getpid())]
    while not ending.is_set():
        began = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603  (ourselves)
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

"""Ports for programs that have to be told theirs before they listen at it."""

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path
from typing import IO

# Below those that systems give out by themselves, to whoever connects or asks for any: nobody is given one by chance.
_FIRST, _LAST = 10_240, 32_000
_held: list[IO[str]] = []


def free_port() -> int:
    """One where nobody listens, and that no other process of the tests is given while this one runs.

    A port that was bound and let go may be another's before the program is there that is to listen at it.
    """
    folder = Path(tempfile.gettempdir()) / f"beforehand-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    # Without a seed: Hypothesis gives all processes the same dice.
    for port in random.SystemRandom().sample(range(_FIRST, _LAST), 1000):
        lock = (folder / str(port)).open("w")
        if _is_ours(lock) and _is_free(port):
            _held.append(lock)
            return port
        lock.close()
    raise AssertionError("no port of a thousand is free")


def _is_ours(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True

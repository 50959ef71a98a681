"""Where a demo lives in the data folder, and that it is used by one program at a time."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from beforehand.kernel.faults import Fault, Refused

from .state import load

USER = "demo"
"""Whom every visitor is."""

SIDECARS = ("", "-wal", "-shm", "-journal", ".lock")


class Place:
    """The files of a demo in a data folder: nothing of it lies anywhere else. `name` is what they begin with."""

    def __init__(self, data: Path, name: str = "demo") -> None:
        self.name = name
        self.database = data / f"{name}.sqlite3"
        self.state = data / f"{name}.json"
        self.lock = data / f"{name}.lock"
        self.story = data / f"{name}.story"
        self.rejects = data / f"{name}.rejects.csv"

    @property
    def url(self) -> str:
        """The database, as DATABASE_URL says it."""
        return f"sqlite:///{quote(str(self.database))}"

    @contextmanager
    def alone(self) -> Iterator[Callable[[str], None]]:
        """Hold the demo; Refused where another program holds it. What is yielded tells others the address."""
        self.lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.lock.open("a+", encoding="utf-8") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                held.seek(0)
                running = f"one that runs already{' at ' + at if (at := held.read().strip()) else ''}"
                way_out = "open that address, or end the other with Ctrl-C where it was started"
                raise Refused(
                    Fault(self.name, running, f"one {self.name} at a time in this data folder", way_out)
                ) from None
            held.truncate(0)

            def say_where(address: str) -> None:
                held.write(address)
                held.flush()

            yield say_where

    def is_whole(self) -> bool:
        """Whether there is a demo that this version can go on with."""
        return self.database.exists() and load(self.state) is not None

    def clear(self) -> bool:
        """Deletes database and state; whether there were any."""
        found = [self.database.with_name(self.database.name + end) for end in SIDECARS]
        # The state first: without it what is left counts as nothing.
        all_files = (self.state, self.state.with_suffix(".new"), self.story, self.rejects, *found)
        files = [file for file in all_files if file.exists()]
        for file in files:
            file.unlink()
        return bool(files)

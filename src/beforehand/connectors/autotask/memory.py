"""What a process remembers of an Autotask between turns: its zone, its names, its threshold.

Each turn opens a reader anew, and calls are few: nobody asks for thousands of names every minute.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .names import Names

AT_A_TIME = 3
"""Calls at once to one endpoint that Autotask takes from one tracking identifier."""


@dataclass
class Zone:
    """Where a database is: of its API, and of its pages."""

    url: str
    web: str


@dataclass
class Threshold:
    """How many calls of all integrations together the last hour had, and how many of ours came since that was read."""

    at: int
    used: int
    most: int
    ours: int = 0

    def part(self) -> float:
        """Which part of all calls is used."""
        return (self.used + self.ours) / self.most if self.most else 0.0


@dataclass
class Memory:
    """Of one API user. `now`: Autotask's time when it answered last. `lacks`: what its rights do not let it read, in
    words. `histories`: those read for a step that was broken off, by ticket and its stamp; one costs a call.
    """

    now: int = 0
    zone: Zone | None = None
    names: Names | None = None
    threshold: Threshold | None = None
    lacks: dict[str, str] = field(default_factory=dict)
    histories: dict[tuple[str, int], list[Mapping[str, Any]]] = field(default_factory=dict)
    _doors: dict[str, threading.BoundedSemaphore] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def door(self, entity: str) -> threading.BoundedSemaphore:
        """Lets three at a time to an endpoint, whoever in this process uses it."""
        with self._lock:
            return self._doors.setdefault(entity, threading.BoundedSemaphore(AT_A_TIME))


_memories: dict[tuple[str, ...], Memory] = {}
_lock = threading.Lock()


def memory_of(*key: str) -> Memory:
    """What is remembered of an API user at an address."""
    with _lock:
        return _memories.setdefault(key, Memory())

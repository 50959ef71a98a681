"""Who does what is due: each room that is asked for something says so, by its kind, once Django is ready."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol


class Claim(NamedTuple):
    """A due row that a worker has taken. `turn`: how often it had been asked for by then."""

    id: int
    provider: int
    kind: str
    key: int
    lane: int
    due_at: int
    turn: int
    tries: int


Next = int | None
"""When it is due again, in microseconds; None: never, the row goes."""


class Idle(NamedTuple):
    """Nothing is to be done of a row now; when it is due again."""

    again: Next


class Going(NamedTuple):
    """What is asked while an errand is run: the time, and whether nobody can have taken it over meanwhile."""

    clock: Callable[[], datetime]
    is_fresh: Callable[[], bool]


class Errand(Protocol):
    """What waits for other machines, in three parts: those of many rows share two transactions."""

    def prepare(self, claims: Sequence[Claim], now: datetime) -> Sequence[Any]:
        """In a transaction: for each row what `run` needs, marked as begun, or `Idle`."""

    def run(self, job: Any, going: Going) -> Any:
        """In a thread of its own: do it; what came of it. Whoever asks the database there ends its connection."""

    def note(self, done: Sequence[tuple[Any, Any]], now: datetime) -> Sequence[Next]:
        """In a transaction: write down what came of jobs, and say when each row is due again."""


class Handler(NamedTuple):
    """How rows of a kind are done.

    `many` does some at once in the one transaction in which they are settled, and says when each is due again; an
    `errand` is done outside of any. Where some fail together each is tried alone, so that one poisoned row stops no
    other. `of_each`: every provider has one row of it, whose key is the provider's, which workers make where there is
    none. `slow`: it computes for long, so that workers have it done by a process of its own, and nobody waits for it.
    """

    kind: str
    many: Callable[[Sequence[Claim], datetime], Sequence[Next]] | None = None
    errand: Errand | None = None
    at_once: int = 50
    of_each: bool = False
    slow: bool = False


_handlers: dict[str, Handler] = {}


def register(handler: Handler) -> None:
    """Say who does what is due of a kind. ValueError where somebody else does."""
    if _handlers.setdefault(handler.kind, handler) != handler:
        raise ValueError(f"due rows of kind {handler.kind!r} have a handler already")


def registered() -> tuple[Handler, ...]:
    """All of them, in the order in which they were registered."""
    return tuple(_handlers.values())

"""Who does what is due: each room that is asked for something says so, by its kind, once Django is ready."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .worker import Hands


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


class Handler(NamedTuple):
    """How rows of a kind are done.

    `many` does some at once in the one transaction in which they are settled, and says when each is due again; where
    it fails, each is tried alone, so that one poisoned row stops no other. `alone` does one outside of any
    transaction, in a thread of its own: for what waits for other machines. It settles its row by `Hands` itself.
    `of_each`: every provider has one row of it, whose key is the provider's, which workers make where there is none.
    """

    kind: str
    many: Callable[[Sequence[Claim], datetime], Sequence[Next]] | None = None
    alone: Callable[[Claim, "Hands"], None] | None = None
    at_once: int = 50
    of_each: bool = False


_handlers: dict[str, Handler] = {}


def register(handler: Handler) -> None:
    """Say who does what is due of a kind. ValueError where somebody else does."""
    if _handlers.setdefault(handler.kind, handler) != handler:
        raise ValueError(f"due rows of kind {handler.kind!r} have a handler already")


def registered() -> tuple[Handler, ...]:
    """All of them, in the order in which they were registered."""
    return tuple(_handlers.values())

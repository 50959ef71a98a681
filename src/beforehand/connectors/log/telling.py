"""What the kinds of file have in common: who wrote a row, and what becomes of it."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol, TypeVar

from beforehand.engine.codes import BY_PERSON
from beforehand.engine.history import Event

from .cells import Cells
from .lines import Row
from .mapping import Author
from .told import Memory, Told


class Item(Protocol):
    """A row that was read: of which ticket, and its place there."""

    @property
    def row(self) -> Row: ...
    @property
    def ticket(self) -> str: ...


class Outcome(NamedTuple):
    """What a row tells. With a `reason` it cannot be taken after all."""

    row: Row
    events: Sequence[Event]
    reason: str = ""


Read = TypeVar("Read", bound=Item)


class Teller(Protocol[Read]):
    """Reads the rows of one kind of file."""

    names: tuple[str, ...]

    def read(self, row: Row) -> Read:
        """The row read; Unusable if it cannot be."""

    def tell(self, ticket: str, items: Sequence[Read], told: Told, memory: Memory) -> Iterator[Outcome]:
        """What rows of one ticket tell, in the order of their time."""


Who = Callable[[list[str]], tuple[str, int]]


def who_of(cells: Cells, author: Author) -> Who:
    """What gives a row's author and the flags that say what he is: by name, by role, by how the name begins."""
    if author.name is None:
        return lambda _: ("", BY_PERSON)
    name = cells.value(author.name)
    role = cells.value(author.role) if author.role is not None else None
    beginnings = tuple((word[:-1], flags) for word, flags in author.who.items() if word.endswith("*"))
    who, otherwise = author.who, author.otherwise

    def read(row: list[str]) -> tuple[str, int]:
        person = name(row)
        flags = who.get(person)
        if flags is None and role is not None:
            flags = who.get(role(row))
        if flags is None:
            flags = next((f for start, f in beginnings if person.startswith(start)), otherwise)
        return person, flags

    return read

"""What the kinds of file have in common: who wrote a row, and what becomes of it."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol, TypeVar

from beforehand.connectors.requesters import Asker
from beforehand.engine.codes import BY_PERSON
from beforehand.engine.history import Event
from beforehand.promises.addressee import ADDRESS, AN_ADDRESS, address_in
from beforehand.tickets.events import LONGEST_ID

from .cells import Cells, Unusable, shown
from .lines import Row
from .mapping import Author, Shape
from .told import Memory, Told


class Item(Protocol):
    """A row that was read: of which ticket, as of when, and who asked as far as it says more than a name."""

    @property
    def row(self) -> Row: ...
    @property
    def ticket(self) -> str: ...
    @property
    def at(self) -> int: ...
    @property
    def asker(self) -> Asker | None: ...


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

    def named(self, item: Read, name: str) -> Read:
        """The row with the name that tickets have for its contact."""

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


def asker_of(cells: Cells, shape: Shape) -> Callable[[list[str]], Asker | None]:
    """What gives who asked, where a row says more of them than the name; Unusable where what it says cannot be."""
    if shape.contact is None:
        return lambda _: None
    columns = (
        shape.facts["contact"],
        shape.contact.email,
        shape.contact.id,
        shape.facts.get("client"),
    )
    readers = [None if column is None else cells.value(column) for column in columns]
    mails, ids = (" and ".join(column.names) if column else "" for column in columns[1:3])

    def read(row: list[str]) -> Asker | None:
        name, email, key, client = ("" if one is None else one(row) for one in readers)
        address = address_in(email)
        if email and not address:
            raise Unusable(f"column {mails}: found {shown(email)}, expected {ADDRESS} ({AN_ADDRESS})")
        if len(key) > LONGEST_ID:
            expected = f"at most {LONGEST_ID} characters"
            raise Unusable(f"column {ids}: found {shown(key)} of {len(key)} characters, expected {expected}")
        return Asker(name, address, key, client) if address or key else None

    return read

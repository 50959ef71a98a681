"""What the readers of some sources can do besides (contract.py); each is looked for where it is used."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from .contract import Contact, Told


class Listed(NamedTuple):
    """A page of the past of which is known where to go on after it; `read` reads its tickets."""

    read: Callable[[], Sequence[Told]]
    cursor: str
    more: bool
    total: int | None = None


class ContactPage(NamedTuple):
    """Some contacts, each told whole, and where to go on; where nothing is left, from where later ones are asked."""

    contacts: Sequence[Contact]
    cursor: str
    more: bool


@runtime_checkable
class ListsBack(Protocol):
    """The reader of a source of which some pages of the past may be read at once, ahead of their turn (ahead.py).

    Threads of ours do, beside the one that uses the rest of the reader: what it keeps for itself must bear that, and
    the source so many calls.
    """

    def list_back(self, cursor: str, since: int) -> Listed:
        """The same as `back`, as far as where the next page begins is known by it."""


@runtime_checkable
class Writer(Protocol):
    """What the reader of a source that can be written to can do besides; each is done once (writing.py)."""

    def write_note(self, ticket: str, text: str) -> None:
        """An internal note on a ticket, which the client never sees."""

    def write_fields(self, ticket: str, values: Mapping[str, str]) -> None:
        """Custom fields of a ticket, by the names that the owner gave."""


@runtime_checkable
class Shows(Protocol):
    """A Writer that can look whether a note of ours stands there, though its answer was lost."""

    def notes_of(self, ticket: str) -> Sequence[str]:
        """The texts of all notes on a ticket, as they stand there."""


@runtime_checkable
class Contacts(Protocol):
    """The reader of a source that tells the people of its clients besides, many in a call."""

    def contacts(self, cursor: str) -> ContactPage:
        """A page of all of them, where `cursor` is ""; after the last one what changed since, with an overlap."""


@runtime_checkable
class Calls(Protocol):
    """The reader of a source that can be told by its API whom to call; elsewhere its owner enters the address."""

    def listen(self, url: str, name: str) -> None:
        """Have changes of tickets told to an address, once: one that is there is not doubled, one of this name at
        another address is moved.
        """

    def listens(self, url: str) -> bool:
        """Whether they are told there now."""

    def unlisten(self, url: str, name: str) -> None:
        """Have them told there no more, nor under this name elsewhere; where they are not, nothing is done."""


@runtime_checkable
class Recalls(Protocol):
    """The reader of a source whose histories are texts, which have the names that things had then."""

    def recall(self, first: Callable[[str, str, str], str]) -> None:
        """`first(kind, name, board)`: the name by which a thing was known first, so that a history is whole though what
        it tells of has another name by now.
        """

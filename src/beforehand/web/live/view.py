"""What every live page has in common for the hub."""

from datetime import datetime
from typing import NamedTuple, Protocol

from beforehand.people.models import Provider
from beforehand.promises.book import Book
from beforehand.web.board import Figures

from .touch import Change


class Tick(NamedTuple):
    """One round of the hub for one provider. `figures` are those counted in it already, by what they count."""

    now: datetime
    provider: Provider
    book: Book
    figures: dict[tuple[object, ...], Figures]


class View(Protocol):
    """A page that some browsers show. It remembers what was sent last."""

    due: datetime | None
    """When time alone makes it read anew."""

    def touched(self, changes: list[Change]) -> bool:
        """Whether it must be read anew after these changes."""

    def read(self, tick: Tick) -> bytes | None:
        """Reads anew: the message to those who have what was sent last, None when nothing is different."""

    def whole(self, have: str, now: datetime, /) -> bytes:
        """The message to one who has only just come, with the content that `have` names."""

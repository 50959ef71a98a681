"""The ladders of a provider by name, and their links in words."""

from beforehand.promises.book import Book
from beforehand.promises.ladders import BUILT_IN, Ladder, Link


def ladders_of(book: Book) -> dict[str, Ladder]:
    """Every ladder on which a clock of this provider can be, by its name: its own ones first."""
    return {ladder.name: ladder for ladder in (*BUILT_IN, *book.ladders.own)}


def in_words(link: Link) -> str:
    """Those who are told at one time: "assignee or dispatcher and team lead"."""
    return " and ".join(
        " or ".join(one.removeprefix("person ") for one in parties) for parties in link.parties
    )

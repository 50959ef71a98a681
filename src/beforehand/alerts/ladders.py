"""The ladders of a provider by name, and their links in words."""

from beforehand.promises.book import Book, current
from beforehand.promises.file.ladders import read_link, say_at
from beforehand.promises.ladders import BUILT_IN, Ladder, Link, Step

from .models import Delivery, StepTaken


def ladders_of(book: Book) -> dict[str, Ladder]:
    """Every ladder on which a clock of this provider can be, by its name: its own ones first."""
    return {ladder.name: ladder for ladder in (*BUILT_IN, *book.ladders.own)}


def in_words(link: Link) -> str:
    """Those who are told at one time: "assignee or dispatcher and team lead"."""
    return " and ".join(
        " or ".join(one.removeprefix("person ") for one in parties) for parties in link.parties
    )


def step_of(row: Delivery) -> Step | None:
    """The step of which somebody is told, with its chain as it was; None where the ladder has none there any more."""
    ladder = ladders_of(current(row.provider)).get(row.alert.ladder)
    taken = StepTaken.objects.filter(provider=row.provider, alert=row.alert, step=row.step).first()
    if ladder is None or taken is None:
        return None
    step = next((step for step in ladder.steps if say_at(step) == taken.said), None)
    links = [read_link(text) for text in taken.links]
    return (
        step if step is None or not links else step._replace(chain=tuple(link or Link(()) for link in links))
    )

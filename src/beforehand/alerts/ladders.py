"""The ladders of a provider by name, and their links in words."""

from beforehand.promises.book import Book, current
from beforehand.promises.file.ladders import say_at
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
    """The step of which somebody is told; None where the ladder has none there any more, or another."""
    ladder = ladders_of(current(row.provider)).get(row.alert.ladder)
    if ladder is None or row.step >= len(ladder.steps):
        return None
    step = ladder.steps[row.step]
    taken = StepTaken.objects.filter(provider=row.provider, alert=row.alert, step=row.step).first()
    return step if taken is not None and taken.said == say_at(step) else None

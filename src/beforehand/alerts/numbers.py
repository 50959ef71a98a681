"""The steps of a ladder as an alert knows them: by numbers that stay theirs, whatever becomes of the ladder.

A step is known by where it stands ("75%"). What was told there is not told again, and the chain that goes on there
goes on with whoever of it was not told yet, though the ladder was changed, or the clock is on another one.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Protocol

from beforehand.promises.file.ladders import read_link, say_at, say_link
from beforehand.promises.ladders import Link, Step


class Row(Protocol):
    """A step that was taken: its number, where it stands, and the links of its chain, as they are written."""

    step: int
    said: str
    links: list[str]


def numbered(steps: Sequence[Step], taken: Mapping[int, str]) -> tuple[int, ...]:
    """The number of each step: the one by which it was taken, else the next that is free.

    `taken` has the places of the steps that were taken, by number. On a ladder that never changed the numbers are
    0, 1, 2 and so on.
    """
    known = {said: number for number, said in taken.items()}
    free = (number for number in count() if number not in taken)
    return tuple(known[said] if said in known else next(free) for said in map(say_at, steps))


def by_number(steps: Sequence[Step], rows: Iterable[Row], chain: int | None, place: int) -> dict[int, Step]:
    """The steps by number, in the order of the ladder; `chain` is the one whose chain goes on, `place` links told."""
    taken = {row.step: row for row in rows}
    numbers = numbered(steps, {number: row.said for number, row in taken.items()})
    found = dict(zip(numbers, steps, strict=True))
    if chain in found and chain in taken:
        step = found[chain]
        found[chain] = step._replace(chain=going_on(step.chain, taken[chain].links, place))
    return found


def going_on(chain: tuple[Link, ...], before: Sequence[str], place: int) -> tuple[Link, ...]:
    """A chain of which `place` links were told when it was as `before`: those, and who of it now was not told."""
    if not before or list(before) == said(chain):
        return chain
    told = before[:place]
    links = (read_link(text) for text in told)
    rest = (link for link in chain if say_link(link) not in told)
    return (*(link for link in links if link is not None), *rest)


def said(chain: Iterable[Link]) -> list[str]:
    """The links of a chain as they are written."""
    return [say_link(link) for link in chain]

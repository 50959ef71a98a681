"""The day's list in words: a pure function of its parts."""

from collections.abc import Sequence
from typing import NamedTuple

SHOWN = 12
"""Lines of a part; of what is more there is a count and a link."""


class Item(NamedTuple):
    """A line of a part, the address of what it is about, and perhaps a second line."""

    said: str
    url: str
    then: str = ""


class Part(NamedTuple):
    """A part of the list: its heading, its name beside its count in the subject ("3 late"), the first of `total` items
    and the address where all of them are.
    """

    heading: str
    name: str
    total: int
    items: Sequence[Item]
    url: str


def subject(day: str, parts: Sequence[Part]) -> str:
    """The first line: "Tue 10 Mar: 3 late, 5 due today"."""
    return f"Your day, {day}: {_figures(parts) or _NOTHING}"


def body(day: str, parts: Sequence[Part], foot: str) -> str:
    """The whole message; parts of which there is nothing are not in it."""
    if not _figures(parts):
        return f"{day}: {_NOTHING}.\n\n{foot}\n"
    said = "\n".join(_part(part) for part in parts if part.total)
    return f"{day}: {_figures(parts)}.\n\n{said}\n{foot}\n"


_NOTHING = "nothing is late, due or at risk, and no chain went on in the night"


def _figures(parts: Sequence[Part]) -> str:
    return ", ".join(f"{part.total:,} {part.name}" for part in parts if part.total)


def _part(part: Part) -> str:
    lines = [f"{part.heading} ({part.total:,})"]
    for item in part.items[:SHOWN]:
        lines.append(f"- {item.said}")
        lines += [f"  {line}" for line in (item.then, item.url) if line]
    if part.total > SHOWN:
        lines.append(f"- and {part.total - SHOWN:,} more: {part.url}")
    return "\n".join(lines) + "\n"

"""The words of a draft: names that an agreement file can hold, and what is said of what was left out."""

import re
from collections.abc import Collection

from beforehand.kernel.names import fold
from beforehand.promises.file.reader import LONGEST, unfit

DRAFT = "Draft from "
"""How the name of each drafted agreement begins: by it people see what it is, and we what nobody has made their own."""

NOT_TOLD, BY_HAND = "not told, assumed", "entered by hand"
"""How the zone of hours is known that nobody told: taken for the provider's, or said by a person."""
_MARK = re.compile(rf" \((zone (?:inferred from [^()]*|{BY_HAND}|{NOT_TOLD}))\)$")
_SHOWN = 5
_SHORT = 60


def is_draft(agreement: str) -> bool:
    """Whether an agreement still has the name that a draft gave it."""
    return agreement.startswith(DRAFT)


def name_of(text: str) -> str:
    """A text from elsewhere as a name that the file can hold; "" where nothing is left of it."""
    seen = "".join(" " if unfit(character) else character for character in text)
    words = " ".join(seen.split())[:LONGEST].rstrip()
    while unfit(words):  # folded, a few characters become many
        words = words[:-1].rstrip()
    return words if fold(words) else ""


def kept(text: str) -> str:
    """A text that tickets are compared with: as it is, or "" where the file cannot hold just that."""
    text = text.strip()
    return "" if unfit(text) or not fold(text) else text


def unique(name: str, taken: Collection[str], title: str, mark: str = "") -> str:
    """The name, with the source's title where it is taken already, and a number where that is too; and with a mark."""
    folded = {fold(other) for other in taken}
    number, end = 1, f" ({mark})" if mark else ""
    made, bare = _fitted(name, end), name
    while {fold(made), fold(bare)} & folded:
        tail = f" ({short(title)})" if number == 1 else f" ({short(title)} {number})"
        made, bare = _fitted(name, tail + end), _fitted(name, tail)
        number += 1
    return made


def is_called(made: str, name: str, title: str) -> bool:
    """Whether a name is one that `unique` makes of another, whatever it says of a zone."""
    bare, mark = unmarked(made), mark_of(made)
    end = f" ({mark})" if mark else ""
    number = re.search(r" (\d+)\)$", bare)
    tails = ["", f" ({short(title)})", *([f" ({short(title)} {number[1]})"] if number else [])]
    return made in {_fitted(name, tail + end) for tail in tails}


def _fitted(name: str, tail: str) -> str:
    name = name[: LONGEST - len(tail)].rstrip()
    while name and unfit(name + tail):  # folded, a few characters become many
        name = name[:-1].rstrip()
    return name + tail


def mark_of(coverage: str) -> str:
    """How the zone of hours is known that their source did not tell, as their name says it; "" where it says nothing:
    it was told, or somebody who knows took the mark away."""
    found = _MARK.search(coverage)
    return found[1] if found else ""


def unmarked(coverage: str) -> str:
    """The name of hours without what it says of their zone."""
    return _MARK.sub("", coverage)


def short(text: str) -> str:
    """A name as a sentence has it."""
    name = name_of(text) or "one without a name"
    return name if len(name) <= _SHORT else f"{name[: _SHORT - 1].rstrip()}…"


def listed(names: Collection[str]) -> str:
    """ "Acme, Birch and Cedar", or the first few and how many more there are."""
    first = list(names)[:_SHOWN]
    if len(names) > _SHOWN:
        return f"{', '.join(first)} and {len(names) - _SHOWN:,} more"
    return " and ".join([", ".join(first[:-1]), first[-1]] if len(first) > 1 else first)


class Notes:
    """Sentences, each once, with all whom it is about before it."""

    def __init__(self) -> None:
        self._said: dict[str, dict[str, None]] = {}

    def say(self, sentence: str, about: str | None = None) -> None:
        """Keeps a sentence; `about` is a name that it is true of."""
        names = self._said.setdefault(sentence, {})
        if about is not None:
            names[short(about)] = None

    def all(self) -> tuple[str, ...]:
        """What was said, in its order."""
        return tuple(
            f"{listed(names)}: {sentence}" if names else sentence for sentence, names in self._said.items()
        )

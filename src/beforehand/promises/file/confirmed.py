"""Statuses that somebody confirmed on a source's page, under an agreement file that is loaded later (clock.md 3.2).

A file says all that is promised, but what the words of a ticket system mean is mostly said on its page: a file that
says nothing of such a status takes nothing away.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from beforehand.engine.terms import Meaning, StatusMap

Tables = Mapping[str, Mapping[str, Meaning]]
Status = tuple[str, str]
"""A board, "" for every one, and the status."""


def kept(file: Tables, stored: Tables, confirmed: Iterable[Status]) -> dict[Status, Meaning]:
    """The confirmed statuses of which a file says nothing, with what they mean."""
    theirs, ours = StatusMap(file), StatusMap(stored)
    return {
        (board, status): meaning
        for board, status in sorted(set(confirmed))
        if theirs.meaning(board, status) is None
        if (meaning := ours.meaning(board, status)) is not None
    }


def differing(
    file: Tables, stored: Tables, confirmed: Iterable[Status]
) -> dict[Status, tuple[Meaning, Meaning]]:
    """Those of which it says something else: what it says, and what was confirmed."""
    theirs, ours = StatusMap(file), StatusMap(stored)
    return {
        (board, status): (said, meaning)
        for board, status in sorted(set(confirmed))
        if (said := theirs.meaning(board, status)) is not None
        if (meaning := ours.meaning(board, status)) is not None and meaning != said
    }


def with_kept(file: Tables, more: Mapping[Status, Meaning]) -> dict[str, dict[str, Meaning]]:
    """The tables of a file with these in them. A board that so gets one of its own has in it what is for every board,
    and what is kept for every board stands in those that the file has too.
    """
    found = {board: dict(table) for board, table in file.items()}
    for (board, status), meaning in sorted(more.items()):
        found.setdefault(board, dict(found.get("", {})))[status] = meaning
        if not board:
            for table in found.values():
                table.setdefault(status, meaning)
    return found


def said(more: Mapping[Status, Meaning], name: str) -> Sequence[str]:
    """What became of them, in sentences."""
    return [
        f"Not in {name}, and as somebody confirmed {'them' if len(some) > 1 else 'it'}"
        f"{f', on {board}' if board else ''}: {', '.join(some)}."
        for board, group in groupby(sorted(more), key=lambda one: one[0])
        if (some := [f"{status} ({more[board, status].state})" for _, status in group])
    ]

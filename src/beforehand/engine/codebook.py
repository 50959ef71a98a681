"""Words of terms and events as integers, for scan.py."""

from collections.abc import Sequence

from .codes import (
    ABSORBED,
    ASSIGNED,
    BOARD,
    CHANGED,
    CLIENT_MESSAGE,
    CREATED,
    FIELD_CODES,
    FIELDS,
    MESSAGE,
    ORIGIN_FIELD,
    ORIGIN_UNMAPPED,
    ORIGINS,
    OTHER_FIELD,
    S_MESSAGES,
    S_RESPONDED,
    S_TEXTS,
    STARTS,
    STATUS,
)
from .history import Event, Source
from .instants import NEVER
from .terms import Terms

_SAY_NOTHING = frozenset((CREATED, CLIENT_MESSAGE, MESSAGE))


class Codebook:
    """The integer codes of the words that a set of terms names; a word it does not name is 0."""

    __slots__ = ("fields", "statuses")

    def __init__(self, terms: Terms) -> None:
        self.fields: list[dict[str, int]] = [{} for _ in FIELDS]
        for line in terms.lines:
            for name, value in line.match.items():
                book = self.fields[FIELDS.index(name)]
                book.setdefault(value, len(book) + 1)
        boards = self.fields[BOARD]
        for board in terms.statuses.boards:
            if board:
                boards.setdefault(board, len(boards) + 1)
        self.statuses: dict[str, int] = {}
        for known in terms.statuses.boards.values():
            for name in known:
                self.statuses.setdefault(name, len(self.statuses) + 1)

    def columns(
        self, events: Sequence[Event]
    ) -> tuple[Sequence[int], Sequence[int], list[int], Sequence[int]]:
        """A ticket's events as integers: instants, kinds, what each says, flags."""
        if not events:
            return (), (), [], ()
        at, kind, _, _, value, field, flags, _, _, since, _, _ = zip(*events, strict=True)
        return at, kind, self._codes(kind, value, field, since), flags

    def _codes(
        self, kind: Sequence[int], value: Sequence[str], field: Sequence[str], since: Sequence[int | None]
    ) -> list[int]:
        """A status or field by its code, an owner or none, an instant: see scan.py for how it is read."""
        codes = [0] * len(kind)
        for i, what in enumerate(kind):
            if what == STATUS:
                codes[i] = self.statuses.get(value[i], 0)
            elif what in _SAY_NOTHING:
                continue
            elif what == CHANGED:
                codes[i] = self._change(field[i], value[i])
            elif what == ASSIGNED:
                codes[i] = 1 if value[i] else 0
            elif what == STARTS or what == ABSORBED:
                told = since[i]
                codes[i] = NEVER if told is None else told
        return codes

    def _change(self, field: str, value: str) -> int:
        name = FIELD_CODES.get(field, OTHER_FIELD)
        if name < len(FIELDS):
            return name | self.fields[name].get(value, 0) << 4
        if name == ORIGIN_FIELD:
            origin = value or ORIGINS[0]
            return name | (ORIGINS.index(origin) if origin in ORIGINS else ORIGIN_UNMAPPED) << 4
        return name


def source_bits(source: Source) -> int:
    """What a source tells, as the bits that walk.py takes."""
    return S_MESSAGES * source.messages + S_RESPONDED * source.responded + S_TEXTS * source.texts

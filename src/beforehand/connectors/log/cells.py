"""The cells of a row read by a mapping: which file a header belongs to, and the value of each column in a row."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from beforehand.kernel.faults import Fault, Refused
from beforehand.promises.file.reader import closest

from .mapping import Column, LogMapping, Shape
from .stamps import Stamps

REMEMBERED = 20_000
LONGEST_SHOWN = 60
LONGEST_KEY = 150
LONGEST_NAME = 200
_SHORT = ("client", "number")
"""Of a ticket's or a message's id: the ledger's limit, less what event ids add."""
REJECTED = ("rejected_line", "rejected_reason")
"""The columns that a file of rejected rows has before its own."""

_WHOLE = re.compile("-?[0-9]+")
_DELIMITERS = {";": '";"', "\t": "tab", "|": '"|"', ",": '","'}

Value = Callable[[list[str]], str]
Instant = Callable[[list[str]], tuple[int, str] | None]


class Unusable(Exception):
    """A row that cannot be taken, and why."""


def shape_of(header: Sequence[str], mapping: LogMapping, place: str) -> Shape:
    """The shape whose columns the header has. Raises Refused with every column that is missing from the nearest."""
    twice = [name for name, count in Counter(header).items() if count > 1]
    if twice:
        where = "; ".join(
            f"{name!r} in columns {', '.join(str(n) for n, h in enumerate(header, 1) if h == name)}"
            for name in twice
        )
        raise Refused(Fault(f"{place}, line 1", f"the same header again: {where}", "each header once"))
    lacking = {
        shape.name: [c for c in shape.used() if not set(c.names) <= set(header)] for shape in mapping.shapes
    }
    best = min(mapping.shapes, key=lambda shape: len(lacking[shape.name]) / max(1, len(list(shape.used()))))
    if lacking[best.name]:
        raise Refused(_missing(lacking[best.name], header, mapping, place))
    return best


def _missing(
    columns: Iterable[Column], header: Sequence[str], mapping: LogMapping, place: str
) -> list[Fault]:
    absent: dict[str, list[str]] = {}
    for column in columns:
        for name in column.names:
            if name not in header:
                absent.setdefault(name, []).append(".".join(column.path))
    there = ", ".join(header[:60])
    for mark, written in _DELIMITERS.items():
        if len(header) == 1 and mark != mapping.delimiter and mark in header[0]:
            found = f"one column, {shown(header[0])}"
            expected = f"columns with {mapping.delimiter!r} between, as {mapping.file} says"
            return [Fault(f"{place}, line 1", found, expected, f"delimiter: {written} in the mapping")]
    faults = []
    for name, paths in absent.items():
        near = closest(name, header)
        expected = f"the column {name!r}, which {mapping.file} names at {' and '.join(paths)}"
        faults.append(Fault(f"{place}, line 1", f"no column {name!r} among: {there}", expected, near))
    return faults


class Cells:
    """Reads values and instants out of the rows of one file."""

    def __init__(self, header: Sequence[str], mapping: LogMapping) -> None:
        self.rejected = tuple(header[: len(REJECTED)]) == REJECTED
        """Whether these are rows that were rejected before."""
        self._at = {name: n for n, name in enumerate(header)}
        self._mapping = mapping
        self._missing = mapping.missing | {""}
        self._stamps = Stamps(mapping.dates, mapping.zone)

    def value(self, column: Column) -> Value:
        """What gives the value of a column in a row: "" where it is missing."""
        if len(column.names) > 1:
            return self._joined(column)
        (name,) = column.names
        index = self._at[name]
        memo: dict[str, str] = {}

        def read(cells: list[str]) -> str:
            raw = cells[index]
            value = memo.get(raw)
            if value is None:
                if len(memo) >= REMEMBERED:
                    memo.clear()
                value = memo[raw] = self._clean(raw, name, column)
            return value

        return read

    def fact(self, name: str, column: Column) -> Value:
        """The same for a field of the ticket, of which some have a length that they cannot pass."""
        read, names = self.value(column), " and ".join(column.names)
        if name not in _SHORT:
            return read

        def short(cells: list[str]) -> str:
            value = read(cells)
            # Folding case may make a name longer, up to threefold.
            if len(value) > LONGEST_NAME or (
                not value.isascii() and len(value.casefold()) > 2 * LONGEST_NAME
            ):
                limit = f"at most {LONGEST_NAME} characters"
                raise Unusable(
                    f"column {names}: found {shown(value)} of {len(value)} characters, expected {limit}"
                )
            return value

        return short

    def required(self, column: Column) -> Value:
        """The same for a column that must have a value."""
        read, names = self.value(column), " and ".join(column.names)

        def must(cells: list[str]) -> str:
            value = read(cells)
            if not value:
                raise Unusable(f"column {names}: found nothing, expected a value")
            if len(value) > LONGEST_KEY:
                limit = f"at most {LONGEST_KEY} characters"
                raise Unusable(
                    f"column {names}: found {shown(value)} of {len(value)} characters, expected {limit}"
                )
            return value

        return must

    def instant(self, column: Column) -> Instant:
        """What gives the instant of a column in a row, and its text in UTC; None where it is missing."""
        read, name, stamps = self.value(column), column.names[0], self._stamps

        def date(cells: list[str]) -> tuple[int, str] | None:
            text = read(cells)
            if not text:
                return None
            try:
                return stamps.read(text)
            except ValueError:
                raise Unusable(f"column {name}: found {shown(text)}, expected {stamps.expected}") from None

        return date

    def required_instant(self, column: Column) -> Callable[[list[str]], tuple[int, str]]:
        """The same for a date that must be there."""
        date, name, stamps = self.instant(column), column.names[0], self._stamps

        def must(cells: list[str]) -> tuple[int, str]:
            moment = date(cells)
            if moment is None:
                raise Unusable(f"column {name}: found nothing, expected {stamps.expected}")
            return moment

        return must

    def whole(self, column: Column | None) -> Callable[[list[str]], int] | None:
        """What gives the whole number of a column in a row."""
        if column is None:
            return None
        read, name = self.required(column), column.names[0]

        def number(cells: list[str]) -> int:
            text = read(cells)
            if not _WHOLE.fullmatch(text):
                raise Unusable(f"column {name}: found {shown(text)}, expected a whole number (17)")
            found = int(text) if len(text) < 40 else 2**62
            if abs(found) >= 2**62:
                raise Unusable(f"column {name}: found {shown(text)}, expected a number of at most 18 digits")
            return found

        return number

    def place(self, column: Column) -> int:
        """The place of a column in a row."""
        return self._at[column.names[0]]

    def _joined(self, column: Column) -> Value:
        parts = [self.value(Column((name,))) for name in column.names]

        def read(cells: list[str]) -> str:
            text = column.joined.join(filter(None, (part(cells) for part in parts)))
            return column.values.get(text, text) if text else column.empty

        return read

    def _clean(self, raw: str, name: str, column: Column) -> str:
        text = raw.strip()
        if text in self._missing:
            return column.empty
        if "\0" in text:
            raise Unusable(f"column {name}: found a NUL character in {shown(text)}, expected text")
        if name in self._mapping.whole:
            text = text.removesuffix(".0")
        if column.part is not None:
            found = column.part.search(text)
            if found is None:
                raise Unusable(f"column {name}: found {shown(text)}, expected {column.part.pattern}")
            text = found[1] or ""
        return column.values.get(text, text)


def shown(text: str) -> str:
    """A value as it is quoted in a reason."""
    return repr(text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "...")

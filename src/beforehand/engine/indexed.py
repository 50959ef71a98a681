"""A coverage's windows with indexes into them, for very many searches (many.py)."""

from collections.abc import Sequence
from dataclasses import dataclass

from .flat import Ints
from .table import Table


@dataclass(frozen=True, slots=True)
class Indexed:
    """The columns of one table (flat.Flat) with buckets by instant, from `first` on, and by business time.

    Bucket b holds the index of the last window that begins at or before its own beginning, b << bits.
    """

    opens: Ints
    closes: Ints
    sums: Ints
    shift: Ints
    first: int
    by_time: Ints
    time_bits: int
    by_sum: Ints
    sum_bits: int


def index(table: Table) -> Indexed:
    """A table with at least two buckets to a window, so that a search looks at two windows or so."""
    opens, sums = table.opens, table.sums
    by_time, time_bits = _buckets(opens, table.first, table.last)
    by_sum, sum_bits = _buckets(sums, 0, sums[-1])
    shift = [start - before for start, before in zip(opens, sums, strict=True)]
    return Indexed(opens, table.closes, sums, shift, table.first, by_time, time_bits, by_sum, sum_bits)


def _buckets(values: Sequence[int], first: int, last: int) -> tuple[list[int], int]:
    bits = max(((last - first) // (2 * len(values))).bit_length() - 1, 0)
    found, i, after = [], 0, len(values)
    for start in range(first, last + 1, 1 << bits):
        while i + 1 < after and values[i + 1] <= start:
            i += 1
        found.append(i)
    return found, bits

"""What `beforehand conform` says: a line a case that differs, then the count of each file."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from beforehand.engine.instants import SECOND, to_datetime

from .ask import differing
from .cases import AMOUNTS, DUES, Case, Value
from .files import File, load
from .peers import agrees_again, reasons

UNKNOWN = "no rule is known by which we differ"

Count = Counter[tuple[bool, bool]]
"""Cases by whether they are portable and whether we agree."""


def conform(names: Iterable[str], stdin: BinaryIO) -> Iterator[tuple[str, bool]]:
    """The lines to print, each with whether it tells of a portable case. Raises Invalid before the first."""
    counts: list[tuple[str, Count]] = []
    for file in load(names, stdin):
        count: Count = Counter()
        counts.append((file.name, count))
        for case in file.cases:
            ours = differing(case)
            count[case.portable, not ours] += 1
            if ours:
                yield difference(file, case, ours), case.portable
    for line in _summary(counts):
        yield line, False


def difference(file: File, case: Case, ours: dict[str, Value]) -> str:
    """The line of one case that differs."""
    figures = (
        f"{name}: expected {say(name, case.expect[name])}, ours {say(name, ours[name])}" for name in ours
    )
    head = f"{file.name}, {case.id} ({case.op}), {'; '.join(figures)}"
    return f"{head}. PORTABLE" if case.portable else f"{head}. Not portable: {why(case)}"


def why(case: Case) -> str:
    """The rules by which we differ from a case, and what of ours gives its answer."""
    said = []
    for reason in reasons(case):
        cured = f" (with {reason.cure} we agree)" if agrees_again(case, reason) else ""
        said.append(f"rule {reason.rule}, {reason.says}{cured}")
    return "; ".join(said) or UNKNOWN


def say(figure: str, value: Value) -> str:
    """A value of a figure, for eyes."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if figure == "deadline" or figure in DUES:
        return to_datetime(value).isoformat().replace("+00:00", "Z")
    if figure == "elapsed" or figure in AMOUNTS:
        return f"{value // SECOND} s" if value % SECOND == 0 else f"{value / SECOND:.6f} s"
    return str(value)


def _summary(counts: list[tuple[str, Count]]) -> Iterator[str]:
    rows = counts
    if len(counts) > 1:
        rows = [*counts, (f"{len(counts)} files", sum((count for _, count in counts), Counter()))]
    width = max(len(name) for name, _ in rows)
    for name, count in rows:
        yield (
            f"{name:{width}}  portable: {count[True, True]} agree, {count[True, False]} differ; "
            f"not portable: {count[False, True]} agree, {count[False, False]} differ"
        )

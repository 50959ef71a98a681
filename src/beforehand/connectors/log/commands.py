"""`beforehand import`, once the database is open."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from beforehand.kernel.faults import Fault, Refused
from beforehand.people.accounts import provider_named
from beforehand.promises.book import current

from . import library
from .importing import Came, Import, Opened, open_logs
from .lines import STDIN
from .record import Record, recorded
from .source import source_of
from .summary import sentences, standing

EVERY = 10.0
"""Seconds between two lines of progress where there is no terminal."""


class Order(NamedTuple):
    """What is to be imported, as the command line says it. `clock` gives the instant; the first is when all arrive."""

    files: Sequence[str]
    mapping: str
    source: str
    provider: str
    rejects: Path | None
    clock: Callable[[], datetime]


def import_logs(order: Order) -> bool:
    """Take in logs and say what came of them; whether every row could be taken. Raises Refused."""
    _check(order)
    mapping = library.find(order.mapping)
    provider = provider_named(order.provider)
    logs = open_logs(order.files, mapping)
    source = source_of(provider, mapping, order.source)
    came = _with_progress(Import(source, mapping, order.clock()), logs, order)
    out = Console()
    for line in sentences(came, standing(source, current(provider)), source):
        out.print(line, soft_wrap=True, highlight=False, markup=False)
    return not any(one.rejected for one in came)


def _check(order: Order) -> None:
    faults = []
    twice = {file for file in order.files if order.files.count(file) > 1}
    faults += [Fault("FILE", repr(file), "each file once") for file in sorted(twice)]
    if len(order.files) > 1:
        if STDIN in order.files:
            faults.append(Fault("FILE", "standard input among files", "it alone, or files", "-"))
        if order.rejects is not None:
            found = f"one path for {len(order.files)} files"
            expected = (
                "one file, as each has headers of its own; without --rejects each gets FILE.rejects.csv"
            )
            faults.append(Fault("--rejects", found, expected))
    if order.rejects is not None and str(order.rejects) in order.files:
        faults.append(Fault("--rejects", repr(str(order.rejects)), "another path than the file itself"))
    if faults:
        raise Refused(faults)


def _with_progress(work: Import, logs: Sequence[Opened], order: Order) -> list[Came]:
    """The bar goes to standard error, where somebody looks at it; elsewhere a line now and then does."""
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,.0f} lines"), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
    bar.disable = not bar.console.is_terminal
    all_came = []
    with bar:
        for log, _, lines in logs:
            came = Came(log.place)
            with recorded(work.source, came, order.clock) as record:
                teller = _Teller(bar, bar.add_task(log.place, total=lines or None), record)
                all_came.append(work.take(log, lines, order.rejects, teller.tell, came=came))
    return all_came


class _Teller:
    """Says and records how far one log is."""

    def __init__(self, bar: Progress, task: TaskID, record: Record) -> None:
        self._bar, self._task, self._record = bar, task, record
        self._said = time.monotonic()

    def tell(self, place: str, done: int, of: int) -> None:
        self._record.note()
        self._bar.update(self._task, completed=done)
        if self._bar.disable and time.monotonic() - self._said >= EVERY:
            self._said = time.monotonic()
            said = f"{place}: {done:,} lines done" + (f" of {of:,}" if of else "")
            self._bar.console.print(said, markup=False, soft_wrap=True)

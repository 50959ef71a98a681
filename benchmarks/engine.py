"""The engine against its peers, and against what cannot be gone below.

    python -m benchmarks.engine [--cases 100000] [--tickets 1000000] [--only peers|columns|read|tickets]

needs what requirements-bench.lock names. Prints the tables of docs/performance.md; every measure is the best of
several passes on one core.
"""

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import numpy as np

from beforehand.engine import history as h
from beforehand.engine.clock import compile_terms, read
from beforehand.engine.columns import Columns, add_many, between_many, encode, read_columns
from beforehand.engine.coverage import Coverage
from beforehand.engine.history import History
from beforehand.engine.instants import DAY, HOUR, MINUTE, to_duration, to_instant
from beforehand.engine.terms import Line, Meaning, StatusMap, Target, Terms
from beforehand.engine.weekly import DAYS
from benchmarks.engine_cases import Calendar, Case, calendars, cases
from benchmarks.engine_peers import PEERS, Peer

MICRO = 1e6


def main() -> None:
    """Measure everything, or one table."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--cases", type=int, default=100_000)
    asked.add_argument("--tickets", type=int, default=1_000_000)
    asked.add_argument("--only", choices=("peers", "columns", "read", "tickets"))
    options = asked.parse_args()
    if options.only in (None, "peers"):
        peers(options.cases)
    if options.only in (None, "columns"):
        columns(options.cases)
    if options.only in (None, "read"):
        one_at_a_time()
    if options.only is None:  # in a process of its own, for its memory
        sys.stdout.flush()
        again = [
            sys.executable,
            "-m",
            "benchmarks.engine",
            "--only",
            "tickets",
            "--tickets",
            str(options.tickets),
        ]
        subprocess.run(again, check=True)  # noqa: S603
    elif options.only == "tickets":
        many_tickets(options.tickets)


def best(work: Callable[[], object], passes: int = 5) -> float:
    """Seconds of the quickest of some passes."""
    taken = []
    for _ in range(passes):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return min(taken)


def table(*rows: tuple[object, ...]) -> None:
    for n, row in enumerate(rows):
        print("| " + " | ".join(map(str, row)) + " |")
        if n == 0:
            print("|" + "---|" * len(row))
    print()


# One at a time, beside the peers


def peers(count: int) -> None:
    made, rows = list(calendars()), []
    shared = [(calendar, cases(count)[n :: len(made)]) for n, calendar in enumerate(made)]
    for peer in PEERS:
        rows.append(asked_of(peer, shared))
    whole = [(calendar.coverage, [integers(case) for case in some]) for calendar, some in shared]
    added = best(lambda: [c.add(start, amount) for c, some in whole for start, amount, _ in some], 3)
    counted = best(lambda: [c.between(start, end) for c, some in whole for start, _, end in some], 3)
    ours = ("Beforehand, integers", f"{count:,}", us(added / count), us(counted / count), "0", "0")
    table(("", "cases", "add, µs", "between, µs", "add wrong", "between wrong"), rows[0], ours, *rows[1:])


def asked_of(peer: Peer, shared: list[tuple[Calendar, list[Case]]]) -> tuple[str, ...]:
    """A row of the table: a peer's times and wrong answers."""
    asked, spent, wrong = [0, 0], [0.0, 0.0], [0, 0]
    for calendar, some in shared:
        taught = peer.teach(calendar)
        if taught is None:
            continue
        mine = [hourly(case) if peer.whole_hours else case for case in some[:: peer.every]]
        for which, function in enumerate(taught):
            if function is None:
                continue
            given = [(case.start, (case.amount, case.end)[which]) for case in mine]
            answers: list[Any] = []
            passes = 3 if peer.every == 1 else 1
            spent[which] += best(
                lambda f=function, g=given, a=answers: a.append([f(*one) for one in g]), passes
            )
            right = (calendar.is_added, calendar.is_between)[which]
            asked[which] += len(mine)
            wrong[which] += sum(not right(case, found) for case, found in zip(mine, answers[-1], strict=True))
    times = [us(s / n) if n else "-" for s, n in zip(spent, asked, strict=True)]
    faults = [share(w, n) if n else "-" for w, n in zip(wrong, asked, strict=True)]
    return peer.name, f"{asked[0]:,}", *times, *faults


def hourly(case: Case) -> Case:
    hours = max(case.amount // timedelta(hours=1), 1)
    return Case(case.start, timedelta(hours=hours), case.end)


def integers(case: Case) -> tuple[int, int, int]:
    return to_instant(case.start), to_duration(case.amount), to_instant(case.end)


def us(seconds: float) -> str:
    return f"{seconds * MICRO:.2f}" if seconds < 1e-4 else f"{seconds * MICRO:.0f}"


def share(wrong: int, asked: int) -> str:
    return f"{100 * wrong / asked:.1f} %" if wrong else "0"


# In columns


def columns(count: int) -> None:
    """Random instants on the twenty calendars, beside a compiled search over the same windows, which does no more."""
    from numba import njit

    @njit
    def search(values: Any, instants: Any, found: Any) -> None:
        for k in range(len(instants)):
            low, high = 0, len(values)
            while low < high:
                middle = (low + high) // 2
                if instants[k] < values[middle]:
                    high = middle
                else:
                    low = middle + 1
            found[k] = low

    made, given = list(calendars()), np.array([integers(case) for case in cases(count)])
    starts, amounts, ends = (np.ascontiguousarray(column) for column in given.T)
    found = np.empty(count, np.int64)
    spent = dict.fromkeys(
        ("a compiled binary search", "`numpy.searchsorted`", "`add_many`", "`between_many`"), 0.0
    )
    for coverage in (calendar.coverage for calendar in made):
        coverage.table(int(starts.min()), int(ends.max()))
        opens = np.array(coverage.laid_out.opens)
        works: tuple[Callable[[], object], ...] = (
            partial(search, opens, starts, found),
            partial(np.searchsorted, opens, starts, "right"),
            partial(add_many, coverage, starts, amounts),
            partial(between_many, coverage, starts, ends),
        )
        for name, work in zip(spent, works, strict=True):
            work()
            spent[name] += best(work)
    table(
        ("", "ns each"), *((name, f"{taken / count / len(made) * 1e9:.0f}") for name, taken in spent.items())
    )


# Tickets


OFFICE = Coverage("Europe/London", {day: [("09:00", "17:30")] for day in DAYS[:5]})
STATUSES = {"New": "working", "Waiting": "waiting-on-client", "Working": "working", "Done": "resolved"}
LINES = (("P1", 1, 8), ("P2", 2, 16), ("", 4, 80))


def terms(hours: int = 80) -> Terms:
    lines = [
        Line(
            priority or "the rest",
            {"priority": priority} if priority else {},
            (Target("response", response * HOUR), Target("resolution", min(resolution, hours) * HOUR)),
        )
        for priority, response, resolution in LINES
    ]
    return Terms(lines, StatusMap({"": {name: Meaning(state) for name, state in STATUSES.items()}}))


def ticket() -> History:
    """Two weeks, ten events: answered, waited for the client, worked on, resolved after 63 business hours."""
    friday, monday = 1_772_813_400_000_000, 1_773_048_300_000_000  # 2026-03-06 16:10, 2026-03-09 09:25
    return History(
        [
            h.created(friday, id="1"),
            h.changed(friday, "priority", "P3", id="2"),
            h.status(friday, "New", id="3"),
            h.assigned(friday + 5 * MINUTE, "Bob", id="4"),
            h.message(monday, 1 | 8 | 128, id="5"),
            h.status(monday + MINUTE, "Waiting", id="6"),
            h.client_message(monday + 2 * DAY + 35 * MINUTE, id="7"),
            h.status(monday + 2 * DAY + 55 * MINUTE, "Working", id="8"),
            h.message(monday + 10 * DAY + 154 * MINUTE, id="9"),
            h.status(monday + 11 * DAY + 155 * MINUTE, "Done", id="10"),
        ]
    )


def one_at_a_time() -> None:
    """A typical ticket; the same under targets that it breaks, each threshold on the way; and a history built."""
    history, met, late = ticket(), terms(), terms(40)
    events = history.events
    verdicts = [[reading.verdict for reading in read(history, t, OFFICE)] for t in (met, late)]
    assert verdicts == [["met"] * 4, ["met", "breached", "met", "met"]], verdicts
    works = (
        ("`read`, all promises kept", lambda: read(history, met, OFFICE)),
        ("`read`, the resolution late", lambda: read(history, late, OFFICE)),
        ("`read` with spans", lambda: read(history, met, OFFICE, spans=True)),
        ("`History` of its ten events", lambda: History(events)),
    )
    rows = [(name, us(best(lambda w=work: [w() for _ in range(100)], 100) / 100)) for name, work in works]
    table(("ten events, response and resolution, four figures", "µs"), *rows)


def many_tickets(count: int) -> None:
    """The typical ticket, begun at random instants of three years, so many times, in columns."""
    compiled, one = compile_terms(terms(), OFFICE), ticket()
    few = encode([one], compiled)
    read_columns(few, compiled)  # from disk, or compiled now
    random = np.random.default_rng(7)
    shifts = random.integers(0, 3 * 365 * 24 * 60, count) * MINUTE
    offsets = np.arange(count + 1) * len(few.at)
    rest = (np.tile(column, count) for column in (few.kind, few.flags, few.code, few.source, few.precision))
    given = Columns(offsets, (np.asarray(few.at) + shifts[:, None]).ravel(), *rest)
    began, cpu = time.perf_counter(), time.process_time()
    batch = read_columns(given, compiled)
    took, spent = time.perf_counter() - began, time.process_time() - cpu
    table(
        (
            "tickets in columns",
            "clocks",
            "s",
            "CPU s",
            "µs a ticket",
            "peak MB",
            "MB of columns",
            "MB of records",
        ),
        (
            f"{count:,}",
            f"{len(batch.records):,}",
            f"{took:.2f}",
            f"{spent:.2f}",
            us(took / count),
            peak(),
            megabytes(*given),
            megabytes(batch.records),
        ),
    )


def megabytes(*arrays: Any) -> int:
    return int(sum(array.nbytes for array in arrays)) // 2**20


def peak() -> int:
    """The most memory this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()

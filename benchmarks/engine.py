"""The engine beside its peers, on the same cases in the same run.

    uv pip install --require-hashes -r requirements-bench.lock     # the peers, into .venv
    .venv/bin/python -m benchmarks.engine [--pairs N] [--tickets N]

Instants and durations are datetimes and timedeltas on both sides; our plain integers stand beside. A peer's answer is
wrong where it differs from ours by a second or more; the tests hold ours to an oracle that counts minutes.
"""

import argparse
import random
import resource
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from beforehand.engine import columns
from beforehand.engine.clock import compile_terms, read
from beforehand.engine.coverage import Coverage
from beforehand.engine.history import Event, History
from beforehand.engine.instants import HOUR, to_datetime, to_duration, to_instant
from beforehand.engine.terms import Line, Meaning, StatusMap, Target, Terms
from benchmarks.reread import life

ZONE = "Europe/London"
DAYS = ("mon", "tue", "wed", "thu", "fri")
OFFICE = Coverage(ZONE, {day: [("09:00", "17:00")] for day in DAYS})
FIRST = to_instant(datetime(2023, 1, 2, tzinfo=UTC))
Pair = tuple[datetime, timedelta]
Answer = Callable[[datetime, timedelta], datetime]


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--pairs", type=int, default=20_000)
    asked.add_argument("--tickets", type=int, default=1_000_000)
    options = asked.parse_args()
    chance = random.Random(1)
    pairs = [
        (
            to_datetime(FIRST + chance.randrange(3 * 365 * 24 * 60) * 60_000_000),
            timedelta(minutes=chance.randrange(1, 2400)),
        )
        for _ in range(options.pairs)
    ]
    against_peers(pairs)
    in_bulk(pairs)
    readings(options.tickets)


def ours(start: datetime, amount: timedelta) -> datetime:
    """The deadline by the engine, datetimes in and out."""
    due = OFFICE.add(to_instant(start), to_duration(amount))
    assert due is not None
    return to_datetime(due)


def against_peers(pairs: Sequence[Pair]) -> None:
    """`add` one at a time; a slow peer gets fewer pairs."""
    right = {pair: ours(*pair) for pair in pairs}
    mine = row("add, datetimes", ours, pairs, right, None)
    whole = [(to_instant(start), to_duration(amount)) for start, amount in pairs]
    began = time.perf_counter()
    for start, amount in whole:
        OFFICE.add(start, amount)
    print(f"add, integers: {(time.perf_counter() - began) / len(whole) * 1e6:.2f} us")
    ends = [(start, to_instant(right[pair])) for (start, _), pair in zip(whole, pairs, strict=True)]
    began = time.perf_counter()
    for start, end in ends:
        OFFICE.between(start, end)
    print(f"between, integers: {(time.perf_counter() - began) / len(ends) * 1e6:.2f} us")
    row("workclock", workclock(), pairs, right, mine)
    row("businesstimedelta", businesstimedelta(), pairs[:500], right, mine)
    hours = [
        (start.replace(minute=0), timedelta(hours=max(1, amount // timedelta(hours=1))))
        for start, amount in pairs[:2000]
    ]
    row(
        "pandas CustomBusinessHour (whole hours)",
        pandas(),
        hours,
        {pair: ours(*pair) for pair in hours},
        mine,
    )


def row(
    name: str, answer: Answer, pairs: Sequence[Pair], right: dict[Pair, datetime], mine: float | None
) -> float:
    """Time one way of answering and count where it is wrong; returns microseconds an answer."""
    answer(*pairs[0])
    began = time.perf_counter()
    said = [answer(*pair) for pair in pairs]
    each = (time.perf_counter() - began) / len(pairs) * 1e6
    # The close of a day and the next opening are the same business time; a peer may say either (1.5).
    wrong = sum(
        abs(due - right[pair]) >= timedelta(seconds=1)
        and OFFICE.between(*sorted((to_instant(due), to_instant(right[pair])))) > 0
        for due, pair in zip(said, pairs, strict=True)
    )
    ratio = f", {each / mine:.1f} times ours" if mine else ""
    print(f"{name}: {each:.2f} us{ratio}, {wrong} of {len(pairs)} wrong", flush=True)
    return each


def workclock() -> Answer:
    """workclock: Rust inside."""
    from datetime import time as wall

    import workclock as peer

    office = peer.Schedule([peer.WorkDay(wall(9), wall(17))], time_zone=ZONE)
    return lambda start, amount: office.add(start, amount)


def businesstimedelta() -> Answer:
    """businesstimedelta: pure Python."""
    import datetime as d

    import businesstimedelta as peer
    import pytz

    rule = peer.WorkDayRule(
        start_time=d.time(9), end_time=d.time(17), working_days=[0, 1, 2, 3, 4], tz=pytz.timezone(ZONE)
    )
    rules = peer.Rules([rule])
    return lambda start, amount: start + peer.BusinessTimeDelta(rules, timedelta=amount)


def pandas() -> Answer:
    """pandas: whole hours alone."""
    import pandas as peer

    hour = peer.tseries.offsets.CustomBusinessHour(n=1, start="09:00", end="17:00")

    def answer(start: datetime, amount: timedelta) -> datetime:
        local = peer.Timestamp(start).tz_convert(ZONE)
        return (local + hour * int(amount / timedelta(hours=1))).to_pydatetime()

    return answer


def in_bulk(pairs: Sequence[Pair]) -> None:
    """`add` over a million pairs at once, beside NumPy's bare search of the same windows."""
    repeat = 1_000_000 // len(pairs) + 1
    starts = np.array([to_instant(start) for start, _ in pairs] * repeat)
    amounts = np.array([to_duration(amount) for _, amount in pairs] * repeat)
    columns.add_many(OFFICE, starts[:10], amounts[:10])
    began = time.perf_counter()
    columns.add_many(OFFICE, starts, amounts)
    each = (time.perf_counter() - began) / len(starts) * 1e9
    opens = np.array(OFFICE.table(FIRST, int(starts.max())).opens)
    began = time.perf_counter()
    np.searchsorted(opens, starts)
    bare = (time.perf_counter() - began) / len(starts) * 1e9
    print(f"add_many: {each:.0f} ns each; numpy.searchsorted over the same windows: {bare:.0f} ns")


def readings(tickets: int) -> None:
    """`read` of a two-week ticket of ten events, and as many of them in columns, on one core."""
    states = {"New": "working", "Waiting": "waiting-on-client", "Resolved": "resolved"}
    targets = [Target("response", amount=4 * HOUR), Target("resolution", amount=24 * HOUR)]
    terms = Terms(
        [Line("all", {}, tuple(targets))], StatusMap({"": {n: Meaning(s) for n, s in states.items()}})
    )
    chance = random.Random(2)
    histories = [
        History(
            [
                Event(at, kind, str(n), 0, value, field, flags)
                for n, (at, kind, field, value, flags) in enumerate(events)
            ]
        )
        for events in (life(chance, FIRST + chance.randrange(365 * 1440) * 60_000_000) for _ in range(2_000))
    ]
    compiled = compile_terms(terms, OFFICE)
    best = min(timed(lambda: [read(history, terms, OFFICE) for history in histories]) for _ in range(5))
    print(
        f"read, one at a time: {best / len(histories) * 1e6:.0f} us (best of five runs of {len(histories)})"
    )
    some = columns.encode(histories, compiled)
    columns.read_columns(some, compiled)
    times = tickets // len(histories)
    offsets = np.concatenate([[0], np.cumsum(np.tile(np.diff(some.offsets), times))])
    many = columns.Columns(offsets, *(np.tile(column, times) for column in some[1:]))
    began = time.process_time()
    batch = columns.read_columns(many, compiled)
    spent = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"in columns: {len(batch):,} tickets, {len(batch.records):,} clocks in {spent:.1f} CPU s, peak {peak:.0f} MB"
    )


def timed(work: Callable[[], object]) -> float:
    """CPU seconds of some work."""
    began = time.process_time()
    work()
    return time.process_time() - began


if __name__ == "__main__":
    main()

"""The engine's readings against the oracle that lets time pass step by step: chapters 2 to 5."""

from typing import Any

from hypothesis import assume, given
from tests.engine.made import examples
from tests.engine.oracle.clocks import Clock, TooFar
from tests.engine.oracle.counting import MICRO, Counted
from tests.engine.oracle.given import Ev
from tests.engine.oracle.read import read as tick
from tests.engine.oracle.story import Story
from tests.engine.tickets import Case, cases, coverages_of, history_of, terms_of

from beforehand.engine.clock import Reading, read
from beforehand.engine.coverage import Coverage
from beforehand.engine.errors import Invalid


def expected(case: Case, covers: dict[str, Counted]) -> list[Clock]:
    told = Story(list(case.events), case.deal, case.told, case.as_of)
    return tick(told, case.deal, case.told, covers, "own", case.as_of, case.percents)


def as_said(clock: Clock, events: list[Ev], coverages: dict[str, Coverage]) -> dict[str, Any]:
    """A clock of the oracle in the engine's words."""
    return {
        "metric": clock.metric,
        "number": clock.number,
        "start": clock.start,
        "target": clock.target,
        "used": clock.used,
        "verdict": clock.verdict,
        "run": clock.run,
        "stop": clock.stop,
        "stop_event": None if clock.stop_event is None else events[clock.stop_event].id,
        "breached_at": clock.breached_at,
        "cycle": clock.cycle,
        "marks": sorted(clock.marks),
        "line": None if clock.row.name == "uncovered" else clock.row.name,
        "coverage": coverages[clock.cover],
        "later_target": clock.later,
        "finding": None if clock.finding is None else events[clock.finding].id,
        "stops": clock.stops,
        "first_stop": clock.first_stop,
        "reached": sorted(clock.reached),
    }


def as_read(reading: Reading) -> dict[str, Any]:
    return {
        "metric": reading.metric,
        "number": reading.number,
        "start": reading.start,
        "target": reading.target,
        "used": reading.used,
        "verdict": reading.verdict,
        "run": reading.run,
        "stop": reading.stop,
        "stop_event": reading.stop_event and reading.stop_event.id,
        "breached_at": reading.breached_at,
        "cycle": reading.cycle,
        "marks": sorted(reading.marks),
        "line": reading.line and reading.line.name,
        "coverage": reading.coverage,
        "later_target": reading.later_target,
        "finding": reading.finding and reading.finding.id,
        "stops": reading.stops,
        "first_stop": reading.first_stop,
        "reached": [threshold.percent for threshold in reading.thresholds if threshold.reached],
    }


def instants(found: int | None, wanted: int | None, horizon: int) -> bool:
    """Whether two instants agree; the oracle knows none beyond its steps."""
    return found == wanted or (wanted is None and found is not None and found >= horizon)


def labels(reading: Reading, begin: int, step: int) -> list[str]:
    """The spans of a reading, step by step; they follow on each other from the ticket's begin to `as_of` (5.3)."""
    found: list[str] = []
    at = begin
    for span in reading.spans:
        assert span.start == at, (span, at, reading.spans)
        assert (span.end - span.start) % step == 0, span
        since = f" since {span.event.id}" if span.why == "waiting" and span.event else ""
        found += [span.why + since] * ((span.end - span.start) // step)
        at = span.end
    assert at == max(begin, reading.as_of)
    return found


def differences(found: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> list[str]:
    """What differs between clocks, by clock and field."""
    clocks = [[(clock["metric"], clock["number"]) for clock in side] for side in (found, wanted)]
    if clocks[0] != clocks[1]:
        return [f"clocks {clocks[0]}, expected {clocks[1]}"]
    return [
        f"{ours['metric']} {ours['number']} {name}: {ours[name]}, expected {theirs[name]}"
        for ours, theirs in zip(found, wanted, strict=True)
        for name in ours
        if ours[name] != theirs[name]
    ]


@examples(70)
@given(cases())
def test_readings_are_those_of_time_passing_step_by_step(case: Case) -> None:
    covers, coverages = case.counted(), coverages_of(case)
    try:
        readings = read(
            history_of(case),
            terms_of(case, coverages),
            coverages["own"],
            case.as_of,
            thresholds=case.percents,
            spans=True,
        )
        clocks = expected(case, covers)
    except (Invalid, TooFar):
        assume(False)
    told = Story(list(case.events), case.deal, case.told, case.as_of)
    found = [as_read(reading) for reading in readings]
    differing = differences(found, [as_said(clock, told.events, coverages) for clock in clocks])
    assert not differing, differing
    horizon, step = covers["own"].last * MICRO, covers["own"].step * MICRO
    for reading, clock in zip(readings, clocks, strict=True):
        assert instants(reading.deadline, clock.deadline, horizon), (reading.deadline, clock)
        for threshold in reading.thresholds:
            wanted = clock.thresholds[threshold.percent]
            assert instants(threshold.instant, wanted, horizon), (threshold, clock)
        found_labels = labels(reading, told.begin, step)
        assert found_labels == clock.labels, (found_labels, clock.labels)

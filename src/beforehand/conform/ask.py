"""What the engine answers to a case, in the case's own words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from beforehand.engine.clock import Reading, Readings, read
from beforehand.engine.codes import BY_PERSON, PUBLIC
from beforehand.engine.coverage import Coverage
from beforehand.engine.history import Event, History, changed, client_message, created, message, status
from beforehand.engine.instants import DAY
from beforehand.engine.terms import Line, Meaning, Settings, StatusMap, Target, Terms

from .cases import AMOUNTS, COUNTS, DUES, METS, Case, Clock, Deadline, Elapsed, Goals, Happening, Value

BY_THE_BOOK = Settings(wait_ends="by-status", restart_after=None)
"""What a case's own words say: statuses alone pause, and a reopened clock goes on whenever it is reopened."""

# Statuses of ours for what a case tells as events; its own statuses are told apart from them by a prefix.
_DONE = {"resolved": Meaning("resolved"), "closed": Meaning("closed"), "reopened": Meaning("working")}
_THEIRS = "status "


def answer(
    asked: Deadline | Elapsed | Clock, wanted: Sequence[str], settings: Settings = BY_THE_BOOK
) -> dict[str, Value]:
    """The engine's answers to the wanted figures of a case, under these settings."""
    if isinstance(asked, Deadline):
        return {"deadline": asked.coverage.add(asked.start, asked.amount)}
    if isinstance(asked, Elapsed):
        return {"elapsed": asked.coverage.between(asked.start, asked.end)}
    readings = _read(asked, settings)
    return {figure: _figure(figure, asked, readings, settings) for figure in wanted}


def differing(case: Case, settings: Settings = BY_THE_BOOK) -> dict[str, Value]:
    """The figures in which we differ from a case, with our values."""
    questions = [case.asked] if case.wrapped is None else [case.asked, case.wrapped]
    found: dict[str, Value] = {}
    for asked in questions:
        ours = answer(asked, list(case.expect), settings)
        found.update({name: ours[name] for name, value in case.expect.items() if ours[name] != value})
    return found


def _figure(name: str, asked: Clock, readings: Readings, settings: Settings) -> Value:
    if name in COUNTS:
        return sum(reading.verdict == "breached" for reading in readings)
    if name == "paused_s":
        return _paused(asked, settings)
    metric = "update" if name == "keep_in_loop_due" else name.partition("_")[0]
    clocks = readings.of(metric)
    if not clocks:
        return None
    if name in DUES:
        return clocks[-1].deadline
    if name in AMOUNTS:
        return clocks[-1].used
    assert name in METS
    return _met(clocks[-1])


def _met(reading: Reading) -> bool | None:
    """Within the target so far counts as met in the case format; no verdict is neither."""
    return {"breached": False, "met": True, "none": True}.get(reading.verdict)


def _paused(asked: Clock, settings: Settings) -> int:
    """Business time that the resolution clock spent waiting; without a goal it is given one."""
    goals = replace(asked.goals, resolution=asked.goals.resolution or DAY)
    clock = _read(replace(asked, goals=goals), settings, spans=True)["resolution"]
    return sum(clock.coverage.between(span.start, span.end) for span in clock.spans if span.why == "waiting")


def _read(asked: Clock, settings: Settings, *, spans: bool = False) -> Readings:
    stages = list(_stages(asked))
    terms = Terms(
        [stage.line for stage in stages],
        StatusMap({stage.board: _meanings(stage.pauses) for stage in stages}),
        settings,
    )
    history = History(_events(asked, stages))
    as_of = asked.as_of
    if as_of is None:
        as_of = max(asked.created, *(event.at for event in asked.events), asked.created)
    return read(history, terms, asked.coverage, as_of, spans=spans)


def _meanings(pauses: frozenset[str]) -> dict[str, Meaning]:
    return {_THEIRS + name: Meaning("waiting-on-client") for name in pauses} | _DONE


@dataclass(frozen=True, slots=True)
class _Stage:
    """A time in which one set of goals and one calendar hold; it is told apart by a board of its own."""

    board: str
    line: Line
    pauses: frozenset[str]


def _stages(asked: Clock) -> Iterator[_Stage]:
    """The terms of the beginning, then those of every event that changes them."""
    goals, coverage = asked.goals, asked.coverage
    yield _stage(0, goals, coverage)
    for n, event in enumerate(asked.events, 1):
        goals, coverage = event.goals or goals, event.coverage or coverage
        if event.goals or event.coverage:
            yield _stage(n, goals, coverage)


def _stage(number: int, goals: Goals, coverage: Coverage) -> _Stage:
    times = {"response": goals.response, "resolution": goals.resolution, "update": goals.update}
    targets = tuple(Target(metric, amount) for metric, amount in times.items() if amount)
    board = f"terms {number}"
    return _Stage(board, Line(board, {"board": board}, targets, coverage), goals.pauses)


def _events(asked: Clock, stages: Sequence[_Stage]) -> Iterator[Event]:
    """The ticket's events, in the file's order where two have one instant."""
    boards: Mapping[int, str] = {int(stage.board.split()[1]): stage.board for stage in stages}
    current = _THEIRS + asked.initial
    yield created(asked.created)
    yield changed(asked.created, "board", boards[0])
    yield status(asked.created, current)
    for n, event in enumerate(asked.events, 1):
        if n in boards:
            # The same status may pause under the new terms and not under the old ones, so it is told again.
            yield changed(event.at, "board", boards[n], seq=2 * n)
            yield status(event.at, current, seq=2 * n + 1)
        if event.kind in _DONE:
            current = event.kind
        elif event.kind == "status":
            current = _THEIRS + event.value
        yield from _told(event, current, 2 * n)


def _told(event: Happening, current: str, seq: int) -> Iterator[Event]:
    if event.kind == "agent_reply":
        yield message(event.at, BY_PERSON | PUBLIC, seq=seq)
    elif event.kind == "client_reply":
        yield client_message(event.at, seq=seq)
    elif event.kind == "internal_note":
        yield message(event.at, BY_PERSON, seq=seq)
    elif event.kind == "status" or event.kind in _DONE:
        yield status(event.at, current, seq=seq)

"""An SLA's targets as the lines of a plan (clock.md 2.2, 2.4, 2.5), as far as the file can say them."""

from collections.abc import Collection, Mapping

from beforehand.engine.instants import MINUTE
from beforehand.promises.draft.words import Notes, kept, short
from beforehand.promises.file.document import BUILT_IN, LinePart
from beforehand.promises.file.notation import Promise, Time, say_promise
from beforehand.promises.psa import Sla, Target

METRICS = ("response", "plan", "resolution")
EVERY = "every priority"
LONGEST = 366 * 24 * 60
"""Minutes: a target of more than a year is no target."""
_NOISE = 1e-6

Lines = Mapping[str, Mapping[str, Time]]
"""Targets by priority ("" for every one) and metric."""


def lines_of(sla: Sla, priorities: Collection[str], notes: Notes) -> Lines:
    """What an SLA promises; `priorities` are those that the provider's terms have, none where they have no list."""
    lines: dict[str, dict[str, Time]] = {}
    if sla.targets is None:
        notes.say(
            "its targets are not told by the source; answer what is asked, or enter them in the agreement file.",
            sla.name,
        )
        return {}
    for target in sla.targets:
        priority = kept(target.priority)
        wrong = _wrong(target, priority, priorities)
        if not wrong and target.metric in lines.get(priority, {}):
            wrong = "told twice"
        if wrong:
            whose = f" for {short(target.priority)}" if target.priority else ""
            notes.say(f"{short(target.metric)}{whose} is left out: {wrong}.", sla.name)
            continue
        always = sla.round_the_clock or target.round_the_clock
        lines.setdefault(priority, {})[target.metric] = Time(round(target.minutes) * MINUTE, always)
    if not sla.targets:
        notes.say("it promises nothing, and is left out.", sla.name)
    # Of two lines one alone holds (2.2): what is for every priority stands in that of each too.
    every = lines.get("", {})
    return {
        priority: targets | {metric: time for metric, time in every.items() if metric not in targets}
        for priority, targets in lines.items()
    }


def _wrong(target: Target, priority: str, priorities: Collection[str]) -> str:
    """Why the file cannot have a target; "" where it can."""
    if target.metric not in METRICS:
        return "no metric of these: " + ", ".join(METRICS)
    if target.priority.strip() and not priority:
        return "no agreement file can hold the priority's name"
    if priority and priorities and priority not in priorities:
        return "the priority is none of those in your agreements"
    if not 0 < target.minutes <= LONGEST:
        return f"{target.minutes:g} minutes"
    # Hours as a decimal fraction come to whole minutes but for the last bits: 2.05 h to 122.99999999999999.
    if abs(target.minutes - round(target.minutes)) > _NOISE:
        return f"{target.minutes:g} minutes are not whole"
    return ""


def all_always(lines: Lines) -> bool:
    """Whether every target runs round the clock, so that no hours are needed."""
    return all(time.round_the_clock for targets in lines.values() for time in targets.values())


def written(lines: Lines) -> tuple[LinePart, ...]:
    """The lines of an edition: those that run round the clock have that coverage, where the others have hours."""
    bare = all_always(lines)
    return tuple(_line(priority, targets, bare) for priority, targets in lines.items())


def _line(priority: str, targets: Mapping[str, Time], bare: bool) -> LinePart:
    match = {"priority": priority} if priority else {}
    promised: dict[str, Promise] = dict(targets)
    if not all_always({priority: targets}):
        return LinePart(match, promised)
    promised = {metric: Time(time.amount) for metric, time in targets.items()}
    return LinePart(match, promised, coverage="" if bare else BUILT_IN)


def said(lines: Lines) -> tuple[tuple[str, str, str], ...]:
    """(priority, metric, time) in words."""
    return tuple(
        (priority or EVERY, metric, say_promise(time))
        for priority, targets in lines.items()
        for metric, time in targets.items()
    )

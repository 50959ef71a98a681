"""What holds for the words of every reading: it can be said, its parts add up, none kept looks broken."""

import ast
from datetime import date
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.tries import tries

from beforehand.engine import english, words
from beforehand.engine.clock import Reading, read
from beforehand.engine.codes import MARKS, STATES, VERDICTS
from beforehand.engine.coverage import Coverage
from beforehand.engine.history import Event, History, Source
from beforehand.engine.instants import DAY, HOUR, MINUTE, SECOND
from beforehand.engine.saying import Amount, Said, Saying
from beforehand.engine.terms import Line, Meaning, Settings, StatusMap, Target, Terms
from beforehand.engine.weekly import Closure

ENGINE = Path(words.__file__).parent
T0 = 1_772_409_600_000_000  # 2026-03-02T00:00:00Z, a Monday before the clocks change
WEEK = {day: [("09:00", "17:30")] for day in ("mon", "tue", "wed", "thu", "fri")}
COVERAGES = (
    Coverage("Europe/London", WEEK, [Closure(date(2026, 4, 3), date(2026, 4, 6), "Easter")]),
    Coverage("America/New_York", {"mon": [("22:00", "06:00")], "wed": [("12:00", "13:00")]}),
    Coverage("Pacific/Auckland", {}),
    Coverage.always("Europe/Berlin"),
)
STATUSES = StatusMap(
    {"": {state: Meaning(state) for state in STATES} | {"spam": Meaning("closed", noise=True)}}
)
amounts = st.integers(1, 40 * HOUR) | st.integers(1, 300).map(lambda n: n * MINUTE)


@st.composite
def targets(draw: st.DrawFn, metric: str, coverage: Coverage) -> Target:
    if draw(st.booleans()) or coverage.is_always:
        return Target(metric, draw(amounts), round_the_clock=draw(st.booleans()))
    return Target(metric, days=draw(st.integers(1, 4)), by=draw(st.sampled_from([None, 12 * 3600])))


@st.composite
def terms(draw: st.DrawFn, coverage: Coverage) -> Terms:
    metrics = ("response", "plan", "resolution", "update", "onsite")
    lines = [
        Line(f"L{n}", {"priority": f"P{n}"} if n else {}, tuple(draw(targets(m, coverage)) for m in metrics))
        for n in range(draw(st.integers(0, 3)))
    ]
    chosen = Settings(
        closed_time_counts=draw(st.booleans()),
        retarget=draw(st.sampled_from(["from-creation", "from-change", "keep-first"])),
        response_by=draw(st.sampled_from(["human contact", "any reply", "meaningful"])),
    )
    return Terms(lines, STATUSES, chosen, Target("triage", 30 * MINUTE))


@st.composite
def histories(draw: st.DrawFn) -> History:
    reach = draw(st.sampled_from([HOUR, 3 * DAY, 40 * DAY, 900 * DAY]))
    created = T0 + draw(st.integers(0, 7 * DAY))
    events = [Event(created, 0, "created")]
    for n in range(draw(st.integers(0, 12))):
        kind = draw(st.sampled_from([1, 2, 3, 3, 4, 4, 4, 5, 5, 6, 7, 8, 9, 10, 11]))
        value = (
            draw(st.sampled_from([*STATES, "spam", "unknown"]))
            if kind == 4
            else draw(st.sampled_from(["P1", "P2", "ada"]))
        )
        field = draw(st.sampled_from(["priority", "priority", "board"])) if kind == 3 else ""
        if kind == 3 and draw(st.integers(0, 5)) == 0:
            field, value = (
                "origin",
                draw(st.sampled_from(["client-live", "machine", "provider", "recurring", "noise"])),
            )
        at = created + draw(st.integers(-HOUR, reach))
        until = at + draw(st.integers(0, DAY)) if draw(st.integers(0, 9)) == 0 else None
        since = created + draw(st.integers(-DAY, DAY)) if kind in (9, 11) else None
        events.append(
            Event(at, kind, str(n), 0, value, field, draw(st.integers(0, 511)), "Ada", until, since)
        )
    precision = draw(st.sampled_from([0, MINUTE]))
    return History(events, Source(precision, draw(st.booleans()), draw(st.booleans()), draw(st.booleans())))


@st.composite
def told(draw: st.DrawFn) -> tuple[Reading, tuple[Said, ...]]:
    coverage = draw(st.sampled_from(COVERAGES))
    agreed, history = draw(terms(coverage)), draw(histories())
    last = history.events[-1].at
    as_of = last + draw(st.integers(0, 30 * DAY))
    readings = read(history, agreed, coverage, max(as_of, history.events[-1].until or 0), spans=True)
    if not len(readings):
        agreed = Terms([Line("all", {}, (Target("resolution", HOUR),))], STATUSES)
        readings = read(history, agreed, coverage, as_of, spans=True)
    reading = draw(st.sampled_from(list(readings))) if len(readings) else None
    return (reading, words.say(reading, history, agreed)) if reading else draw(told())


def total(sentence: Said) -> int:
    parts = sentence.values["parts"]
    assert isinstance(parts, tuple)
    found = [part.values.get("amount") for part in parts if isinstance(part, Said)]
    return sum(amount.micros for amount in found if isinstance(amount, Amount))


@settings(max_examples=tries(150), deadline=None)
@given(told())
def test_every_reading_can_be_said_and_its_parts_add_up(what: tuple[Reading, tuple[Said, ...]]) -> None:
    reading, sentences = what
    text = [english.render(said) for said in sentences]
    assert all(line.endswith(".") and "{" not in line for line in text)
    for said in sentences:
        if said.id.startswith("sum") and "parts" in said.values and said.values["parts"]:
            assert Amount(total(said)) == said.values["used"]
        if said.id.startswith("sum") and not said.values["parts"]:
            assert reading.used == 0


@given(used=st.integers(0, 10 * HOUR), target=st.integers(1, 10 * HOUR))
def test_no_kept_promise_looks_broken_and_no_broken_one_kept(used: int, target: int) -> None:
    how = Saying(T0, "Europe/London", used, target)
    shown, promised = how.used(used).micros, how.left(target).micros
    assert (shown <= promised) == (used <= target)
    assert promised > 0


def test_a_day_target_met_by_seconds_is_said_in_seconds() -> None:
    how = Saying(T0, "Europe/London", 9 * HOUR + 30 * SECOND, 9 * HOUR + 37 * SECOND)
    assert english.amount(how.used(9 * HOUR + 30 * SECOND).micros) == "9 h 30 s"


def ids_in(file: str) -> set[str]:
    """The texts handed to said(...) as message ids in a module."""
    found: set[str] = set()
    for node in ast.walk(ast.parse((ENGINE / file).read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "said" and node.args:
            found |= {
                part.value
                for part in ast.walk(node.args[0])
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and "." in part.value
            }
    return {name for name in found if not name.startswith(".") and not name.endswith(".")}


def test_every_message_id_has_its_english() -> None:
    needed = ids_in("words.py") | ids_in("parts.py")
    needed |= {"mark." + mark.replace(" ", "-") for mark in MARKS}
    needed |= {"verdict." + verdict.replace(" ", "-") for verdict in VERDICTS[4:]}
    assert {name for name in needed if name not in english.MESSAGES} == set()

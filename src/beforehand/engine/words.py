"""A Reading said plainly: message ids with values, which a catalogue (english.py) puts into a language.

What is said is decided here, how it is worded there. Durations are rounded here, always against us (clock.md
1.4): time used up, time left down; the parts said add up to the time used as said. Instants are said in one
zone, the coverage's own unless another is asked for.
"""

from collections.abc import Iterator

from .clock import Reading
from .codes import BESIDE, CREATED, MARKS, MESSAGE, METRICS, RESPONSE, STATUS
from .history import History
from .parts import Ledger, counted
from .record import UNREACHABLE
from .saying import Amount, Hours, Said, Saying, Value, said
from .terms import Choice, Line, Target, Terms

_BY_MARK = ("met by live contact", "logged after the work", "by resolution", "by the plan", "as told")
_SAID_ELSEWHERE = frozenset(
    (*_BY_MARK, "at the limit", "within the precision", "breached by the change", "restarted")
)
_NO_VERDICT = (
    "merged",
    "deleted",
    "out of scope",
    "no line fits",
    "cleared by itself",
    "resolved without a visit",
)


def say(reading: Reading, history: History, terms: Terms, zone: str = "") -> tuple[Said, ...]:
    """The reading (with its spans) in sentences: its beginning, the hours, the sum, the outcome, marks."""
    how = Saying(reading.as_of, zone or reading.coverage.zone, reading.used, reading.target)
    book = Ledger(reading, history, terms, how)
    return tuple(_sentences(book))


def say_choice(choice: Choice) -> tuple[Said | None, tuple[tuple[Line, Said], ...]]:
    """Why the winning line applies (None where none does), and for each other line why it does not (2.2)."""
    winner = choice.winner
    return (
        None if winner is None else said("line.applies", line=winner.name, names=_names(winner)),
        tuple((line, _why_not(line, reason, dict(values), winner)) for line, reason, values in choice.lost),
    )


def target_of(reading: Reading, terms: Terms) -> Target | None:
    """The promise a reading is held to, as the agreement words it; None where its line has none any more."""
    if reading.line is None:
        return terms.triage
    metric = METRICS[RESPONSE] if reading.metric in (METRICS[m] for m in BESIDE) else reading.metric
    return next((t for t in reading.line.targets if t.metric == metric), None)


def say_target(target: Target) -> Said:
    """A promise in the agreement's own words: "4 h", "1 h round the clock", "next business day by 12:00"."""
    if target.amount:
        return said(
            "target.always" if target.round_the_clock else "target.amount", amount=Amount(target.amount)
        )
    number = "target.next-day" if target.days == 1 else "target.days"
    if target.by is not None:
        return said(f"{number}-by", count=target.days, by=target.by)
    return said(number, count=target.days)


def say_mark(mark: str, reading: Reading) -> Said:
    """What a mark of a reading means."""
    finding = reading.finding
    if mark == MARKS[8] and finding is not None and finding.person:
        return said("mark.late-change-by", field=finding.field or finding.value, person=finding.person)
    return said("mark." + mark.replace(" ", "-"))


def _sentences(book: Ledger) -> Iterator[Said]:
    reading = book.reading
    yield _start(book)
    if reading.line is None:
        yield said("uncovered")
    yield _hours(reading)
    target = target_of(reading, book.terms)
    if target is not None and target.days and reading.target < UNREACHABLE:
        yield said("promise.days", target=say_target(target), amount=book.how.left(reading.target))
    if reading.verdict == "cannot be judged":
        yield said("verdict.cannot-be-judged")
        return
    parts, waits = counted(book)
    yield _sum(book, parts)
    yield from waits
    yield from _outcome(book)
    yield from (say_mark(mark, reading) for mark in reading.marks if mark not in _SAID_ELSEWHERE)
    if reading.later_target and reading.later_target < UNREACHABLE:
        yield said(
            "later-target", amount=book.how.left(reading.later_target), target=book.how.left(reading.target)
        )


def _start(book: Ledger) -> Said:
    reading, at = book.reading, book.how.at
    born = next(e.at for e in book.history.events if e.kind == CREATED)
    if "restarted" in reading.marks:
        return said("start.anew", at=at(reading.start), number=reading.number)
    if reading.metric == "update" and reading.number > 1:
        return said("start.update", at=at(reading.start), number=reading.number)
    if "start of a merged ticket" in reading.marks:
        return said("start.merged", at=at(reading.start), created=at(born))
    if reading.start < born:
        return said("start.contact", at=at(reading.start), created=at(born))
    if reading.start > born:
        return said("start.planned", at=at(reading.start), created=at(born))
    return said("start.created", at=at(born))


def _hours(reading: Reading) -> Said:
    coverage = reading.coverage
    if coverage.is_always:
        return said("hours.always")
    if not coverage.weekly:
        return said("hours.none" if not coverage.openings else "hours.named-days")
    return said("hours", hours=Hours(coverage.weekly, coverage.zone))


def _sum(book: Ledger, parts: tuple[Said, ...]) -> Said:
    reading, how = book.reading, book.how
    values: dict[str, Value] = {"parts": parts, "used": how.used(reading.used)}
    kind = "sum" if parts else "sum.bare"
    if reading.target < UNREACHABLE:
        values["target"] = how.left(reading.target)
    else:
        kind += ".no-target"
    if reading.is_open or reading.stop is None:
        return said(f"{kind}.open", **values)
    return said(kind, end=_end(book), **values)


def _end(book: Ledger) -> Said:
    """How the clock stopped."""
    reading, event = book.reading, book.reading.stop_event
    stop = reading.start if reading.stop is None else reading.stop
    at = book.how.at(stop)
    for mark in _BY_MARK:
        if mark in reading.marks:
            return said("end." + mark.replace(" ", "-"), at=at)
    if event is None:
        return said("end.ended", at=at)
    if reading.verdict == "resolved without a visit":
        return said("end.no-visit", at=at)
    if event.kind == STATUS and reading.metric in ("update", "resolution", "triage", "onsite"):
        closed = book.state_after(event) == "closed"
        return said("end.closed" if closed else "end.resolution", at=at)
    if event.kind == MESSAGE and event.person and reading.metric in ("response", "meaningful"):
        return said(f"end.{reading.metric}-by", at=at, person=event.person)
    return said(f"end.{reading.metric}", at=at)


def _outcome(book: Ledger) -> Iterator[Said]:
    reading = book.reading
    if reading.verdict == "breached":
        yield from _late(book)
    elif reading.verdict == "met":
        yield _met(book)
    elif reading.verdict in _NO_VERDICT:
        yield said("verdict." + reading.verdict.replace(" ", "-"))
    if reading.run == "paused":
        yield from _paused(book)
    elif reading.run != "stopped" and reading.verdict != "breached":
        yield _running(book)


def _met(book: Ledger) -> Said:
    marks = book.reading.marks
    if "within the precision" in marks:
        return said("verdict.precision")
    return said("verdict.at-the-limit" if "at the limit" in marks else "verdict.met")


def _late(book: Ledger) -> Iterator[Said]:
    reading, how = book.reading, book.how
    over = how.used(max(reading.used - reading.target, 0))
    since = reading.deadline if reading.deadline is not None else reading.breached_at
    at = how.at(reading.start if since is None else since)
    if "breached by the change" in reading.marks and reading.breached_at is not None:
        at = how.at(reading.breached_at)
        name = "late.by-change"
    else:
        name = "late.stopped" if reading.run == "stopped" else "late.running"
    yield said(name, over=over, at=at, target=how.left(reading.target))
    if reading.run == "off hours":
        yield from _opens(book, "late.off-hours")


def _opens(book: Ledger, name: str) -> Iterator[Said]:
    opens = book.reading.coverage.next_open(book.reading.as_of)
    if opens is not None:
        yield said(name, opens=book.how.at(opens))


def _paused(book: Ledger) -> Iterator[Said]:
    reading, how = book.reading, book.how
    span = next((s for s in reversed(reading.spans) if s.why == "waiting"), None)
    since = reading.as_of if span is None else span.start
    status, whom = book.waiting(since)
    name = "paused.status" if status else "paused"
    if reading.verdict == "breached":
        yield said(f"{name}.late", status=status, whom=said(f"whom.{whom}"), since=how.at(since))
        return
    if reading.left is None:
        yield said(f"{name}.no-target", status=status, whom=said(f"whom.{whom}"), since=how.at(since))
        return
    left = how.left(reading.left)
    yield said(name, left=left, status=status, whom=said(f"whom.{whom}"), since=how.at(since))


def _running(book: Ledger) -> Said:
    reading, how = book.reading, book.how
    if reading.run == "not started":
        return said("state.not-started", at=how.at(reading.start))
    if reading.left is None or reading.deadline is None:
        return said("state.never-due")
    left, due = how.left(reading.left), how.at(reading.deadline)
    opens = reading.coverage.next_open(reading.as_of)
    if reading.run == "off hours" and opens is not None:
        name = "state.off-hours" if reading.left > 0 else "state.used-up"
        return said(name, left=left, at=due, opens=how.at(opens))
    return said("state.running", left=left, at=due)


def _names(line: Line) -> tuple[Said, ...]:
    return tuple(said("line.names", field=name, value=value) for name, value in line.match.items())


def _why_not(line: Line, reason: str, values: dict[str, str], winner: Line | None) -> Said:
    if reason == "other-value":
        pairs = tuple(
            said("line.differs" if has else "line.lacks", field=name, wants=line.match[name], has=has)
            for name, has in values.items()
        )
        return said("line.other-value", pairs=pairs)
    return said(f"line.{reason}", applied=winner.name if winner else "", **values)

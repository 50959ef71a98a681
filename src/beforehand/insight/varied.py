"""Terms with one thing in them made as a ticket system has it: in memory, and all else left as it is."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from beforehand.engine.codes import FIELDS, RESOLVED, STATES
from beforehand.engine.coverage import Coverage
from beforehand.engine.terms import Line, Meaning, Settings, StatusMap, Target, Terms
from beforehand.engine.weekly import Closure, wall_text
from beforehand.promises.psa import DAYS, Calendar, in_years

HELD = ("response", "plan", "resolution", "update")
"""The metrics that a ticket system's hold stops."""
_MAY_HOLD = ("scheduled-by-client", "waiting-on-vendor", "waiting-on-client")
"""States to hold by. The first two hold until the status changes, as ticket systems do; the last only fits where both
of the others mean something else already."""


def with_settings(terms: Terms, **more: Any) -> Terms:
    """With other settings."""
    return _made(terms, settings=replace(terms.settings, **more))


def _made(
    terms: Terms,
    *,
    lines: Iterable[Line] | None = None,
    statuses: StatusMap | None = None,
    settings: Settings | None = None,
) -> Terms:
    return Terms(
        terms.lines if lines is None else lines,
        statuses or terms.statuses,
        settings or terms.settings,
        terms.triage,
        terms.name,
    )


def with_status(
    terms: Terms, board: str, status: str, change: Callable[[Meaning | None], Meaning | None]
) -> Terms:
    """With another meaning of a status, on its board, or on each where `board` is "". The same terms if it has it."""
    boards = {name: dict(table) for name, table in terms.statuses.boards.items()}
    if board:
        boards.setdefault(board, dict(boards.get("", {})))
    else:
        boards.setdefault("", {})
    differs = False
    for name in [board] if board else boards:
        before = boards[name].get(status)
        after = change(before)
        if after is not None and after != before:
            boards[name][status], differs = after, True
    return _made(terms, statuses=StatusMap(boards)) if differs else terms


def holding(terms: Terms, board: str, status: str, holds: bool) -> Terms:
    """With a status that holds all clocks until it is another, or holds none."""
    pauses = terms.settings.pauses

    def is_held(meaning: Meaning | None) -> bool:
        state = meaning.state if meaning else STATES[0]
        return all(state in pauses.get(metric, ()) for metric in ("response", "resolution"))

    def ends(meaning: Meaning | None) -> bool:
        return meaning is not None and STATES.index(meaning.state) >= RESOLVED

    if not holds:
        some = {state for states in pauses.values() for state in states}
        return with_status(
            terms,
            board,
            status,
            lambda before: before._replace(state=STATES[0]) if before and before.state in some else before,
        )
    by = _hold_by(terms)
    fresh = with_status(
        terms,
        board,
        status,
        lambda before: (
            before if is_held(before) or ends(before) else (before or Meaning(by))._replace(state=by)
        ),
    )
    if fresh is terms or all(by in pauses.get(metric, ()) for metric in HELD):
        return fresh
    return with_settings(fresh, pauses=dict(pauses) | {m: (*pauses.get(m, ()), by) for m in HELD})


def _hold_by(terms: Terms) -> str:
    used = {meaning.state for table in terms.statuses.boards.values() for meaning in table.values()}
    pauses = terms.settings.pauses
    fit = (one for one in _MAY_HOLD if one not in used or all(one in pauses.get(m, ()) for m in HELD))
    return next(fit, _MAY_HOLD[-1])


def ending(terms: Terms, board: str, status: str, resolves: bool) -> Terms:
    """With a status that ends the work, or that does not."""

    def change(before: Meaning | None) -> Meaning | None:
        ends = before is not None and STATES.index(before.state) >= RESOLVED
        if ends == resolves:
            return before
        state = STATES[RESOLVED] if resolves else STATES[0]
        return (before or Meaning(state))._replace(state=state)

    return with_status(terms, board, status, change)


def responding(terms: Terms, says: Mapping[tuple[str, str], bool]) -> Terms:
    """With a response that ends with the statuses, by board and name, of which it is said."""
    fresh = terms
    for (board, status), responds in says.items():
        fresh = with_status(fresh, board, status, _with_responded(responds))
    return with_settings(fresh, response_by="status")


def _with_responded(responds: bool) -> Callable[[Meaning | None], Meaning | None]:
    return lambda before: (before or Meaning(STATES[0]))._replace(responded=responds)


def with_hours(terms: Terms, calendar: Calendar | None) -> Terms:
    """With the weekly hours of a calendar, None for round the clock, and the closures there are."""

    def made(coverage: Coverage) -> Coverage:
        if calendar is None:
            return Coverage.always(coverage.zone)
        hours = {day[:3]: calendar.hours[day] for day in DAYS if calendar.hours.get(day)}
        return Coverage(calendar.zone or coverage.zone, hours, coverage.closures, coverage.openings)

    return _with_coverage(terms, made)


def with_closures(terms: Terms, closures: Sequence[Closure]) -> Terms:
    """With other closures, in the hours there are."""
    return _with_coverage(
        terms,
        lambda had: (
            had
            if had.is_always
            else Coverage(
                had.zone, {DAYS[day][:3]: _of_day(had, day) for day in range(7)}, closures, had.openings
            )
        ),
    )


def _of_day(coverage: Coverage, day: int) -> list[tuple[str, str]]:
    return [(wall_text(w.opens), wall_text(w.closes)) for w in coverage.weekly if w.day == day]


def _with_coverage(terms: Terms, made: Callable[[Coverage], Coverage]) -> Terms:
    fresh: dict[Coverage, Coverage] = {}
    lines = []
    for line in terms.lines:
        had = line.coverage
        if had is None:
            lines.append(line)
            continue
        if had not in fresh:
            fresh[had] = made(had)
        has = fresh[had]
        # A day target needs days: where coverage never shuts, those that it had.
        keeps = has.is_always and not had.is_always
        targets = tuple(
            replace(one, calendar=had) if keeps and one.days and one.calendar is None else one
            for one in line.targets
        )
        lines.append(line if has == had else replace(line, coverage=has, targets=targets))
    return (
        terms if all(a is b for a, b in zip(lines, terms.lines, strict=True)) else _made(terms, lines=lines)
    )


def with_target(terms: Terms, target: Target, priority: str, others: Iterable[str] = ()) -> Terms:
    """With another target of its metric for tickets of a priority; "" for those of every priority but `others`."""
    taken = {(tuple(sorted(line.match.items())), line.own) for line in terms.lines}
    lines, others = list[Line](), set(others)

    def apart(line: Line, name: str, targets: tuple[Target, ...]) -> None:
        match = {**line.match, "priority": name}
        if (tuple(sorted(match.items())), line.own) not in taken:
            ordered = {field: match[field] for field in FIELDS if field in match}
            lines.append(replace(line, name=f"{line.name}, {name}", match=ordered, targets=targets))

    for line in terms.lines:
        own = line.match.get("priority", "")
        had = next((one for one in line.targets if one.metric == target.metric), None)
        if had is None or had == target:
            lines.append(line)
            continue
        targets = tuple(target if one is had else one for one in line.targets)
        if own:
            lines.append(
                replace(line, targets=targets) if own == priority or _is_rest(own, priority, others) else line
            )
        elif priority:
            lines.append(line)
            apart(line, priority, targets)
        else:
            lines.append(replace(line, targets=targets))
            for name in others:
                apart(line, name, line.targets)
    return terms if lines == list(terms.lines) else _made(terms, lines=lines)


def _is_rest(own: str, priority: str, others: set[str]) -> bool:
    return not priority and own not in others


def dates(days: Iterable[tuple[str, str, bool]], years: Iterable[int]) -> list[Closure]:
    """The days of a list of holidays as closures, those that come yearly in each of these years."""
    found = list[Closure]()
    years = list(years)
    for text, name, yearly in days:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            continue
        found += [Closure(one, one, name) for one in in_years(day, yearly, years)]
    return sorted(set(found))

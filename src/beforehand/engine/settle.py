"""Events known only to lie between two instants count at the end that is worse for us (clock.md 4.4)."""

from collections.abc import Iterable

from .codes import CHANGED, CLIENT_MESSAGE, CREATED, RESOLVED, STATES, STATUS
from .history import Event, order
from .terms import Line, Terms


def settle(events: Iterable[Event], terms: Terms) -> tuple[Event, ...]:
    """The events with every uncertain one put at its worse end, in effective order again.

    Worse is earlier for what starts a clock or lets it run on, later for what pauses or stops it; a change of field
    counts early when its line promises less time, else late. What one poll saw keeps its order: a wait that the
    client's answer ended stays ended, a ticket that was reopened stays open.
    """
    fields: dict[str, str] = {}
    settled: list[tuple[int, Event]] = []
    polls: dict[tuple[int, int], int] = {}
    for event in events:
        at = event.at
        if event.until is not None:
            poll = (event.at, event.until)
            worse = at if _earlier_is_worse(event, fields, terms) else event.until
            at = polls[poll] = max(worse, polls.get(poll, worse))
        settled.append((at, event))
        if event.kind == CHANGED:
            fields[event.field] = event.value
    settled.sort(key=lambda placed: (placed[0], order(placed[1])))
    return tuple(event if event.at == at else event._replace(at=at) for at, event in settled)


def _earlier_is_worse(event: Event, fields: dict[str, str], terms: Terms) -> bool:
    if event.kind in (CREATED, CLIENT_MESSAGE):
        return True
    if event.kind == STATUS:
        meaning = terms.statuses.meaning(fields.get("board", ""), event.value)
        return meaning is None or not (
            _holds_up(meaning.state, terms) or meaning.responded or meaning.planned
        )
    if event.kind == CHANGED:
        before = terms.choose(fields).winner
        after = terms.choose({**fields, event.field: event.value}).winner
        return _time_promised(after) < _time_promised(before)
    return False


def _holds_up(state: str, terms: Terms) -> bool:
    """Whether a state stops a clock or pauses one."""
    return state in STATES[RESOLVED:] or any(state in states for states in terms.settings.pauses.values())


def _time_promised(line: Line | None) -> tuple[int, int]:
    targets = line.targets if line else ()
    return sum(t.days for t in targets), sum(t.amount for t in targets)

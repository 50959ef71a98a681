"""Why we differ from whom: the words of `semantics`, our rule, and what of ours gives the other answer."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

from beforehand.engine.instants import MINUTE

from .ask import BY_THE_BOOK, answer
from .cases import Case, Clock, Deadline, Elapsed, Value

Answer = Mapping[str, Value]
_KEY = re.compile(r"\s*([a-z_0-9]+)(:[a-z_]+)?")


class Reason(NamedTuple):
    """The rule by which we differ and what it says. `cure` names what makes us agree, `again` asks so."""

    rule: str
    says: str
    cure: str = ""
    again: Callable[[Case], Answer] | None = None


def reasons(case: Case) -> list[Reason]:
    """The known reasons for a case's semantics, in the order it names them: "word:variant", else "word"."""
    found = (_KEY.match(part) for part in case.semantics.split(";"))
    known = (REASONS.get(match[0].strip(), REASONS.get(match[1])) for match in found if match)
    return [reason for reason in known if reason]


def agrees_again(case: Case, reason: Reason) -> bool:
    """Whether what the reason names gives the source's answer in every figure."""
    return reason.again is not None and dict(reason.again(case)) == dict(case.expect)


def _next_opening(case: Case) -> Answer:
    assert isinstance(case.asked, Deadline)
    coverage, start, amount = case.asked.coverage, case.asked.start, case.asked.amount
    due = coverage.add(start, amount)
    return {"deadline": None if due is None else coverage.next_open(due)}


def _turned_round(case: Case) -> Answer:
    assert isinstance(case.asked, Elapsed)
    return {"elapsed": case.asked.coverage.between(case.asked.end, case.asked.start)}


def _turned_round_negative(case: Case) -> Answer:
    assert isinstance(case.asked, Elapsed)
    return {"elapsed": -case.asked.coverage.between(case.asked.end, case.asked.start)}


def _whole_minutes(case: Case) -> Answer:
    exact = answer(case.asked, list(case.expect))
    return {
        name: exact[name] if exact[name] is expected else _cut(exact[name])
        for name, expected in case.expect.items()
    }


def _cut(value: Value) -> Value:
    return value if value is None or isinstance(value, bool) else value // MINUTE * MINUTE


def _with_closed_time(case: Case) -> Answer:
    return answer(case.asked, list(case.expect), replace(BY_THE_BOOK, closed_time_counts=True))


def _without_pauses(case: Case) -> Answer:
    return answer(case.asked, list(case.expect), replace(BY_THE_BOOK, pauses={}))


def _corrected(case: Case) -> Answer:
    """The last calendar from the beginning: what a correction of the agreement gives (6.3)."""
    assert isinstance(case.asked, Clock)
    last = next(
        (event.coverage for event in reversed(case.asked.events) if event.coverage), case.asked.coverage
    )
    events = tuple(replace(event, coverage=None) for event in case.asked.events)
    return answer(replace(case.asked, coverage=last, events=events), list(case.expect))


_NOT_ROUNDED = "nothing is rounded"
_NO_TIME = "a span that ends before it starts holds no time"
_AFTER_CONTACT = "response pauses only after a person has contacted the client"
_UPDATES = "an update is due so long after the last one, whether or not the client wrote"

REASONS: Mapping[str, Reason] = {
    "zero_rolls_to_next_open": Reason(
        "1.6", "nothing of business time from an instant is that instant", "the next opening", _next_opening
    ),
    "boundary_next": Reason(
        "1.5", "a target used up when coverage shuts is due at that close", "the next opening", _next_opening
    ),
    "dst_gap": Reason("1.3", "a wall time that a DST change skips is the first instant that exists"),
    "dst_wall_clock": Reason("1.4", "business time is physical time, on the days of a DST change too"),
    "reversed_span_negative": Reason(
        "1.4", _NO_TIME, "the span turned round, negative", _turned_round_negative
    ),
    "reversed_span_absolute": Reason("1.4", _NO_TIME, "the span turned round", _turned_round),
    "end_inclusive": Reason("1.3", "a window is half open: its closing instant is outside"),
    "pause_end_second_inclusive": Reason("1.3", "time is half open: the second at which a pause ends counts"),
    "whole_minutes": Reason("1.4", _NOT_ROUNDED, "whole minutes, the rest dropped", _whole_minutes),
    "minute_floor": Reason("1.4", _NOT_ROUNDED, "whole minutes, the rest dropped", _whole_minutes),
    "minute": Reason("1.4", _NOT_ROUNDED),
    "rounds": Reason("1.4", _NOT_ROUNDED),
    "zero_shown_as_one_second": Reason("1.4", "no time used is no time"),
    "closed_time:counts": Reason(
        "3.7",
        "the time before a reopening does not count",
        "the setting closed_time_counts",
        _with_closed_time,
    ),
    "closed_time:not_counted": Reason(
        "3.6", "closing completes the response, and a reopening begins it not anew"
    ),
    "pause_wall_clock": Reason("3.3", "a pause takes nothing while coverage is shut"),
    "pause_hides_but_does_not_extend": Reason(
        "3.3", "a wait on the client pauses the clock", "the setting pauses, naming no state", _without_pauses
    ),
    "pause_clears_due": Reason("3.3", _AFTER_CONTACT),
    "response_pauses": Reason("3.3", _AFTER_CONTACT),
    "due_null_when_met": Reason("5.2", "a met clock keeps the deadline it met"),
    "update_clock": Reason("3.8", _UPDATES),
    "keep_in_loop": Reason("3.8", f"{_UPDATES}; a client's message starts no response clock"),
    "calendar_change": Reason(
        "4.2",
        "time before a change of calendar counts under the old one",
        "a correction from creation (6.3)",
        _corrected,
    ),
}

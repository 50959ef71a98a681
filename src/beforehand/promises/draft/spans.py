"""From when until when a client is served by which SLA: one at a time under one contract, as agreements are (2.1)."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from beforehand.promises.draft.words import Notes, short
from beforehand.promises.file.notation import Misread, read_date
from beforehand.promises.psa import Serves

ONE = timedelta(days=1)
FAR = 100
"""Years: what ends later than so many after the draft's first day has no end, and what begins later does not begin."""


class Span(NamedTuple):
    """An SLA serves from a day until a day, both included, `until` None for no end. `calendar`: the client's own."""

    since: date
    until: date | None
    sla: str
    calendar: str = ""


STOPPED = (
    "not active there any more, and nothing says since when: it is left out, and tickets under it are held to what "
    "else serves the client."
)


def spans_of(rows: Iterable[Serves], since: date, today: date, whose: str, notes: Notes) -> list[Span]:
    """The spans of one client under one contract, in order and apart: where two meet, the later one goes on."""
    told = [span for row in rows if (span := _span(row, since, today, whose, notes))]
    found: list[Span] = []
    for span in sorted(dict.fromkeys(told), key=lambda span: span.since):
        last = found[-1] if found else None
        if last is None or (last.until is not None and last.until < span.since):
            found.append(span)
        elif last.since == span.since:
            notes.say(
                "two SLAs serve it at once under the same contract: the first one told is taken.", whose
            )
        else:
            notes.say("two SLAs serve it at once under the same contract: from then on the later one.", whose)
            found[-1:] = [last._replace(until=span.since - ONE), span]
    return found


def _span(row: Serves, since: date, today: date, whose: str, notes: Notes) -> Span | None:
    days = [_day(text, whose, notes) if text.strip() else None for text in (row.since, row.until)]
    begins, until = days[0] or since, days[1]
    if row.stopped and (until is None or until >= today):
        notes.say(STOPPED, f"{row.contract.strip()}, {whose}" if row.contract.strip() else whose)
        return None
    if until is not None and until < begins:
        notes.say("a contract that ends before it begins is left out.", whose)
        return None
    if until is not None and until < since:
        notes.say(f"a contract that ended before {since} is left out.", whose)
        return None
    if begins.year > since.year + FAR:
        notes.say(f"a contract that begins on {begins} is left out.", whose)
        return None
    if until is not None and until.year > since.year + FAR:
        until = None
    return Span(max(begins, since), until, row.sla, row.calendar)


def _day(text: str, whose: str, notes: Notes) -> date | None:
    try:
        return read_date(text.strip())
    except Misread:
        notes.say(f"{short(text)} is no date, and holds nothing back.", whose)
        return None


def filled(own: Sequence[Span], others: Iterable[Span], since: date) -> list[Span]:
    """The spans of a client, with those of every client where there are none of its own."""
    free: list[tuple[date, date | None]] = []
    begins: date | None = since
    for span in own:
        if begins is not None and begins < span.since:
            free.append((begins, span.since - ONE))
        begins = None if span.until is None else span.until + ONE
    if begins is not None:
        free.append((begins, None))
    both = [
        other._replace(since=max(other.since, first), until=_earlier(other.until, last))
        for other in others
        for first, last in free
        if (last is None or other.since <= last) and (other.until is None or first <= other.until)
    ]
    return sorted([*own, *both], key=lambda span: span.since)


def _earlier(one: date | None, other: date | None) -> date | None:
    return min((day for day in (one, other) if day is not None), default=None)

"""What explains that a ticket system and the agreements differ, in sentences: both sides named, and what to do."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from beforehand.engine.coverage import Coverage
from beforehand.engine.english import amount, hours
from beforehand.engine.instants import MINUTE
from beforehand.engine.saying import Hours
from beforehand.engine.weekly import weekly_windows
from beforehand.insight import candidates as of
from beforehand.insight.explain import Found
from beforehand.promises.psa import DAYS, Calendar
from beforehand.promises.psa import Target as TheirTarget

from .hours_words import in_words

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
ENDS_BY = {
    "human contact": "when a person has reached the client",
    "any reply": "with any reply, automatic ones too",
    "status": "with a status that says so",
    "meaningful": "when somebody has answered in earnest",
}
RETARGETS = {
    "from-creation": "counts from the creation",
    "from-change": "counts from the change",
    "keep-first": "changes nothing",
}
SHOWN_DAYS = 3
SHOWN_TARGETS = 4
SHOWN_BOARDS = 3


class Sentence(NamedTuple):
    """What differs, and what to do; `meaning`: the page of meaning says it here."""

    text: str
    do: str
    meaning: bool = False


def sentence_of(found: Found, title: str) -> Sentence:
    """A setting as it is there and here."""
    return _SAID[found.setting.kind](found, title)


def _status(text: str) -> Callable[[Found, str], Sentence]:
    def said(found: Found, title: str) -> Sentence:
        board = _on(found.setting.boards)
        do = "Decide which of the two was promised, then say so there or in what the status means here."
        return Sentence(f"Status “{found.setting.name}”{board} {text.format(title=title)}", do, True)

    return said


def _on(boards: Sequence[str]) -> str:
    if len(boards) > SHOWN_BOARDS:
        return f" on {len(boards)} boards"
    return f" on board{'s' if boards[1:] else ''} {_and(boards)}" if boards else ""


def _and(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _hours(found: Found, title: str) -> Sentence:
    theirs = found.setting.theirs
    there = "round the clock"
    if isinstance(theirs, Calendar):
        there = f"{_of_calendar(theirs)} (calendar “{theirs.name}”)"
    here = _or([in_words(one) for one in found.ours if isinstance(one, Coverage)])
    return Sentence(f"{title} counts {there}, your agreements {here}", _PROMISED)


def _of_calendar(calendar: Calendar) -> str:
    weekly, _ = weekly_windows({day[:3]: calendar.hours[day] for day in DAYS if calendar.hours.get(day)})
    # Where it tells no zone its hours were counted in that of ours, whatever its own words for it are.
    return hours(Hours(tuple(weekly), calendar.zone or "taken in your agreements’ zone"))


def _holidays(found: Found, title: str) -> Sentence:
    setting = found.setting
    theirs, ours = (
        _days([day for day in some if isinstance(day, date)]) if isinstance(some, list) else ""
        for some in (setting.theirs, setting.ours)
    )
    parts = [f"{title} does not count {theirs} and your agreements do"] if theirs else []
    parts += [f"your agreements do not count {ours} and {title} does"] if ours else []
    return Sentence(f"Holidays of calendar “{setting.name}”: {'; '.join(parts)}", _PROMISED)


def _days(days: Sequence[date]) -> str:
    shown = [f"{day.day} {day:%b %Y}" for day in days[:SHOWN_DAYS]]
    more = len(days) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _target(found: Found, title: str) -> Sentence:
    setting, theirs = found.setting, found.setting.theirs
    assert isinstance(theirs, TheirTarget)
    there = amount(round(theirs.minutes * MINUTE)) + (" round the clock" if theirs.round_the_clock else "")
    here = _or(_few([amount(one) for one in found.ours if isinstance(one, int)]))
    if here == there:
        here += " counted otherwise"
    what = f"{setting.metric} of {setting.priority or 'every priority'}"
    return Sentence(
        f"{what} under SLA “{setting.name}”: {there} in {title}, {here} in your agreements", _PROMISED
    )


def _response(found: Found, title: str) -> Sentence:
    setting = found.setting
    if setting.told:
        named = _or([f"“{one}”" for one in _texts(setting.ours)])
        return Sentence(
            f"{title} takes status {named} for the response; in your agreements it is another thing that counts",
            _PROMISED,
        )
    here = _or([ENDS_BY[one] for one in _texts(setting.ours)])
    there = ENDS_BY[str(setting.theirs)]
    return Sentence(f"{title} seems to end the response {there}, your agreements end it {here}", _PROMISED)


def _wait(found: Found, title: str) -> Sentence:
    if found.setting.theirs == "by-status":
        text = f"{title} seems to wait until the status changes, your agreements until the client writes"
    else:
        text = f"{title} seems to wait until the client writes, your agreements until the status changes"
    return Sentence(text, _PROMISED)


def _retarget(found: Found, title: str) -> Sentence:
    here = _or([RETARGETS[one] for one in _texts(found.setting.ours)])
    there = RETARGETS[str(found.setting.theirs)]
    return Sentence(
        f"A new priority seems to {_infinitive(there)} in {title}; in your agreements it {here}", _PROMISED
    )


def _infinitive(words: str) -> str:
    verb, _, rest = words.partition(" ")
    return f"{verb.removesuffix('s')} {rest}"


def _restart(found: Found, title: str) -> Sentence:
    if found.setting.theirs is None:
        text = f"A ticket that is reopened late seems to go on with its old clock in {title}; here it begins anew"
    else:
        text = f"A ticket that is reopened seems to begin anew in {title}; here it goes on with the time used so far"
    return Sentence(text, _PROMISED)


def _closed(found: Found, title: str) -> Sentence:
    if found.setting.theirs:
        text = f"{title} seems to count the time between closing and reopening, your agreements do not"
    else:
        text = f"Your agreements count the time between closing and reopening, {title} seems not to"
    return Sentence(text, _PROMISED)


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, tuple) else []


def _few(words: Sequence[str]) -> list[str]:
    """A day target is another time for each ticket (2.5): some of them stand for all."""
    shown = list(dict.fromkeys(words))
    return shown if len(shown) <= SHOWN_TARGETS else [*shown[:SHOWN_TARGETS], "other times"]


def _or(words: Sequence[str]) -> str:
    shown = list(dict.fromkeys(words))
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}" if shown else "other"


_PROMISED = "Decide which of the two was promised, then say so there or in the agreement."
_SAID: Mapping[str, Callable[[Found, str], Sentence]] = {
    of.HOLDS: _status("stops {title}’s clock and not yours"),
    of.RUNS: _status("stops your clock and not {title}’s"),
    of.ENDS: _status("ends the work in {title} and not in your agreements"),
    of.GOES_ON: _status("ends the work in your agreements and not in {title}"),
    of.HOURS: _hours,
    of.HOLIDAYS: _holidays,
    of.TARGET: _target,
    of.RESPONSE_BY: _response,
    of.WAIT: _wait,
    of.RETARGET: _retarget,
    of.RESTART: _restart,
    of.CLOSED_TIME: _closed,
}


def first_capital(text: str) -> str:
    """A sentence's first letter; the rest as it is."""
    return text[:1].upper() + text[1:]


def told_by(found: Found, title: str) -> str:
    """How the setting is known, and whether it is still so."""
    if found.setting.told:
        return f"{title} is not set so any more: these tickets are of before." if found.past else ""
    return f"Its set-up does not tell this; the verdicts on these {len(found.tickets):,} tickets do."


def settings_in_words(count: int) -> str:
    """ "this setting explains", "these three settings explain"."""
    return "this setting explains" if count == 1 else f"these {NUMBERS[count]} settings explain"

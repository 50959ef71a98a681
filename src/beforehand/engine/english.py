"""The English catalogue: every message id of words.py and how its values are written."""

from collections.abc import Mapping
from types import MappingProxyType

from .saying import Amount, Hours, Moment, Period, Said, Value
from .weekly import DAY_S, Window

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

MESSAGES: Mapping[str, str] = MappingProxyType(
    {
        "start.created": "Created {at}.",
        "start.contact": "You made contact {at}, and the time counts from then; the ticket was created "
        "{created}.",
        "start.planned": "Created {created}, planned to start {at}.",
        "start.merged": "Created {created}; a ticket merged into this one began {at}, and the time counts "
        "from then.",
        "start.anew": "The ticket was reopened {at}, so long after it was done that its time began anew "
        "(run {number}).",
        "start.update": "Update {number}: the time counts from the update before it, {at}.",
        "uncovered": "No agreement covers this ticket. What is counted is the provider's own time for "
        "looking at it.",
        "hours": "Your support hours are {hours}.",
        "hours.always": "This is counted round the clock.",
        "hours.none": "There are no support hours.",
        "hours.named-days": "There are support hours on single days only.",
        "promise.days": "Promised is the {target}: {amount} of support hours.",
        "part.day": "{amount} {on}",
        "part.day.first": "{amount} counted {on}",
        "part.day.holiday": "{amount} {on} (partly closed: {holiday})",
        "part.day.holiday.first": "{amount} counted {on} (partly closed: {holiday})",
        "part.all": "{amount} from {since} to {until}",
        "part.all.first": "{amount} counted from {since} to {until}",
        "part.weekend": "nothing over the weekend",
        "part.holiday": "nothing {on} ({holiday})",
        "part.off-hours": "nothing {on}, outside support hours",
        "part.waiting": "nothing from {since} to {until}, {whom}",
        "part.waiting.status": "nothing from {since} to {until}, {whom} (status “{status}”)",
        "part.closed": "nothing from {since}, when it was done, to {until}, when it was reopened",
        "whom.waiting-on-client": "waiting on you",
        "whom.waiting-on-vendor": "waiting on a vendor",
        "whom.scheduled-by-client": "put off to a time you chose",
        "whom.waiting": "waiting",
        "waits": "In all it was {whom} {count} times, the longest from {since} to {until}; nothing "
        "counted then.",
        "waits.one": "It was {whom} once, from {since} to {until}; nothing counted then.",
        "closings": "It was reopened {count} times, the last time {until}; the time between does not count.",
        "closings.one": "It was reopened once, {until}; the time between does not count.",
        "sum": "{parts}, {end}: {used} of {target}.",
        "sum.no-target": "{parts}, {end}: {used}.",
        "sum.open": "{parts}: {used} of {target} so far.",
        "sum.no-target.open": "{parts}: {used} so far.",
        "sum.bare": "{end}: {used} of {target}.",
        "sum.bare.no-target": "{end}: {used}.",
        "sum.bare.open": "{used} of {target} so far.",
        "sum.bare.no-target.open": "{used} so far.",
        "end.response": "answered {at}",
        "end.response-by": "answered by {person} {at}",
        "end.meaningful": "answered in earnest {at}",
        "end.meaningful-by": "answered in earnest by {person} {at}",
        "end.first-reply": "first reply {at}",
        "end.plan": "plan given {at}",
        "end.resolution": "resolved {at}",
        "end.closed": "closed {at}",
        "end.update": "updated {at}",
        "end.onsite": "somebody arrived {at}",
        "end.triage": "looked at and handed on {at}",
        "end.ended": "ended {at}",
        "end.no-visit": "resolved {at} without a visit",
        "end.by-resolution": "resolved {at}, which counts for this too",
        "end.by-the-plan": "plan given {at}, which counts as the answer too",
        "end.as-told": "answered {at}, as the source tells",
        "end.logged-after-the-work": "the work was done before the ticket was opened and logged afterwards",
        "end.met-by-live-contact": "you reached a person at once, {at}",
        "verdict.met": "The promise was kept.",
        "verdict.at-the-limit": "The promise was kept, at the limit: all of its time was used and no more.",
        "verdict.precision": "It is over by less than the source's time stamps can tell, so the promise "
        "counts as kept.",
        "verdict.cannot-be-judged": "The source tells neither the messages nor when it was answered, so "
        "this cannot be judged; it counts neither as kept nor as broken.",
        "verdict.merged": "The ticket was merged into another, so it has no verdict of its own.",
        "verdict.deleted": "The ticket was deleted, so it has no verdict.",
        "verdict.out-of-scope": "The ticket is outside what was agreed (a project, internal work or "
        "noise): no verdict.",
        "verdict.no-line-fits": "After a change no line of the agreement fits the ticket any more: no "
        "verdict.",
        "verdict.cleared-by-itself": "Monitoring opened it and it cleared with no human work: no verdict.",
        "verdict.resolved-without-a-visit": "No visit was needed: no verdict.",
        "late.stopped": "The promise was broken: {over} late, its time was used up {at}.",
        "late.running": "The promise is broken: {over} late by now, its time was used up {at}.",
        "late.by-change": "The promise was broken by a change {at}: by then more than the new {target} "
        "was used ({over} over).",
        "late.off-hours": "Support is closed; the lateness grows on from {opens}.",
        "paused": "Paused, {left} left, {whom} since {since}; there is no deadline until it goes on.",
        "paused.status": "Paused, {left} left, {whom} since {since} (status “{status}”); there is no "
        "deadline until it goes on.",
        "paused.late": "Paused, {whom} since {since}: the lateness does not grow meanwhile.",
        "paused.status.late": "Paused, {whom} since {since} (status “{status}”): the lateness does not "
        "grow meanwhile.",
        "paused.no-target": "Paused, {whom} since {since}.",
        "paused.status.no-target": "Paused, {whom} since {since} (status “{status}”).",
        "state.running": "{left} left, due {at}.",
        "state.off-hours": "Support is closed now: {left} left, it goes on {opens} and is due {at}.",
        "state.used-up": "All the time promised was used up {at} and support has closed: late from {opens}.",
        "state.not-started": "The time begins to count {at}.",
        "state.never-due": "The support hours never open for that long again, so there is no deadline.",
        "later-target": "A later change would have given {amount}; the {target} that was broken stays.",
        "mark.reopened-without-work": "The client reopened it and no work followed (“thanks!”): the "
        "verdict stands.",
        "mark.changed-in-the-last-quarter": "It was changed in the last quarter of its time.",
        "mark.late-change-by": "Its {field} was changed in the last quarter of its time, by {person}.",
        "mark.uncertain-time-counted-against-us": "The exact time of an event is not known; the worse end "
        "for us counts.",
        "mark.reopened": "It was reopened and went on with the time used so far.",
        "mark.start-of-a-merged-ticket": "Its start is that of a ticket merged into it, which is earlier.",
        "mark.by-resolution": "The resolution came first and counts for this stage too.",
        "mark.by-the-plan": "The plan came first and counts as the answer too.",
        "mark.as-told": "The source gives no messages; its own “responded at” is taken.",
        "mark.logged-after-the-work": "The work came before the ticket: it was logged afterwards.",
        "mark.breached-by-the-change": "More than the new target had been used at the instant of the change.",
        "mark.at-the-limit": "All of the time was used, and no more.",
        "mark.within-the-precision": "Over the target by less than the precision of the source's stamps.",
        "mark.met-by-live-contact": "The client reached a person when the ticket began (phone, walk-up, "
        "chat).",
        "mark.restarted": "A reopening long after the stop began a new clock.",
        "line.applies": "{line} applies: it is for tickets with {names}.",
        "line.applies.every": "{line} applies: it is for every ticket.",
        "line.names": "{field} {value}",
        "line.other-value": "It is for {pairs}.",
        "line.differs": "{field} {wants} (here {has})",
        "line.lacks": "{field} {wants} (here none)",
        "line.fits-less": "It fits too, but names less of the ticket ({names}, against {winner} in "
        "{applied}).",
        "line.names-later-field": "It fits too, but {applied} names the {field}, which comes first.",
        "line.plan-line": "It fits too, but {applied} is the client's own and goes before the plan's.",
        "target.amount": "{amount}",
        "target.always": "{amount} round the clock",
        "target.next-day": "next business day",
        "target.next-day-by": "next business day by {by}",
        "target.days": "end of business day {count} after the start",
        "target.days-by": "business day {count} after the start by {by}",
    }
)


def render(what: Said) -> str:
    """A message as an English sentence (or, for a part of one, the words of that part)."""
    text = _words(what)
    return text[:1].upper() + text[1:]


def amount(micros: int) -> str:
    """ "1 h 45 m", "4 h", "12 s"; the parts that are not 0, "0 m" for nothing. Rounds nothing."""
    sign, rest = ("-", -micros) if micros < 0 else ("", micros)
    parts = []
    for unit, name in ((3_600_000_000, "h"), (60_000_000, "m"), (1_000_000, "s"), (1000, "ms"), (1, "µs")):
        count, rest = divmod(rest, unit)
        if count:
            parts.append(f"{count:,} {name}".replace(",", "\u202f"))
    return sign + " ".join(parts) if parts else "0 m"


def moment(at: Moment) -> str:
    """ "Friday 16:10", "Fri 14 Nov 16:10", "Fri 14 Nov 2025 16:10"."""
    return f"{_date(Period('day', at.local.date(), at.style))} {at.local.hour}:{at.local.minute:02d}"


def hours(weekly: Hours) -> str:
    """ "Mon-Fri 9:00-17:30 (London)"."""
    days = [_of_day(weekly.weekly, day) for day in range(7)]
    said = []
    for windows in dict.fromkeys(d for d in days if d):
        times = " and ".join(windows)
        said.append(f"{_day_names([n for n, d in enumerate(days) if d == windows])} {times}")
    return f"{', '.join(said)} ({city(weekly.zone)})"


def city(zone: str) -> str:
    """ "London" of "Europe/London"."""
    return zone.rsplit("/", 1)[-1].replace("_", " ")


def _words(what: Said) -> str:
    name = what.id
    if what.values.get("count") == 1 and f"{name}.one" in MESSAGES:
        name += ".one"
    if what.values.get("names") == ():
        name += ".every"
    shown = {key: _value(key, value) for key, value in what.values.items()}
    if isinstance(period := what.values.get("period"), Period):
        shown["on"] = f"on {_date(period)}" if period.unit == "day" else f"in {_date(period)}"
    return MESSAGES[name].format_map(shown)


def _value(key: str, value: Value) -> str:
    match value:
        case Said():
            return _words(value)
        case Amount(micros):
            return amount(micros)
        case Moment():
            return moment(value)
        case Period():
            return _date(value)
        case Hours():
            return hours(value)
        case tuple():
            return (", " if key == "parts" else " and ").join(map(_words, value))
        case int():
            return _clock(value) if key == "by" else str(value)
    return value


def _date(period: Period) -> str:
    day, year = period.first, f" {period.first.year}" if period.style == "year" else ""
    month = _MONTHS[day.month - 1]
    if period.unit == "year":
        return str(day.year)
    if period.unit == "month":
        return f"{month} {day.year}"
    if period.unit == "week":
        return f"the week of {day.day} {month[:3]}{year}"
    if period.style == "weekday":
        return _DAYS[day.weekday()]
    return f"{_DAYS[day.weekday()][:3]} {day.day} {month[:3]}{year}"


def _clock(seconds: int) -> str:
    wall = seconds if seconds <= DAY_S else seconds - DAY_S
    hour, rest = divmod(wall, 3600)
    minute, second = divmod(rest, 60)
    return f"{hour}:{minute:02d}" + (f":{second:02d}" if second else "")


def _of_day(weekly: tuple[Window, ...], day: int) -> tuple[str, ...]:
    """The windows of a weekday, overlapping ones as one, in words."""
    merged: list[tuple[int, int]] = []
    for window in sorted(w for w in weekly if w.day == day):
        if merged and window.opens <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], window.closes))
        else:
            merged.append((window.opens, window.closes))
    return tuple("all day" if (a, b) == (0, DAY_S) else f"{_clock(a)}-{_clock(b)}" for a, b in merged)


def _day_names(days: list[int]) -> str:
    """ "Mon-Thu, Sat" of the numbers of weekdays; "every day" of all."""
    if len(days) == 7:
        return "every day"
    runs: list[list[int]] = []
    for day in days:
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    names = [(_DAYS[run[0]][:3], _DAYS[run[-1]][:3]) for run in runs]
    return ", ".join(a if a == b else f"{a}-{b}" for a, b in names)

"""A roster out of an iCalendar text: who is the dispatcher from when until when, and what nobody can tell."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from beforehand.engine.instants import DAY, EPOCH, to_datetime, to_instant
from beforehand.engine.zones import local_datetime, stretches
from beforehand.kernel.faults import Fault, Refused
from beforehand.kernel.names import fold

from .staff import Person, Staff

if TYPE_CHECKING:
    from icalendar import Component, Event

LARGEST = 2_000_000
MOST = 5_000
_MARGIN = 4 * DAY
_TOO_OFTEN = {"SECONDLY", "MINUTELY", "HOURLY"}


class Shift(NamedTuple):
    """Somebody is the dispatcher from one instant until another, by an event of this name."""

    since: int
    until: int
    person: Person
    event: str


class RosterRead(NamedTuple):
    """The shifts of a calendar in order, each once, and what is wrong with it."""

    shifts: tuple[Shift, ...]
    faults: tuple[Fault, ...]


def read_roster(content: bytes, staff: Staff, since: int, until: int) -> RosterRead:
    """The shifts that touch the time between two instants, recurrences and all.

    An event's summary says who: it is, or holds, the name of one technician who works here. Where it does not, its
    attendees do, and at last its organizer, by name or address. All-day events are whole days of the provider's zone,
    and a time without a zone is by its clocks. Cancelled events and those without length say nothing.
    """
    try:
        events = _events(content, since, until)
    except Refused as refused:
        return RosterRead((), refused.faults)
    shifts: dict[tuple[int, int, int], Shift] = {}
    faults: dict[str, Fault] = {}
    for event in events:
        begins, ends = _span(event, staff.zone)
        if str(event.get("STATUS", "")).upper() == "CANCELLED" or not max(begins, since) < min(ends, until):
            continue
        name = " ".join(str(event.get("SUMMARY", "")).split())[:200]
        found = who_is_named(event, name, staff)
        for person in found:
            shifts.setdefault((begins, ends, person.id), Shift(begins, ends, person, name))
        if not found and name not in faults:
            faults[name] = _nobody(name, begins, staff)
    if len(shifts) > MOST:
        faults[""] = Fault("calendar", f"{len(shifts):,} shifts", f"at most {MOST:,}")
    return RosterRead(tuple(shifts[key] for key in sorted(shifts)), tuple(faults.values()))


def _events(content: bytes, since: int, until: int) -> list["Event"]:
    import icalendar  # here, since they take a while and few need them
    import recurring_ical_events

    if len(content) > LARGEST:
        size = f"{len(content) // 1_000_000} MB"
        raise Refused(Fault("calendar", size, f"a file of at most {LARGEST // 1_000_000} MB"))
    try:
        calendar = icalendar.Calendar.from_ical(content)
        _refuse_frequent(calendar)
        # Two days more at each end, since a time without a zone is not yet in ours.
        around = to_datetime(since) - timedelta(days=2), to_datetime(until) + timedelta(days=2)
        found: list[Event] = list(recurring_ical_events.of(calendar).between(*around))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError):
        raise Refused(
            Fault(
                "calendar", "something else", "an iCalendar file", "a file that begins with BEGIN:VCALENDAR"
            )
        ) from None
    return sorted(found, key=lambda event: str(event.get("SUMMARY", "")))


def _refuse_frequent(calendar: "Component") -> None:
    """An event every second, minute or hour is no shift, and would be followed for ever."""
    for event in calendar.walk("VEVENT"):
        rules = event.get("RRULE", [])
        for rule in rules if isinstance(rules, list) else [rules]:
            often = {str(name).upper() for name in rule.get("FREQ", [])}
            if often & _TOO_OFTEN or "BYSECOND" in rule or "BYMINUTE" in rule or "BYHOUR" in rule:
                place = f"event {str(event.get('SUMMARY', ''))[:200]!r}"
                found = "one that recurs within a day"
                raise Refused(Fault(place, found, "events that recur daily or more seldom", "FREQ=WEEKLY"))


def _span(event: "Event", zone: str) -> tuple[int, int]:
    """The instants at which an event begins and ends."""
    start, end = event.start, event.end
    if not isinstance(start, datetime) and not end > start:
        end = start + timedelta(days=1)
    return instant_of(start, zone, ends=False), instant_of(end, zone, ends=True)


def instant_of(when: date | datetime, zone: str, ends: bool) -> int:
    """The instant of a calendar's time: a day, or a time without a zone, is by the clocks of `zone`.

    Where these skip it, or show it twice, what begins does so at the first instant, and what ends at the last.
    """
    if not isinstance(when, datetime):
        when = datetime.combine(when, time())
    if when.tzinfo is not None:
        return to_instant(when.astimezone(UTC))
    wall = (when - EPOCH.replace(tzinfo=None)) // timedelta(microseconds=1)
    near = stretches(zone, wall - _MARGIN, wall + _MARGIN)
    return near.closing(wall) if ends else near.opening(wall)


def who_is_named(event: "Event", summary: str, staff: Staff) -> tuple[Person, ...]:
    """The technicians whom an event names; none where it names nobody, or leaves it open whom it means."""
    named = staff.names.get(fold(summary))
    within = {named} if named else _within(summary, staff)
    if within:
        return tuple(within) if len(within) == 1 else ()
    for field in ("ATTENDEE", "ORGANIZER"):
        people = event.get(field, [])
        found = [_addressed(one, staff) for one in (people if isinstance(people, list) else [people])]
        if any(found):
            return tuple(dict.fromkeys(one for one in found if one))
    return ()


def _within(summary: str, staff: Staff) -> set[Person]:
    """Whose names stand in a text as words of their own ("On call: Ada Ferrant"); of two, not one inside another."""
    text = fold(summary)
    spans: list[tuple[int, int, Person]] = []
    for name, person in staff.names.items():
        for found in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text) if name else ():
            spans.append((*found.span(), person))
    return {one for a, b, one in spans if not any(c <= a and b <= d and d - c > b - a for c, d, _ in spans)}


def _addressed(address: object, staff: Staff) -> Person | None:
    parameters = getattr(address, "params", {})
    mail = re.sub(r"^mailto:", "", str(address), flags=re.IGNORECASE)
    return staff.names.get(fold(str(parameters.get("CN", "")))) or staff.with_email(mail)


def _nobody(name: str, begins: int, staff: Staff) -> Fault:
    local = local_datetime(staff.zone, begins)
    known = ", ".join(dict.fromkeys(person.name for person in _by_name(staff.names.values())))
    return Fault(
        f"event {name!r} of {local.day} {local:%B %Y}",
        "nobody, or more than one",
        f"the name, alias or address of one technician: {known or 'there are none yet'}",
    )


def _by_name(people: Iterable[Person]) -> Iterator[Person]:
    yield from sorted(people, key=lambda person: fold(person.name))

"""The standing cast of the engine's tests: Alice the client, Bob the technician, a week in November, an agreement.

Support hours are Mon-Fri 9:00-17:30 in London, which is UTC in November: instants can be read off the page.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from beforehand.engine.clock import Reading, Readings
from beforehand.engine.codes import AUTOMATIC, BY_AUTOMATION, BY_CLIENT, BY_PERSON, EXPECTATION, PUBLIC, VISIT
from beforehand.engine.coverage import Coverage
from beforehand.engine.history import (
    Event,
    History,
    Source,
    assigned,
    changed,
    client_message,
    created,
    message,
    status,
)
from beforehand.engine.instants import DAY, HOUR, MINUTE, SECOND, to_instant
from beforehand.engine.terms import Line, Meaning, Settings, StatusMap, Target, Terms

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
DAYS = (*WEEKDAYS, "sat", "sun")
OFFICE = Coverage("Europe/London", {day: [("09:00", "17:30")] for day in WEEKDAYS}, name="office")
ALWAYS = Coverage.always()
UNITS = {"d": DAY, "h": HOUR, "m": MINUTE, "s": SECOND}


class Read(Protocol):
    """The shape of clock.read."""

    def __call__(
        self,
        history: History,
        terms: Terms,
        coverage: Coverage,
        as_of: int | None = None,
        *,
        thresholds: Sequence[int] = (),
        spans: bool = False,
    ) -> Readings: ...


def at(text: str) -> int:
    """ "mon 9:05" of the week of 23 November 2026; "mon+1 9:05" of the next one; seconds if need be."""
    day, time = text.split()
    name, _, weeks = day.partition("+")
    hours, minutes, seconds = (*map(int, time.split(":")), 0)[:3]
    days = DAYS.index(name) + 7 * int(weeks or 0)
    moment = datetime(2026, 11, 23, tzinfo=UTC) + timedelta(
        days, hours=hours, minutes=minutes, seconds=seconds
    )
    return to_instant(moment)


def local(zone: str, text: str, fold: int = 0) -> int:
    """The instant of "2026-03-29 01:30" in a zone; `fold` 1 is the second time of two."""
    return to_instant(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold))


def amount(text: str) -> int:
    """ "1h 30m" in microseconds."""
    return sum(int(part[:-1]) * UNITS[part[-1]] for part in text.split())


# What happens. Bob is the provider's technician, Alice the client; a robot has no hands.


def opened(when: str, **fields: str) -> list[Event]:
    """The ticket was created, with these fields; that is nobody's work on it."""
    told = (changed(at(when), name, value, flags=BY_AUTOMATION) for name, value in fields.items())
    return [created(at(when)), *told]


def bob_says(when: str, flags: int = 0, **more: Any) -> Event:
    """A public message of the technician."""
    return message(at(when), BY_PERSON | PUBLIC | flags, **more)


def bob_notes(when: str) -> Event:
    """A note that the client does not see: work, not contact."""
    return message(at(when), BY_PERSON)


def bob_visits(when: str) -> Event:
    return message(at(when), BY_PERSON | VISIT)


def robot_says(when: str) -> Event:
    """An automatic acknowledgement."""
    return message(at(when), BY_AUTOMATION | PUBLIC | AUTOMATIC)


def alice_says(when: str, **more: Any) -> Event:
    return client_message(at(when), **more)


def turns(when: str, name: str, by: int = BY_PERSON, **more: Any) -> Event:
    """The status becomes `name`, by the technician unless said otherwise."""
    return status(at(when), name, flags=by, **more)


def robot_turns(when: str, name: str) -> Event:
    return turns(when, name, BY_AUTOMATION)


def alice_turns(when: str, name: str) -> Event:
    return turns(when, name, BY_CLIENT)


def becomes(when: str, name: str, value: str, by: int = BY_PERSON, **more: Any) -> Event:
    """A field changes."""
    return changed(at(when), name, value, flags=by, **more)


def goes_to(when: str, owner: str = "Bob") -> Event:
    return assigned(at(when), owner)


PROMISES = EXPECTATION
"""Flag of a message that sets an expectation: a next step or a time."""


SOURCE = Source()


def ticket(*events: Event | list[Event], source: Source = SOURCE) -> History:
    """A ticket of these events, in any order."""
    flat: list[Event] = []
    for given in events:
        flat += given if isinstance(given, list) else [given]
    return History(flat, source)


# What is promised

STATUSES = StatusMap(
    {
        "": {
            "new": Meaning("working"),
            "working": Meaning("working"),
            "waiting": Meaning("waiting-on-client"),
            "vendor": Meaning("waiting-on-vendor"),
            "booked": Meaning("scheduled-by-client"),
            "ours": Meaning("scheduled-by-us"),
            "responded": Meaning("working", responded=True),
            "planned": Meaning("working", planned=True),
            "resolved": Meaning("resolved"),
            "closed": Meaning("closed"),
            "spam": Meaning("closed", noise=True),
        }
    }
)


def target(metric: str, text: str, **more: Any) -> Target:
    """ "4h", "4h 24x7", or "2 days" (the second business day)."""
    if text.endswith(" days"):
        return Target(metric, days=int(text.split()[0]), **more)
    always = text.endswith(" 24x7")
    return Target(metric, amount(text.removesuffix(" 24x7")), round_the_clock=always, **more)


def line(name: str = "any", match: Mapping[str, str] | None = None, **targets: Any) -> Line:
    """A line with these targets, by text or ready made; `coverage` and `own` as in Line."""
    more = {key: targets.pop(key) for key in ("coverage", "own") if key in targets}
    made = (text if isinstance(text, Target) else target(metric, text) for metric, text in targets.items())
    return Line(name, match or {}, tuple(made), **more)


def held_to(*lines: Line, triage: str = "", **settings: Any) -> Terms:
    """Terms of these lines and settings."""
    own = target("triage", triage) if triage else None
    return Terms(lines, STATUSES, Settings(**settings), own)


BY_PRIORITY = (
    line("P1", {"priority": "P1"}, resolution="1h"),
    line("P2", {"priority": "P2"}, resolution="4h"),
    line("P3", {"priority": "P3"}, resolution="8h"),
)


def whys(reading: Reading) -> list[str]:
    """Why each span counted or did not."""
    return [span.why for span in reading.spans]

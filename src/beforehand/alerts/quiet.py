"""Until when messages to somebody wait: quiet ones until their work begins, normal ones until the night ends."""

from datetime import datetime, time, timedelta

from beforehand.engine.instants import to_instant
from beforehand.engine.zones import local_datetime
from beforehand.people.staff import Staff

from .bundle import Quiet

NIGHT = (22, 7)
"""The hours, by the provider's clocks, in which normal messages wait for who does not work."""


def quiet_for(staff: Staff, technician: int | None, zone: str, now: int) -> Quiet:
    """How messages to a technician wait at an instant; those to a channel never do."""
    person = None if technician is None else staff.by_id(technician)
    if person is None or staff.works(person, now):
        return Quiet()
    return Quiet(staff.next_start(person, now), _night_ends(zone, now))


def _night_ends(zone: str, now: int) -> int | None:
    """When the night ends in which normal messages wait; None by day."""
    local = local_datetime(zone, now)
    if NIGHT[1] <= local.hour < NIGHT[0]:
        return None
    day = local.date() + timedelta(days=local.hour >= NIGHT[0])
    return to_instant(datetime.combine(day, time(NIGHT[1]), local.tzinfo))

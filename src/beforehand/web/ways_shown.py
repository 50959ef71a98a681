"""The ways to somebody as their page shows them: in which order, and what came of the last try of each."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.http import HttpRequest
from django.urls import reverse

from beforehand.alerts.channels import MAIL, MAIL_TOO, OWN, Places, Reach
from beforehand.alerts.models import Attempt, Way
from beforehand.engine.instants import to_instant
from beforehand.engine.saying import Moment, Saying
from beforehand.kernel.names import fold
from beforehand.people.models import Provider, Technician
from beforehand.people.roles import Role
from beforehand.people.staff import Staff

from . import moment
from .access import may, zone_of
from .channel_forms import WayForm
from .staff_gaps import Gap


class Shown(NamedTuple):
    """A way to somebody: its place in their order, None of one that no order names; its own row, if it is their own."""

    name: str
    key: str
    place: int | None
    row: Way | None
    last: Attempt | None
    at: Moment | None


def ways_of(technician: Technician, how: Saying) -> list[Shown]:
    """The ways to a technician, the first first, then those that they never use."""
    person = Staff(technician.provider).by_id(technician.pk)
    if person is None:
        return []
    places = Places(technician.provider)
    own = {
        f"{OWN}{row.pk}": row
        for row in Way.objects.filter(provider=technician.provider, technician=technician)
    }
    used = places.ways_to(person)
    further = [way for way in places.ways_to(person, [row.name for row in own.values()]) if way not in used]
    found = []
    for place, way in enumerate([*used, *further], 1):
        last = _last(technician, way)
        at = None if last is None else how.at(to_instant(last.at))
        name = f"Mail to {way.address}" if way.channel == MAIL else places.called(way)
        found.append(
            Shown(name, way.channel, None if way in further else place, own.get(way.channel), last, at)
        )
    return found


def _last(technician: Technician, way: Reach) -> Attempt | None:
    tries = Attempt.objects.filter(
        provider=technician.provider, mailbox__channel=way.channel, mailbox__address=way.address
    )
    return tries.order_by("-at", "-pk").first()


def missing(provider: Provider, staff: Staff, rows: Iterable[Technician]) -> Iterator[Gap]:
    """Who of those who work here is reached in no way at all, or by a name that is none of theirs."""
    places = Places(provider)
    for row in rows:
        person = staff.by_id(row.pk)
        if person is None or not row.active:
            continue
        page = reverse("technician", args=[row.pk])
        # Whoever has no e-mail address is said to have none elsewhere.
        further = [name for name in person.channels if fold(name) not in MAIL_TOO]
        lost = [name for name in further if not places.ways_to(person, [name])]
        if lost and not places.ways_to(person):
            yield Gap(f"{row.name} is reached in no way.", page, "Say one")
        elif lost:
            said = f"{row.name} is to be reached by {' and '.join(lost)}, and has no such way."
            yield Gap(said, page, "Add it")


def around(request: HttpRequest, technician: Technician, form: WayForm | None = None) -> dict[str, object]:
    """What the page of a technician shows of their ways."""
    how = Saying(to_instant(moment.now()), zone_of(request), 0, 1)
    return {
        "ways": ways_of(technician, how) if technician.pk else [],
        "way_form": form or WayForm(technician, may(request, Role.OWNER)),
    }

"""What is missing so that each warning finds somebody, in sentences."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse

from beforehand.engine.codes import RESOLVED
from beforehand.engine.english import city
from beforehand.engine.weekly import DAYS, wall_text
from beforehand.engine.zones import local_datetime
from beforehand.kernel.names import fold
from beforehand.people.models import Provider, Team, Technician
from beforehand.people.roster import Roster
from beforehand.people.roster_calendar import instant_of
from beforehand.people.staff import Staff
from beforehand.promises.file.hours import ALWAYS, Hours, say_hours
from beforehand.tickets.models import Ticket

SHOWN_NAMES = 20


class Gap(NamedTuple):
    """One thing that is missing, and the page on which it is mended ("" where that is this one)."""

    says: str
    address: str = ""
    mend: str = ""


def gaps(staff: Staff, rows: Iterable[Technician], teams: Iterable[Team], at: int) -> Iterator[Gap]:
    """What is missing as of an instant, the gravest first."""
    active = [row for row in rows if row.active]
    yield from _duty(staff, at)
    if not staff.managers():
        yield Gap("Nobody is the service manager: say so on the page of whoever is.")
    for team in teams:
        lead = staff.lead_of(team.name)
        if lead is None:
            yield Gap(f"{team.name} has no lead.", "#teams", "Choose one")
        elif lead.id not in {row.pk for row in active}:
            yield Gap(
                f"{team.name} is led by {lead.name}, who does not work here any more.",
                "#teams",
                "Choose another",
            )
    for row in active:
        person = staff.by_id(row.pk)
        if person and staff.is_away(person, at) and staff.present(person, at) is None:
            yield Gap(
                f"{row.name} is away, and nobody stands in.",
                reverse("technician", args=[row.pk]),
                "Name a deputy",
            )
    mute = [row.name for row in active if not row.email]
    if mute:
        yield Gap(f"Without an e-mail address: {some(mute)}.")


def _duty(staff: Staff, at: int) -> Iterator[Gap]:
    address, mend = reverse("roster"), "Open the roster"
    hours = unmanned(staff.roster, staff.zone, at)
    if hours == ALWAYS:
        yield Gap("Nobody is the dispatcher in the coming seven days.", address, mend)
    elif hours:
        said = f"Without a dispatcher in the coming seven days: {say_hours(hours)} ({city(staff.zone)})."
        yield Gap(said, address, mend)


def unmanned(roster: Roster, zone: str, at: int) -> Hours:
    """The hours of the seven days from this one on in which nobody is on duty, by local weekday."""
    today = local_datetime(zone, at).date()
    week: Hours = {}
    for day in (today.fromordinal(today.toordinal() + n) for n in range(7)):
        begins = instant_of(day, zone, ends=False)
        ends = instant_of(day.fromordinal(day.toordinal() + 1), zone, ends=True)
        for since, until, who in roster.stretches(begins, ends):
            if not who:
                closes = "24:00" if until == ends else _wall(zone, until)
                week.setdefault(DAYS[day.weekday()], []).append([_wall(zone, since), closes])
    return {day: week[day] for day in DAYS if day in week}


def _wall(zone: str, at: int) -> str:
    local = local_datetime(zone, at)
    return wall_text(local.hour * 3600 + local.minute * 60 + local.second)


class Unknown(NamedTuple):
    """A name on open tickets that nobody here goes by, and the page on which it is taken on."""

    name: str
    tickets: int
    address: str


def unknown_assignees(provider: Provider, staff: Staff) -> list[Unknown]:
    """To whom open tickets are assigned whom nobody here knows, the most tickets first."""
    found = _on_tickets(provider, "assignee", lambda name: staff.named(name) is not None)
    return [
        Unknown(name, count, f"{reverse('new-technician')}?{urlencode({'name': name})}")
        for name, count in found
    ]


def unknown_teams(provider: Provider, teams: Iterable[Team]) -> list[Unknown]:
    """The teams of open tickets that are not known here, the most tickets first."""
    known = {team.folded for team in teams}
    found = _on_tickets(provider, "team", lambda name: fold(name) in known)
    return [Unknown(name, count, f"?{urlencode({'team': name})}#teams") for name, count in found]


def _on_tickets(provider: Provider, field: str, known: Callable[[str], bool]) -> list[tuple[str, int]]:
    rows = (
        Ticket.objects.filter(provider=provider, state__lt=RESOLVED)
        .exclude(**{field: ""})
        .values_list(field)
        .annotate(count=Count("pk"))
        .order_by("-count", field)
    )
    return [(name, count) for name, count in rows if not known(name)]


def some(names: list[str]) -> str:
    """Names with commas between them; of many the first, and how many more there are."""
    more = len(names) - SHOWN_NAMES
    return ", ".join(names[:SHOWN_NAMES]) + (f" and {more} more" if more > 0 else "")

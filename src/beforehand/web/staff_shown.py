"""What the page of the staff shows: technicians by team, what each does now, who is on duty."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from beforehand.engine.english import moment as in_words
from beforehand.engine.instants import DAY, to_instant
from beforehand.engine.saying import Moment, Saying
from beforehand.people.models import Absence, Team, Technician
from beforehand.people.staff import Person, Staff
from beforehand.promises.file.hours import say_hours


class Shown(NamedTuple):
    """A technician: what they do now and, where that keeps a warning from them, who gets it."""

    row: Technician
    now: str
    stands_in: str
    hours: str
    deputy: str
    on_duty: bool


class Group(NamedTuple):
    """A team and who is in it; without one, those in none."""

    team: Team | None
    lead: str
    members: list[Shown]


class Duty(NamedTuple):
    """Who is on duty, for those who are away whoever stands in, and until when; None: longer than a week."""

    names: list[str]
    until: Moment | None


def groups(
    staff: Staff, rows: Sequence[Technician], teams: Iterable[Team], absences: Iterable[Absence], how: Saying
) -> list[Group]:
    """Who works here, by team."""
    on_duty = {person.id for person in staff.on_duty(how.as_of)}
    away: dict[int, list[tuple[int, int]]] = {}
    for one in absences:
        away.setdefault(one.technician_id, []).append((to_instant(one.first), to_instant(one.last)))
    members: dict[int | None, list[Shown]] = {}
    for row in rows:
        if row.active:
            shown = _shown(staff, row, away.get(row.pk, []), row.pk in on_duty, how)
            members.setdefault(row.team_id, []).append(shown)
    found = []
    for team in teams:
        lead = staff.lead_of(team.name)
        found.append(Group(team, lead.name if lead else "", members.get(team.pk, [])))
    if None in members:
        found.append(Group(None, "", members[None]))
    return found


def _shown(staff: Staff, row: Technician, away: list[tuple[int, int]], on_duty: bool, how: Saying) -> Shown:
    person = staff.by_id(row.pk)
    hours = say_hours(row.hours) if row.hours else "round the clock"
    deputy = staff.by_id(row.deputy_id) if row.deputy_id else None
    if person is None:  # taken on this moment
        return Shown(row, "", "", hours, "", on_duty)
    now, stands_in = _working(staff, person, how), ""
    if staff.is_away(person, how.as_of):
        instead = staff.present(person, how.as_of)
        now = f"away until {in_words(how.at(back(away, how.as_of)))}"
        stands_in = f"{instead.name} stands in" if instead else "nobody stands in"
    return Shown(row, now, stands_in, hours, deputy.name if deputy else "", on_duty)


def _working(staff: Staff, person: Person, how: Saying) -> str:
    if staff.works(person, how.as_of):
        return "working"
    then = staff.next_start(person, how.as_of)
    return f"from {in_words(how.at(then))}" if then is not None else "never"


def back(away: Iterable[tuple[int, int]], at: int) -> int:
    """The instant at which absences, one after the other, are over for somebody who is away."""
    for first, last in sorted(away):
        if first <= at < last:
            at = last
    return at


def duty(staff: Staff, how: Saying) -> list[Duty]:
    """Who is on duty now and, if that ends in the coming seven days, who then."""
    end = how.as_of + 7 * DAY
    found = []
    for stretch in list(staff.roster.stretches(how.as_of, end))[:2]:
        names = [said(staff, pk, stretch.since) for pk in stretch.who]
        found.append(Duty(names, how.at(stretch.until) if stretch.until < end else None))
    return found


def said(staff: Staff, pk: int, at: int) -> str:
    """Somebody on duty by name and, while they are away, who stands in."""
    person = staff.by_id(pk)
    if person is None:
        return ""
    instead = staff.present(person, at)
    if instead == person:
        return person.name
    return f"{person.name} (away: {f'{instead.name} stands in' if instead else 'nobody stands in'})"

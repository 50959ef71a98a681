"""The staff of support/msp.py's provider: two teams, somebody who is away, a week's roster, a dated shift."""

from datetime import datetime, timedelta

from beforehand.people.models import Absence, DutyDate, DutyShift, Provider, Team, Technician

OFFICE = {day: [["09:00", "17:30"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def make_staff(provider: Provider, now: datetime) -> dict[str, Technician]:
    """Technicians by their first names. One of those to whom tickets are assigned, Ewa, is not among them."""
    now = now.replace(second=0, microsecond=0)
    desk = Team.objects.create(provider=provider, name="Service desk")
    projects = Team.objects.create(provider=provider, name="Projects")
    people = {}
    for name, team, hours in (
        ("Ada Ferrant", desk, OFFICE), ("Ben Okafor", desk, {}), ("Chiara Lodi", desk, OFFICE),
        ("Dev Raman", projects, OFFICE), ("Gil Abara", None, {}),
    ):  # fmt: skip
        first, last = name.split()
        people[first.lower()] = Technician.objects.create(
            provider=provider,
            name=name,
            aliases=[f"{first[0]}{last}".lower()],
            email="" if first == "Dev" else f"{first.lower()}@northgate.example",
            phone="+44 20 7946 0100" if first == "Ben" else "",
            team=team,
            hours=hours,
            channels=["email"],
            active=first != "Gil",
        )
    ada, ben, chiara = people["ada"], people["ben"], people["chiara"]
    desk.lead = ada
    desk.save()
    ada.is_manager, chiara.deputy = True, ben
    ada.save()
    chiara.save()
    Absence.objects.create(
        provider=provider,
        technician=chiara,
        first=now - timedelta(days=1),
        last=now + timedelta(days=3),
        note="Leave",
    )
    for day in range(5):
        DutyShift.objects.create(provider=provider, technician=ada, day=day, begins=8 * 3600, ends=13 * 3600)
        DutyShift.objects.create(provider=provider, technician=ben, day=day, begins=13 * 3600, ends=18 * 3600)
    since, until = now - timedelta(hours=1), now + timedelta(hours=5)
    DutyDate.objects.create(
        provider=provider, technician=chiara, since=since, until=until, origin="on-call.ics"
    )
    return people

"""Who is told in the simulation: its technicians as staff, and everything switched on, so that chains climb."""

from datetime import datetime

from django.db import transaction

from beforehand.alerts.models import Switch
from beforehand.people.days import ask_for_list
from beforehand.people.models import DutyShift, Provider, Team, Technician, User
from beforehand.promises.book import current
from beforehand.promises.ladders import BUILT_IN
from beforehand.promises.models import Client
from beforehand.tickets.models import Source

from .cast import Cast
from .place import USER

_DAY_S = 86_400


@transaction.atomic
def dress(source: Source, who: Cast, now: datetime) -> None:
    """Make the staff where there is none yet, and let everything ring: into the outbox, for nobody is real."""
    provider = source.provider
    if not Technician.objects.filter(provider=provider).exists():
        _staff(provider, who)
    ladders = [
        *(ladder.name for ladder in current(provider).ladders.own),
        *(ladder.name for ladder in BUILT_IN),
    ]
    keys = [(Switch.Kind.SOURCE, str(source.pk)), *((Switch.Kind.LADDER, name) for name in ladders)]
    clients = Client.objects.filter(provider=provider).values_list("pk", flat=True)
    keys += [(Switch.Kind.CLIENT, str(pk)) for pk in clients]
    known = set(Switch.objects.filter(provider=provider).values_list("kind", "key"))
    Switch.objects.bulk_create(
        Switch(provider=provider, kind=kind, key=key, since=now)
        for kind, key in keys
        if (kind, key) not in known
    )


def _staff(provider: Provider, who: Cast) -> None:
    teams = {
        name: Team.objects.create(provider=provider, name=name)
        for name in dict.fromkeys(technician.team for technician in who.technicians)
    }
    people = [
        Technician.objects.create(
            provider=provider, name=one.name, email=_address(one.name), team=teams[one.team], zone=one.zone
        )
        for one in who.technicians
    ]
    for name, team in teams.items():
        team.lead = next(row for row, one in zip(people, who.technicians, strict=True) if one.team == name)
        team.save()
    user = User.objects.filter(username=USER).first()
    manager = Technician.objects.create(
        provider=provider, name=who.manager, email=_address(who.manager), is_manager=True, user=user
    )
    ask_for_list(provider.pk, [manager.pk])
    # The dispatchers of a day take turns, so that the roster has no hole.
    for day in range(7):
        for turn, hour in enumerate(range(0, 24, 8)):
            begins, ends = hour * 3600, (hour + 8) * 3600 % _DAY_S
            one = people[(day * 3 + turn) % len(people)]
            DutyShift.objects.create(provider=provider, technician=one, day=day, begins=begins, ends=ends)


def _address(name: str) -> str:
    return f"{name.lower().replace(' ', '.').replace(chr(39), '')}@example.com"

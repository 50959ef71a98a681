"""Changing the staff: every change is whole or refused, with all that is wrong."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from beforehand.engine.weekly import weekly_windows
from beforehand.kernel.faults import Fault, refuse_if_any
from beforehand.kernel.fields import from_micros
from beforehand.kernel.names import fold

from . import days
from .models import Absence, DutyDate, DutyShift, Provider, Team, Technician
from .roster import Dated

DAY_S = 86_400


def save_technician(technician: Technician) -> Technician:
    """Keeps a technician, new or changed. Refused where a name is taken, or a value is none."""
    with transaction.atomic():
        _hold(technician.provider)
        faults = [*_values(technician, "technician"), *_hours(technician)]
        refuse_if_any([*faults, *taken(technician, technician.name, technician.aliases)])
        technician.save()
        days.ask_for_list(technician.provider_id, [technician.pk])
    return technician


def set_active(provider: Provider, pk: int, active: bool) -> None:
    """Somebody works here again, or not any more; what they were on the roster for stays, and says nothing."""
    with transaction.atomic():
        found = Technician.objects.filter(provider=provider, pk=pk)
        found.update(active=active)
        days.ask_for_list(provider.pk, found.values_list("pk", flat=True))


def save_team(team: Team) -> Team:
    """Keeps a team, new or changed. Refused where its name is taken, or none."""
    with transaction.atomic():
        _hold(team.provider)
        others = Team.objects.filter(provider=team.provider, folded=fold(team.name)).exclude(pk=team.pk)
        taken = [Fault("team, name", repr(team.name), "a name that no other team has")] if others else []
        refuse_if_any([*_values(team, "team"), *taken])
        team.save()
    return team


def remove_team(provider: Provider, pk: int) -> None:
    """Removes a team; who was in it is in none."""
    Team.objects.filter(provider=provider, pk=pk).delete()


def add_absence(technician: Technician, first: datetime, last: datetime, note: str) -> Absence:
    """Somebody is away between two instants. Refused where the last is not after the first."""
    absence = Absence(
        provider=technician.provider, technician=technician, first=first, last=last, note=note.strip()
    )
    early = [Fault("absence, last", last.isoformat(), "an end after the beginning")] if last <= first else []
    refuse_if_any([*_values(absence, "absence"), *early])
    absence.save()
    return absence


def add_shifts(technician: Technician, days: Iterable[int], begins: int, ends: int) -> None:
    """Somebody is the dispatcher on these days of each week, in seconds after local midnight."""
    chosen = sorted(set(days))
    faults = []
    if not chosen or not set(chosen) <= set(range(7)):
        faults.append(Fault("shift, days", repr(chosen), "at least one day of the week"))
    if not (0 <= begins < DAY_S and 0 <= ends <= DAY_S):
        faults.append(Fault("shift, begins", f"{begins} to {ends} s", "times of a day", "08:00 to 18:00"))
    refuse_if_any(faults)
    DutyShift.objects.bulk_create(
        [
            DutyShift(provider=technician.provider, technician=technician, day=day, begins=begins, ends=ends)
            for day in chosen
        ],
        ignore_conflicts=True,
    )


def take_roster(
    provider: Provider, shifts: Sequence[Dated], origin: str, since: datetime, replace: bool
) -> int:
    """Keeps dated shifts; with `replace` in place of all that go on after `since`. Gives how many it replaced.

    Refused where somebody on them is not there any more.
    """
    with transaction.atomic():
        _hold(provider)
        known = set(Technician.objects.filter(provider=provider).values_list("pk", flat=True))
        lost = sorted({shift.who for shift in shifts} - known)
        refuse_if_any(Fault("shift", f"technician {pk}", "somebody who is still there") for pk in lost)
        gone = 0
        if replace:
            gone, _ = DutyDate.objects.filter(provider=provider, until__gt=since).delete()
        DutyDate.objects.bulk_create(
            [
                DutyDate(
                    provider=provider,
                    technician_id=shift.who,
                    since=from_micros(shift.since),
                    until=from_micros(shift.until),
                    origin=origin[:200],
                )
                for shift in shifts
            ],
            ignore_conflicts=True,
        )
    return gone


def _hold(provider: Provider) -> None:
    """Nobody else changes this provider's staff until the transaction ends."""
    Provider.objects.select_for_update().get(pk=provider.pk)


def _values(row: Technician | Team | Absence, what: str) -> Iterator[Fault]:
    try:
        # Not the references: whoever fills them takes them from the provider's own rows.
        row.clean_fields(exclude=["folded"])
    except ValidationError as error:
        for field, messages in error.message_dict.items():
            yield Fault(f"{what}, {field}", repr(getattr(row, field, "")), " ".join(messages))


def _hours(technician: Technician) -> Iterator[Fault]:
    _, faults = weekly_windows(technician.hours)
    for fault in faults:
        yield Fault("technician, hours", fault.found, fault.expected, fault.example)


def taken(technician: Technician, name: str, aliases: Sequence[str]) -> Iterator[Fault]:
    """A fault for each name or alias by which somebody else goes, and for the same word twice."""
    others: dict[str, str] = {}
    rows = Technician.objects.filter(provider=technician.provider).exclude(pk=technician.pk)
    for whose, further in rows.values_list("name", "aliases"):
        others |= {fold(word): whose for word in (*further, whose)}
    places = [("name", name), *(("aliases", alias) for alias in aliases)]
    seen = set[str]()
    for place, word in places:
        folded = fold(word)
        if folded in others:
            expected = f"a name of their own: “{word}” already names {others[folded]}"
            yield Fault(f"technician, {place}", repr(word), expected)
        elif folded in seen:
            yield Fault(f"technician, {place}", repr(word), f"each name once: “{word}” is there already")
        seen.add(folded)

"""The provider's people as somebody who sends a warning needs them: who has a name, leads, is on duty, is there."""

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from beforehand.engine.coverage import Coverage
from beforehand.engine.instants import to_instant
from beforehand.kernel.names import fold

from .models import Absence, DutyDate, DutyShift, Provider, Team, Technician
from .roster import Dated, Roster, Weekly


class Person(NamedTuple):
    """A technician as whoever warns them needs them; `channels` in order of preference."""

    id: int
    name: str
    email: str
    phone: str
    channels: tuple[str, ...]
    user: int | None


class _Row(NamedTuple):
    """Of a technician's row what is asked for."""

    pk: int
    name: str
    folded: str
    aliases: list[str]
    email: str
    phone: str
    channels: list[str]
    user: int | None
    active: bool
    deputy: int | None
    zone: str
    hours: dict[str, list[tuple[str, str]]]
    is_manager: bool
    day_list: bool


class Staff:
    """The people of one provider, read once: absences, leads and the roster only where they are asked for.

    Who is not active any more can still be named, by a ticket or as a lead, and is away for good (`present`);
    the roster and the managers are without them.
    """

    def __init__(self, provider: Provider) -> None:
        self.zone = provider.zone
        self._provider = provider.pk
        # A look at a ticket is made a hundred times a second: rows without the weight of a model.
        rows = Technician.objects.filter(provider=provider).order_by("folded").values_list(*_Row._fields)
        self._rows = {row.pk: row for row in map(_Row._make, rows)}
        self._people = {pk: _person(row) for pk, row in self._rows.items()}
        self._names = dict(self._all_names())
        self._hours: dict[int, Coverage | None] = {}

    @cached_property
    def roster(self) -> Roster:
        """Who is the dispatcher when."""
        return Roster(self.zone, self._weekly(), self._dated())

    @cached_property
    def _leads(self) -> dict[str, int]:
        leads = Team.objects.filter(provider=self._provider).values_list("folded", "lead")
        return {name: lead for name, lead in leads if lead is not None}

    @cached_property
    def _away(self) -> dict[int, list[tuple[int, int]]]:
        away: dict[int, list[tuple[int, int]]] = {}
        rows = Absence.objects.filter(provider=self._provider).values_list("technician", "first", "last")
        for who, first, last in rows:
            away.setdefault(who, []).append((to_instant(first), to_instant(last)))
        return away

    def _all_names(self) -> Iterator[tuple[str, int]]:
        # Aliases first, so that of two who share a word by accident the one whose name it is has it.
        for pk, row in self._rows.items():
            yield from ((fold(alias), pk) for alias in row.aliases)
        yield from ((row.folded, pk) for pk, row in self._rows.items())

    def _weekly(self) -> Iterator[Weekly]:
        for row in DutyShift.objects.filter(provider=self._provider):
            if self._is_active(row.technician_id):
                yield Weekly(row.technician_id, row.day, row.begins, row.ends)

    def _dated(self) -> Iterator[Dated]:
        for row in DutyDate.objects.filter(provider=self._provider):
            if self._is_active(row.technician_id):
                yield Dated(to_instant(row.since), to_instant(row.until), row.technician_id)

    def _is_active(self, pk: int) -> bool:
        # Somebody may have been added since the technicians were read.
        row = self._rows.get(pk)
        return row is not None and row.active

    def named(self, name: str) -> Person | None:
        """Who has this name or alias, case and white space folded."""
        pk = self._names.get(fold(name))
        return None if pk is None else self._people[pk]

    def with_email(self, address: str) -> Person | None:
        """Who of those who work here has this address, if one alone has it."""
        folded = fold(address)
        here = (one for pk, one in self._people.items() if self._is_active(pk))
        found = [one for one in here if folded and fold(one.email) == folded]
        return found[0] if len(found) == 1 else None

    def by_id(self, pk: int) -> Person | None:
        """The technician of this key."""
        return self._people.get(pk)

    @property
    def names(self) -> dict[str, Person]:
        """Every name and alias, folded, of those who work here, and who it is."""
        return {name: self._people[pk] for name, pk in self._names.items() if self._is_active(pk)}

    def lead_of(self, team: str) -> Person | None:
        """Who leads the team of this name."""
        lead = self._leads.get(fold(team))
        return None if lead is None else self._people.get(lead)

    def on_duty(self, at: int) -> tuple[Person, ...]:
        """The dispatchers on duty, absent or not; dated shifts win over weekly ones."""
        return tuple(self._people[pk] for pk in self.roster.on_duty(at))

    def managers(self) -> tuple[Person, ...]:
        """The service managers, by name."""
        return tuple(self._people[pk] for pk, row in self._rows.items() if row.is_manager and row.active)

    def is_away(self, person: Person, at: int) -> bool:
        """Whether somebody is absent, or not active any more."""
        spans = self._away.get(person.id, ())
        return not self._rows[person.id].active or any(first <= at < last for first, last in spans)

    def present(self, person: Person, at: int) -> Person | None:
        """The person or, while they are away, their deputy, or that one's; None where nobody is left."""
        asked: set[int] = set()
        while self.is_away(person, at):
            asked.add(person.id)
            deputy = self._rows[person.id].deputy
            if deputy is None or deputy in asked:
                return None
            person = self._people[deputy]
        return person

    def zone_of(self, person: Person) -> str:
        """The zone by whose clocks somebody works."""
        return self._rows[person.id].zone or self.zone

    def wants_day_list(self, person: Person) -> bool:
        """Whether somebody is a service manager who works here and wants the day's list."""
        row = self._rows[person.id]
        return row.active and row.is_manager and row.day_list

    def works(self, person: Person, at: int) -> bool:
        """Whether an instant lies in somebody's working hours. That they may be away is `present`'s matter."""
        hours = self.hours_of(person)
        return hours is None or hours.is_open(at)

    def next_start(self, person: Person, at: int) -> int | None:
        """When their next working hours begin, after those that run at `at`; None for always and for never."""
        hours = self.hours_of(person)
        if hours is None or hours.is_always:
            return None
        then = hours.next_change(at)
        return hours.next_change(then) if then is not None and hours.is_open(at) else then

    def hours_of(self, person: Person) -> Coverage | None:
        """Somebody's weekly hours; None where they work round the clock."""
        if person.id not in self._hours:
            row = self._rows[person.id]
            self._hours[person.id] = Coverage(self.zone_of(person), row.hours) if row.hours else None
        return self._hours[person.id]


def _person(row: _Row) -> Person:
    return Person(row.pk, row.name, row.email, row.phone, tuple(row.channels), row.user)

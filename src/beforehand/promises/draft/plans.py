"""A source's SLAs as plans, each with the hours that it needs (clock.md 2.2)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from beforehand.promises.build import describe
from beforehand.promises.draft.hours import ENTERED, Calendars
from beforehand.promises.draft.terms import Lines, all_always, lines_of, said, written
from beforehand.promises.draft.words import BY_HAND, Notes, is_called, listed, mark_of, name_of, unique
from beforehand.promises.file.document import BUILT_IN, CoveragePart, Document, LinePart, TermsPart
from beforehand.promises.file.hours import say_hours
from beforehand.promises.psa import SetUpPlain, Sla
from beforehand.promises.words import CLIENT_ZONE, NO_LIST

Marks = Mapping[tuple[str, str, str], str]
"""How a time is known, by SLA, priority and metric: nothing for what the source tells."""
NO_MARKS: Marks = MappingProxyType({})
UNNAMED = "SLA without a name"


class DraftPlan(NamedTuple):
    """A plan of the draft in words: its hours, (priority, metric, time), and whom it serves.

    `how`: how each of the targets is known, `zone` how the zone of the hours is, "" for what the source tells.
    """

    name: str
    hours: str
    targets: tuple[tuple[str, str, str], ...]
    serves: tuple[str, ...]
    how: tuple[str, ...] = ()
    zone: str = ""

    @property
    def rows(self) -> list[tuple[str, str, str, str]]:
        """Each target with how it is known."""
        how = self.how or ("",) * len(self.targets)
        return [(*target, one) for target, one in zip(self.targets, how, strict=True)]

    @property
    def remarks(self) -> list[str]:
        """How times and zones are known that the source does not tell, as the file has it."""
        place = [f"{self.name}, {self.hours}: {self.zone}."] if self.zone else []
        return place + [
            f"{self.name}, {priority}, {metric} {time}: {how}."
            for priority, metric, time, how in self.rows
            if how
        ]


class Plan(NamedTuple):
    """An SLA as a plan: `fresh` where it is to be added, else one stored before says just the same."""

    sla: Sla
    name: str
    edition: TermsPart
    lines: Lines
    fresh: bool


class Plans:
    """The plans that can be made of a source's SLAs, by the SLAs' keys."""

    def __init__(
        self,
        set_up: SetUpPlain,
        document: Document,
        calendars: Calendars,
        title: str,
        notes: Notes,
        marks: Marks = NO_MARKS,
    ) -> None:
        self.document, self.calendars, self.title, self.notes = document, calendars, title, notes
        self.marks = marks
        self.found: dict[str, Plan] = {}
        self._serves = set_up.serves

    def make(self, slas: Iterable[Sla], since: date) -> None:
        """Adds those that promise something in hours that are known."""
        seen = set()
        for sla in slas:
            if sla.key in seen:
                self.notes.say("another SLA with the same key is left out.", sla.name)
                continue
            seen.add(sla.key)
            lines = lines_of(sla, self.document.provider.priorities, self.notes)
            edition = self._edition(sla, lines, since) if lines else None
            if edition is not None:
                self.found[sla.key] = self._named(sla, lines, edition)

    def _edition(self, sla: Sla, lines: Lines, since: date) -> TermsPart | None:
        coverage = BUILT_IN if all_always(lines) else self._usual(sla)
        if not coverage:
            self.notes.say("it is left out, since its hours are not known.", sla.name)
            return None
        return TermsPart(
            since, coverage=coverage, holidays=self._list(coverage), lines=self._marked(sla, written(lines))
        )

    def _marked(self, sla: Sla, lines: Iterable[LinePart]) -> tuple[LinePart, ...]:
        """Lines whose times are inferred or entered are called so: it is seen on tickets and in the file, until
        somebody who knows better takes the name away.
        """
        return tuple(replace(line, name=_name(sla, line, self.marks)) for line in lines)

    def _usual(self, sla: Sla) -> str:
        """The hours of whoever has none of their own: the SLA's, the source's, the provider's, or any client's."""
        if sla.calendar:
            return self.calendars.of(sla.calendar)
        own = (row.calendar for row in self._serves if row.sla == sla.key and row.calendar)
        usual = self.calendars.standard() or self.document.provider.coverage
        if usual:
            return usual
        name = next((name for key in own if (name := self.calendars.of(key))), "")
        if name:
            self.notes.say("for whoever has no hours of their own, those of one client are taken.", sla.name)
        return name

    def _list(self, coverage: str) -> str:
        """A source's calendar has its own holidays, and no list of the provider's is added to them (1.2)."""
        return NO_LIST if coverage in self.calendars.names() else ""

    def own_hours(self, plan: Plan, calendar: str, whose: str) -> tuple[str, str]:
        """(coverage, holidays) of a client with hours of its own, each "" where they are the plan's."""
        if not calendar or plan.sla.calendar or all_always(plan.lines):
            return "", ""
        coverage = self.calendars.of(calendar)
        if not coverage:
            self.notes.say("its own hours are not told, so that those of the plan hold.", whose)
        elif coverage != plan.edition.coverage:
            return coverage, NO_LIST
        return "", ""

    def _named(self, sla: Sla, lines: Lines, edition: TermsPart) -> Plan:
        name = name_of(sla.name) or UNNAMED
        for other in sorted(self.document.plans, key=len):
            stored = self.document.plans[other]
            if len(stored) == 1 and is_called(other, name, self.title) and _same(stored[0], edition):
                return Plan(sla, other, stored[0], lines, False)
        taken = [*self.document.plans, *(plan.name for plan in self.found.values())]
        return Plan(sla, unique(name, taken, self.title), edition, lines, True)

    def words(self, plan: Plan, serves: Iterable[str]) -> DraftPlan:
        """A plan as people read it."""
        hours = hours_in_words(self.calendars.part(plan.edition.coverage))
        zone = mark_of(plan.edition.coverage)
        return DraftPlan(plan.name, hours, said(plan.lines), tuple(serves), zone=zone)

    def used(self, coverages: Iterable[str]) -> dict[str, CoveragePart]:
        """Those of the fresh coverages that are used by fresh plans, or named here."""
        names = {*coverages, *(plan.edition.coverage for plan in self.found.values() if plan.fresh)}
        return {name: part for name, part in self.calendars.fresh.items() if name in names}


def _same(stored: TermsPart, made: TermsPart) -> bool:
    """Whether both promise the same, whatever their lines are called: more tickets may tell a time by now."""
    return replace(made, lines=_bare(made.lines)) == TermsPart(
        made.since,
        coverage=stored.coverage,
        holidays=stored.holidays,
        settings=stored.settings,
        lines=_bare(stored.lines),
    )


def _bare(lines: Iterable[LinePart]) -> tuple[LinePart, ...]:
    return tuple(replace(line, name="") for line in lines)


def _name(sla: Sla, line: LinePart, marks: Marks) -> str:
    """ "priority P1 (response inferred from the due dates of 62 tickets; 4 differ)"; "" where the source tells them."""
    ways: dict[str, list[str]] = {}
    for metric in line.targets:
        how = marks.get((sla.key, line.match.get("priority", ""), metric), "")
        if how:
            ways.setdefault(BY_HAND if how == ENTERED else how, []).append(metric)
    if not ways:
        return ""
    said = "; ".join(f"{listed(metrics)} {how}" for how, metrics in ways.items())
    return name_of(f"{describe(dict(line.match))} ({said})")


def known(said: DraftPlan, plan: Plan, marks: Marks) -> DraftPlan:
    """A plan in words with how its times are known, by SLA, priority and metric."""
    ways = (
        marks.get((plan.sla.key, priority, metric), "")
        for priority, targets in plan.lines.items()
        for metric in targets
    )
    return said._replace(how=tuple(ways))


def hours_in_words(part: CoveragePart | None) -> str:
    """ "Mon-Fri 9:00-17:30, Europe/London"; "24x7" for the coverage that is built in."""
    if part is None:
        return BUILT_IN
    zone = "the client's zone" if part.zone == CLIENT_ZONE else part.zone
    return f"{say_hours(part.hours)}, {zone}"


def priorities_of(plans: Mapping[str, Plan]) -> tuple[str, ...]:
    """The priorities that plans name, in the order in which the source has them."""
    return tuple(dict.fromkeys(p for plan in plans.values() for p in plan.lines if p))

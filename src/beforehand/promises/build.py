"""Engine terms made of rows: one object for all clients who were promised the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from beforehand.engine.codes import FIELDS
from beforehand.engine.coverage import Coverage
from beforehand.engine.terms import Line, Meaning, Settings, StatusMap, Target, Terms
from beforehand.promises import models
from beforehand.promises.models.agreements import Holidays
from beforehand.promises.rows import Rows
from beforehand.promises.settings import settle
from beforehand.promises.shelf import CoverageShelf


class Held(NamedTuple):
    """A version in force at some time, with the edition of its plan that is then sold."""

    agreement: models.Agreement
    version: models.Version
    edition: models.Edition | None


@dataclass(frozen=True, slots=True)
class InForce:
    """The terms a ticket is held to for its life (2.1). `read` takes `terms` and `coverage`.

    Each line brings its own coverage; `coverage` is the provider's, in which triage runs. Where a client has
    several agreements, `terms` has the lines of all that are in force and `version_ids` names all of them,
    the one without a contract first.
    """

    version_id: int | None
    name: str
    terms: Terms
    coverage: Coverage
    zone: str
    version_ids: tuple[int, ...] = ()


def line_name(line: models.Line) -> str:
    """What a line is called: its name, else the tickets it fits."""
    return line.name or describe({name: getattr(line, name) for name in FIELDS})


def describe(match: dict[str, str]) -> str:
    """The tickets that a line fits, in words: "priority P1, site London" or "every ticket"."""
    return ", ".join(f"{name} {value}" for name, value in match.items() if value) or "every ticket"


class Builder:
    """Makes terms out of the rows of one provider."""

    def __init__(self, zone: str, rows: Rows) -> None:
        self.zone, self.rows = zone, rows
        self.shelf = CoverageShelf(zone, rows.coverages, rows.closures, rows.openings)
        self.statuses = StatusMap(_boards(rows.statuses))
        self._lines: dict[tuple[int, str, str, int, tuple[int, ...]], Line] = {}
        self._terms: dict[tuple[object, ...], Terms] = {}
        self._settings: dict[str, Settings] = {}
        terms = rows.terms
        self.triage = (
            Target("triage", terms.triage, round_the_clock=terms.triage_round_the_clock)
            if terms is not None and terms.triage is not None
            else None
        )
        self.coverage = (
            self.shelf.coverage(terms.coverage_id)
            if terms is not None and terms.coverage_id is not None
            else Coverage.always(zone)
        )

    def uncovered(self) -> InForce:
        """What holds for a ticket that no agreement covers: the provider's triage and statuses (2.3)."""
        return InForce(None, "", Terms((), self.statuses, None, self.triage), self.coverage, self.zone)

    def in_force(self, held: Sequence[Held], client: int, zone: str) -> InForce:
        """The terms of the versions in force at one time for a client in `zone`; `held` is not empty.

        Raises engine.errors.Invalid where they cannot stand together, which the file check and load rule out.
        """
        held = sorted(held, key=lambda h: (h.agreement.contract, h.agreement.name))
        several = len(held) > 1
        lines = [line for h in held for line in self._lines_of(h, client, zone, several)]
        first = held[0]
        settings = [first.edition.settings] if first.edition else []
        agreed = self._settle([*settings, first.version.settings])
        key = (id(agreed), *map(id, lines))
        if key not in self._terms:
            name = ", ".join(_terms_name(h) for h in held)
            self._terms[key] = Terms(lines, self.statuses, agreed, self.triage, name)
        return InForce(
            first.version.pk,
            ", ".join(h.agreement.name for h in held),
            self._terms[key],
            self.coverage,
            zone,
            tuple(h.version.pk for h in held),
        )

    def _settle(self, layers: list[dict[str, object]]) -> Settings:
        made = settle(*layers)
        return self._settings.setdefault(repr((made, sorted(made.pauses.items()))), made)

    def _lines_of(self, held: Held, client: int, zone: str, several: bool) -> list[Line]:
        agreement, version, edition = held
        holidays = version.holidays or (edition.holidays if edition else "") or Holidays.PROVIDER
        default = version.coverage_id or (edition.coverage_id if edition else None)
        default = default or (self.rows.terms.coverage_id if self.rows.terms else None)
        prefix = f"{agreement.name}: " if several else ""
        plan = self.rows.edition_lines.get(edition.pk, []) if edition else []
        own = self.rows.version_lines.get(version.pk, [])

        def coverage(row: int | None) -> Coverage:
            # A line without any coverage is refused by the file check and by load.
            return self.shelf.coverage(row, zone, client, holidays) if row else self.coverage

        return [
            self._line(line, prefix, agreement.contract, coverage(line.coverage_id or default), calendars)
            for line in (*plan, *own)
            # A plan's line for one contract does not serve an agreement for another.
            if not (line.contract and agreement.contract and line.contract != agreement.contract)
            for calendars in [
                [
                    None if t.calendar_id is None else coverage(t.calendar_id)
                    for t in self.rows.targets.get(line.pk, [])
                ]
            ]
        ]

    def _line(
        self,
        row: models.Line,
        prefix: str,
        contract: str,
        coverage: Coverage,
        calendars: Sequence[Coverage | None],
    ) -> Line:
        key = (row.pk, prefix, contract, id(coverage), tuple(map(id, calendars)))
        if key not in self._lines:
            match = {name: getattr(row, name) for name in FIELDS if getattr(row, name)}
            if contract:
                match = {"contract": contract, **match}
            targets = tuple(
                _target(target, calendar)
                for target, calendar in zip(self.rows.targets.get(row.pk, []), calendars, strict=True)
            )
            own = row.version_id is not None
            self._lines[key] = Line(prefix + line_name(row), match, targets, coverage, own)
        return self._lines[key]


def _target(row: models.Target, calendar: Coverage | None) -> Target:
    cut_off = "close" if row.cuts_at_close else "" if row.cut_off is None else row.cut_off
    return Target(row.metric, row.amount, row.days, row.by, cut_off, calendar, row.round_the_clock)  # type: ignore[arg-type]


def _terms_name(held: Held) -> str:
    return held.edition.plan.name if held.edition else held.agreement.name


def _boards(rows: Sequence[models.StatusMapping]) -> dict[str, dict[str, Meaning]]:
    boards: dict[str, dict[str, Meaning]] = {}
    for row in rows:
        meaning = Meaning(row.state, row.responded, row.planned, row.noise)
        boards.setdefault(row.board, {})[row.status] = meaning
    return boards

"""The document that the database holds: what dump writes, and what load compares a file with."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from beforehand.engine import weekly
from beforehand.engine.codes import FIELDS
from beforehand.engine.terms import Meaning
from beforehand.people.models import Provider
from beforehand.promises import models
from beforehand.promises.addressee import Addressee
from beforehand.promises.file.document import (
    AgreementPart,
    ClientPart,
    CoveragePart,
    Dates,
    Document,
    LinePart,
    ProviderPart,
    TermsPart,
)
from beforehand.promises.file.notation import AT_CLOSE, Days, Promise, Time
from beforehand.promises.ladders import from_stored
from beforehand.promises.rows import Rows
from beforehand.promises.shelf import Owner, owner_of

_KIND = models.ClientKey.Kind


def lines_of(lines: Iterable[models.Line], rows: Rows, coverages: Mapping[int, str]) -> tuple[LinePart, ...]:
    """Lines as the file has them; `coverages` are the names by primary key."""
    return tuple(
        LinePart(
            match={name: getattr(line, name) for name in FIELDS if getattr(line, name)},
            targets={t.metric: _promise(t, coverages) for t in rows.targets.get(line.pk, [])},
            name=line.name,
            coverage=coverages[line.coverage_id] if line.coverage_id else "",
        )
        for line in lines
    )


def document_of(provider: Provider, rows: Rows) -> Document:
    """Everything promised, as the file that would load it."""
    return _Rows(provider, rows).document()


class _Rows:
    def __init__(self, provider: Provider, rows: Rows) -> None:
        self.provider, self.rows = provider, rows
        self.coverages = {row.pk: row.name for row in rows.coverages}
        self.plans = {row.pk: row.name for row in rows.plans}
        self.dates = _dates(rows)

    def document(self) -> Document:
        rows = self.rows
        statuses: dict[str, dict[str, Meaning]] = {}
        for row in rows.statuses:
            meaning = Meaning(row.state, row.responded, row.planned, row.noise)
            statuses.setdefault(row.board, {})[row.status] = meaning
        return Document(
            provider=self._provider(),
            statuses=statuses,
            coverages={
                row.name: CoveragePart(row.zone, row.hours, self._dates_of(("coverage", row.pk)))
                for row in rows.coverages
                if not row.built_in
            },
            plans={
                plan.name: tuple(
                    self._terms(edition, rows.edition_lines.get(edition.pk, []))
                    for edition in rows.editions.get(plan.pk, [])
                )
                for plan in rows.plans
            },
            ladders={row.name: from_stored(row.name, row.said, row.in_hours) for row in rows.ladders},
            everyone=self._agreements(None),
            clients={
                client.name: self._client(client)
                for client in sorted(rows.clients, key=lambda client: client.name.casefold())
                if client.listed
            },
        )

    def _provider(self) -> ProviderPart:
        terms, dates = self.rows.terms, self._dates_of(("provider", None))
        if terms is None:
            return ProviderPart(self.provider.name, self.provider.zone, dates=dates)
        triage = None if terms.triage is None else Time(terms.triage, terms.triage_round_the_clock)
        return ProviderPart(
            name=self.provider.name,
            zone=self.provider.zone,
            coverage=self._coverage(terms.coverage_id),
            triage=triage,
            take_in_unknown=terms.take_in_unknown,
            priorities=tuple(terms.priorities),
            dates=dates,
        )

    def _client(self, client: models.Client) -> ClientPart:
        keys = self.rows.keys.get(client.pk, [])
        return ClientPart(
            zone=client.zone,
            keys=tuple(key.text for key in keys if key.kind == _KIND.KEY),
            aliases=tuple(key.text for key in keys if key.kind == _KIND.ALIAS),
            contact=Addressee(client.contact_name, client.contact_email),
            dates=self._dates_of(("client", client.pk)),
            agreements=self._agreements(client.pk),
        )

    def _dates_of(self, owner: Owner) -> Dates:
        return self.dates.get(owner, Dates())

    def _coverage(self, pk: int | None) -> str:
        return "" if pk is None else self.coverages[pk]

    def _agreements(self, client: int | None) -> dict[str, AgreementPart]:
        return {
            row.name: AgreementPart(
                tuple(
                    self._terms(version, self.rows.version_lines.get(version.pk, []))
                    for version in self.rows.versions.get(row.pk, [])
                ),
                row.contract,
            )
            for row in self.rows.agreements.get(client, [])
        }

    def _terms(self, row: models.Edition | models.Version, lines: list[models.Line]) -> TermsPart:
        version = row if isinstance(row, models.Version) else None
        return TermsPart(
            since=row.since,
            until=version.until if version else None,
            plan=self.plans[version.plan_id] if version and version.plan_id else "",
            coverage=self._coverage(row.coverage_id),
            holidays=row.holidays,
            settings=row.settings,
            lines=lines_of(lines, self.rows, self.coverages),
        )


def _promise(row: models.Target, coverages: Mapping[int, str]) -> Promise:
    if row.amount:
        return Time(row.amount, row.round_the_clock)
    cut_off = AT_CLOSE if row.cuts_at_close else row.cut_off
    return Days(row.days, row.by, cut_off, coverages[row.calendar_id] if row.calendar_id else "")


def _dates(rows: Rows) -> dict[Owner, Dates]:
    """The dated part of every owner; what the holidays library said is left out, since the regions say it."""
    closures: dict[Owner, list[weekly.Closure]] = defaultdict(list)
    calendars: dict[Owner, dict[str, list[weekly.Closure]]] = defaultdict(dict)
    openings: dict[Owner, list[weekly.Opening]] = defaultdict(list)
    for row in rows.closures:
        if row.origin == models.Closure.Origin.LIBRARY:
            continue
        dates = weekly.Closure(row.first, row.last, row.name, row.begins, row.ends)
        if row.origin == models.Closure.Origin.CALENDAR:
            calendars[owner_of(row)].setdefault(row.origin_name, []).append(dates)
        else:
            closures[owner_of(row)].append(dates)
    for opening in rows.openings:
        dated = weekly.Opening(opening.date, opening.opens, opening.closes, opening.name)
        openings[owner_of(opening)].append(dated)
    regions: dict[Owner, Iterable[models.Region]] = {
        ("provider" if client is None else "client", client): found for client, found in rows.regions.items()
    }
    return {
        owner: Dates(
            regions=tuple(str(region) for region in regions.get(owner, ())),
            closures=tuple(sorted(closures.get(owner, ()))),
            calendars={name: tuple(sorted(found)) for name, found in calendars.get(owner, {}).items()},
            openings=tuple(sorted(openings.get(owner, ()))),
        )
        for owner in {*closures, *calendars, *openings, *regions}
    }

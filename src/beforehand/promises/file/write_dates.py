"""Writing what is not terms of one agreement: statuses, ladders, regions, closures, openings, the provider's row."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from beforehand.engine import weekly
from beforehand.engine.terms import Meaning
from beforehand.people.models import Provider
from beforehand.promises import models
from beforehand.promises.file.document import Dates, Document
from beforehand.promises.file.library import Expanded
from beforehand.promises.holidays import library_version
from beforehand.promises.ladders import Ladder, from_stored, stored
from beforehand.promises.revisions import new_revision
from beforehand.promises.signals import ladders_changed

_ORIGIN = models.Closure.Origin


def write_statuses(provider: Provider, statuses: Mapping[str, Mapping[str, Meaning]]) -> None:
    """The status map, in place of the one there was."""
    models.StatusMapping.objects.filter(provider=provider).delete()
    pairs = [
        (board, status, meaning) for board, table in statuses.items() for status, meaning in table.items()
    ]
    models.StatusMapping.objects.bulk_create(
        [
            models.StatusMapping(
                provider=provider, board=board, status=status, position=number, **meaning._asdict()
            )
            for number, (board, status, meaning) in enumerate(pairs)
        ]
    )


def write_ladders(
    provider: Provider, ladders: Mapping[str, Ladder], now: datetime, renamed: Mapping[str, str] | None = None
) -> None:
    """The ladders: those that keep their name keep their row, and so do those `renamed` (new names by old ones).

    Whoever hears `ladders_changed` is told where any is another than before.
    """
    ours = models.Ladder.objects.filter(provider=provider)
    before = {
        row.name: from_stored(row.name, row.said, row.in_hours) for row in ours.order_by("position", "pk")
    }
    if before == ladders:
        return
    for old, new in (renamed or {}).items():
        ours.filter(name=old).update(name=new)
    ours.exclude(name__in=ladders).delete()
    for number, (name, ladder) in enumerate(ladders.items()):
        said = {"position": number, "said": stored(ladder), "in_hours": ladder.in_hours}
        ours.update_or_create(name=name, defaults=said, create_defaults={**said, "provider": provider})
    ladders_changed.send(
        None, provider=provider, before=before, after=dict(ladders), renamed=renamed or {}, now=now
    )


def write_dates(
    provider: Provider,
    document: Document,
    clients: Mapping[str, models.Client],
    coverages: Mapping[str, models.Coverage],
    expanded: Expanded,
) -> None:
    """Everybody's regions, closures and openings, in place of those there were; the library's rows as expanded."""
    versions = _versions(provider)
    for model in (models.Region, models.Closure, models.Opening):
        model.objects.filter(provider=provider).delete()
    owners: list[tuple[Dates, dict[str, Any]]] = [(document.provider.dates, {})]
    owners += [(part.dates, {"coverage": coverages[name]}) for name, part in document.coverages.items()]
    owners += [(part.dates, {"client": clients[name]}) for name, part in document.clients.items()]
    closures = [row for dates, owner in owners for row in _closures(provider, dates, owner)]
    for (client, region), rows in expanded.closures.items():
        owner = {"client": clients[client]} if client else {}
        told = {"origin": _ORIGIN.LIBRARY, "origin_name": region}
        for row in _rows(provider, rows, owner, told):
            known = (row.client_id, region, row.first, row.name)
            row.library_version = versions.get(known, library_version())
            closures.append(row)
    models.Closure.objects.bulk_create(closures)
    models.Region.objects.bulk_create(
        [
            row
            for dates, owner in owners
            if "coverage" not in owner
            for row in _regions(provider, dates, owner)
        ]
    )
    models.Opening.objects.bulk_create(
        [
            models.Opening(
                provider=provider, date=o.date, opens=o.opens, closes=o.closes, name=o.name, **owner
            )
            for dates, owner in owners
            for o in dates.openings
        ]
    )


def _versions(provider: Provider) -> dict[tuple[int | None, str, Any, str], str]:
    """Which release of the library gave each row that is there: a row that stays keeps it."""
    rows = models.Closure.objects.filter(provider=provider, origin=_ORIGIN.LIBRARY)
    return {(r.client_id, r.origin_name, r.first, r.name): r.library_version for r in rows}


def _closures(provider: Provider, dates: Dates, owner: dict[str, Any]) -> Iterator[models.Closure]:
    yield from _rows(provider, dates.closures, owner, {"origin": _ORIGIN.LIST})
    for name, rows in dates.calendars.items():
        yield from _rows(provider, rows, owner, {"origin": _ORIGIN.CALENDAR, "origin_name": name})


def _rows(
    provider: Provider, rows: Iterable[weekly.Closure], owner: dict[str, Any], told: dict[str, str]
) -> Iterator[models.Closure]:
    for row in rows:
        yield models.Closure(provider=provider, **row._asdict(), **owner, **told)


def _regions(provider: Provider, dates: Dates, owner: dict[str, Any]) -> Iterator[models.Region]:
    for number, region in enumerate(dates.regions):
        country, _, subdivision = region.partition("-")
        yield models.Region(
            provider=provider, country=country, subdivision=subdivision, position=number, **owner
        )


def write_provider(
    provider: Provider,
    document: Document,
    coverages: Mapping[str, models.Coverage],
    until: int,
    now: datetime,
) -> str:
    """The provider's own row, under a new revision, which is returned. Makes the row where there is none."""
    part = document.provider
    revision = new_revision()
    models.ProviderTerms.objects.update_or_create(
        provider=provider,
        defaults={
            "revision": revision,
            "changed": now,
            "coverage": coverages[part.coverage] if part.coverage else None,
            "triage": part.triage.amount if part.triage else None,
            "triage_round_the_clock": part.triage is not None and part.triage.round_the_clock,
            "take_in_unknown": part.take_in_unknown,
            "priorities": list(part.priorities),
            "expanded_until": until,
        },
    )
    return revision

"""Everything promised by one provider, read in a dozen queries."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, fields
from functools import reduce
from operator import attrgetter, or_
from typing import Any, TypeVar

from django.db.models import Exists, OuterRef, Q

from beforehand.people.models import Provider
from beforehand.promises import models

Row = TypeVar("Row")
_MODELS: tuple[type[Any], ...] = (
    models.ProviderTerms,
    models.Coverage,
    models.Closure,
    models.Opening,
    models.Region,
    models.Client,
    models.ClientKey,
    models.Agreement,
    models.Version,
    models.Plan,
    models.Edition,
    models.Line,
    models.Target,
    models.StatusMapping,
    models.Ladder,
)
"""All that a Book is read from."""


@dataclass(frozen=True)
class Rows:
    """The rows of one provider at one revision, and which of them belong together (by primary key)."""

    terms: models.ProviderTerms | None
    coverages: list[models.Coverage]
    closures: list[models.Closure]
    openings: list[models.Opening]
    regions: dict[int | None, list[models.Region]]
    clients: list[models.Client]
    keys: dict[int, list[models.ClientKey]]
    agreements: dict[int | None, list[models.Agreement]]
    versions: dict[int, list[models.Version]]
    plans: list[models.Plan]
    editions: dict[int, list[models.Edition]]
    edition_lines: dict[int | None, list[models.Line]]
    version_lines: dict[int | None, list[models.Line]]
    targets: dict[int, list[models.Target]]
    statuses: list[models.StatusMapping]
    ladders: list[models.Ladder]

    @property
    def revision(self) -> str:
        """The provider's revision; "" where nothing has been promised yet."""
        return self.terms.revision if self.terms else ""

    @property
    def are_none(self) -> bool:
        """Whether nothing is stored at all."""
        return not any(getattr(self, field.name) for field in fields(self))


def stored_revision(provider: Provider) -> str:
    """The revision that the database holds now."""
    found = models.ProviderTerms.objects.filter(provider=provider).values_list("revision", flat=True)
    return found.first() or ""


def has_rows(provider: Provider) -> bool:
    """Whether the database holds anything promised now, of whatever revision. One query."""
    anything = [Exists(model.objects.filter(provider=OuterRef("pk"))) for model in _MODELS]
    return Provider.objects.filter(reduce(or_, map(Q, anything)), pk=provider.pk).exists()


def read_rows(provider: Provider) -> Rows:
    """All of them, at one revision: read again if the terms were changed meanwhile."""
    while True:
        rows = _read(provider)
        if rows.revision == stored_revision(provider):
            return rows


def _read(provider: Provider) -> Rows:
    lines = _all(models.Line, provider, "position", "pk")
    return Rows(
        terms=models.ProviderTerms.objects.filter(provider=provider).first(),
        coverages=_all(models.Coverage, provider, "pk"),
        closures=_all(models.Closure, provider, "first", "begins", "origin", "origin_name"),
        openings=_all(models.Opening, provider, "date", "opens"),
        regions=_by("client_id", _all(models.Region, provider, "position", "pk")),
        clients=_all(models.Client, provider, "pk"),
        keys=_by("client_id", _all(models.ClientKey, provider, "position", "pk")),
        agreements=_by("client_id", _all(models.Agreement, provider, "pk")),
        versions=_by("agreement_id", _all(models.Version, provider, "since")),
        plans=_all(models.Plan, provider, "pk"),
        editions=_by("plan_id", _all(models.Edition, provider, "since")),
        edition_lines=_by("edition_id", [line for line in lines if line.edition_id is not None]),
        version_lines=_by("version_id", [line for line in lines if line.version_id is not None]),
        targets=_by("line_id", _all(models.Target, provider, "pk")),
        statuses=_all(models.StatusMapping, provider, "position", "pk"),
        ladders=_all(models.Ladder, provider, "position", "pk"),
    )


def _all(model: type[Any], provider: Provider, *order: str) -> list[Any]:
    return list(model.objects.filter(provider=provider).order_by(*order))


def _by(name: str, rows: Iterable[Row]) -> dict[Any, list[Row]]:
    owner = attrgetter(name)
    groups: dict[Hashable, list[Row]] = defaultdict(list)
    for row in rows:
        groups[owner(row)].append(row)
    return dict(groups)

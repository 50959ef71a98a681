"""When each source was last heard of, as far as that is kept: by its events, its imports, and its token."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Max

from beforehand.people.models import Token

from .models import Event, ImportRun, Source

LATEST = 1_000
"""So many of the latest events are looked at, so that asking costs the same whatever is kept."""


def last_heard() -> list[tuple[Source, datetime | None]]:
    """Every source of every provider, with the instant; None for one of which nothing is known."""
    newest = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    events = Event.objects.filter(pk__gt=newest - LATEST).values_list("ticket__source")
    found = _latest(events.annotate(last=Max("received")), {})
    _latest(ImportRun.objects.values_list("source").annotate(last=Max("seen")), found)
    used = {
        (provider, slug): last
        for provider, slug, last in Token.objects.filter(used__isnull=False)
        .exclude(source="")
        .values_list("provider", "source")
        .annotate(last=Max("used"))
    }
    sources = Source.objects.select_related("provider").order_by("provider", "slug")
    return [
        (source, _later(found.get(source.pk), used.get((source.provider_id, source.slug))))
        for source in sources
    ]


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at is not None), default=None)


def _latest(rows: Iterable[tuple[int, datetime]], found: dict[int, datetime]) -> dict[int, datetime]:
    for source, at in rows:
        found[source] = max(found.get(source, at), at)
    return found

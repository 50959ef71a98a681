"""The page of the second check, with each difference: was everybody told?"""

from collections.abc import Sequence
from typing import NamedTuple

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from beforehand.alerts.models import Finding
from beforehand.engine.codes import METRICS
from beforehand.engine.instants import to_instant
from beforehand.engine.saying import Moment, Saying
from beforehand.people.roles import Role

from . import moment
from .access import may, provider_of, zone_of
from .alerts_page import around
from .checks import checked

PAGE = 50


class Shown(NamedTuple):
    """A difference: of which clock, why it is one, when it should have been told and when it was."""

    row: Finding
    metric: str
    why: str
    due: Moment | None
    found: Moment | None
    first: Moment


def audit(request: HttpRequest) -> HttpResponse:
    """The differences of the last check, those due first on top, and what it did not judge."""
    now, zone, provider = moment.now(), zone_of(request), provider_of(request)
    last = checked(request, provider, now, zone)
    rows = Finding.objects.filter(provider=provider, audit=last.row).select_related("ticket", "alert")
    pages = Paginator(rows.order_by("due", "found", "pk"), PAGE)
    page = pages.get_page(request.GET.get("page"))
    how = Saying(to_instant(now), zone, 0, 1)
    context = {
        "checked": last,
        "since": None if last.row is None else how.at(to_instant(last.row.since)),
        "until": None if last.row is None else how.at(to_instant(last.row.until)),
        "page": page,
        "count": pages.count,
        "rows": _shown(list(page), how),
        "reasons": sorted(last.row.reasons.items()) if last.row is not None else [],
        "owner": may(request, Role.OWNER),
        "heartbeat": bool(settings.HEARTBEAT),
        **around(provider, now, zone),
    }
    return render(request, "web/audit.html", context)


def _shown(rows: Sequence[Finding], how: Saying) -> list[Shown]:
    return [
        Shown(
            row,
            METRICS[row.metric],
            row.said.rpartition(": ")[2],
            None if row.due is None else how.at(to_instant(row.due)),
            None if row.found is None else how.at(to_instant(row.found)),
            how.at(to_instant(row.first)),
        )
        for row in rows
    ]

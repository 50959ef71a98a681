"""The addresses that a supervisor and a monitor ask: whether this process serves, and whether all is done in time."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

from beforehand.alerts.audit_round import AUDIT
from beforehand.web import moment
from beforehand.web.checks import OLD

from . import pulse

LAG_S = 60
"""What is due for longer than this says that something is wrong."""


@login_not_required
def healthz(_request: HttpRequest) -> HttpResponse:
    """200 and "ok" when the database answers too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@never_cache
def health(_request: HttpRequest) -> JsonResponse:
    """How many workers there are, how long what is due has waited, and when it was last checked that all was told.

    503 where nobody works, anything waits for longer than a minute, or nothing was checked for half an hour. Sources
    are not judged: nobody knows how often they have something to tell. It names nobody and nothing of a client's.
    """
    found = pulse.take(moment.now())
    status = _status(found)
    kinds = {name: {"lag_seconds": kind.lag, "failing": kind.failing} for name, kind in found.kinds.items()}
    ages = [one.age for one in found.sources if one.age is not None]
    checks = [one.age for one in found.checks]
    told = {
        "status": status,
        "workers": found.workers,
        "due": kinds,
        "deliveries": {"lag_seconds": found.delivery_lag, "waiting": found.waiting},
        "sources": {
            "count": len(found.sources),
            "newest_age_seconds": min(ages, default=None),
            "oldest_age_seconds": max(ages, default=None),
        },
        "checks": {
            "oldest_age_seconds": None if None in checks else max((a for a in checks if a is not None), default=None),
            "differences": sum(one.differences for one in found.checks),
            "failed": sum(one.failed for one in found.checks),
        },
    }  # fmt: skip
    return JsonResponse(told, status=200 if status == "ok" else 503)


def _status(found: pulse.Pulse) -> str:
    late, old = LAG_S * moment.rate(), OLD.total_seconds() * moment.rate()
    if not found.workers:
        return "nobody works"
    # The second check takes its time; by its age it is judged below.
    lags = [kind.lag for name, kind in found.kinds.items() if name != AUDIT]
    if max(found.delivery_lag, *lags) > late:
        return "late"
    # Where there was no check yet, a worker may have come a moment ago.
    if any((found.worked if one.age is None else one.age) > old for one in found.checks):
        return "not checked"
    return "ok"

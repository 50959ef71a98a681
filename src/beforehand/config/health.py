"""The addresses that a supervisor and a monitor ask: whether this process serves, and whether all is done in time."""

from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

from beforehand.kernel.due import queue
from beforehand.kernel.due.handlers import registered
from beforehand.kernel.fields import to_micros
from beforehand.kernel.models import Due, Worker
from beforehand.people.models import Provider
from beforehand.web import moment

LAG_S = 60
"""What is due for longer than this says that something is wrong."""
WORKER_S = 30


@login_not_required
def healthz(_request: HttpRequest) -> HttpResponse:
    """200 and "ok" when the database answers too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@never_cache
def health(_request: HttpRequest) -> JsonResponse:
    """How many workers there are, and by kind how long the longest due row has waited and how many keep failing.

    503 where nobody works, or anything waits for longer than a minute. It names nobody and nothing of a client's.
    """
    now = moment.now()
    providers = list(Provider.objects.values_list("pk", flat=True))
    workers = Worker.objects.filter(seen__gt=now - timedelta(seconds=WORKER_S * moment.rate())).count()
    kinds = {
        handler.kind: {
            "lag_seconds": max((queue.lag(one, handler.kind, to_micros(now)) for one in providers), default=0)
            / 1e6,
            "failing": Due.objects.filter(provider_id__in=providers, kind=handler.kind, tries__gt=0).count(),
        }
        for handler in registered()
    }
    late = [name for name, kind in kinds.items() if kind["lag_seconds"] > LAG_S * moment.rate()]
    ok = bool(workers) and not late
    told = {"status": "ok" if ok else "late" if workers else "nobody works", "workers": workers, "due": kinds}
    return JsonResponse(told, status=200 if ok else 503)

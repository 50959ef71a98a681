"""The outbox of a simulated provider: what its people would have read in their mail."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from beforehand.alerts.models import Attempt
from beforehand.engine.instants import to_instant
from beforehand.engine.saying import Saying

from . import moment
from .access import provider_of, zone_of
from .alerts_page import around

PAGE = 25


def outbox(request: HttpRequest) -> HttpResponse:
    """The messages, the latest first; 404 for a provider whose messages go to people."""
    now, zone, provider = moment.now(), zone_of(request), provider_of(request)
    if not provider.simulated:
        raise Http404("Only a simulated provider has an outbox: yours writes to people.")
    found = Attempt.objects.filter(provider=provider).select_related("mailbox").order_by("-at", "-pk")
    pages = Paginator(found, PAGE)
    page = pages.get_page(request.GET.get("page"))
    how = Saying(to_instant(now), zone, 0, 1)
    return render(
        request,
        "web/outbox.html",
        {
            "page": page,
            "count": pages.count,
            "letters": [(one, how.at(to_instant(one.at))) for one in page],
            **around(provider, now, zone),
        },
    )

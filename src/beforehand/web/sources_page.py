"""The sources: is the data whole? And the tickets that no agreement covers."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from beforehand.engine.codes import STATES
from beforehand.engine.english import city
from beforehand.engine.instants import to_instant
from beforehand.engine.saying import Moment, Saying
from beforehand.engine.zones import load
from beforehand.promises.book import current
from beforehand.tickets import mending
from beforehand.tickets.models import Ticket

from . import moment
from .access import provider_of, zone_of
from .sources import sources_of

PAGE = 50
SHOWN_NAMES = 20
REASONS = {
    mending.CLIENT: "the client is not known",
    mending.AGREEMENT: "no agreement was in force",
    mending.LINE: "no line of the agreement fits",
    mending.CREATION: "its creation has not been told",
}


def sources(request: HttpRequest) -> HttpResponse:
    """What each source told last, what could not be taken or judged, and what has to be mended for it."""
    now, zone, provider = moment.now(), zone_of(request), provider_of(request)
    statuses = current(provider).uncovered.terms.statuses
    names = mending.unknown_clients(provider)
    return render(
        request,
        "web/sources.html",
        {
            "sources": sources_of(provider, statuses, now, zone),
            "reasons": [(name, REASONS[name], count) for name, count in mending.reasons(provider).items()],
            "names": names[:SHOWN_NAMES],
            "more_names": max(len(names) - SHOWN_NAMES, 0),
            "states": STATES,
            "today": now.astimezone(load(zone)).date(),
            "zone": city(zone),
            "page_name": "sources",
        },
    )


def uncovered(request: HttpRequest) -> HttpResponse:
    """The tickets that no agreement covers, open or not, the latest first; `why` in the address chooses a reason."""
    now, zone, provider = moment.now(), zone_of(request), provider_of(request)
    why = request.GET.get("why", "")
    why = why if why in mending.WHY else ""
    found = mending.uncovered(provider).order_by("-pk").select_related("client")
    # Counted once for all reasons, and not again for each page.
    reasons = mending.reasons(provider)
    pages = Paginator(found.filter(mending.WHY[why]) if why else found, PAGE)
    page = pages.get_page(request.GET.get("page"))
    how = Saying(to_instant(now), zone, 0, 1)
    return render(
        request,
        "web/uncovered.html",
        {
            "page": page,
            "rows": [_row(ticket, how) for ticket in page],
            "count": pages.count,
            "why": why,
            "reason": REASONS.get(why, ""),
            "reasons": [(name, REASONS[name], count) for name, count in reasons.items()],
            "today": now.astimezone(load(zone)).date(),
            "zone": city(zone),
            "page_name": "sources",
        },
    )


def _row(ticket: Ticket, how: Saying) -> tuple[Ticket, Moment | None, str, str]:
    """A ticket, when it was created, why it is uncovered, and its state."""
    created = None if ticket.created is None else how.at(to_instant(ticket.created))
    return ticket, created, REASONS[mending.why_uncovered(ticket)], STATES[ticket.state].replace("-", " ")

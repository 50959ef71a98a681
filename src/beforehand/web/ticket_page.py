"""The ticket: why is this figure what it is?"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse

from beforehand.engine.codes import FIELDS, ORIGINS, STATES
from beforehand.engine.english import amount, city
from beforehand.engine.instants import to_instant
from beforehand.engine.saying import Saying
from beforehand.engine.zones import load
from beforehand.people.models import Provider
from beforehand.promises.book import Book, current
from beforehand.promises.models import Version
from beforehand.tickets.mending import why_uncovered
from beforehand.tickets.models import Conflict, Ticket
from beforehand.tickets.texts import kept_texts

from . import moment
from .access import provider_of, zone_of
from .alert_page import of_ticket
from .hours_words import in_words
from .live.hours import offsets
from .live.version import VERSION
from .psa_view import view_of
from .ticket_events import EventView, Eyes, event_views, marks_of
from .ticket_reading import METRIC_NAMES, ClockView, Read, choice_of, clocks_of, grouped, read_ticket
from .timeline import Lane, Timeline, draw

EVENTS_SHOWN = 200
PARTS = (
    "ticket_head", "ticket_why", "ticket_alerts", "ticket_sum", "agreement", "ticket_psa", "events", "ticket_origin",
)  # fmt: skip
"""What of the page is sent anew as a whole when it changes."""


class ViewedTicket(NamedTuple):
    """Which ticket: whose, in which zone its times are read, with all its events or the latest."""

    provider: int
    ticket: int
    zone: str
    all_events: bool


def ticket(request: HttpRequest, pk: int) -> HttpResponse:
    """A ticket of the viewer's provider, read as of now from its events; 404 for any other."""
    now = moment.now()
    provider, zone = provider_of(request), zone_of(request)
    row = get_object_or_404(Ticket.objects.select_related("source", "client"), provider=provider, pk=pk)
    everything = request.GET.get("events") == "all"
    context = shown(row, provider, current(provider), now, ViewedTicket(provider.pk, pk, zone, everything))
    live = {
        "stream": reverse("live-ticket") + f"?ticket={pk}" + ("&events=all" if everything else ""),
        "version": VERSION,
        "now": to_instant(now),
        "rate": moment.rate(),
        "offsets": offsets(zone, to_instant(now)),
    }
    return render(request, "web/ticket.html", {**context, "live": live})


def parts(context: dict[str, object]) -> dict[str, str]:
    """PARTS of the page of that context, as they stand in it."""
    return {name: render_to_string(f"web/parts/{name}.html", context) for name in PARTS}


def shown(
    row: Ticket, provider: Provider, book: Book, now: datetime, viewed: ViewedTicket
) -> dict[str, object]:
    """What the ticket's templates need as of now."""
    as_of, zone = to_instant(now), viewed.zone
    arrived, found = read_ticket(row, book, as_of)
    theirs = row.client.zone if row.client is not None else provider.zone
    terms = (found.held.terms if found else book.uncovered).terms
    eyes = Eyes(Saying(as_of, zone, 0, 1), Saying(as_of, theirs, 0, 1), terms.statuses)
    conflicts = list(Conflict.objects.filter(provider=provider, ticket=row).order_by("pk"))
    views = event_views(arrived, conflicts, found.history if found else None, eyes)
    listed = views if viewed.all_events else views[-EVENTS_SHOWN:]
    if provider.keep_texts:
        said = kept_texts(provider.pk, row.pk)
        listed = [view._replace(said=said.get(view.event.id, "")) for view in listed]
    context = {
        "ticket": row,
        "now": now,
        "zone": city(zone),
        "client_zone": city(theirs),
        "zones_differ": theirs != zone,
        "state": STATES[row.state].replace("-", " "),
        "origin": ORIGINS[row.origin].replace("-", " "),
        "facts": [(name, getattr(row, name)) for name in (*FIELDS, "contact", "team") if getattr(row, name)],
        "link": row.url if urlsplit(row.url).scheme in ("http", "https") else "",
        "psa": view_of(row, eyes.ours),
        "alerts": of_ticket(row, provider, book, now, viewed.zone),
        "today": now.astimezone(load(zone)).date(),
        "events": listed,
        "hidden": len(views) - len(listed),
        "why_uncovered": "" if row.covered else why_uncovered(row),
        "triage": book.uncovered.terms.triage is not None,
        "spoilt": sum(1 for view in views if view.fate),
    }
    return context | (_read(found, views, zone) if found else {})


def _read(found: Read, views: Sequence[EventView], zone: str) -> dict[str, object]:
    clocks, beside = clocks_of(found, zone)
    winner, lost = choice_of(found)
    held = found.held
    coverages = {r.coverage: in_words(r.coverage) for r in found.readings}
    return {
        "clocks": clocks,
        "groups": grouped(clocks),
        "beside": beside,
        "timeline": _timeline(found, [*clocks, *beside], views, zone),
        "winner": winner,
        "lost": lost,
        "agreement": held.terms,
        "versions": Version.objects.filter(pk__in=held.terms.version_ids).select_related("agreement", "plan"),
        "coverages": list(dict.fromkeys(coverages.values())),
        "excluded": found.readings.excluded,
        "unmapped_status": found.readings.unmapped_status,
        "unmapped_origin": found.readings.unmapped_origin,
        "covered": held.terms.version_id is not None and winner is not None,
    }


def _timeline(found: Read, clocks: Sequence[ClockView], views: Sequence[EventView], zone: str) -> Timeline:
    """Response above resolution, as metrics are numbered; what is beside the response is left to the text."""
    lanes = []
    for metric, name in METRIC_NAMES.items():
        of = [clock for clock in clocks if clock.reading.metric == metric]
        if not of or metric in ("meaningful", "first-reply"):
            continue
        last = of[-1]
        promised = "" if last.promised is None else f" of {amount(last.promised.micros)}"
        lanes.append(
            Lane(name, f"{amount(last.used.micros)}{promised}, {last.verdict}", tuple(c.reading for c in of))
        )
    named = "Timeline of this ticket; the tables below say the same in words."
    return draw(lanes, marks_of(views), found.readings.as_of, zone, named)

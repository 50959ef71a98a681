"""The ladders: who is told what, and when? All of them, and a preview of who would be told of a ticket."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from beforehand.people.models import Provider
from beforehand.promises import models
from beforehand.promises.book import Book, current
from beforehand.promises.file.from_rows import document_of
from beforehand.promises.ladders import Ladder, from_stored

from . import moment
from .access import provider_of, zone_of
from .alerts_page import around
from .ladder_form_shown import Choices
from .ladder_preview import Previewer
from .ladder_shown import all_ladders


def ladders(request: HttpRequest) -> HttpResponse:
    """Every ladder, the provider's own and those built in."""
    now, zone, provider = moment.now(), zone_of(request), provider_of(request)
    book = current(provider)
    context = {
        "ladders": all_ladders(provider, own_ladders(provider), book.ladders.priorities, now, zone),
        "removed": request.GET.get("removed", "")[:200],
        **around(provider, now, zone),
    }
    return render(request, "web/ladders.html", context)


def own_ladders(provider: Provider) -> dict[int, Ladder]:
    """The provider's own ladders by key."""
    rows = models.Ladder.objects.filter(provider=provider)
    return {row.pk: from_stored(row.name, row.said, row.in_hours) for row in rows}


def foresee(request: HttpRequest) -> HttpResponse:
    """Who would be told of a ticket, and when; what ticket is in the address."""
    now, zone, provider = moment.now(), zone_of(request), provider_of(request)
    book = current(provider)
    previewer = previewer_of(provider, book, Choices(provider, document_of(provider, book.rows)), now, zone)
    asked = previewer.question(request.GET)
    if "priority" not in request.GET and previewer.priorities:
        asked = asked._replace(priority=previewer.priorities[0])
    context = {
        "asked": asked,
        "choices": previewer.choices(),
        "seen": previewer.seen(asked, book),
        **around(provider, now, zone),
    }
    return render(request, "web/ladder_preview.html", context)


def previewer_of(provider: Provider, book: Book, choices: Choices, now: datetime, zone: str) -> Previewer:
    """What makes previews, with the priorities that there are to choose from."""
    return Previewer(provider, book, list(choices.fits["priority"]), now, zone)

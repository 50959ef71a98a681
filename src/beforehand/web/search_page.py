"""Finding a ticket from any page: by number, subject or client, open or not."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from beforehand.engine.codes import STATES
from beforehand.engine.english import city
from beforehand.engine.instants import to_instant
from beforehand.engine.saying import Saying
from beforehand.engine.zones import load
from beforehand.people.models import Provider
from beforehand.promises.models import Client
from beforehand.tickets.models import Ticket

from . import moment
from .access import provider_of, zone_of

MOST = 50
"""Tickets that are listed; of more it is said that there are."""


def search(request: HttpRequest) -> HttpResponse:
    """The latest tickets in which every word stands; straight to the ticket where its whole number was asked for."""
    now, zone, provider = moment.now(), zone_of(request), provider_of(request)
    words = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    numbered = _numbered(provider, words) if words else []
    if len(numbered) == 1:
        return redirect("ticket", numbered[0].pk)
    found = numbered or (_found(provider, words.split()) if words else [])
    how = Saying(to_instant(now), zone, 0, 1)
    return render(
        request,
        "web/search.html",
        {
            "asked": words,
            "rows": [
                (
                    ticket,
                    STATES[ticket.state].replace("-", " "),
                    ticket.created and how.at(to_instant(ticket.created)),
                )
                for ticket in found[:MOST]
            ],
            "more": len(found) > MOST,
            "clients": Client.objects.filter(provider=provider, name__icontains=words)[:5] if words else [],
            "today": now.astimezone(load(zone)).date(),
            "zone": city(zone),
        },
    )


def _numbered(provider: Provider, words: str) -> list[Ticket]:
    whole = {words, words.upper(), words.removeprefix("#")}
    named = Q(number__in=whole) | Q(external_id__in=whole)
    return list(Ticket.objects.filter(named, provider=provider).select_related("client")[: MOST + 1])


def _found(provider: Provider, words: list[str]) -> list[Ticket]:
    found = Ticket.objects.filter(provider=provider).select_related("client")
    for word in words:
        clients = list(
            Client.objects.filter(provider=provider, name__icontains=word).values_list("pk", flat=True)
        )
        found = found.filter(
            Q(number__icontains=word)
            | Q(external_id__icontains=word)
            | Q(subject__icontains=word)
            | Q(client_name__icontains=word)
            | Q(client__in=clients)
        )
    return list(found.order_by("-pk")[: MOST + 1])

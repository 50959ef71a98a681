"""Who may listen to what. These views are asked by lane.py, behind all of Django's middleware, as any page is."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from beforehand.tickets.models import Ticket
from beforehand.web.access import provider_of, viewer, zone_of
from beforehand.web.board import Asked
from beforehand.web.board_shown import Viewed
from beforehand.web.ticket_page import ViewedTicket

from .hub import Which


class Granted(HttpResponse):
    """Leave to listen to one view. Without the lane (another server than ours) an answer with nothing in it."""

    def __init__(self, request: HttpRequest, viewed: Which) -> None:
        super().__init__(status=204)
        self.viewed = viewed
        self.who = request.session.session_key or f"user {viewer(request).pk}"


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """The board of that address."""
    asked = Asked.read(request.GET.dict())
    return Granted(request, Viewed(provider_of(request).pk, asked, zone_of(request)))


@require_GET
def ticket(request: HttpRequest) -> HttpResponse:
    """The ticket of that number in the address; 404 for one of another provider."""
    number = request.GET.get("ticket", "")
    pk = int(number) if number.isascii() and number.isdigit() and len(number) < 16 else 0
    provider = provider_of(request)
    found = get_object_or_404(Ticket, provider=provider, pk=pk)
    everything = request.GET.get("events") == "all"
    return Granted(request, ViewedTicket(provider.pk, found.pk, zone_of(request), everything))

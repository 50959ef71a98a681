"""Who is rung? Sources, clients and ladders, each on or in rehearsal; managers and owners switch them."""

from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from beforehand.alerts.switching import switch_all_on, switch_off, switch_on
from beforehand.people.roles import Role
from beforehand.promises.book import current
from beforehand.promises.models import Client

from . import moment
from .access import needs, provider_of, viewer, zone_of
from .alerts_page import around, troubles
from .rehearsal import CLIENT, LADDER, SOURCE, Items, kinds_of_tickets

PAGE = 100
WORST = 5


def rehearsal(request: HttpRequest) -> HttpResponse:
    """What rings, what only rehearses, and what it would have rung in the last 24 hours."""
    now, zone, provider = moment.now(), zone_of(request), provider_of(request)
    items = _items(request)
    sources, clients, ladders = items.sources(), items.clients(), items.ladders()
    page = Paginator(clients, PAGE).get_page(request.GET.get("page"))
    every = [*sources, *clients, *ladders]
    return render(
        request,
        "web/rehearsal.html",
        {
            "groups": [
                ("Sources", "Where tickets come from.", sources, None),
                ("Clients", "Those with most late clocks come first.", list(page), page),
                ("Ladders", "Who is told what, and when.", ladders, None),
            ],
            "worst": [item for item in clients if item.late and item.on is None][:WORST],
            "rings": sum(item.on is not None for item in every),
            "all": len(every),
            "nothing_rings": not all(any(i.on for i in group) for group in (sources, ladders)),
            "rehearsed": sum(item.rehearsed for item in sources),
            "troubles": troubles(provider, now),
            **around(provider, now, zone),
        },
    )


def _items(request: HttpRequest) -> Items:
    provider = provider_of(request)
    return Items(provider, current(provider), moment.now(), zone_of(request))


@needs(Role.MANAGER)
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Switches one thing on, or back to rehearsal."""
    what = request.POST.get("kind", ""), request.POST.get("key", "")
    provider, now = provider_of(request), moment.now()
    if request.POST.get("on") != "yes":
        switch_off(provider, *what, now)
    elif what in _items(request).named():
        switch_on(provider, [what], viewer(request), now)
    else:
        raise BadRequest("There is no such source, client or ladder.")
    return redirect("rehearsal")


@needs(Role.MANAGER)
@require_POST
def everything(request: HttpRequest) -> HttpResponse:
    """Switches everything on; what rings for some tickets only stays so."""
    switch_all_on(provider_of(request), _items(request).named(), viewer(request), moment.now())
    return redirect("rehearsal")


@needs(Role.MANAGER)
@require_POST
def worst(request: HttpRequest) -> HttpResponse:
    """Switches the clients on that were chosen, with all sources and ladders, without which none would ring."""
    chosen = set(request.POST.getlist("client"))
    named = {
        (kind, key)
        for kind, key in _items(request).named()
        if kind in (SOURCE, LADDER) or (kind == CLIENT and key in chosen)
    }
    if chosen:
        switch_all_on(provider_of(request), named, viewer(request), moment.now())
    return redirect("rehearsal")


def client(request: HttpRequest, pk: int) -> HttpResponse:
    """One client: for all its tickets, or for those of some priorities and types."""
    provider = provider_of(request)
    row = get_object_or_404(Client, provider=provider, pk=pk)
    priorities, types = kinds_of_tickets(provider, row)
    item = _items(request).client(row)
    on = item.on
    return render(
        request,
        "web/rehearsal_client.html",
        {
            "client": row,
            "item": item,
            "choices": [
                ("priorities", "Priorities", _offered(priorities, on.priorities if on else [])),
                ("types", "Ticket types", _offered(types, on.types if on else [])),
            ],
            **around(provider, moment.now(), zone_of(request)),
        },
    )


def _offered(names: list[str], chosen: list[str]) -> list[tuple[str, bool]]:
    """What can be chosen, and whether it is; what was chosen once stays, though no ticket has it any more."""
    return [(name, name in chosen) for name in (*names, *(one for one in chosen if one not in names))]


@needs(Role.MANAGER)
@require_POST
def switch_client(request: HttpRequest, pk: int) -> HttpResponse:
    """Switches one client on, for all its tickets or for some, or back to rehearsal."""
    provider, now = provider_of(request), moment.now()
    row = get_object_or_404(Client, provider=provider, pk=pk)
    if request.POST.get("on") != "yes":
        switch_off(provider, CLIENT, str(row.pk), now)
    else:
        only = [[one[:200] for one in request.POST.getlist(name)[:100]] for name in ("priorities", "types")]
        switch_on(provider, [(CLIENT.value, str(row.pk))], viewer(request), now, *only)
    return redirect("rehearsal")

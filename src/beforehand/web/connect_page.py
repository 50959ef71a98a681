"""Connecting a source, and how a connection does. Owners and managers change it; everybody sees how it does."""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from beforehand.connectors import calling, changes, trying, writing_changes
from beforehand.connectors.contract import Connector
from beforehand.connectors.models import Connection
from beforehand.connectors.registry import connectors
from beforehand.engine.english import city
from beforehand.engine.instants import to_instant
from beforehand.engine.saying import Saying
from beforehand.engine.zones import load
from beforehand.kernel.faults import Refused
from beforehand.people.models import Provider
from beforehand.people.roles import Role
from beforehand.promises.book import current
from beforehand.tickets.models import Source

from . import moment
from .access import may, needs, provider_of, zone_of
from .connect_forms import ConnectionForm, WriteBackForm
from .connect_shown import cost, shown
from .written_shown import written

MOST_TICKETS = 100_000_000
HOOKS = "/hooks/"


@needs(Role.MANAGER)
def connect(request: HttpRequest) -> HttpResponse:
    """The kinds of source there are, with what each needs."""
    kinds = [(kind, kind.hear is not None) for kind in connectors().values()]
    return render(request, "web/connect.html", {"kinds": kinds, "page_name": "sources"})


@needs(Role.MANAGER)
@never_cache
def new_connection(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Connects a source of this kind. Nothing is asked of it yet."""
    kind = connectors().get(slug)
    if kind is None:
        return redirect("connect")
    provider, now = provider_of(request), moment.now()
    sources = changes.going_on(provider, kind)
    chosen = _chosen(sources, request.POST.get("source", ""))
    row = changes.new_connection(provider, kind, chosen, now)
    return _form(request, row, kind, sources)


def _chosen(sources: list[Source], said: str) -> Source | None:
    return next((one for one in sources if str(one.pk) == said), None)


@needs(Role.MANAGER)
@never_cache
def connection_settings(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Changes a connection: enters its key again, and all else."""
    row = connection_of(provider_of(request), pk)
    kind = connectors().get(row.connector)
    return redirect("connection", pk) if kind is None else _form(request, row, kind, [])


def _form(request: HttpRequest, row: Connection, kind: Connector, sources: list[Source]) -> HttpResponseBase:
    data = request.POST if request.method == "POST" else None
    form = ConnectionForm(row, kind, may(request, Role.OWNER), data, sources)
    called = row.source.name if row.pk else ""
    if form.is_valid():
        try:
            kept = changes.save_connection(row, form.asked(), moment.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            return redirect("connection", kept.pk)
    context = {"form": form, "row": row, "kind": kind, "called": called, "page_name": "sources"}
    return render(request, "web/connection_form.html", context, status=400 if form.errors else 200)


def connection_of(provider: Provider, pk: int) -> Connection:
    """A connection of this provider; 404 for any other."""
    return get_object_or_404(
        Connection.objects.select_related("source", "provider"), provider=provider, pk=pk
    )


def address_of(row: Connection) -> str:
    """Where this connection is told of changes."""
    return str(settings.PUBLIC_URL + HOOKS + row.path)


@never_cache
def connection(request: HttpRequest, pk: int) -> HttpResponse:
    """How a connection does."""
    return connection_page(request, connection_of(provider_of(request), pk))


def connection_page(request: HttpRequest, row: Connection, status: int = 200, **more: object) -> HttpResponse:
    """The page of a connection, with what somebody has just done."""
    now, zone = moment.now(), zone_of(request)
    how = Saying(to_instant(now), zone, 0, 1)
    kind = connectors().get(row.connector)
    statuses = current(row.provider).uncovered.terms.statuses
    context = {
        "at": shown(row, kind, statuses, now, how),
        "cost": _cost(request, row, kind, now),
        "written": None if kind is None or not kind.writes else written(row, how),
        "write": WriteBackForm(row),
        "address": address_of(row),
        "closed": calling.private_of(settings.PUBLIC_URL),
        "called": None if row.called is None else how.at(to_instant(row.called)),
        "heard": None if row.heard is None else how.at(to_instant(row.heard)),
        "today": now.astimezone(load(zone)).date(),
        "zone": city(zone),
        "page_name": "sources",
    }
    return render(request, "web/connection.html", context | more, status=status)


def _cost(request: HttpRequest, row: Connection, kind: Connector | None, now: datetime) -> object:
    """What the past takes, before it is begun: by what the source says of its size, or the owner does."""
    if kind is None or not kind.is_asked or row.back_begun is not None:
        return None
    said = request.GET.get("tickets", "").replace(",", "")
    tickets = row.back_total if not said.isdecimal() else min(int(said[:9]), MOST_TICKETS)
    return None if tickets is None else cost(row, kind, tickets, now)


@needs(Role.MANAGER)
@require_POST
@never_cache
def check_connection(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks the source whether we may read what we need, and do what is switched on; shows which right is missing."""
    row = connection_of(provider_of(request), pk)
    tried = trying.try_out(row, moment.now(), address_of(row))
    return connection_page(request, row, tried=tried)


@needs(Role.MANAGER)
@require_POST
def set_connection_active(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Reading begins, or goes on; or it stops."""
    active = request.POST.get("active") == "yes"
    changes.set_active(provider_of(request), pk, active, moment.now())
    return redirect("connection", pk)


@needs(Role.MANAGER)
@require_POST
@never_cache
def write_back(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What is written to tickets in the source is switched on or off."""
    row = connection_of(provider_of(request), pk)
    form = WriteBackForm(row, request.POST)
    if form.is_valid():
        try:
            writing_changes.save_writing(row, form.cleaned_data["notes"], form.fields_named(), moment.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            return redirect(f"{reverse('connection', args=[pk])}#write")
    return connection_page(request, row, 400, write=form)


@needs(Role.MANAGER)
def remove_connection(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Asks first, then forgets the connection; its source and tickets stay."""
    row = connection_of(provider_of(request), pk)
    if request.method == "POST":
        changes.remove_connection(row)
        return redirect("sources")
    return render(request, "web/connection_remove.html", {"row": row, "page_name": "sources"})

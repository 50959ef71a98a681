"""The channels: where warnings go besides people, and what came of the last one. Owners and managers change them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from beforehand.alerts import channel_changes, outbox
from beforehand.alerts.models import Channel
from beforehand.engine.english import city
from beforehand.engine.instants import to_instant
from beforehand.engine.saying import Saying
from beforehand.engine.zones import load
from beforehand.kernel.faults import Refused
from beforehand.people.models import Provider
from beforehand.people.roles import Role

from . import moment
from .access import may, needs, provider_of, zone_of
from .channel_forms import ChannelForm


def channels(request: HttpRequest) -> HttpResponse:
    """All channels, each with its last answer."""
    return _page(request)


def _page(request: HttpRequest, **more: object) -> HttpResponse:
    provider, now, zone = provider_of(request), moment.now(), zone_of(request)
    how = Saying(to_instant(now), zone, 0, 1)
    rows = Channel.objects.filter(provider=provider).order_by("-active", "folded")
    context = {
        "channels": [(row, None if row.tried is None else how.at(to_instant(row.tried))) for row in rows],
        "today": now.astimezone(load(zone)).date(),
        "zone": city(zone),
        "provider": provider,
        "page_name": "alerts",
    }
    return render(request, "web/channels.html", context | more)


@needs(Role.MANAGER)
@never_cache
def new_channel(request: HttpRequest) -> HttpResponse:
    """Adds a channel."""
    return _channel(request, Channel(provider=provider_of(request), kind=Channel.Kind.SLACK))


@needs(Role.MANAGER)
@never_cache
def channel(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a channel."""
    return _channel(request, _of(provider_of(request), pk))


def _channel(request: HttpRequest, row: Channel) -> HttpResponse:
    form = ChannelForm(row, may(request, Role.OWNER), request.POST if request.method == "POST" else None)
    called = row.name if row.pk else ""
    if form.is_valid():
        try:
            asked = form.cleaned_data
            kept = channel_changes.save_channel(form.filled(), asked["address"], asked.get("secret", ""))
        except Refused as refused:
            form.refuse(refused)
        else:
            return _page(request, made=kept) if kept.secret else redirect("channels")
    context = {"form": form, "row": row, "called": called, "page_name": "alerts"}
    return render(request, "web/channel.html", context, status=400 if form.errors else 200)


def _of(provider: Provider, pk: int) -> Channel:
    return get_object_or_404(Channel.objects.select_related("provider"), provider=provider, pk=pk)


@needs(Role.MANAGER)
@require_POST
def set_channel_active(request: HttpRequest, pk: int) -> HttpResponse:
    """A channel is used, or not any more."""
    channel_changes.set_active(provider_of(request), pk, request.POST.get("active") == "yes")
    return redirect("channels")


@needs(Role.MANAGER)
@require_POST
def mail_says(request: HttpRequest) -> HttpResponse:
    """What goes into the mail of all warnings."""
    provider = provider_of(request)
    provider.mail_bare = request.POST.get("say") == Channel.Say.BARE
    provider.save(update_fields=["mail_bare"])
    return redirect("channels")


@needs(Role.MANAGER)
@require_POST
def try_channel(request: HttpRequest, pk: int) -> HttpResponse:
    """Sends a test, and shows the answer word for word."""
    row = _of(provider_of(request), pk)
    return _page(request, tried=row, answer=outbox.try_out(row, moment.now()))

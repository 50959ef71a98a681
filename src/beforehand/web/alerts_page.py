"""The alerts: is anybody on it? And what people say of them: "I have it", "it is noise"."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from beforehand.alerts import holding
from beforehand.alerts.dismissing import dismiss
from beforehand.alerts.models import Alert, DayList, Delivery, StepTaken, Switch
from beforehand.engine.english import city
from beforehand.engine.instants import to_instant
from beforehand.engine.saying import Saying
from beforehand.engine.zones import load
from beforehand.kernel.faults import Refused
from beforehand.people.models import Provider, Technician, User
from beforehand.people.roles import Role
from beforehand.promises.book import current

from . import moment
from .access import needs, provider_of, viewer, zone_of
from .alerts import Lines, late_at_first, open_alerts, told_to, worst_first
from .checks import checked

PAGE = 50
SHOWN_LATE = 100
DAY = timedelta(days=1)
SHOWS = {"": "All", "ringing": "Ringing", "rehearsing": "Rehearsing", "mine": "Mine"}
_FILTERS: dict[str, Callable[[User], Q]] = {
    "": lambda _: Q(),
    "ringing": lambda _: Q(rehearsal=False),
    "rehearsing": lambda _: Q(rehearsal=True),
    "mine": told_to,
}


def alerts(request: HttpRequest) -> HttpResponse:
    """The open alerts, worst first; `show` in the address chooses some of them."""
    return _page(request)


def _page(request: HttpRequest, status: int = 200, **more: object) -> HttpResponse:
    now, zone, provider = moment.now(), zone_of(request), provider_of(request)
    show, user = request.GET.get("show", ""), viewer(request)
    show = show if show in SHOWS else ""
    found = open_alerts(provider).exclude(late_at_first())
    counts = found.aggregate(
        **{name or "all": Count("pk", filter=some(user)) for name, some in _FILTERS.items()}
    )
    pages = Paginator(worst_first(found.filter(_FILTERS[show](user)).select_related(*_WITH)), PAGE)
    page = pages.get_page(request.GET.get("page"))
    old = open_alerts(provider).filter(late_at_first())
    lines = Lines(provider, current(provider), now, zone)
    context = {
        "page": page,
        "lines": lines.of(list(page)),
        "count": pages.count,
        "shows": [(name, words, counts[name or "all"]) for name, words in SHOWS.items()],
        "show": show,
        "old": lines.of(list(worst_first(old.select_related(*_WITH))[:SHOWN_LATE])) if not show else [],
        "old_count": old.count() if not show else 0,
        "any_rings": _any_rings(provider),
        "known": Technician.objects.filter(provider=provider, user=user).exists(),
        "troubles": troubles(provider, now),
        "checked": checked(request, provider, now, zone),
        "choices": holding.CHOICES,
        **around(provider, now, zone),
    }
    return render(request, "web/alerts.html", context | more, status=status)


_WITH = ("ticket", "ticket__client", "provider")


def around(provider: Provider, now: datetime, zone: str) -> dict[str, object]:
    """What all pages of alerts show."""
    return {
        "provider": provider,
        "as_of": Saying(to_instant(now), zone, 0, 1).at(to_instant(now)),
        "today": now.astimezone(load(zone)).date(),
        "zone": city(zone),
        "page_name": "alerts",
    }


def _any_rings(provider: Provider) -> bool:
    """Whether anything can ring: a source and a ladder are switched on."""
    on = set(Switch.objects.filter(provider=provider).values_list("kind", flat=True).distinct())
    return {Switch.Kind.SOURCE, Switch.Kind.LADDER} <= on


def troubles(provider: Provider, now: datetime) -> list[str]:
    """Why somebody may not hear what rings, in sentences."""
    said = []
    if not settings.SENDS_MAIL and not provider.simulated and _any_rings(provider):
        said.append("No mail server is set, so nobody hears what rings: BEFOREHAND_MAIL names one.")
    failed = Delivery.objects.filter(
        provider=provider, state=Delivery.State.FAILED, created__gte=now - DAY
    ).values_list("name", flat=True)
    lists = DayList.objects.filter(provider=provider, state=Delivery.State.FAILED, created__gte=now - DAY)
    names = [*failed, *lists.values_list("name", flat=True)]
    if names:
        those = ", ".join(sorted(set(names)))
        one = "1 message" if len(names) == 1 else f"{len(names)} messages"
        why = "each alert says why, and of the day’s lists the history"
        said.append(f"{one} of the last 24 hours could not be delivered, to {those}: {why}.")
    count = _told_nobody(provider, now)
    if count:
        steps = "1 step" if count == 1 else f"{count} steps"
        said.append(
            f"{steps} of the last 24 hours had nobody to tell: nobody held any of the roles. Staff says who does."
        )
    return said


def _told_nobody(provider: Provider, now: datetime) -> int:
    """Of how many steps that ring nobody was told, since each link of their chains was nobody."""
    rows = StepTaken.objects.filter(provider=provider, alert__rehearsal=False, taken__gte=now - DAY)
    pairs = rows.exclude(nobody=[]).values_list("links", "nobody")
    return sum(0 < len(links) <= len(set(nobody)) for links, nobody in pairs)


@needs(Role.MEMBER)
@require_POST
def hold(request: HttpRequest, pk: int) -> HttpResponse:
    """ "I have it": holds the chain for the minutes promised."""
    alert, minutes = one_of(request, pk), request.POST.get("minutes", "")
    if minutes not in map(str, holding.CHOICES):
        return _page(request, 400, faults=["Choose for how long you have it."])
    if alert.ended is not None:
        return _page(
            request, 409, faults=[f"The alert of {alert.ticket} is over: there is nothing left to hold."]
        )
    holding.hold(alert, name_of(alert.provider, viewer(request)), int(minutes), moment.now())
    return _back(request, alert)


@needs(Role.MEMBER)
@require_POST
def noise(request: HttpRequest, pk: int) -> HttpResponse:
    """ "It is noise": ends the alert, with the reason."""
    alert = one_of(request, pk)
    try:
        dismiss(alert, name_of(alert.provider, viewer(request)), request.POST.get("reason", ""), moment.now())
    except Refused as refused:
        faults = [f"{alert.ticket}: expected {fault.expected}." for fault in refused.faults]
        return _page(request, 400, faults=faults)
    return _back(request, alert)


def one_of(request: HttpRequest, pk: int) -> Alert:
    """An alert of the viewer's provider; 404 for any other."""
    return get_object_or_404(Alert.objects.select_related(*_WITH), provider=provider_of(request), pk=pk)


def name_of(provider: Provider, user: User) -> str:
    """A user by the name that tickets know, else by their own."""
    own = Technician.objects.filter(provider=provider, user=user).values_list("name", flat=True).first()
    return own or user.get_full_name() or user.username


def _back(request: HttpRequest, alert: Alert) -> HttpResponse:
    return redirect("alerts") if request.POST.get("from") == "list" else redirect("alert", alert.pk)

"""What the browser tells on the desktop: steps that were told to whoever looks, and to managers all that is urgent."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from beforehand.alerts.channels import OWN
from beforehand.alerts.letters import standing
from beforehand.alerts.models import Delivery, Mailbox, Way
from beforehand.alerts.needed import clock_of, clocks_of
from beforehand.alerts.words import Clock, headline
from beforehand.engine.instants import HOUR, MINUTE, to_instant
from beforehand.kernel.fields import from_micros
from beforehand.people.models import Technician
from beforehand.people.roles import Role

from . import moment
from .access import may, provider_of, viewer, zone_of

MOST = 10
"""Steps told at once; a browser that was away hears of the latest."""
OVERLAP = MINUTE
"""What is looked at again: the browser knows what it has shown."""
LONGEST = 10 * MINUTE
TRIED = 3 * HOUR
"""How long before it was told a delivery may have been made: all its tries."""


def concerned(request: HttpRequest) -> bool:
    """Whether any alert can concern whoever looks."""
    return may(request, Role.MANAGER) or bool(_technicians(request))


def _technicians(request: HttpRequest) -> list[Technician]:
    return list(Technician.objects.filter(provider=provider_of(request), user=viewer(request)))


@require_GET
@never_cache
def told(request: HttpRequest) -> JsonResponse:
    """The steps told since an instant of an earlier answer (`since`, microseconds) and a little before, each once.

    Without one only those of that little before: a browser that has just begun knows them by it, and shows none.
    """
    now, asked = moment.now(), request.GET.get("since", "")
    instant = to_instant(now)
    since = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 18 else instant
    first = from_micros(max(since - OVERLAP, instant - LONGEST))
    found: dict[str, dict[str, str]] = {}
    rows = list(_told_since(request, first).order_by("-sent")[: 5 * MOST])
    clocks = clocks_of(rows)
    for row in rows:
        key = f"{row.alert_id}.{row.step}"
        if key not in found and len(found) < MOST:
            found[key] = {
                "key": key,
                **_said(row, standing(clocks.get(clock_of(row.alert))), instant, zone_of(request)),
            }
    return JsonResponse({"now": instant, "told": list(found.values())[::-1]})


def _told_since(request: HttpRequest, first: datetime) -> QuerySet[Delivery]:
    provider, mine = provider_of(request), _technicians(request)
    which = Q(pk__in=[])
    if mine:
        which |= Q(technician__in=[one.pk for one in mine], mailbox__in=_boxes(mine))
    if may(request, Role.MANAGER):
        which |= Q(urgency="urgent", created__gte=from_micros(to_instant(first) - TRIED))
    found = Delivery.objects.filter(which, provider=provider, sent__gte=first)
    return found.select_related("alert__ticket", "provider")


def _boxes(mine: list[Technician]) -> QuerySet[Mailbox]:
    """Where these are reached: what waited for the morning was made long ago, and is found by where it went."""
    ways = Way.objects.filter(provider=mine[0].provider_id, technician__in=mine).values_list("pk", flat=True)
    addresses = [address for one in mine for address in (one.email, one.phone) if address]
    reached = Q(address__in=addresses) | Q(channel__in=[f"{OWN}{pk}" for pk in ways])
    return Mailbox.objects.filter(reached, provider=mine[0].provider_id)


def _said(row: Delivery, clock: Clock, now: int, zone: str) -> dict[str, str]:
    alert = row.alert
    told = f"{alert.reached}: {row.name} was told ({row.role})."
    expects = f" Expected: {alert.expects}." if alert.expects else ""
    return {
        "title": headline(alert.ticket, alert, clock, now, zone),
        "body": told + expects,
        "url": reverse("alert", args=[alert.pk]),
    }

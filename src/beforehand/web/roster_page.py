"""The roster: who is the dispatcher when, each week and by a calendar. Owners and managers change it."""

from itertools import islice

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from beforehand.engine.english import city
from beforehand.engine.instants import DAY, to_instant
from beforehand.engine.saying import Saying
from beforehand.engine.weekly import wall_text
from beforehand.engine.zones import load
from beforehand.kernel.faults import Fault, Refused
from beforehand.people import staff_changes
from beforehand.people.models import DutyDate, DutyShift, Provider, Technician
from beforehand.people.roles import Role
from beforehand.people.roster import Dated
from beforehand.people.roster_calendar import LARGEST, RosterRead, read_roster
from beforehand.people.staff import Staff

from . import moment
from .access import needs, provider_of, zone_of
from .staff_forms import DAY_NAMES, ShiftForm
from .staff_shown import said

AHEAD = 400 * DAY
"""So far ahead a calendar is read; who recurs for ever is imported again within the year."""
SHOWN_DATES = 200
_SALT = "beforehand.web.roster"
_AN_HOUR = 3600


def roster(request: HttpRequest) -> HttpResponse:
    """Who is on duty in the coming days, the weekly roster, and what came from calendars."""
    return _page(request)


def _page(request: HttpRequest, status: int = 200, **more: object) -> HttpResponse:
    provider, now, zone = provider_of(request), moment.now(), zone_of(request)
    how = Saying(to_instant(now), zone, 0, 1)
    staff = Staff(provider)
    dates = DutyDate.objects.filter(provider=provider, until__gt=now).select_related("technician")
    context = {
        "stretches": [
            (how.at(one.since), how.at(one.until), [said(staff, pk, one.since) for pk in one.who])
            for one in islice(staff.roster.stretches(how.as_of, how.as_of + 7 * DAY), SHOWN_DATES)
        ],
        "week": _week(provider),
        "dates": [
            (one, how.at(to_instant(one.since)), how.at(to_instant(one.until)))
            for one in dates.order_by("since", "technician__folded")[:SHOWN_DATES]
        ],
        "count": dates.count(),
        "form": ShiftForm(provider),
        "anybody": bool(staff.names),
        "today": now.astimezone(load(zone)).date(),
        "zone": city(zone),
        "roster_zone": city(provider.zone),
        "page_name": "staff",
    }
    return render(request, "web/roster.html", context | more, status=status)


def _week(provider: Provider) -> list[tuple[str, list[tuple[DutyShift, str]]]]:
    """The shifts of each day, with their hours."""
    days: list[tuple[str, list[tuple[DutyShift, str]]]] = [(name, []) for name in DAY_NAMES]
    shifts = DutyShift.objects.filter(provider=provider).select_related("technician")
    for shift in shifts.order_by("begins", "technician__folded"):
        hours = f"{_short(shift.begins)}–{_short(shift.ends or 86_400)}"
        days[shift.day][1].append((shift, hours))
    return days


def _short(seconds: int) -> str:
    return wall_text(seconds).removeprefix("0")


@needs(Role.MANAGER)
@require_POST
def add_shifts(request: HttpRequest) -> HttpResponse:
    """Somebody is the dispatcher on some days of each week."""
    provider = provider_of(request)
    form = ShiftForm(provider, request.POST)
    if form.is_valid():
        asked = form.cleaned_data
        who = get_object_or_404(Technician, provider=provider, pk=asked["technician"])
        try:
            staff_changes.add_shifts(who, asked["days"], *form.seconds())
        except Refused as refused:
            form.refuse(refused)
        else:
            return redirect(reverse("roster") + "#week")
    return _page(request, 400, form=form)


@needs(Role.MANAGER)
@require_POST
def remove_shift(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a weekly shift off."""
    DutyShift.objects.filter(provider=provider_of(request), pk=pk).delete()
    return redirect(reverse("roster") + "#week")


@needs(Role.MANAGER)
@require_POST
def read_file(request: HttpRequest) -> HttpResponse:
    """Shows what a calendar file says; nothing is kept of it yet."""
    file = request.FILES.get("calendar")
    if file is None or file.size is None or file.size > LARGEST:
        found = "no file" if file is None else "a larger file"
        fault = Fault("calendar", found, f"an iCalendar file (.ics) of at most {LARGEST // 1_000_000} MB")
        return _page(request, 400, file_faults=[fault])
    provider, now, zone = provider_of(request), moment.now(), zone_of(request)
    at = to_instant(now)
    found_there = read_roster(file.read(), Staff(provider), at, at + AHEAD)
    how = Saying(at, zone, 0, 1)
    name = (file.name or "calendar")[:200]
    context = {
        "name": name,
        "shifts": [(one, how.at(one.since), how.at(one.until)) for one in found_there.shifts[:SHOWN_DATES]],
        "count": len(found_there.shifts),
        "faults": found_there.faults,
        "agreed": _sealed(provider, name, found_there),
        "replaced": DutyDate.objects.filter(provider=provider, until__gt=now).count(),
        "today": now.astimezone(load(zone)).date(),
        "zone": city(zone),
        "page_name": "staff",
    }
    return render(request, "web/roster_file.html", context, status=400 if found_there.faults else 200)


def _sealed(provider: Provider, name: str, found: RosterRead) -> str:
    """What was read, signed, so that what is taken is what was shown; "" where it cannot be taken."""
    if found.faults or not found.shifts:
        return ""
    shifts = [(one.since, one.until, one.person.id) for one in found.shifts]
    return signing.dumps([provider.pk, name, shifts], salt=_SALT, compress=True)


@needs(Role.MANAGER)
@require_POST
def take_file(request: HttpRequest) -> HttpResponse:
    """Takes the shifts that were shown, in place of those that were imported before or beside them."""
    provider, now = provider_of(request), moment.now()
    try:
        owner, name, shifts = signing.loads(request.POST.get("agreed", ""), salt=_SALT, max_age=_AN_HOUR)
        if owner != provider.pk:
            raise signing.BadSignature
        replace = request.POST.get("keep") != "yes"
        staff_changes.take_roster(provider, [Dated(*one) for one in shifts], name, now, replace)
    except signing.BadSignature:
        fault = Fault("calendar", "one that was read over an hour ago", "the file once more")
        return _page(request, 400, file_faults=[fault])
    except Refused as refused:
        return _page(request, 400, file_faults=refused.faults)
    return redirect(reverse("roster") + "#dates")


@needs(Role.MANAGER)
@require_POST
def forget_dates(request: HttpRequest) -> HttpResponse:
    """Takes all imported shifts off that are not over."""
    DutyDate.objects.filter(provider=provider_of(request), until__gt=moment.now()).delete()
    return redirect(reverse("roster") + "#dates")

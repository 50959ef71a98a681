"""The staff: who is on duty, works when, is away; what is missing. Owners and managers change it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from beforehand.engine.english import city
from beforehand.engine.instants import to_instant
from beforehand.engine.saying import Saying
from beforehand.engine.zones import load
from beforehand.kernel.faults import Refused
from beforehand.kernel.zones import known_zones
from beforehand.people import staff_changes
from beforehand.people.models import Absence, Provider, Team, Technician
from beforehand.people.roles import Role
from beforehand.people.staff import Staff

from . import moment
from .access import needs, provider_of, zone_of
from .channel_forms import WayForm
from .staff_forms import AbsenceForm, TeamForm, TechnicianForm
from .staff_gaps import SHOWN_NAMES, gaps, unknown_assignees, unknown_teams
from .staff_shown import duty, groups
from .ways_shown import around, missing


def staff(request: HttpRequest) -> HttpResponse:
    """Everybody of the staff, by team, and what is missing."""
    return _page(request)


def _page(request: HttpRequest, status: int = 200, **more: object) -> HttpResponse:
    provider, now, zone = provider_of(request), moment.now(), zone_of(request)
    how = Saying(to_instant(now), zone, 0, 1)
    people = Staff(provider)
    rows = list(Technician.objects.filter(provider=provider).order_by("folded"))
    teams = list(Team.objects.filter(provider=provider).order_by("folded"))
    absences = list(
        Absence.objects.filter(provider=provider, last__gt=now).select_related("technician").order_by("first")
    )
    unknown = unknown_assignees(provider, people)
    context = {
        "duty": duty(people, how) if rows else [],
        "groups": groups(people, rows, teams, absences, how),
        "gone": [row for row in rows if not row.active],
        "gaps": [*gaps(people, rows, teams, how.as_of), *missing(provider, people, rows)] if rows else [],
        "unknown": unknown[:SHOWN_NAMES],
        "more_unknown": max(len(unknown) - SHOWN_NAMES, 0),
        "unknown_teams": unknown_teams(provider, teams)[:SHOWN_NAMES],
        "absences": [(one, how.at(to_instant(one.first)), how.at(to_instant(one.last))) for one in absences],
        "teams": teams,
        "absence_form": AbsenceForm(provider),
        "team_form": TeamForm(Team(provider=provider)),
        "anybody": bool(rows),
        "new_team": request.GET.get("team", "")[:200],
        "today": now.astimezone(load(zone)).date(),
        "zone": city(zone),
        "page_name": "staff",
    }
    return render(request, "web/staff.html", context | more, status=status)


@needs(Role.MANAGER)
def new_technician(request: HttpRequest) -> HttpResponse:
    """Takes somebody on; `name` in the address is what tickets call them."""
    provider = provider_of(request)
    fresh = Technician(provider=provider, name=request.GET.get("name", "")[:200], channels=["email"])
    return _technician(request, fresh)


@needs(Role.MANAGER)
def technician(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a technician."""
    return _technician(request, _of(provider_of(request), pk))


def _technician(request: HttpRequest, row: Technician) -> HttpResponse:
    form = TechnicianForm(row, request.POST if request.method == "POST" else None)
    called = row.name if row.pk else ""
    if form.is_valid():
        try:
            staff_changes.save_technician(form.filled())
        except Refused as refused:
            form.refuse(refused)
        else:
            return redirect("staff")
    return technician_page(request, row, status=400 if form.errors else 200, form=form, called=called)


def technician_page(
    request: HttpRequest, row: Technician, status: int = 200, way_form: WayForm | None = None, **more: object
) -> HttpResponse:
    """The page of a technician, be it not kept yet."""
    context = {
        "form": TechnicianForm(row),
        "row": row,
        "called": row.name,
        "zones": sorted(known_zones()),
        "today": moment.now().astimezone(load(zone_of(request))).date(),
        "page_name": "staff",
        **around(request, row, way_form),
    }
    return render(request, "web/technician.html", context | more, status=status)


def _of(provider: Provider, pk: int) -> Technician:
    return get_object_or_404(Technician.objects.select_related("provider"), provider=provider, pk=pk)


@needs(Role.MANAGER)
@require_POST
def set_active(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody does not work here any more, or does again."""
    staff_changes.set_active(provider_of(request), pk, request.POST.get("active") == "yes")
    return redirect("staff")


@needs(Role.MANAGER)
@require_POST
def add_team(request: HttpRequest) -> HttpResponse:
    """Adds a team."""
    return _team(request, Team(provider=provider_of(request)))


@needs(Role.MANAGER)
@require_POST
def change_team(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a team's name and lead, or removes it."""
    provider = provider_of(request)
    if request.POST.get("what") == "remove":
        staff_changes.remove_team(provider, pk)
        return redirect(reverse("staff") + "#teams")
    return _team(
        request, get_object_or_404(Team.objects.select_related("provider"), provider=provider, pk=pk)
    )


def _team(request: HttpRequest, team: Team) -> HttpResponse:
    form = TeamForm(team, request.POST)
    if form.is_valid():
        try:
            staff_changes.save_team(form.filled())
        except Refused as refused:
            form.refuse(refused)
        else:
            return redirect(reverse("staff") + "#teams")
    return _page(request, 400, faults=_said(form, "Team"), new_team=request.POST.get("name", "")[:200])


def _said(form: TeamForm | AbsenceForm, what: str) -> list[str]:
    """What is wrong with a form that stands among others, for the top of the page."""
    return [
        f"{form.fields[name].label or what if name in form.fields else what}: {' '.join(map(str, errors))}"
        for name, errors in form.errors.items()
    ]


@needs(Role.MANAGER)
@require_POST
def add_absence(request: HttpRequest) -> HttpResponse:
    """Somebody will be away."""
    provider = provider_of(request)
    form = AbsenceForm(provider, request.POST)
    if form.is_valid():
        who = _of(provider, form.cleaned_data["technician"])
        try:
            first, last = form.span(who.zone or provider.zone)
            staff_changes.add_absence(who, first, last, form.cleaned_data["note"])
        except Refused as refused:
            form.refuse(refused)
        else:
            return redirect(reverse("staff") + "#absences")
    return _page(request, 400, absence_form=form, faults=_said(form, "Absence"))


@needs(Role.MANAGER)
@require_POST
def remove_absence(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes an absence back."""
    Absence.objects.filter(provider=provider_of(request), pk=pk).delete()
    return redirect(reverse("staff") + "#absences")

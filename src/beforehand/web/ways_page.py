"""The ways to somebody: managers add, try and remove them, on the page of a technician."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from beforehand.alerts import outbox, way_changes
from beforehand.alerts.channels import Places
from beforehand.alerts.models import Way
from beforehand.kernel.faults import Refused
from beforehand.people.models import Technician
from beforehand.people.roles import Role
from beforehand.people.staff import Staff

from . import moment
from .access import may, needs, provider_of
from .channel_forms import WayForm
from .staff_page import technician_page


@needs(Role.MANAGER)
@require_POST
@never_cache
def add_way(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody is reached in a further way."""
    row = _of(request, pk)
    form = WayForm(row, may(request, Role.OWNER), request.POST)
    if form.is_valid():
        try:
            way_changes.add_way(form.filled(), form.cleaned_data["address"])
        except Refused as refused:
            form.refuse(refused)
        else:
            return redirect("technician", pk)
    return technician_page(request, row, status=400, way_form=form)


@needs(Role.MANAGER)
@require_POST
def remove_way(request: HttpRequest, pk: int, way: int) -> HttpResponse:
    """Somebody is not reached in this way any more."""
    row = _of(request, pk)
    way_changes.remove_way(get_object_or_404(Way, provider=row.provider, technician=row, pk=way))
    return redirect("technician", pk)


@needs(Role.MANAGER)
@require_POST
def try_way(request: HttpRequest, pk: int) -> HttpResponse:
    """Sends a test to somebody by one of their ways, and shows the answer word for word."""
    row = _of(request, pk)
    person, places = Staff(row.provider).by_id(pk), Places(row.provider)
    names = [*Way.objects.filter(provider=row.provider, technician=row).values_list("name", flat=True)]
    found = [] if person is None else [*places.ways_to(person), *places.ways_to(person, names)]
    way = next((one for one in found if one.channel == request.POST.get("way")), None)
    if person is None or way is None:
        return redirect("technician", pk)
    answer = outbox.try_way(row.provider, person, way, moment.now())
    return technician_page(request, row, tried=places.called(way), answer=answer)


def _of(request: HttpRequest, pk: int) -> Technician:
    rows = Technician.objects.select_related("provider")
    return get_object_or_404(rows, provider=provider_of(request), pk=pk)

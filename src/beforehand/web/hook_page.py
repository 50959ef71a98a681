"""How a source calls us: its address and secret, made anew; and where its API lets us say so, the callback itself."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from beforehand.connectors import calling, changes
from beforehand.people.roles import Role

from . import moment
from .access import needs, provider_of
from .connect_page import address_of, connection_of, connection_page


@needs(Role.MANAGER)
@require_POST
@never_cache
def renew_hook(request: HttpRequest, pk: int) -> HttpResponse:
    """A new address and secret for the webhook, the secret shown here only."""
    row = connection_of(provider_of(request), pk)
    return connection_page(request, row, hook=changes.renew_hook(row))


@needs(Role.OWNER)
@require_POST
@never_cache
def callback(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The source is told over its API to call us, or to call us no more."""
    row = connection_of(provider_of(request), pk)
    does = calling.register if request.POST.get("register") == "yes" else calling.withdraw
    trouble = does(row, address_of(row), moment.now())
    if trouble:
        return connection_page(request, row, 400, calling_fault=trouble)
    return redirect(f"{reverse('connection', args=[pk])}#hook")

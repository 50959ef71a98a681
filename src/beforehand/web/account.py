"""Coming in: the first user of an installation, who was invited, the theme."""

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from beforehand.kernel.faults import Refused
from beforehand.kernel.zones import known_zones
from beforehand.people import accounts, invitations
from beforehand.people.models import Provider

from . import moment
from .access import THEME_COOKIE, THEMES
from .account_forms import JoinForm, SetUpForm

_TWO_YEARS = 2 * 365 * 86_400
# Made by us and known by its password: the same as signing in with it.
_BACKEND = settings.AUTHENTICATION_BACKENDS[0]


@login_not_required
@never_cache
@sensitive_post_parameters("password", "again")
def set_up(request: HttpRequest, token: str) -> HttpResponse:
    """Makes the first user by the one-time link that `serve` prints; gone (404) once there is one."""
    if not accounts.setup_token_holds(token):
        return render(request, "web/set_up_over.html", status=404)
    with_provider = not Provider.objects.exists()
    form = SetUpForm(request.POST or None, with_provider=with_provider)
    if request.method == "POST" and form.is_valid():
        values = {"name": "", "zone": "", **form.cleaned_data}
        del values["again"]
        try:
            user = accounts.set_up(now=moment.now(), **values)
        except Refused as refused:
            form.refuse(refused)
        else:
            login(request, user, _BACKEND)
            return redirect(settings.LOGIN_REDIRECT_URL)
    context = {"form": form, "zones": sorted(known_zones()) if with_provider else []}
    return render(request, "web/set_up.html", context)


@login_not_required
@never_cache
@sensitive_post_parameters("password", "again")
def join(request: HttpRequest, secret: str) -> HttpResponse:
    """Makes the user of an invitation and signs them in; gone (404) once it is used, taken back or a week old."""
    now = moment.now()
    invitation = invitations.find(secret, now)
    if invitation is None:
        return render(request, "web/join_over.html", status=404)
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            user = invitations.accept(secret, asked["username"], asked["name"], asked["password"], now)
        except Refused as refused:
            form.refuse(refused)
        else:
            login(request, user, _BACKEND)
            return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "web/join.html", {"form": form, "invitation": invitation})


@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keeps the theme asked for in a cookie, and goes back to where the visitor was."""
    wanted = request.POST.get("theme", "")
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = settings.LOGIN_REDIRECT_URL
    answer = HttpResponseRedirect(back)
    if wanted in THEMES:
        answer.set_cookie(
            THEME_COOKIE, wanted, max_age=_TWO_YEARS, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax"
        )
    return answer

"""Who is looking: the demo's visitor, whose provider's rows they see, in which zone and theme."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.http.response import HttpResponseBase

from beforehand.kernel.hosts import is_loopback
from beforehand.people.models import Provider, User

from . import moment

THEMES = ("system", "light", "dark")
THEME_COOKIE = "theme"


class SignedInAs:
    """Middleware: a visitor from this machine itself is the user of BEFOREHAND_SIGNED_IN_AS, where that is set.

    The settings refuse it where the server answers to more than this machine. Here the name in the request must be
    this machine's too (a page elsewhere may have its own name point here), and so must the address it comes from.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        name = settings.SIGNED_IN_AS
        if name and not request.user.is_authenticated and _from_this_machine(request):
            user = User.objects.filter(username=name, is_active=True).first()
            if user is not None:
                request.user = user
        return self.get_response(request)


def _from_this_machine(request: HttpRequest) -> bool:
    host = split_domain_port(request.get_host())[0]
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR") or request.META.get("HTTP_FORWARDED")
    return not forwarded and is_loopback(host) and is_loopback(request.META.get("REMOTE_ADDR", ""))


def viewer(request: HttpRequest) -> User:
    """The user who is signed in."""
    assert isinstance(request.user, User)
    return request.user


def provider_of(request: HttpRequest) -> Provider:
    """The provider whose rows the viewer may see: their own; an operator's, if there is only one.

    Raises PermissionDenied for an operator of several.
    """
    user = viewer(request)
    if user.provider is not None:
        return user.provider
    found = list(Provider.objects.order_by("pk")[:2])
    if len(found) != 1:
        raise PermissionDenied("This account belongs to no provider, and there are several (or none) here.")
    return found[0]


def zone_of(request: HttpRequest) -> str:
    """The zone in which the viewer reads times: their own, else the provider's."""
    return viewer(request).zone or provider_of(request).zone


def for_templates(request: HttpRequest) -> dict[str, object]:
    """What every page needs: the theme, and whether the viewer came in without signing in."""
    theme = request.COOKIES.get(THEME_COOKIE, THEMES[0])
    return {
        "theme": theme if theme in THEMES else THEMES[0],
        "themes": THEMES,
        "signed_in_by_setting": bool(settings.SIGNED_IN_AS),
        "clock": moment.simulated(),
    }

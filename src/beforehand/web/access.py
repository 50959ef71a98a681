"""Who is looking: the demo's visitor, whose provider's rows they see, what they may do, in which zone and theme."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject

from beforehand.kernel.hosts import is_loopback
from beforehand.people.models import Provider, User
from beforehand.people.roles import Role

from . import moment
from .stale import Stale
from .stale import stale as stale_of

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
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


def role_of(user: User) -> Role:
    """What a user may do: an operator whatever an owner may, wherever provider_of lets them in."""
    return Role.OWNER if user.is_superuser else Role(user.role)


def may(request: HttpRequest, role: Role) -> bool:
    """Whether the viewer may do what this role may."""
    return role_of(viewer(request)).includes(role)


def needs(role: Role) -> Callable[[View[P]], View[P]]:
    """Decorator of a view: only for users of this role, or of one that includes it; others read why not (403)."""

    def closed(view: View[P]) -> View[P]:
        @wraps(view)
        def ask_first(request: HttpRequest, /, *args: P.args, **more: P.kwargs) -> HttpResponseBase:
            if not may(request, role):
                raise PermissionDenied(_refusal(role, role_of(viewer(request))))
            return view(request, *args, **more)

        ask_first.needs = role  # type: ignore[attr-defined]  # tests walk the addresses by it
        return ask_first

    return closed


def _refusal(needed: Role, has: Role) -> str:
    who = [f"{role.label.lower()}s" for role in Role if role.includes(needed)]
    those = who[0] if len(who) == 1 else f"{', '.join(who[:-1])} and {who[-1]}"
    return f"This is for {those}. Your role here is {has.label.lower()}; an owner can change it."


def zone_of(request: HttpRequest) -> str:
    """The zone in which the viewer reads times: their own, else the provider's."""
    return viewer(request).zone or provider_of(request).zone


def for_templates(request: HttpRequest) -> dict[str, object]:
    """What every page needs: the theme, the roles whose work the viewer may do, whether they signed in, and which
    figures are old.
    """
    theme = request.COOKIES.get(THEME_COOKIE, THEMES[0])
    user = getattr(request, "user", None)
    return {
        "may": [role for role in Role if role_of(user).includes(role)] if isinstance(user, User) else [],
        "theme": theme if theme in THEMES else THEMES[0],
        "themes": THEMES,
        "signed_in_by_setting": bool(settings.SIGNED_IN_AS),
        "clock": moment.simulated(),
        "stale": SimpleLazyObject(lambda: _stale(request)),
    }


def _stale(request: HttpRequest) -> list[Stale]:
    try:
        return list(stale_of(provider_of(request), moment.now()))
    except PermissionDenied:
        # An operator of several providers, who sees no figures.
        return []

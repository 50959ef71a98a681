"""Coming in: signing in, the first user of an installation, the theme."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from beforehand.kernel.faults import Refused
from beforehand.kernel.zones import known_zones
from beforehand.people import accounts
from beforehand.people.models import Provider

from . import moment
from .access import THEME_COOKIE, THEMES

_TWO_YEARS = 2 * 365 * 86_400


class SignInForm(AuthenticationForm):
    """Name and password. Which of the two was wrong is not said."""

    error_messages = {
        "invalid_login": "This name and password do not belong together. Both are case-sensitive.",
        "inactive": "This name and password do not belong together. Both are case-sensitive.",
    }

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["username"].label = "User name"
        mark_wrong_fields(self)


class SignIn(LoginView):
    """The sign-in page; what follows is the page that was asked for, if it is one of ours."""

    authentication_form = SignInForm
    template_name = "web/sign_in.html"
    redirect_authenticated_user = True

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        """The page says so where nobody can sign in yet."""
        return super().get_context_data(nobody_yet=accounts.needs_first_user(), **more)


class SetUpForm(forms.Form):
    """The first user and, where there is none yet, the provider."""

    name = forms.CharField(max_length=200, label="Your company")
    zone = forms.CharField(
        max_length=64,
        label="Its time zone",
        help_text="An IANA name such as Europe/London.",
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off", "spellcheck": "false"}),
    )
    username = forms.CharField(
        max_length=150, label="Your user name", widget=forms.TextInput(attrs={"autocomplete": "username"})
    )
    email = forms.EmailField(
        label="Your e-mail address", widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    password = forms.CharField(
        label="A password",
        help_text="Ten characters or more, and not one that everybody uses.",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="The password again",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, with_provider: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        if not with_provider:
            del self.fields["name"], self.fields["zone"]
        mark_wrong_fields(self)

    def clean(self) -> dict[str, Any]:
        """The two passwords must be the same."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "password" in cleaned and "again" in cleaned and cleaned["password"] != cleaned["again"]:
            self.add_error("again", "This is not the same password.")
        return cleaned

    def refuse(self, refused: Refused) -> None:
        """Puts each fault to its field, or to the form."""
        for fault in refused.faults:
            field = fault.place.rsplit(", ", 1)[-1]
            field = "name" if field == "slug" and "name" in self.fields else field
            self.add_error(field if field in self.fields else None, fault.expected)
        mark_wrong_fields(self)


def mark_wrong_fields(form: forms.Form) -> None:
    """Says at each field that has an error that it does, to those who do not see the page."""
    for name in form.errors if form.is_bound else ():
        if name in form.fields:
            form.fields[name].widget.attrs |= {"aria-invalid": "true"}


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
            login(request, user)
            return redirect(settings.LOGIN_REDIRECT_URL)
    context = {"form": form, "zones": sorted(known_zones()) if with_provider else []}
    return render(request, "web/set_up.html", context)


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

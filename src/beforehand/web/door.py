"""Where django-allauth meets this house: who may sign in and how, mail that cannot be sent, second factors demanded."""

import logging
from collections.abc import Callable
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm
from allauth.account.views import LoginView, PasswordResetView
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import resolve
from django.utils.decorators import method_decorator

from beforehand.people import accounts
from beforehand.people.models import User

OPEN_WITHOUT = frozenset({
    "mfa_activate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes",
    "account_reauthenticate", "mfa_reauthenticate", "sign-out", "account_logout", "theme", "healthz",
})  # fmt: skip
"""The pages that are open to who has no second factor yet, where one is demanded: those that lead to it, and out."""

log = logging.getLogger(__name__)


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """What allauth asks of the house."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": "This name and password do not belong together. Both are case-sensitive.",
        "too_many_login_attempts": "Too many attempts. Wait five minutes, then try again.",
    }

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Nobody signs up: users are invited."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Sends a mail, or says on a page that it could not be sent."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:  # what smtplib raises is one too
            log.error("mail could not be sent: %s", error)
            answer = render(self.request, "web/mail_failed.html", status=503)
            raise ImmediateHttpResponse(answer) from error

    def add_message(self, *_given: Any, **_more: Any) -> None:
        """Pages say themselves what was done."""


class SignInForm(LoginForm):  # type: ignore[misc]
    """Name and password. Which of the two was wrong is not said."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["login"].label = "User name"
        self.fields["login"].widget.attrs = {"autocomplete": "username", "autofocus": True}
        self.fields["password"].widget.attrs.pop("placeholder", None)
        self.fields["password"].help_text = ""


class SignIn(LoginView):  # type: ignore[misc]
    """The sign-in page; what follows is the page that was asked for, if it is one of ours."""

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        """The page says so where nobody can sign in yet."""
        found: dict[str, Any] = super().get_context_data(nobody_yet=accounts.needs_first_user(), **more)
        return found


@method_decorator(login_not_required, name="dispatch")
class Forgotten(PasswordResetView):  # type: ignore[misc]
    """The page that sends a link by which to set a new password; it says so where no mail is sent at all."""

    def dispatch(self, request: HttpRequest, *args: Any, **more: Any) -> HttpResponseBase:
        """Without a mail server the form would promise what cannot be kept."""
        if not settings.SENDS_MAIL:
            return render(request, "account/password_reset.html", {"sends_mail": False})
        try:
            answer: HttpResponseBase = super().dispatch(request, *args, **more)
        except ImmediateHttpResponse as other:
            return other.response  # type: ignore[no-any-return]
        return answer


class SecondFactorDemanded:
    """Middleware: where the provider demands a second factor, who has none sets one up before anything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """Leads to the page on which it is set up."""
        user = request.user
        if not isinstance(user, User) or settings.SIGNED_IN_AS or user.provider is None:
            return None
        if not user.provider.second_factor or _open_without(request):
            return None
        return None if is_mfa_enabled(user) else redirect("mfa_activate_totp")


def _open_without(request: HttpRequest) -> bool:
    # The API knows tokens alone, and no session.
    return request.path_info.startswith("/api/") or resolve(request.path_info).view_name in OPEN_WITHOUT

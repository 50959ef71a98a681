"""The people: who may come in, as what, and who is invited. For owners alone."""

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST

from beforehand.engine.english import city
from beforehand.engine.instants import to_instant
from beforehand.engine.saying import Saying
from beforehand.engine.zones import load
from beforehand.kernel.faults import Refused
from beforehand.people import invitations, members
from beforehand.people.models import Invitation, User
from beforehand.people.roles import Role
from beforehand.tickets.texts import forget_texts

from . import moment
from .access import needs, provider_of, viewer, zone_of
from .passwords import password_link


@needs(Role.OWNER)
def people(request: HttpRequest) -> HttpResponse:
    """Everybody who may come in, and who is invited."""
    return _page(request)


def _page(request: HttpRequest, status: int = 200, **more: object) -> HttpResponse:
    provider, now, zone = provider_of(request), moment.now(), zone_of(request)
    how = Saying(to_instant(now), zone, 0, 1)
    users = members.of(provider)
    with_factor = set(Authenticator.objects.filter(user__in=users).values_list("user", flat=True))
    context = {
        "users": [
            (
                user,
                Role(user.role),
                user.pk in with_factor,
                user.last_login and how.at(to_instant(user.last_login)),
            )
            for user in users
        ],
        "invitations": [
            (one, Role(one.role), how.at(to_instant(one.expires)))
            for one in invitations.waiting(provider, now)
        ],
        "roles": list(Role),
        "provider": provider,
        "sends_mail": settings.SENDS_MAIL,
        "me": viewer(request),
        "my_factor": viewer(request).pk in with_factor,
        "today": now.astimezone(load(zone)).date(),
        "zone": city(zone),
        "page_name": "people",
    }
    return render(request, "web/people.html", context | more, status=status)


@needs(Role.OWNER)
@require_POST
def invite(request: HttpRequest) -> HttpResponse:
    """Makes an invitation, sends it where mail is sent, and shows its link, once."""
    email, role = request.POST.get("email", ""), request.POST.get("role", "")
    try:
        invitation, secret = invitations.invite(
            provider_of(request), viewer(request), email, role, moment.now()
        )
    except Refused as refused:
        faults = [f"{fault.expected[:1].upper()}{fault.expected[1:]}." for fault in refused.faults]
        return _page(request, 400, faults=faults, email=email, role=role)
    link = settings.PUBLIC_URL + reverse("join", args=[secret])
    return _page(request, invited=invitation, link=link, mailed=_mail(invitation, link, viewer(request)))


def _mail(invitation: Invitation, link: str, by: User) -> str:
    """Whether the invitation was sent: "sent", "failed", or "" where no mail is."""
    if not settings.SENDS_MAIL:
        return ""
    context = {"invitation": invitation, "link": link, "by": by.get_full_name() or by.username}
    subject = f"{invitation.provider.name}: your account with Beforehand"
    try:
        send_mail(subject, render_to_string("web/mail/invitation.txt", context), None, [invitation.email])
    except OSError:
        return "failed"
    return "sent"


@needs(Role.OWNER)
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes an invitation back."""
    invitations.revoke(provider_of(request), pk)
    return redirect("people")


@needs(Role.OWNER)
@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a user's role, lets them in or not any more, makes a link for a new password, drops a second factor."""
    provider, what = provider_of(request), request.POST.get("what", "")
    try:
        if what == "role":
            members.change_role(provider, pk, request.POST.get("role", ""))
        elif what in {"in", "out"}:
            members.set_active(provider, pk, what == "in")
        elif what == "password":
            user = members.one(provider, pk)
            return _page(request, link=password_link(user), link_for=user)
        elif what == "factor":
            Authenticator.objects.filter(user=members.one(provider, pk)).delete()
    except Refused as refused:
        return _page(request, 400, faults=[f"{fault.found}: {fault.expected}." for fault in refused.faults])
    return redirect("people")


@needs(Role.OWNER)
@require_POST
def demand(request: HttpRequest) -> HttpResponse:
    """Demands a second factor of everybody, or not any more."""
    provider = provider_of(request)
    provider.second_factor = request.POST.get("second_factor") == "yes"
    provider.save(update_fields=["second_factor"])
    return redirect("people")


@needs(Role.OWNER)
@require_POST
def keep_texts(request: HttpRequest) -> HttpResponse:
    """Keeps from now on what messages say; or not any more, and deletes what was kept."""
    provider = provider_of(request)
    provider.keep_texts = request.POST.get("keep_texts") == "yes"
    provider.save(update_fields=["keep_texts"])
    if not provider.keep_texts:
        forget_texts(provider.pk)
    return redirect("people")

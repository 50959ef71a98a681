"""Invitations: how everybody but the first user comes in. The link is good for a week, and once."""

import hashlib
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet

from beforehand.kernel.faults import Fault, Refused, refuse_if_any

from .accounts import faults_of, weak
from .models import Invitation, Provider, User
from .roles import Role

AGE = timedelta(days=7)


def invite(provider: Provider, by: User, email: str, role: str, now: datetime) -> tuple[Invitation, str]:
    """A new invitation, and the secret of its link, which is not kept. Refused with all that is wrong.

    An open one to the same address is replaced.
    """
    email = email.strip()
    refuse_if_any(_faults(provider, email, role))
    secret = secrets.token_urlsafe(24)
    with transaction.atomic():
        _open(provider).filter(email__iexact=email).delete()
        invitation = Invitation.objects.create(
            provider=provider, email=email, role=role, digest=_digest(secret), created=now, created_by=by,
            expires=now + AGE,
        )  # fmt: skip
    return invitation, secret


def _faults(provider: Provider, email: str, role: str) -> Iterator[Fault]:
    try:
        validate_email(email)
    except ValidationError:
        yield Fault("invitation, email", repr(email[:60]), "an e-mail address", "sam@northwind.example")
    if role not in Role.values:
        yield Fault(
            "invitation, role", repr(role[:60]), f"one of {', '.join(Role.values)}", Role.MEMBER.value
        )
    if User.objects.filter(provider=provider, email__iexact=email).exists():
        yield Fault("invitation, email", repr(email), "an address that nobody here has yet")


def _open(provider: Provider) -> QuerySet[Invitation]:
    return Invitation.objects.filter(provider=provider, accepted=None)


def waiting(provider: Provider, now: datetime) -> list[Invitation]:
    """The invitations that can still be accepted, the latest first."""
    return list(_open(provider).filter(expires__gt=now).order_by("-created"))


def revoke(provider: Provider, pk: int) -> bool:
    """Take an open invitation back; whether there was one."""
    return bool(_open(provider).filter(pk=pk).delete()[0])


def find(secret: str, now: datetime) -> Invitation | None:
    """The invitation with this secret, if it can still be accepted."""
    found = Invitation.objects.select_related("provider").filter(digest=_digest(secret), accepted=None)
    return found.filter(expires__gt=now).first()


def accept(secret: str, username: str, name: str, password: str, now: datetime) -> User:
    """The new user of an invitation, which is then used up. Refused with all that is wrong."""
    with transaction.atomic():
        found = find(secret, now)
        if found is None:
            raise Refused(
                Fault("invitation", "a link that is used, taken back or too old", "a new invitation")
            )
        held = Invitation.objects.select_for_update().get(pk=found.pk)
        if held.accepted is not None:
            raise Refused(Fault("invitation", "a link that is used", "a new invitation"))
        first, _, last = name.strip().partition(" ")
        user = User(
            provider=held.provider, username=username.strip(), email=held.email, first_name=first[:150],
            last_name=last[:150], role=held.role,
        )  # fmt: skip
        user.set_password(password)
        refuse_if_any([*faults_of(user, "user"), *weak(password, user)])
        user.save()
        held.accepted, held.user = now, user
        held.save(update_fields=["accepted", "user"])
    return user


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()

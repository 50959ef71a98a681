"""The users of a provider: what an owner may change of them. A provider always has an owner who can come in."""

from django.db import transaction

from beforehand.kernel.faults import Fault, Refused

from .models import Provider, User
from .roles import Role


def of(provider: Provider) -> list[User]:
    """The users of a provider: those who can come in first, by role and name."""
    users = User.objects.filter(provider=provider)
    order = list(Role)
    return sorted(users, key=lambda user: (not user.is_active, order.index(Role(user.role)), user.username))


def one(provider: Provider, pk: int) -> User:
    """A user of the provider. Refused where there is no such user."""
    user = User.objects.filter(provider=provider, pk=pk).first()
    if user is None:
        raise Refused(Fault("user", f"no user {pk}", "a user of this provider"))
    return user


def named(name: str) -> User:
    """The user who signs in by this name. Refused where there is none."""
    user = User.objects.filter(username=name).first()
    if user is None:
        known = (
            ", ".join(User.objects.order_by("username").values_list("username", flat=True)[:5])
            or "nobody yet"
        )
        raise Refused(Fault("user", repr(name), "the name of a user", known))
    return user


def change_role(provider: Provider, pk: int, role: str) -> User:
    """Give a user another role. Refused where no owner would be left, or there is no such user or role."""
    if role not in Role.values:
        raise Refused(Fault("user, role", repr(role[:60]), f"one of {', '.join(Role.values)}"))
    with transaction.atomic():
        user = _held(provider, pk)
        user.role = Role(role)
        _keep_an_owner(provider, user)
        user.save(update_fields=["role"])
    return user


def set_active(provider: Provider, pk: int, active: bool) -> User:
    """Let a user in again, or not any more. Refused where no owner would be left."""
    with transaction.atomic():
        user = _held(provider, pk)
        user.is_active = active
        _keep_an_owner(provider, user)
        user.save(update_fields=["is_active"])
    return user


def _held(provider: Provider, pk: int) -> User:
    """A user of the provider, whose owners nobody else changes until the transaction ends."""
    Provider.objects.select_for_update().get(pk=provider.pk)
    return one(provider, pk)


def _keep_an_owner(provider: Provider, changed: User) -> None:
    if changed.is_active and changed.role == Role.OWNER:
        return
    others = User.objects.filter(provider=provider, is_active=True, role=Role.OWNER).exclude(pk=changed.pk)
    if not others.exists():
        raise Refused(Fault("user", f"{changed.username}, the only owner", "another owner first"))

"""The first user of a new installation, and the link that lets exactly one be made."""

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from beforehand.kernel.faults import Fault, refuse_if_any
from beforehand.people.models import Provider, User

_SALT = "beforehand.people.setup"


def needs_first_user() -> bool:
    """Whether nobody can sign in yet."""
    return not User.objects.exists()


def setup_token() -> str:
    """The secret of the one-time set-up link: good until the first user is made, on this key alone."""
    return signing.dumps("first-user", salt=_SALT)


def setup_token_holds(token: str) -> bool:
    """Whether `token` is a set-up token of this installation and the first user is still to be made."""
    try:
        return signing.loads(token, salt=_SALT) == "first-user" and needs_first_user()
    except signing.BadSignature:
        return False


def create_provider(name: str, zone: str, now: datetime) -> Provider:
    """A new provider, with a slug made of its name; Refused with every fault of name and zone."""
    provider = Provider(name=name.strip(), slug=slugify(name)[:60], zone=zone, created=now)
    refuse_if_any(_faults_of(provider, "provider"))
    provider.save()
    return provider


def create_first_user(provider: Provider, username: str, email: str, password: str) -> User:
    """The first user of `provider`, marked as its staff; Refused where it has one, or for bad values."""
    user = User(provider=provider, username=username, email=email, zone="", is_staff=True)
    user.set_password(password)
    with transaction.atomic():
        # Two browsers may open the link at once: the row of the provider lets one in after the other.
        Provider.objects.select_for_update().get(pk=provider.pk)
        refuse_if_any([*_already_there(provider), *_faults_of(user, "user"), *_weak(password, user)])
        user.save()
    return user


def _already_there(provider: Provider) -> list[Fault]:
    if not provider.users.exists():
        return []
    return [
        Fault("first user", "users already there", "none yet", "sign in, or have a user make you another")
    ]


def _weak(password: str, user: User) -> list[Fault]:
    try:
        validate_password(password, user)
    except ValidationError as error:
        return [Fault("user, password", "a weak one", " ".join(error.messages))]
    return []


def _faults_of(row: Provider | User, what: str) -> list[Fault]:
    try:
        row.full_clean()
    except ValidationError as error:
        return [
            Fault(f"{what}, {field}", repr(getattr(row, field, "")), " ".join(messages))
            for field, messages in error.message_dict.items()
        ]
    return []

"""The first user of a new installation, and the link that lets exactly one be made."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches

from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.text import slugify

from beforehand.kernel.faults import Fault, Refused, refuse_if_any
from beforehand.people.models import Provider, User
from beforehand.people.roles import Role

SETUP_AGE = timedelta(days=1)
_SALT = "beforehand.people.setup"


def needs_first_user() -> bool:
    """Whether nobody can sign in yet."""
    return not User.objects.exists()


def setup_token() -> str:
    """The secret of the one-time set-up link: good for a day, until the first user is made, on this key alone."""
    return signing.dumps("first-user", salt=_SALT)


def setup_token_holds(token: str) -> bool:
    """Whether `token` is a set-up token of this installation and the first user is still to be made."""
    try:
        return signing.loads(token, salt=_SALT, max_age=SETUP_AGE) == "first-user" and needs_first_user()
    except signing.BadSignature:
        return False


def create_provider(name: str, zone: str, now: datetime) -> Provider:
    """A new provider, with a slug made of its name; Refused with every fault of name and zone."""
    provider = Provider(name=name.strip(), slug=slugify(name)[:60], zone=zone, created=now)
    refuse_if_any(faults_of(provider, "provider"))
    provider.save()
    return provider


def provider_named(slug: str) -> Provider:
    """The provider of this slug; without one the only provider. Raises Refused where that says nobody."""
    providers = {provider.slug: provider for provider in Provider.objects.order_by("pk")}
    if not providers:
        way_out = "`beforehand agreements load FILE` makes a provider with its agreements"
        raise Refused(Fault("provider", "none yet", "a provider to whom this belongs", way_out))
    if not slug and len(providers) == 1:
        return next(iter(providers.values()))
    if slug in providers:
        return providers[slug]
    found = repr(slug) if slug else "several, and none named"
    nearest = get_close_matches(slug, providers, 1)
    example = f"--provider {nearest[0] if nearest else next(iter(providers))}"
    raise Refused(Fault("--provider", found, "one of " + ", ".join(providers), example))


def create_first_user(provider: Provider, username: str, email: str, password: str) -> User:
    """The first user of `provider`, its owner; Refused where it has one, or for bad values."""
    user = User(provider=provider, username=username, email=email, zone="", role=Role.OWNER)
    user.set_password(password)
    with transaction.atomic():
        # Two browsers may open the link at once: the row of the provider lets one in after the other.
        Provider.objects.select_for_update().get(pk=provider.pk)
        refuse_if_any([*_already_there(provider), *faults_of(user, "user"), *weak(password, user)])
        user.save()
    return user


def set_up(name: str, zone: str, username: str, email: str, password: str, now: datetime) -> User:
    """The first user of an installation and, where there is none, the provider; Refused once anybody is there.

    Nothing is made unless all of it is right; every fault is told at once. Where a provider is there already,
    its name and zone stay.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            # SQLite lets one writer in at a time by itself. Here two browsers could both find nobody.
            with connection.cursor() as cursor:
                cursor.execute("LOCK TABLE people_user IN EXCLUSIVE MODE")
        if not needs_first_user():
            raise Refused(_there_already())
        provider = Provider.objects.order_by("pk").first()
        faults: list[Fault] = []
        if provider is None:
            provider = Provider(
                name=name.strip(), slug=slugify(name)[:60] or "provider", zone=zone, created=now
            )
            faults = faults_of(provider, "provider")
        user = User(provider=provider, username=username, email=email, zone="", role=Role.OWNER)
        user.set_password(password)
        refuse_if_any([*faults, *faults_of(user, "user", ["provider"]), *weak(password, user)])
        if provider.pk is None:
            provider.save()
        user.save()
    return user


def _already_there(provider: Provider) -> list[Fault]:
    if not provider.users.exists():
        return []
    return [_there_already()]


def _there_already() -> Fault:
    return Fault("first user", "users already there", "none yet", "sign in, or have a user make you another")


def weak(password: str, user: User) -> list[Fault]:
    try:
        validate_password(password, user)
    except ValidationError as error:
        return [Fault("user, password", "a weak one", " ".join(error.messages))]
    return []


def faults_of(row: Provider | User, what: str, exclude: Sequence[str] = ()) -> list[Fault]:
    try:
        row.full_clean(exclude=exclude)
    except ValidationError as error:
        return [
            Fault(f"{what}, {field}", repr(getattr(row, field, "")), " ".join(messages))
            for field, messages in error.message_dict.items()
        ]
    return []

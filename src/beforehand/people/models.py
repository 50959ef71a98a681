"""The provider (the MSP) and its users; its staff stands in staff_models.py."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from beforehand.kernel.fields import InstantField
from beforehand.kernel.zones import validate_zone

from .roles import Role
from .staff_models import Absence, DutyDate, DutyShift, Team, Technician

__all__ = [
    "Absence",
    "DutyDate",
    "DutyShift",
    "Invitation",
    "Provider",
    "Team",
    "Technician",
    "Token",
    "User",
]


class Provider(models.Model):
    """A managed service provider. One database can hold many; each row of ours belongs to one.

    A `simulated` one is invented, and every page says so. `second_factor`: nobody goes on without one of their own.
    `keep_texts`: what messages say is kept; otherwise it is judged when it comes in, and let go.
    `mail_bare`: what goes out by mail names neither client nor subject.
    """

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=60, unique=True)
    zone = models.CharField(max_length=64, validators=[validate_zone])
    created = InstantField()
    simulated = models.BooleanField(default=False)
    second_factor = models.BooleanField(default=False)
    keep_texts = models.BooleanField(default=False)
    mail_bare = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="provider_has_a_name"),
            models.CheckConstraint(condition=~models.Q(slug=""), name="provider_has_a_slug"),
            models.CheckConstraint(condition=~models.Q(zone=""), name="provider_has_a_zone"),
        ]

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """Someone who signs in. The name is unique over all providers, since sign-in knows no provider yet.

    Without a provider: the operator of an installation that holds several. Without a zone: the provider's.
    Django's own groups, permissions and `is_staff` say nothing here; `role` does.
    """

    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, null=True, blank=True, related_name="users"
    )
    zone = models.CharField(max_length=64, blank=True, default="", validators=[validate_zone])
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.READ_ONLY)

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=list(Role)), name="user_has_a_role"),
            models.CheckConstraint(
                condition=models.Q(provider__isnull=False) | models.Q(is_superuser=True),
                name="user_has_a_provider_or_is_the_operator",
            ),
        ]


class Invitation(models.Model):
    """A link by which one person becomes a user. The secret in it is not kept, only its digest (SHA-256)."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, db_index=False)
    email = models.EmailField()
    role = models.CharField(max_length=12, choices=Role.choices)
    digest = models.CharField(max_length=64, unique=True)
    created = InstantField()
    created_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    expires = InstantField()
    accepted = InstantField(null=True)
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta:
        indexes = [models.Index(fields=["provider", "created"], name="invitation_latest")]

    def __str__(self) -> str:
        return self.email


class Token(models.Model):
    """What a program signs in with. The secret itself is not kept, only its digest (SHA-256).

    `source`: the slug of the source whose events it may tell; "" where it may tell none.
    """

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="tokens", db_index=False)
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12)
    scopes = models.JSONField(default=list)
    source = models.SlugField(max_length=60, blank=True, default="", db_index=False)
    created = InstantField()
    created_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    expires = InstantField(null=True)
    used = InstantField(null=True)
    revoked = InstantField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "name"],
                condition=models.Q(revoked__isnull=True),
                name="token_name_once",
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="token_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

"""Whom the provider serves, and the names that sources know them by."""

from django.db import models

from beforehand.kernel.zones import validate_zone
from beforehand.promises.models.base import Owned


class Client(Owned):
    """A client. `listed` ones stand in the agreement file; others were met in tickets and taken in.

    `contact_*`: who of them is told where a ladder tells the client's contact; without an address nobody.
    """

    name = models.CharField(max_length=200)
    zone = models.CharField(max_length=64, validators=[validate_zone])
    listed = models.BooleanField(default=True)
    contact_name = models.CharField(max_length=200, default="", blank=True)
    contact_email = models.EmailField(default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "name"], name="client_name_once"),
            models.CheckConstraint(condition=~models.Q(name=""), name="client_has_a_name"),
            models.CheckConstraint(condition=~models.Q(zone=""), name="client_has_a_zone"),
        ]

    def __str__(self) -> str:
        return self.name


class ClientKey(Owned):
    """A word that names a client: its name, an alias, or the key that a source has for it.

    `folded` is what is compared (case and white space folded), so that no word names two clients.
    """

    class Kind(models.TextChoices):
        NAME = "name"
        KEY = "key"
        ALIAS = "alias"

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="keys", db_index=False)
    kind = models.CharField(max_length=5, choices=Kind.choices)
    text = models.CharField(max_length=200)
    folded = models.CharField(max_length=400)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "folded"], name="client_key_once"),
            models.CheckConstraint(condition=~models.Q(folded=""), name="client_key_says_something"),
        ]
        indexes = [models.Index(fields=["provider", "client"], name="client_key_client")]

    def __str__(self) -> str:
        return self.text

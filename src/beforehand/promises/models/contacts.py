"""The people of clients, as far as promises need them: who they are, under which ids sources know them, their tier."""

from django.db import models

from beforehand.kernel.fields import InstantField
from beforehand.promises.models.base import Owned


class Contact(Owned):
    """A person of a client: name and address as they were told last. No more is kept of anybody."""

    name = models.CharField(max_length=200)
    email = models.CharField(max_length=254, default="", blank=True)

    def __str__(self) -> str:
        return self.name


class ContactKey(Owned):
    """A contact as one source knows it: `source` is its slug, `key` its id there, which outlives a new name.

    `name` is the one that tickets of the source have for good, the first that was known, and no other contact's;
    `named` the one that the source has now. `client` is what it calls the client, `client_folded` what is compared;
    `folded` the same of `named`. `tier` is what the source said last, None where it never told the contact whole.
    `apart`: somebody said that this is nobody of another source. `gone`: out of use there. `said`: when it was so,
    where what was so earlier may be told later.
    """

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="keys", db_index=False)
    source = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    named = models.CharField(max_length=200)
    folded = models.CharField(max_length=400)
    email = models.CharField(max_length=254, default="", blank=True)
    client = models.CharField(max_length=200, default="", blank=True)
    client_folded = models.CharField(max_length=400, default="", blank=True)
    tier = models.CharField(max_length=200, null=True)
    apart = models.BooleanField(default=False)
    gone = models.BooleanField(default=False)
    said = InstantField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "source", "key"], name="contact_key_once"),
            models.UniqueConstraint(fields=["provider", "source", "name"], name="contact_name_once"),
            models.UniqueConstraint(fields=["provider", "contact", "source"], name="contact_once_a_source"),
        ]
        indexes = [
            models.Index(fields=["provider", "client_folded"], name="contact_by_client"),
            models.Index(fields=["provider", "folded"], name="contact_by_name"),
            models.Index(fields=["provider", "email"], name="contact_by_email"),
        ]

    def __str__(self) -> str:
        return self.named


class ContactTier(Owned):
    """A contact's tier, such as VIP or none (""), of tickets created from `since` on. `source` says so by its slug;
    under "" somebody here does, and that wins.
    """

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="tiers", db_index=False)
    source = models.CharField(max_length=60, default="", blank=True)
    since = InstantField()
    tier = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "contact", "source", "since"], name="contact_tier_once"
            )
        ]

    def __str__(self) -> str:
        return self.tier

"""Where messages go besides mail: the provider's channels, and people's own ways."""

from django.db import models
from django.db.models import Q

from beforehand.kernel.fields import InstantField
from beforehand.people.staff_models import Named, Technician


class Channel(Named):
    """A place outside that is told by name: `channel NAME` in a ladder. `address` (a URL, or PagerDuty's key) and
    `secret` (what signs a webhook) are sealed; `tried` and what follows is the last try, be it a test.

    One that is `by_phone` is no place: its address has {phone} in it, and by it people are reached by their numbers.
    """

    class Kind(models.TextChoices):
        WEBHOOK = "webhook", "Webhook"
        SLACK = "slack", "Slack"
        TEAMS = "teams", "Microsoft Teams"
        PAGERDUTY = "pagerduty", "PagerDuty"
        OPSGENIE = "opsgenie", "Opsgenie"
        APPRISE = "apprise", "Apprise (SMS and many more)"

    class Say(models.TextChoices):
        FULL = "full", "everything"
        BARE = "bare", "without client and subject"

    kind = models.CharField(max_length=9, choices=Kind.choices)
    address = models.TextField()
    secret = models.TextField(default="", blank=True)
    allow_private = models.BooleanField(default=False)
    by_phone = models.BooleanField(default=False)
    say = models.CharField(max_length=4, choices=Say.choices, default=Say.FULL)
    active = models.BooleanField(default=True)
    tried = InstantField(null=True)
    tried_ok = models.BooleanField(default=False)
    tried_answer = models.CharField(max_length=500, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "folded"], name="channel_name_once"),
            models.CheckConstraint(condition=~Q(folded=""), name="channel_has_a_name"),
        ]


class Way(Named):
    """A further way to somebody, of their own, by the name that `channels` of a technician or a step has for it.

    `address`, one of Apprise's, is sealed.
    """

    technician = models.ForeignKey(Technician, on_delete=models.CASCADE, related_name="+", db_index=False)
    address = models.TextField()
    allow_private = models.BooleanField(default=False)
    say = models.CharField(max_length=4, choices=Channel.Say.choices, default=Channel.Say.BARE)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "technician", "folded"], name="way_name_once"),
            models.CheckConstraint(condition=~Q(folded=""), name="way_has_a_name"),
        ]

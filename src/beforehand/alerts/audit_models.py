"""Facts: when the second check looked, what it came to, and each difference it found. No rules here."""

from django.db import models

from beforehand.kernel.fields import InstantField
from beforehand.people.models import Provider
from beforehand.people.owned import Owned
from beforehand.tickets.models import Ticket


class Audit(Owned):
    """One look of the second check at the steps from `since` until `until`, made at `at` within `took` milliseconds.

    `judged` are steps, of which `explained` were late and said so themselves. `not_judged`: steps that could not be,
    by reason in `reasons`. `failed`: tickets that could not be read. `revision` is that of the agreements, which have
    been what they are since `agreed` (None: since before anything was looked at).
    """

    at = InstantField()
    since = InstantField()
    until = InstantField()
    judged = models.PositiveIntegerField()
    explained = models.PositiveIntegerField()
    not_judged = models.PositiveIntegerField()
    reasons = models.JSONField(default=dict)
    differences = models.PositiveIntegerField()
    failed = models.PositiveIntegerField()
    took = models.PositiveIntegerField()
    revision = models.CharField(max_length=40, default="", blank=True)
    agreed = InstantField(null=True)

    class Meta:
        indexes = [models.Index(fields=["provider", "at"], name="audit_latest")]

    @classmethod
    def latest(cls, provider: "int | Provider") -> "Audit | None":
        """The one made last. By its key: where the machine's clock was set back, an earlier one has the later time."""
        return cls.objects.filter(provider=provider).order_by("-pk").first()

    @property
    def is_clean(self) -> bool:
        """Whether everything that was looked at could be read, and nothing differed."""
        return not self.differences and not self.failed


class Finding(Owned):
    """A difference between what should have been told and what was, kept once: `audit` is the last that found it.

    `step` is said as it is written (75%), `place` counts the links of its chain from 0; `whom` are those in words.
    `due`: when it should have been told; `found`: when it was. `said` is the difference in a sentence without times.
    """

    class Kind(models.TextChoices):
        MISSING = "missing", "not told"
        LATE = "late", "told late"
        UNWANTED = "unwanted", "told for no reason"
        WAITING = "waiting", "still waiting"
        UNHEARD = "unheard", "nobody was reached"

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="findings", db_index=False)
    first = InstantField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+", db_index=False)
    alert = models.ForeignKey(
        "alerts.Alert", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    metric = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    cycle = models.PositiveIntegerField()
    step = models.CharField(max_length=40)
    place = models.PositiveSmallIntegerField()
    whom = models.CharField(max_length=300)
    due = InstantField(null=True)
    found = InstantField(null=True)
    said = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "ticket", "metric", "number", "cycle", "step", "place", "kind"],
                name="finding_once",
            )
        ]
        indexes = [models.Index(fields=["provider", "audit"], name="finding_of_audit")]


class Heartbeat(models.Model):
    """What came of the last beat to the address outside that hears of clean checks: one row, of the installation."""

    at = InstantField()
    ok = models.BooleanField()
    answer = models.CharField(max_length=300)

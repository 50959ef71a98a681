"""What is promised: plans and editions, agreements and versions, lines and targets (clock.md 2)."""

from django.db import models
from django.db.models import F, Q

from beforehand.engine.codes import FIELDS, METRICS
from beforehand.promises.models.base import Owned, once
from beforehand.promises.models.clients import Client
from beforehand.promises.models.time import DAY_S, Coverage
from beforehand.promises.words import CLIENTS_LIST, NO_LIST, PROVIDERS_LIST


class Holidays(models.TextChoices):
    """Whose list of holidays counts (1.2)."""

    PROVIDER = PROVIDERS_LIST
    CLIENT = CLIENTS_LIST
    NONE = NO_LIST


class Plan(Owned):
    """Terms sold to many clients."""

    name = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "name"], name="plan_name_once")]

    def __str__(self) -> str:
        return self.name


class Dateable(Owned):
    """Terms from a date on, in the client's zone.

    `settings` holds those that are given: an edition's in place of the defaults of clock.md, a version's in
    place of its edition's.
    """

    since = models.DateField()
    coverage = models.ForeignKey(
        Coverage, on_delete=models.RESTRICT, related_name="+", null=True, db_index=False
    )
    holidays = models.CharField(max_length=8, choices=Holidays.choices, blank=True, default="")
    settings = models.JSONField(default=dict)

    class Meta:
        abstract = True


class Edition(Dateable):
    """A plan as it is sold from a date until its next edition."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="editions", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "plan", "since"], name="edition_date_once"),
        ]


class Agreement(Owned):
    """What was promised to a client, by name. Without a client: given to every one that has none of its own.

    With a `contract` its lines fit tickets under that contract alone.
    """

    client = models.ForeignKey(
        Client, on_delete=models.RESTRICT, related_name="agreements", null=True, db_index=False
    )
    name = models.CharField(max_length=200)
    contract = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            *once("agreement_name_once", ["client"], ["name"], ownerless=True),
        ]

    def __str__(self) -> str:
        return self.name


class Version(Dateable):
    """An agreement between two dates, both included; open without `until`. Tickets keep it for life (2.1)."""

    agreement = models.ForeignKey(
        Agreement, on_delete=models.RESTRICT, related_name="versions", db_index=False
    )
    until = models.DateField(null=True)
    plan = models.ForeignKey(Plan, on_delete=models.RESTRICT, related_name="+", null=True, db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "agreement", "since"], name="version_date_once"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="version_days_in_order"
            ),
        ]


class Line(Owned):
    """The tickets it fits (each of the seven fields of 2.2 that is not empty) and the coverage they get.

    It belongs to a plan's edition, or is the client's own in a version.
    """

    edition = models.ForeignKey(
        Edition, on_delete=models.CASCADE, related_name="lines", null=True, db_index=False
    )
    version = models.ForeignKey(
        Version, on_delete=models.CASCADE, related_name="lines", null=True, db_index=False
    )
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=200, blank=True, default="")
    contract = models.CharField(max_length=200, blank=True, default="")
    site = models.CharField(max_length=200, blank=True, default="")
    type = models.CharField(max_length=200, blank=True, default="")
    board = models.CharField(max_length=200, blank=True, default="")
    tier = models.CharField(max_length=200, blank=True, default="")
    channel = models.CharField(max_length=200, blank=True, default="")
    priority = models.CharField(max_length=200, blank=True, default="")
    coverage = models.ForeignKey(
        Coverage, on_delete=models.RESTRICT, related_name="+", null=True, db_index=False
    )

    class Meta:
        constraints = [
            *once("lines_differ", ["edition", "version"], FIELDS, ownerless=False),
            models.CheckConstraint(
                condition=Q(edition__isnull=True, version__isnull=False)
                | Q(edition__isnull=False, version__isnull=True),
                name="line_has_one_owner",
            ),
        ]


class Target(Owned):
    """A metric and a time (2.4, 2.5): `amount` in microseconds, or a number of business `days`.

    `by` and `cut_off` are seconds after local midnight; `cuts_at_close` is the cut-off at closing time.
    """

    line = models.ForeignKey(Line, on_delete=models.CASCADE, related_name="targets", db_index=False)
    metric = models.CharField(max_length=10, choices=[(name, name) for name in METRICS[:6]])
    amount = models.BigIntegerField(default=0)
    round_the_clock = models.BooleanField(default=False)
    days = models.PositiveSmallIntegerField(default=0)
    by = models.IntegerField(null=True)
    cut_off = models.IntegerField(null=True)
    cuts_at_close = models.BooleanField(default=False)
    calendar = models.ForeignKey(
        Coverage, on_delete=models.RESTRICT, related_name="+", null=True, db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "line", "metric"], name="metric_once_a_line"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, days=0) | Q(amount=0, days__gt=0, round_the_clock=False),
                name="target_is_time_or_days",
            ),
            models.CheckConstraint(
                condition=Q(by__isnull=True) | Q(by__gte=0, by__lte=DAY_S), name="target_by_is_a_time"
            ),
            models.CheckConstraint(
                condition=Q(cut_off__isnull=True)
                | Q(cut_off__gte=0, cut_off__lte=DAY_S, cuts_at_close=False),
                name="target_cut_off_is_a_time",
            ),
        ]

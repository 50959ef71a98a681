"""When work is owed: weekly hours, and the dated rows that take from them or add to them (clock.md 1.2)."""

from django.db import models
from django.db.models import Q

from beforehand.promises.models.base import Owned, once
from beforehand.promises.models.clients import Client

DAY_S = 86_400
_DATES = ["origin", "origin_name", "first", "last", "begins", "ends"]


class Coverage(Owned):
    """Weekly hours by name. `zone` is an IANA zone, or "client": that of the client they are promised to.

    `hours` is {"mon": [["09:00", "17:30"], ...], ...}, as the engine takes it. `built_in` is the one round
    the clock that every provider has without writing it down.
    """

    name = models.CharField(max_length=200)
    zone = models.CharField(max_length=64)
    hours = models.JSONField()
    built_in = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "name"], name="coverage_name_once"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(zone=""), name="coverage_is_named"),
        ]

    def __str__(self) -> str:
        return self.name


class Region(Owned):
    """A country (or its subdivision) of the holidays library whose public holidays are on somebody's list.

    Without a client: on the provider's own list.
    """

    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, related_name="regions", null=True, db_index=False
    )
    country = models.CharField(max_length=3)
    subdivision = models.CharField(max_length=30, blank=True, default="")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            *once("region_once", ["client"], ["country", "subdivision"], ownerless=True),
            models.CheckConstraint(condition=~Q(country=""), name="region_names_a_country"),
        ]

    def __str__(self) -> str:
        return f"{self.country}-{self.subdivision}" if self.subdivision else self.country


class Dated(Owned):
    """A row of local dates. It belongs to a client, to a coverage or, without either, to the provider."""

    class Origin(models.TextChoices):
        LIST = "list", "written in a list"
        LIBRARY = "library", "the holidays library"
        CALENDAR = "calendar", "an iCalendar file"

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+", null=True, db_index=False)
    coverage = models.ForeignKey(
        Coverage, on_delete=models.CASCADE, related_name="+", null=True, db_index=False
    )
    name = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        abstract = True


class Closure(Dated):
    """Dates on which coverage is shut, whole (0 to 86400) or in part (seconds after midnight of one date).

    `origin_name` says which region or calendar file it came from, `library_version` which release of the
    holidays library said so (1.2).
    """

    first = models.DateField()
    last = models.DateField()
    begins = models.IntegerField(default=0)
    ends = models.IntegerField(default=DAY_S)
    origin = models.CharField(max_length=8, choices=Dated.Origin.choices, default=Dated.Origin.LIST)
    origin_name = models.CharField(max_length=200, blank=True, default="")
    library_version = models.CharField(max_length=20, blank=True, default="")

    class Meta:
        constraints = [
            *once("closure_once", ["client", "coverage"], _DATES, ownerless=True),
            models.CheckConstraint(condition=Q(last__gte=models.F("first")), name="closure_days_in_order"),
            models.CheckConstraint(
                condition=Q(begins__gte=0, ends__gt=models.F("begins"), ends__lte=DAY_S),
                name="closure_has_length",
            ),
            models.CheckConstraint(
                condition=Q(client__isnull=True) | Q(coverage__isnull=True), name="closure_has_one_owner"
            ),
        ]


class Opening(Dated):
    """An extra opening on one local date, in seconds after midnight; over midnight `closes` exceeds 86400."""

    date = models.DateField()
    opens = models.IntegerField()
    closes = models.IntegerField()

    class Meta:
        constraints = [
            *once("opening_once", ["client", "coverage"], ["date", "opens", "closes"], ownerless=True),
            models.CheckConstraint(
                condition=Q(opens__gte=0, opens__lt=DAY_S, closes__gt=models.F("opens")),
                name="opening_has_length",
            ),
            models.CheckConstraint(
                condition=Q(client__isnull=True) | Q(coverage__isnull=True), name="opening_has_one_owner"
            ),
        ]

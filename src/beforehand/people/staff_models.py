"""The provider's staff: technicians and their teams, who is away, and who is the dispatcher when."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from beforehand.kernel.fields import InstantField
from beforehand.kernel.names import fold
from beforehand.kernel.zones import validate_zone

from .owned import Owned

DAY_S = 86_400


class Named(Owned):
    """A row by the name that the ticket system has. `folded` is that name as names are compared."""

    name = models.CharField(max_length=200)
    folded = models.TextField(editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **more: Any) -> None:
        """Saves the row, with its name folded."""
        self.folded = fold(self.name)
        super().save(*args, **more)

    def __str__(self) -> str:
        return self.name


class Team(Named):
    """A team, and who leads it."""

    lead = models.ForeignKey(
        "people.Technician",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "folded"], name="team_name_once"),
            models.CheckConstraint(condition=~Q(folded=""), name="team_has_a_name"),
        ]


class Technician(Named):
    """Somebody to whom tickets are assigned, by the name that the ticket system has; `aliases` are further ones.

    `hours` is {"mon": [["09:00", "17:30"]], ...} in `zone` ("": the provider's); {} is round the clock.
    `channels` are the ways to reach them, the preferred one first. Who is not `active` is away for good. `day_list`:
    as a service manager they want the day's list.
    """

    aliases = models.JSONField(default=list, blank=True)
    email = models.EmailField(blank=True, default="")
    phone = models.CharField(max_length=40, blank=True, default="")
    user = models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    team = models.ForeignKey(
        Team, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    is_manager = models.BooleanField(default=False)
    day_list = models.BooleanField(default=True)
    zone = models.CharField(max_length=64, blank=True, default="", validators=[validate_zone])
    hours = models.JSONField(default=dict, blank=True)
    deputy = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    channels = models.JSONField(default=list, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "folded"], name="technician_name_once"),
            models.CheckConstraint(condition=~Q(folded=""), name="technician_has_a_name"),
            models.CheckConstraint(
                condition=Q(deputy__isnull=True) | ~Q(deputy=F("pk")),
                name="technician_is_not_their_own_deputy",
            ),
        ]


class Absence(Owned):
    """A technician is away from the instant `first` until `last`, when they are back."""

    technician = models.ForeignKey(Technician, on_delete=models.CASCADE, related_name="+", db_index=False)
    first = InstantField()
    last = InstantField()
    note = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(last__gt=F("first")), name="absence_has_length")]
        indexes = [models.Index(fields=["provider", "last"], name="absence_latest")]


class DutyShift(Owned):
    """A technician is the dispatcher each week on `day` (0 is Monday), in the provider's zone.

    In seconds after local midnight; where `ends` is not after `begins`, it is of the next day.
    """

    technician = models.ForeignKey(Technician, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.PositiveSmallIntegerField()
    begins = models.IntegerField()
    ends = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "technician", "day", "begins", "ends"], name="duty_shift_once"
            ),
            models.CheckConstraint(
                condition=Q(day__lte=6, begins__gte=0, begins__lt=DAY_S, ends__gte=0, ends__lte=DAY_S),
                name="duty_shift_is_of_a_week",
            ),
        ]


class DutyDate(Owned):
    """A technician is the dispatcher from `since` until `until`. `origin`: the calendar file that said so."""

    technician = models.ForeignKey(Technician, on_delete=models.CASCADE, related_name="+", db_index=False)
    since = InstantField()
    until = InstantField()
    origin = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "technician", "since", "until"], name="duty_date_once"
            ),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="duty_date_has_length"),
        ]
        indexes = [models.Index(fields=["provider", "until"], name="duty_date_latest")]

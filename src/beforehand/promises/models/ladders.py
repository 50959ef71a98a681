"""Who is told before a promise breaks: the provider's own ladders."""

from django.db import models

from beforehand.promises.models.base import Owned


class Ladder(Owned):
    """A ladder by name. `said` has its steps and what they are for, as promises.ladders.stored gives them.

    `in_hours`: the minutes of its chains count in the provider's own hours.
    """

    name = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField(default=0)
    said = models.JSONField()
    in_hours = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "name"], name="ladder_name_once"),
            models.CheckConstraint(condition=~models.Q(name=""), name="ladder_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

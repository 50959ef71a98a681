"""What verdicts come to: counts of clocks by all that figures are cut by. rollups.py writes them."""

from django.db import models

from beforehand.people.models import Provider
from beforehand.promises.models import Client


class Counts(models.Model):
    """How many clocks were met and breached, of those that agree in a key; the id is made of that key (rollups.py).

    `month` as 202611, in the client's zone: of the stop where met, of the breach where breached (6.1). Clocks of
    excluded tickets are counted apart (3.10).
    """

    id = models.BigIntegerField(primary_key=True)
    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, db_index=False, db_constraint=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    month = models.PositiveIntegerField()
    metric = models.PositiveSmallIntegerField()
    excluded = models.BooleanField()
    met = models.IntegerField()
    breached = models.IntegerField()

    class Meta:
        abstract = True


class ClientRollup(Counts):
    """A client's clocks of a month and metric: what the clients page adds up."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "month", "client", "metric", "excluded"], name="client_rollup_once"
            )
        ]


class Rollup(Counts):
    """The same by everything that figures are cut by. `plan` and `line` as they were called when it was read."""

    site = models.TextField(blank=True)
    plan = models.TextField(blank=True)
    line = models.TextField(blank=True)
    priority = models.TextField(blank=True)
    type = models.TextField(blank=True)
    origin = models.PositiveSmallIntegerField()
    team = models.TextField(blank=True)
    technician = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["provider", "client", "month", "metric"], name="rollup_by_client")]

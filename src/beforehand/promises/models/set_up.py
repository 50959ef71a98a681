"""What the ticket systems themselves are set to: dated snapshots, for whoever compares promise and set-up."""

from django.db import models

from beforehand.kernel.fields import InstantField
from beforehand.promises.models.base import Owned


class SetUpPiece(Owned):
    """A piece of a source's SLA set-up (`kind`: sla, calendar, holidays, status, type, serves) as it was read first at
    `since` and last before `until`. `source` is the source's slug, `key` the piece's id there. `said` is the piece as
    the source has it, `plain` the same in the words of psa.py, {} where it has nothing to say there.
    """

    source = models.CharField(max_length=60)
    kind = models.CharField(max_length=12)
    key = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    said = models.JSONField(default=dict)
    plain = models.JSONField(default=dict)
    since = InstantField()
    until = InstantField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "source", "kind", "key"],
                condition=models.Q(until__isnull=True),
                name="set_up_piece_once",
            )
        ]
        indexes = [models.Index(fields=["provider", "source", "since"], name="set_up_by_date")]

    def __str__(self) -> str:
        return self.name

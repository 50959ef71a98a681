"""What holds for all of a provider's clients: triage, the default coverage, what its statuses mean."""

from django.db import models
from django.db.models import Q

from beforehand.engine.codes import STATES
from beforehand.kernel.fields import InstantField
from beforehand.people.models import Provider
from beforehand.promises.models.base import Owned
from beforehand.promises.models.time import Coverage


class ProviderTerms(models.Model):
    """One row per provider. `revision` is another whenever any term changes, and unlike all before it.

    `triage` is in microseconds (2.3). `take_in_unknown`: a client name that no one knows becomes a client, so
    that the agreement for every client holds for it; else such a ticket is uncovered.
    """

    provider = models.OneToOneField(
        Provider, on_delete=models.CASCADE, primary_key=True, related_name="promise_terms"
    )
    revision = models.CharField(max_length=32)
    changed = InstantField()
    coverage = models.ForeignKey(
        Coverage, on_delete=models.RESTRICT, related_name="+", null=True, db_index=False
    )
    triage = models.BigIntegerField(null=True)
    triage_round_the_clock = models.BooleanField(default=False)
    take_in_unknown = models.BooleanField(default=False)
    priorities = models.JSONField(default=list)
    expanded_until = models.PositiveSmallIntegerField(default=0)
    """The last year for which the holidays library has been asked."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(revision=""), name="provider_terms_have_a_revision"),
            models.CheckConstraint(
                condition=Q(triage__isnull=True) | Q(triage__gt=0), name="triage_takes_time"
            ),
        ]


class StatusMapping(Owned):
    """What a status of a board means (3.2); board "" serves every board that has no map of its own."""

    board = models.CharField(max_length=200, blank=True, default="")
    status = models.CharField(max_length=200)
    state = models.CharField(max_length=20, choices=[(state, state) for state in STATES])
    responded = models.BooleanField(default=False)
    planned = models.BooleanField(default=False)
    noise = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "board", "status"], name="status_mapped_once"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="status_means_a_state"),
        ]

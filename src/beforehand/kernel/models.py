"""The one mechanism for time: a row for everything that must happen later, with the instant at which it is due."""

from django.db import models
from django.db.models import Q

from beforehand.kernel.fields import InstantField


class Due(models.Model):
    """Something to be done at an instant: `kind` says by whom (due/handlers.py), `key` on what.

    `lane`: those of one lane may keep others waiting, but not those of another (due/worker.py). `turn` counts how
    often it was asked for, so that what is asked for while a worker is at it is not lost. `owner` is the worker that
    has taken it, 0 for none. `tries` and `fault` tell of the attempts that failed since the last that did not.
    """

    provider_id = models.BigIntegerField()
    kind = models.CharField(max_length=20)
    key = models.BigIntegerField()
    lane = models.BigIntegerField(default=0)
    due_at = InstantField()
    turn = models.BigIntegerField(default=1)
    owner = models.BigIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0)
    fault = models.TextField(default="", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider_id", "kind", "key"], name="due_once")]
        indexes = [
            models.Index(
                fields=["provider_id", "kind", "due_at", "lane"], name="due_next", condition=Q(owner=0)
            ),
            models.Index(fields=["provider_id", "owner"], name="due_taken", condition=~Q(owner=0)),
            models.Index(fields=["provider_id", "kind"], name="due_failing", condition=Q(tries__gt=0)),
        ]


class Worker(models.Model):
    """A process that does what is due. `beat` is counted on while it lives: others see by their own watch that it
    stands still, whatever the clocks of the machines say. `place` names machine and process, for those on the same.
    `slow`: it does only what computes for long, beside another that does the rest.
    """

    place = models.CharField(max_length=200)
    beat = models.BigIntegerField(default=0)
    started = InstantField()
    seen = InstantField()
    slow = models.BooleanField(default=False)

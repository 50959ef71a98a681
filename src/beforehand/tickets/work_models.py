"""What is noted of the work itself: word of changes, how far a rereading came, logs that were taken in."""

from django.db import models

from beforehand.kernel.fields import InstantField
from beforehand.people.models import Provider


class Notice(models.Model):
    """Tickets whose rows a transaction has changed, for those who show them: see notices.py. SQLite alone needs it.

    `tickets` are ids with commas between; "" stands for any of the provider's.
    """

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, db_index=False, db_constraint=False)
    tickets = models.TextField()


class Rereading(models.Model):
    """A run of tickets that a rereading, named by its key, has done: where to go on after an interruption.

    One with the key DUE says that all must be read again before it is shown: rows are missing, or hold less than this
    version writes.
    """

    DUE = "due"

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, db_index=False)
    key = models.CharField(max_length=100)
    first = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "key", "first"], name="rereading_once")]


class ImportRun(models.Model):
    """One log taken in, with what came of it. Without `ended` it goes on still, or was broken off after `seen`.

    `first_rejects` are the first rejected rows, each its line and the reason; the rows themselves are in the file
    `rejects`.
    """

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, db_index=False)
    source = models.ForeignKey("tickets.Source", on_delete=models.CASCADE, db_index=False)
    log = models.TextField()
    by = models.CharField(max_length=200)
    started = InstantField()
    seen = InstantField()
    ended = InstantField(null=True)
    fault = models.TextField(default="", blank=True)
    rows = models.PositiveBigIntegerField(default=0)
    taken = models.PositiveBigIntegerField(default=0)
    known = models.PositiveBigIntegerField(default=0)
    rejected = models.PositiveBigIntegerField(default=0)
    events = models.PositiveBigIntegerField(default=0)
    conflicts = models.PositiveBigIntegerField(default=0)
    tickets = models.PositiveBigIntegerField(default=0)
    rejects = models.TextField(default="", blank=True)
    first_rejects = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["provider", "source", "started"], name="import_run_latest")]

"""What stands beside a source and its tickets: how it does, and what it says of its own SLA."""

from django.db import models

from beforehand.kernel.fields import InstantField
from beforehand.people.models import Provider


class SourceState(models.Model):
    """How a source that is asked does: `reached` last, `failing` since when, after so many `tries`, by which fault."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, db_index=False)
    source = models.OneToOneField("tickets.Source", on_delete=models.CASCADE, related_name="state")
    reached = InstantField(null=True)
    failing = InstantField(null=True)
    fault = models.TextField(default="", blank=True)
    tries = models.PositiveIntegerField(default=0)


class PsaView(models.Model):
    """What the ticket system itself says of a ticket's SLA, targets, due dates and verdict, as of its stamp `at`.

    `response_kept`, `resolution_kept` and, of the ticket as a whole, `kept`: its verdicts, None where it has none.
    """

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, db_index=False)
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="+", db_index=False)
    at = InstantField()
    said = models.JSONField(default=dict)
    response_kept = models.BooleanField(null=True)
    resolution_kept = models.BooleanField(null=True)
    kept = models.BooleanField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "ticket"], name="psa_view_once")]

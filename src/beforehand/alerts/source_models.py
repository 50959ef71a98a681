"""Word to owners of sources that cannot be read."""

from django.db import models

from beforehand.kernel.fields import InstantField
from beforehand.people.owned import Owned
from beforehand.tickets.models import Source


class SourceWord(Owned):
    """That an owner is told that a source could not be read since an instant or, if `back`, that it is again.

    Its states are a delivery's; `due_at` is when it is tried next.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+", db_index=False)
    since = InstantField()
    back = models.BooleanField(default=False)
    mailbox = models.ForeignKey("alerts.Mailbox", on_delete=models.CASCADE, related_name="+", db_index=False)
    said = models.TextField(default="", blank=True)
    state = models.CharField(max_length=9)
    why = models.CharField(max_length=300, default="", blank=True)
    created = InstantField()
    due_at = InstantField()
    sent = InstantField(null=True)
    message = models.CharField(max_length=80)
    tries = models.PositiveIntegerField(default=0)
    repeats = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "source", "since", "back", "mailbox"], name="source_word_once"
            )
        ]

"""Facts of the sources that are asked: how, how far they have been read, and what they said. No rules here."""

from django.db import models

from beforehand.kernel.fields import InstantField
from beforehand.people.owned import Owned
from beforehand.tickets.models import Source, Ticket


class Connection(Owned):
    """A source that is asked. `settings` are the owner's, `secrets` the sealed ones, as JSON.

    `cursor`: where changes go on, in the connector's words, `looked` when they were last asked for; `back` the same
    of the past, until `back_done`, `back_read` of `back_total` tickets; `since` is how far back it goes. `used`:
    the calls of the window, by its parts; `share` our percentage of them. `waits`: until when nothing is asked,
    where the source said so. `path` and `hook_secret` (sealed): of its webhook; `forged`: what came there and was
    not the source's. `called`: since when the source was told over its API to call it. `proved`: until which day it
    is proved to be whole. `contacts_*`: where the people of clients go on, when they were read whole last, and what
    kept them from it. `write_fields`: the source's names of the fields that we keep up there, by our names of
    them (writing.FIELDS).
    """

    source = models.OneToOneField(Source, on_delete=models.CASCADE, related_name="connection")
    connector = models.SlugField(max_length=20, db_index=False)
    settings = models.JSONField(default=dict)
    secrets = models.TextField(default="", blank=True)
    allow_private = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    interval = models.PositiveIntegerField(default=60)
    share = models.PositiveSmallIntegerField(default=100)
    since = InstantField()
    made = InstantField()
    cursor = models.TextField(default="", blank=True)
    looked = InstantField(null=True)
    back = models.TextField(default="", blank=True)
    back_begun = InstantField(null=True)
    back_done = InstantField(null=True)
    back_read = models.PositiveIntegerField(default=0)
    back_total = models.PositiveIntegerField(null=True)
    used = models.JSONField(default=dict)
    waits = InstantField(null=True)
    path = models.CharField(max_length=43, unique=True)
    hook_secret = models.TextField(default="", blank=True)
    heard = InstantField(null=True)
    heard_seq = models.BigIntegerField(null=True)
    forged = models.PositiveIntegerField(default=0)
    called = InstantField(null=True)
    write_notes = models.BooleanField(default=False)
    write_fields = models.JSONField(default=dict)
    set_up_read = InstantField(null=True)
    missing = models.JSONField(default=list)
    contacts_cursor = models.TextField(default="", blank=True)
    contacts_read = InstantField(null=True)
    contacts_missing = models.CharField(max_length=300, default="", blank=True)
    proved = models.DateField(null=True)
    turn = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.source.name


class Remote(Owned):
    """A ticket as its source told it last. `updated`: the source's own stamp; `deep`: its stamp when history and
    messages were read too, None where they never were; `read`: when it was read, or tried, last. `missed` counts
    readings that failed since, `fault` says how.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+", db_index=False)
    external_id = models.CharField(max_length=200)
    updated = InstantField()
    deep = InstantField(null=True)
    shallow = models.BooleanField(default=False)
    """Whether it is to be read deep yet."""
    read = InstantField()
    missed = models.PositiveSmallIntegerField(default=0)
    fault = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "connection", "external_id"], name="remote_once")
        ]
        indexes = [
            models.Index(
                fields=["provider", "connection", "updated"],
                name="remote_shallow",
                condition=models.Q(shallow=True),
            ),
            models.Index(
                fields=["provider", "connection"],
                name="remote_missed",
                condition=models.Q(missed__gt=0),
            ),
        ]


class Nudged(Owned):
    """A ticket that is to be read again, because a webhook said so; `turn` counts how often."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+", db_index=False)
    external_id = models.CharField(max_length=200)
    at = InstantField()
    turn = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "connection", "external_id"], name="nudged_once")
        ]


class Proof(Owned):
    """What a reconciliation of one day found: tickets created on it in the source and here, and what was mended."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    at = InstantField()
    theirs = models.PositiveIntegerField()
    ours = models.PositiveIntegerField()
    missing = models.JSONField(default=list)
    gone = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "connection", "day"], name="proof_once_a_day")
        ]


class Word(Owned):
    """A thing of the source's set-up (contract.Word). `name` is the one that events use, the first that was known;
    `named` the one it has now, `names` those before, each with the instant in microseconds until which, "" for a time
    when another had it. `ours`: what it means here, `confirmed` by somebody, else as `proposed`; `was`: what a priority
    or contract was called here before.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=12)
    key = models.CharField(max_length=200)
    board = models.CharField(max_length=200, default="", blank=True)
    name = models.CharField(max_length=200)
    named = models.CharField(max_length=200)
    names = models.JSONField(default=list)
    proposed = models.CharField(max_length=200, default="", blank=True)
    why = models.CharField(max_length=300, default="", blank=True)
    ours = models.CharField(max_length=200, default="", blank=True)
    was = models.CharField(max_length=200, default="", blank=True)
    confirmed = models.BooleanField(default=False)
    said = models.JSONField(default=dict)
    seen = InstantField()
    gone = InstantField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "connection", "kind", "board", "key"], name="word_once"
            )
        ]


class Written(Owned):
    """What is written to a ticket in its source: a note, once, or under the key FIELDS the fields as they were last.

    `text` is the note, or the fields as JSON by the source's names. `tried`: when it was handed over last. `repeats`:
    how often it was written again without an answer to the time before, so that it may stand there more than once.
    """

    FIELDS = "fields"

    class State(models.TextChoices):
        WAITING = "waiting"
        SENDING = "sending"
        WRITTEN = "written"
        FAILED = "failed"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+", db_index=False)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=60)
    text = models.TextField()
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    asked = InstantField()
    written = InstantField(null=True)
    tries = models.PositiveIntegerField(default=0)
    tried = InstantField(null=True)
    repeats = models.PositiveIntegerField(default=0)
    fault = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "connection", "ticket", "key"], name="written_once")
        ]
        indexes = [
            models.Index(
                fields=["provider", "connection", "asked"],
                name="written_waiting",
                condition=models.Q(state__in=["waiting", "sending"]),
            ),
            models.Index(
                fields=["provider", "connection", "asked"],
                name="written_failed",
                condition=models.Q(state="failed"),
            ),
            models.Index(
                fields=["provider", "connection"],
                name="written_repeated",
                condition=models.Q(repeats__gt=0),
            ),
        ]

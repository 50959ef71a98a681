"""Facts: what sources told (events) and what comes of it (tickets as they stand, clocks). No rules here.

Event is the truth. Every column of Ticket but its identity, and every Clock, can be made again from events and the
agreements (clock.md 5.4); `beforehand reread` does. Only ledger.py and reread.py write here, by plain SQL.
"""

from django.db import models

from beforehand.engine.codes import RESOLVED, STOPPED
from beforehand.kernel.fields import InstantField
from beforehand.people.models import Provider
from beforehand.promises.models import Client, Version

from .psa_models import PsaView, SourceState
from .rollup_models import ClientRollup, Counts, Rollup
from .work_models import ImportRun, Notice, Rereading

__all__ = [
    "ClientRollup",
    "Clock",
    "Conflict",
    "Counts",
    "Event",
    "ImportRun",
    "MessageText",
    "Notice",
    "PsaView",
    "Rereading",
    "Rollup",
    "Source",
    "SourceState",
    "TextPrint",
    "Ticket",
]


class Source(models.Model):
    """Where tickets come from, and what it tells (clock.md 1.5, 3.4): precision in microseconds."""

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, db_index=False)
    slug = models.SlugField(max_length=60, db_index=False)
    name = models.CharField(max_length=200)
    precision = models.BigIntegerField(default=0)
    messages = models.BooleanField(default=True)
    responded = models.BooleanField(default=False)
    texts = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "slug"], name="source_slug"),
            models.CheckConstraint(condition=models.Q(precision__gte=0), name="source_precision"),
        ]

    def __str__(self) -> str:
        return self.name


class Ticket(models.Model):
    """A ticket as its events leave it. `client` is None and `version` too while nobody's terms are known (2.3)."""

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, db_index=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, db_index=False)
    external_id = models.CharField(max_length=200)

    number = models.CharField(max_length=200, default="", blank=True)
    subject = models.TextField(default="", blank=True)
    url = models.TextField(default="", blank=True)
    client_name = models.TextField(default="", blank=True)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, null=True, db_index=False)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, null=True, db_index=False)
    covered = models.BooleanField(default=False)
    priority = models.TextField(default="", blank=True)
    type = models.TextField(default="", blank=True)
    board = models.TextField(default="", blank=True)
    site = models.TextField(default="", blank=True)
    contract = models.TextField(default="", blank=True)
    tier = models.TextField(default="", blank=True)
    channel = models.TextField(default="", blank=True)
    origin = models.PositiveSmallIntegerField(default=0)
    status = models.TextField(default="", blank=True)
    state = models.PositiveSmallIntegerField(default=0)
    team = models.TextField(default="", blank=True)
    assignee = models.TextField(default="", blank=True)
    contact = models.TextField(default="", blank=True)
    created = InstantField(null=True)
    start = InstantField(null=True)
    last_at = InstantField(null=True)
    excluded = models.PositiveSmallIntegerField(default=0)
    out = models.PositiveSmallIntegerField(default=0)
    unmapped = models.PositiveSmallIntegerField(default=0)
    events = models.PositiveIntegerField(default=0)
    tzdata = models.CharField(max_length=20, default="", blank=True)
    """The version of the time-zone rules under which the clocks were read (1.7)."""
    runs = models.PositiveSmallIntegerField(default=0)
    """How many clocks of promises are open."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "source", "external_id"], name="ticket_external_id")
        ]
        indexes = [
            models.Index(fields=["provider", "client", "created"], name="ticket_by_client"),
            models.Index(fields=["provider", "version"], name="ticket_by_version"),
            models.Index(fields=["provider", "number"], name="ticket_by_number"),
            models.Index(fields=["provider", "external_id"], name="ticket_by_external_id"),
            models.Index(
                fields=["provider", "source"], name="ticket_uncovered", condition=models.Q(covered=False)
            ),
            models.Index(
                fields=["provider", "source"], name="ticket_unmapped", condition=~models.Q(unmapped=0)
            ),
            models.Index(
                # The board's choices and its unassigned tickets, out of the index alone.
                fields=["provider", "assignee", "team", "priority", "client", "runs"],
                name="ticket_open",
                condition=models.Q(state__lt=RESOLVED),
            ),
        ]

    def __str__(self) -> str:
        return self.number or self.external_id


class Event(models.Model):
    """One thing a source told, kept for good. See engine/history.py for the meaning of each column."""

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, db_index=False)
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, db_index=False)
    event_id = models.CharField(max_length=200)
    at = InstantField()
    kind = models.PositiveSmallIntegerField()
    seq = models.BigIntegerField(default=0)
    flags = models.PositiveIntegerField(default=0)
    field = models.CharField(max_length=40, default="", blank=True)
    value = models.TextField(default="", blank=True)
    person = models.TextField(default="", blank=True)
    until = InstantField(null=True)
    since = InstantField(null=True)
    supersedes = models.CharField(max_length=200, default="", blank=True)
    retracts = models.CharField(max_length=200, default="", blank=True)
    received = InstantField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "ticket", "event_id"], name="event_once")]


class TextPrint(models.Model):
    """That a text, known by a fingerprint of its words, was sent on a ticket (texts.py): copies are known by it."""

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, db_index=False)
    print = models.BigIntegerField()
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "print", "ticket"], name="text_print_once")
        ]


class MessageText(models.Model):
    """What a message says; there only where the provider's owner wants texts to be kept."""

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, db_index=False)
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, db_index=False)
    event_id = models.CharField(max_length=200)
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "ticket", "event_id"], name="message_text_once")
        ]


class Conflict(models.Model):
    """The same event id with other content: the first stays, this is kept beside it and listed (4.4)."""

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, db_index=False)
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, db_index=False)
    event_id = models.CharField(max_length=200)
    content = models.TextField()
    digest = models.CharField(max_length=64)
    received = InstantField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "ticket", "event_id", "digest"], name="conflict_once")
        ]


class Clock(models.Model):
    """A clock as its last event left it (5.4): integers as in engine/record.py, codes as in engine/codes.py.

    The id is made of ticket, metric and number, so that reading everything again gives the very same rows. `line` and
    `cover` are places in the compiled terms of `version`. `due_at` is the next of 50, 75, 90 and 100% to come.
    """

    id = models.BigIntegerField(primary_key=True)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    version = models.ForeignKey(
        Version, on_delete=models.PROTECT, null=True, db_index=False, db_constraint=False
    )
    metric = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    line = models.SmallIntegerField()
    cover = models.PositiveSmallIntegerField()
    start = InstantField()
    last_at = InstantField()
    target = models.BigIntegerField()
    used = models.BigIntegerField()
    verdict = models.PositiveSmallIntegerField()
    run = models.PositiveSmallIntegerField()
    deadline = InstantField(null=True)
    at_50 = InstantField(null=True)
    at_75 = InstantField(null=True)
    at_90 = InstantField(null=True)
    at_100 = InstantField(null=True)
    reached = models.PositiveSmallIntegerField()
    cycle = models.PositiveIntegerField()
    stop = InstantField(null=True)
    first_stop = InstantField(null=True)
    stops = models.PositiveIntegerField()
    breached_at = InstantField(null=True)
    marks = models.PositiveIntegerField()
    later_target = models.BigIntegerField(null=True)
    due_at = InstantField(null=True)
    late_at = InstantField(null=True)
    """The instant after which it is late: that of its breach, or of the one that comes if it runs on. Where a deadline
    falls on a close that is the next opening (1.5). Of open clocks alone."""
    tally = models.BigIntegerField(null=True)
    """The roll-up in which its verdict counts; None while it has none, or counts in nobody's figures."""

    class Meta:
        indexes = [
            models.Index(
                fields=["provider", "deadline", "metric", "late_at"],
                name="clock_open",
                condition=~models.Q(run=STOPPED),
            ),
            models.Index(
                fields=["provider", "late_at", "metric", "deadline"],
                name="clock_late",
                condition=~models.Q(run=STOPPED),
            ),
            models.Index(
                # The figures of a day out of the index alone.
                fields=["provider", "stop", "metric", "verdict", "breached_at"],
                name="clock_stop",
                condition=models.Q(stop__isnull=False),
            ),
            models.Index(
                fields=["provider", "tally", "verdict"],
                name="clock_tally",
                condition=models.Q(tally__isnull=False),
            ),
        ]

"""Facts: which ticket is on which step of its ladder, who was told, and what came of it. No rules here.

What the second check found stands in audit_models.py, channels and ways in channel_models.py.
"""

from django.db import models
from django.db.models import Q

from beforehand.kernel.fields import InstantField
from beforehand.people.models import User
from beforehand.people.owned import Owned
from beforehand.tickets.models import Ticket

from .audit_models import Audit, Finding, Heartbeat
from .channel_models import Channel, Way
from .source_models import SourceWord

__all__ = [
    "Alert",
    "Attempt",
    "Audit",
    "Channel",
    "Delivery",
    "Finding",
    "Heartbeat",
    "Hold",
    "Mailbox",
    "SourceWord",
    "StepTaken",
    "Switch",
    "Watch",
    "Way",
]  # fmt: skip


class Switch(Owned):
    """That a source, a client or a ladder rings; whatever has none is in rehearsal.

    `key` is the source's or client's id, or the ladder's name. Of a client perhaps only tickets of some priorities
    and types; none named: all.
    """

    class Kind(models.TextChoices):
        SOURCE = "source"
        CLIENT = "client"
        LADDER = "ladder"

    kind = models.CharField(max_length=6, choices=Kind.choices)
    key = models.CharField(max_length=200)
    priorities = models.JSONField(default=list)
    types = models.JSONField(default=list)
    since = InstantField()
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "kind", "key"], name="switch_once")]


class Watch(Owned):
    """When the alerts of a ticket were last decided on, and until when nothing was to come by what was known then."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+", db_index=False)
    seen = InstantField()
    next = InstantField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "ticket"], name="watch_once")]


class Alert(Owned):
    """One clock of a ticket, in one of its cycles (clock.md 5.2), on its ladder: there from the first step on.

    `chain_*`: the step whose chain goes on, since when, how many of its links are told, when the next one is; without
    `chain_step` none goes on. `held_until`: somebody said "I have it".
    """

    class Outcome(models.TextChoices):
        SAVED = "saved"
        LATE = "late"
        NOISE = "noise"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+", db_index=False)
    metric = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    cycle = models.PositiveIntegerField()
    ladder = models.CharField(max_length=200)
    rehearsal = models.BooleanField()
    opened = InstantField()
    reached = models.CharField(max_length=40)
    """The last step that was reached, as it is written: 75%."""
    reached_at = InstantField()
    expects = models.CharField(max_length=200, default="", blank=True)
    chain_step = models.PositiveSmallIntegerField(null=True)
    chain_start = InstantField(null=True)
    chain_place = models.PositiveSmallIntegerField(default=0)
    chain_next = InstantField(null=True)
    chain_known = models.PositiveIntegerField(null=True)
    """How many events of the ticket were known when the chain began: what has arrived since may end it."""
    held_until = InstantField(null=True)
    held_by = models.CharField(max_length=200, default="", blank=True)
    ended = InstantField(null=True)
    ended_by = models.CharField(max_length=200, default="", blank=True)
    outcome = models.CharField(max_length=5, choices=Outcome.choices, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "ticket", "metric", "number", "cycle"], name="alert_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["provider", "reached_at"], name="alert_open", condition=Q(ended__isnull=True)
            ),
            models.Index(fields=["provider", "opened"], name="alert_latest"),
        ]


class StepTaken(Owned):
    """A step of an alert that was taken, and how: decide.LIVE and the others. `ended_by`: what ended its chain.

    `step` is the alert's own number of it (numbers.py): the step keeps it, whatever becomes of the ladder.
    """

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="steps", db_index=False)
    step = models.PositiveSmallIntegerField()
    said = models.CharField(max_length=40)
    at = InstantField()
    taken = InstantField()
    how = models.CharField(max_length=8)
    links = models.JSONField(default=list)
    """The links of its chain as they are written: those that were told, and those that were to come."""
    nobody = models.JSONField(default=list)
    """Links of its chain that resolved to nobody, by their places."""
    ended = InstantField(null=True)
    ended_by = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "alert", "step"], name="step_taken_once")]


class Hold(Owned):
    """That somebody said "I have it" of an alert at an instant, and until when that held its chain."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="holds", db_index=False)
    at = InstantField()
    until = InstantField()
    by = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index(fields=["provider", "alert", "at"], name="hold_of_alert")]


class Mailbox(Owned):
    """Where somebody is reached: an address on a channel. What goes there goes one after the other."""

    channel = models.CharField(max_length=100)
    address = models.CharField(max_length=320)
    sent = InstantField(null=True)
    """When something last went there."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "channel", "address"], name="mailbox_once")
        ]


class Delivery(Owned):
    """That somebody is told of a step, over a channel: once for ticket, metric, cycle, step, recipient and channel.

    `key` is made of these. `summary`: it is told together with others, long after. `repeats`: how often it may have
    been told more than once, because a worker died or a connection was lost between sending and the answer.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        DROPPED = "dropped"
        REHEARSED = "rehearsed"

    key = models.CharField(max_length=120)
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    step = models.PositiveSmallIntegerField()
    place = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    technician = models.BigIntegerField(null=True)
    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, null=True, db_index=False)
    urgency = models.CharField(max_length=6)
    summary = models.BooleanField(default=False)
    state = models.CharField(max_length=9, choices=State.choices)
    why = models.CharField(max_length=300, default="", blank=True)
    text = models.TextField(default="", blank=True)
    """What a client's contact is told, with its placeholders: nothing else goes out of the house."""
    created = InstantField()
    due_at = InstantField(null=True)
    sent = InstantField(null=True)
    message = models.CharField(max_length=80, default="", blank=True)
    """The id of the message it went in: the same for those that went together."""
    held = InstantField(null=True)
    """When "I have it" was said by the link in its message, which works once."""
    closed = InstantField(null=True)
    """When the incident that it opened was closed, with an incident tool."""
    tries = models.PositiveIntegerField(default=0)
    repeats = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "key"], name="delivery_once")]
        indexes = [
            models.Index(fields=["provider", "alert"], name="delivery_of_alert"),
            models.Index(
                fields=["provider", "mailbox", "due_at"],
                name="delivery_waiting",
                condition=Q(state__in=["waiting", "sending"]),
            ),
            models.Index(fields=["provider", "mailbox", "sent"], name="delivery_sent"),
            models.Index(fields=["provider", "created"], name="delivery_latest"),
        ]


class Attempt(Owned):
    """One try to hand a message over, and what the other side answered."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="attempts", db_index=False)
    message = models.CharField(max_length=80)
    at = InstantField()
    took = models.PositiveIntegerField()
    """Milliseconds."""
    ok = models.BooleanField()
    answer = models.CharField(max_length=500)
    subject = models.CharField(max_length=300, default="", blank=True)
    body = models.TextField(default="", blank=True)
    """What it said: kept of a simulated provider alone, whose messages go to a page."""

    class Meta:
        indexes = [models.Index(fields=["provider", "mailbox", "at"], name="attempt_latest")]


class DayList(Owned):
    """That a service manager's list of a day is told, to them or to whoever stands in: once a day to anybody.

    `day` is by the manager's clocks; `manager` and `technician` are keys of technicians. Its states are a delivery's.
    """

    day = models.DateField()
    manager = models.BigIntegerField()
    technician = models.BigIntegerField()
    name = models.CharField(max_length=200)
    """Of whoever gets it."""
    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, null=True, db_index=False)
    state = models.CharField(max_length=9, choices=Delivery.State.choices)
    why = models.CharField(max_length=300, default="", blank=True)
    created = InstantField()
    sent = InstantField(null=True)
    message = models.CharField(max_length=80, default="", blank=True)
    tries = models.PositiveIntegerField(default=0)
    repeats = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "day", "technician"], name="day_list_once")
        ]

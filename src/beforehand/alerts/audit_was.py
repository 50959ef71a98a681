"""What was: the steps that were taken of a ticket, who was told, and what people said meanwhile. Part of audit.py."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import TypeVar

from beforehand.engine.instants import to_instant
from beforehand.people.models import Provider

from .audit_known import Key
from .models import Alert, Attempt, Delivery, Hold, StepTaken

LIVE, OVERDUE, PASSED, PAST, NOISE = "live", "overdue", "passed", "past", "noise"
"""How a step was taken, as StepTaken says it."""


Row = TypeVar("Row", StepTaken, Delivery)


class Was:
    """Of one ticket, by clock: its alerts, their steps, and by step and link whom was told.

    Steps go by where they stand ("75%"): so they are known again on a ladder that was changed.
    """

    def __init__(self) -> None:
        self.alerts: dict[Key, Alert] = {}
        self.steps: dict[tuple[Key, str], StepTaken] = {}
        self.told: dict[tuple[Key, str, int], list[Delivery]] = defaultdict(list)
        self.holds: dict[Key, list[tuple[int, int]]] = defaultdict(list)
        self._refused: dict[str, int] = {}

    def silenced(self, key: Key) -> int | None:
        """When somebody said that a clock's alert is noise."""
        alert = self.alerts.get(key)
        if alert is None or alert.ended is None or not alert.ended_by.startswith("noise, said "):
            return None
        return to_instant(alert.ended)

    def given_up(self, rows: Sequence[Delivery]) -> int | None:
        """When the last of these had failed for good; None where one has not."""
        meant = [row for row in rows if row.state != Delivery.State.DROPPED]
        if not meant or any(row.state != Delivery.State.FAILED for row in meant):
            return None
        return max(self._refused.get(row.message, to_instant(row.created)) for row in meant)

    def was_refused(self, row: Delivery) -> bool:
        """Whether the other side refused it at least once."""
        return row.message in self._refused

    def put(self, alerts: Iterable[Alert], steps: Iterable[StepTaken], rows: Iterable[Delivery]) -> None:
        """Take in rows of the ticket's alerts."""
        keys = {}
        for alert in alerts:
            keys[alert.pk] = key = (alert.metric, alert.number, alert.cycle)
            self.alerts[key] = alert
        said = {}
        for step in steps:
            said[step.alert_id, step.step] = step.said
            self.steps[keys[step.alert_id], step.said] = step
        for row in rows:
            name = said.get((row.alert_id, row.step), f"step {row.step + 1}")
            self.told[keys[row.alert_id], name, row.place].append(row)

    def put_refusals(self, refused: dict[str, int]) -> None:
        """Take in when messages were last refused."""
        self._refused |= refused


def was_of(provider: Provider, tickets: Collection[int]) -> dict[int, Was]:
    """What was of some tickets."""
    found = {ticket: Was() for ticket in tickets}
    alerts: dict[int, list[Alert]] = defaultdict(list)
    for alert in Alert.objects.filter(provider=provider, ticket__in=tickets):
        alerts[alert.ticket_id].append(alert)
    ids = [alert.pk for some in alerts.values() for alert in some]
    steps = _by_alert(StepTaken.objects.filter(provider=provider, alert__in=ids))
    rows = _by_alert(Delivery.objects.filter(provider=provider, alert__in=ids).order_by("pk"))
    refused = _refusals(provider, [row for some in rows.values() for row in some])
    holds: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for hold in Hold.objects.filter(provider=provider, alert__in=ids).order_by("at", "pk"):
        holds[hold.alert_id].append((to_instant(hold.at), to_instant(hold.until)))
    for ticket, some in alerts.items():
        was = found[ticket]
        was.put(some, (s for a in some for s in steps[a.pk]), (r for a in some for r in rows[a.pk]))
        was.put_refusals(refused)
        for alert in some:
            was.holds[alert.metric, alert.number, alert.cycle] = holds[alert.pk]
    return found


def _by_alert(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.alert_id].append(row)
    return found


def _refusals(provider: Provider, rows: Sequence[Delivery]) -> dict[str, int]:
    """When each message of deliveries that were tried in vain was last refused."""
    tried = [row for row in rows if row.message and (row.tries > 1 or row.state == Delivery.State.FAILED)]
    boxes, messages = {row.mailbox_id for row in tried}, {row.message for row in tried}
    if not messages:
        return {}
    found: dict[str, int] = {}
    tries = Attempt.objects.filter(provider=provider, mailbox__in=boxes, message__in=messages, ok=False)
    for message, at in tries.order_by("at").values_list("message", "at"):
        found[message] = to_instant(at)
    return found

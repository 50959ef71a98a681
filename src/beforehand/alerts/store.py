"""What is kept of the alerts of some tickets: read together before they are looked at, written together after."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Model

from beforehand.engine.instants import to_instant
from beforehand.kernel.bulk import save_each
from beforehand.kernel.due import queue
from beforehand.people.models import Provider
from beforehand.tickets.signals import Remark

from . import remarks
from .channels import Reach
from .delivering import MAILBOX, lane, recipient_of
from .models import Alert, Delivery, Hold, Mailbox, StepTaken, Watch


class Told(NamedTuple):
    """Somebody who was told of a step, or is to be: by which link of its chain, and what came of it."""

    step: int
    place: int
    recipient: str
    state: str


class Store:
    """The rows of one look at tickets of a provider. Within the transaction of the look."""

    def __init__(self, provider: Provider, tickets: Collection[int]) -> None:
        self._provider = provider
        self.watches = {
            row.ticket_id: row for row in Watch.objects.filter(provider=provider, ticket__in=tickets)
        }
        # Held, so that an "I have it" of this instant is not written over.
        held = Alert.objects.select_for_update().filter(provider=provider, ticket__in=tickets)
        self._alerts = {row.pk: row for row in held.order_by("pk")}
        self._steps: dict[int, list[StepTaken]] = defaultdict(list)
        self._told: dict[int, list[Told]] = defaultdict(list)
        self._said: dict[int, int] = {}
        if self._alerts:
            self._read()
        rows: list[Model] = [*self.watches.values(), *self._alerts.values()]
        rows += [row for some in self._steps.values() for row in some]
        self._before = {id(row): _values(row) for row in rows}
        self._rows = rows
        self._made: list[tuple[Delivery, Reach]] = []
        self._remarks: list[Remark] = []

    def _read(self) -> None:
        steps = StepTaken.objects.filter(provider=self._provider, alert__in=self._alerts)
        for row in steps.order_by("pk"):
            row.alert = self._alerts[row.alert_id]
            self._steps[id(row.alert)].append(row)
        told = Delivery.objects.filter(provider=self._provider, alert__in=self._alerts).order_by("pk")
        for alert, step, place, key, state in told.values_list("alert", "step", "place", "key", "state"):
            self._told[id(self._alerts[alert])].append(Told(step, place, recipient_of(key), state))

        held = [pk for pk, row in self._alerts.items() if row.held_until is not None]
        holds = Hold.objects.filter(provider=self._provider, alert__in=held) if held else Hold.objects.none()
        for alert, at in holds.order_by("at", "pk").values_list("alert", "at"):
            self._said[alert] = to_instant(at)

    def said(self, alert: Alert) -> int | None:
        """When somebody last said "I have it" of an alert that is held."""
        return self._said.get(alert.pk)

    @property
    def alerts(self) -> list[Alert]:
        """The alerts there were, in the order in which they were made."""
        return list(self._alerts.values())

    def steps(self, alert: Alert | None) -> Sequence[StepTaken]:
        """The steps of an alert that were taken."""
        return self._steps[id(alert)] if alert is not None else ()

    def told(self, alert: Alert | None) -> Sequence[Told]:
        """Who was told of an alert, or is to be."""
        return self._told[id(alert)] if alert is not None else ()

    def add(self, row: Alert | Watch) -> None:
        """A row that is new."""
        self._rows.append(row)

    def take(self, row: StepTaken) -> None:
        """A step that is taken now."""
        self._steps[id(row.alert)].append(row)
        self._rows.append(row)

    def deliver(self, row: Delivery, reach: Reach) -> None:
        """Somebody is told now, by this way."""
        told = Told(row.step, row.place, recipient_of(row.key), row.state)
        self._told[id(row.alert)].append(told)
        self._made.append((row, reach))

    def remark(self, remark: Remark) -> None:
        """Something that is worth a note on the ticket."""
        self._remarks.append(remark)

    def write(self, now: datetime) -> None:
        """Write what is new, and what has changed."""
        self._remarks += [remarks.over(row.alert, row) for row in self._ended() if not row.alert.rehearsal]
        # Steps are of alerts, which have no key before they are written.
        self._write(Watch)
        self._write(Alert)
        self._write(StepTaken)
        self._deliver(now)
        remarks.say(self._provider.pk, self._remarks, now)

    def _ended(self) -> list[StepTaken]:
        """The steps of which the chain ended in this look."""
        at = _changing(StepTaken).index("ended")
        return [
            row
            for row in self._rows
            if isinstance(row, StepTaken)
            and row.ended is not None
            and row.links
            and not row.ended_by.startswith(remarks.STOPPED)
            and (id(row) not in self._before or self._before[id(row)][at] is None)
        ]

    def _write(self, model: type[Watch | Alert | StepTaken]) -> None:
        rows = [row for row in self._rows if isinstance(row, model)]
        model.objects.bulk_create([row for row in rows if row.pk is None])  # type: ignore[misc]
        changed = [row for row in rows if self._before.get(id(row), ()) not in ((), _values(row))]
        save_each(changed, _changing(model))

    def _deliver(self, now: datetime) -> None:
        mailboxes = _mailboxes(self._provider, {reach for _, reach in self._made})
        for row, reach in self._made:
            row.mailbox = mailboxes[reach]
        # One that is there already was decided on before: it stays as it is.
        Delivery.objects.bulk_create([row for row, _ in self._made], ignore_conflicts=True)
        lanes: dict[int, set[int]] = defaultdict(set)
        for row, reach in self._made:
            if row.state == Delivery.State.WAITING:
                lanes[lane(reach)].add(mailboxes[reach].pk)
        for number, ids in sorted(lanes.items()):
            queue.ask(MAILBOX, self._provider.pk, ids, to_instant(now), lane=number)


def _values(row: Model) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in _changing(type(row)))


def _changing(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields if not field.primary_key]


def _mailboxes(provider: Provider, reaches: Collection[Reach]) -> dict[Reach, Mailbox]:
    """The mailboxes of these ways, made where they are not there."""
    if not reaches:
        return {}
    found = dict(_found(provider, reaches))
    missing = [reach for reach in sorted(reaches) if reach not in found]
    if missing:
        # Another worker may make the same at this moment.
        made = [Mailbox(provider=provider, channel=reach.channel, address=reach.address) for reach in missing]
        Mailbox.objects.bulk_create(made, ignore_conflicts=True)
        found |= dict(_found(provider, missing))
    return found


def _found(provider: Provider, reaches: Collection[Reach]) -> Iterable[tuple[Reach, Mailbox]]:
    rows = Mailbox.objects.filter(provider=provider, address__in={reach.address for reach in reaches})
    return [(Reach(row.channel, row.address), row) for row in rows]

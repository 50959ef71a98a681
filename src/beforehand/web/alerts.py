"""The open alerts, worst first, and what a page says of each: the clock, who was told, what comes next."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import BigIntegerField, Exists, F, OrderBy, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast

from beforehand.alerts.channels import Places
from beforehand.alerts.decide import LIVE, OVERDUE
from beforehand.alerts.dismissing import NOISE
from beforehand.alerts.ladders import in_words, ladders_of
from beforehand.alerts.models import Alert, Delivery, StepTaken
from beforehand.alerts.numbers import by_number
from beforehand.alerts.recipients import resolve
from beforehand.engine.codes import METRICS, PAUSED
from beforehand.engine.instants import to_instant
from beforehand.engine.saying import Amount, Moment, Saying
from beforehand.people.models import Provider, Technician, User
from beforehand.people.staff import Staff
from beforehand.promises.book import Book
from beforehand.promises.file.ladders import say_at
from beforehand.promises.ladders import Link, Step
from beforehand.tickets.models import Clock
from beforehand.tickets.rows import OF_METRIC, OF_TICKET, clock_id

DROPPED = (Delivery.State.FAILED, Delivery.State.DROPPED)
_EARLIER = {50: "at_50", 75: "at_75", 90: "at_90", 100: "at_100"}


class Stands(NamedTuple):
    """How a clock stands: late since `at`, due at it with `left` by the wall, paused, or stopped."""

    word: str
    risk: str
    at: Moment | None = None
    left: Amount | None = None


class Told(NamedTuple):
    """Who was told last: a name, in which role, when, and what came of it."""

    name: str
    role: str
    at: Moment
    state: str


class Ahead(NamedTuple):
    """What comes next: in words, at which instant, and how long until it."""

    who: str
    at: Moment | None = None
    left: Amount | None = None


class Line(NamedTuple):
    """An open alert as pages show it."""

    alert: Alert
    client: str
    metric: str
    stands: Stands
    told: Told | None
    held: Moment | None
    ahead: Ahead


def open_alerts(provider: Provider) -> QuerySet[Alert]:
    """The alerts of a provider that go on."""
    return Alert.objects.filter(provider=provider, ended=None)


def late_at_first() -> Q:
    """Alerts in rehearsal of clocks that were late already when they were first looked at, and nothing since."""
    steps = StepTaken.objects.filter(provider=OuterRef("provider"), alert=OuterRef("pk"))
    return Q(Exists(steps.filter(how=OVERDUE)), ~Exists(steps.filter(how=LIVE)), rehearsal=True)


def told_to(user: User) -> Q:
    """Alerts of which somebody with this account was told, or would have been."""
    own = Technician.objects.filter(provider=OuterRef("provider"), user=user)
    rows = Delivery.objects.filter(
        provider=OuterRef("provider"), alert=OuterRef("pk"), technician__in=own.values("pk")
    )
    return Q(Exists(rows))


def worst_first(found: QuerySet[Alert]) -> QuerySet[Alert]:
    """Those late for the longest first, then by what is due next; clocks that wait come last."""
    clock = _big("ticket_id") * OF_TICKET + _big("metric") * OF_METRIC + _big("number")
    late = Clock.objects.filter(pk=clock).values("late_at")[:1]
    return found.annotate(late_at=Subquery(late)).order_by(OrderBy(F("late_at"), nulls_last=True), "pk")


def _big(name: str) -> Cast:
    return Cast(OuterRef(name), BigIntegerField())


class Lines:
    """Makes lines of alerts, as of now, for one viewer's zone."""

    def __init__(self, provider: Provider, book: Book, now: datetime, zone: str) -> None:
        self.provider, self.now, self.instant = provider, now, to_instant(now)
        self.how = Saying(self.instant, zone, 0, 1)
        self.ladders = ladders_of(book)
        self._staff: Staff | None = None
        self._places: Places | None = None

    def of(self, alerts: Sequence[Alert]) -> list[Line]:
        """A line for each; the alerts come with their tickets and clients."""
        ids = [clock_id(one.ticket_id, one.metric, one.number) for one in alerts]
        clocks = Clock.objects.in_bulk(ids)
        told = self._told(alerts)
        steps: dict[int, list[StepTaken]] = defaultdict(list)
        rows = StepTaken.objects.filter(provider=self.provider, alert__in=alerts).exclude(how=NOISE)
        for row in rows.order_by("at", "step"):
            steps[row.alert_id].append(row)
        return [
            self._line(alert, clocks.get(pk), told.get(alert.pk), steps[alert.pk])
            for alert, pk in zip(alerts, ids, strict=True)
        ]

    def _told(self, alerts: Sequence[Alert]) -> dict[int, Delivery]:
        rows = Delivery.objects.filter(provider=self.provider, alert__in=alerts).exclude(state__in=DROPPED)
        return {row.alert_id: row for row in rows.order_by("pk")}

    def _line(self, alert: Alert, clock: Clock | None, told: Delivery | None, taken: list[StepTaken]) -> Line:
        ticket, held = alert.ticket, alert.held_until
        return Line(
            alert,
            ticket.client.name if ticket.client is not None else ticket.client_name,
            METRICS[alert.metric],
            self.stands(clock),
            None if told is None else self._told_last(told),
            self.how.at(to_instant(held)) if held is not None and held > self.now else None,
            self._ahead(alert, clock, taken),
        )

    def _told_last(self, row: Delivery) -> Told:
        return Told(row.name, row.role, self.how.at(to_instant(row.sent or row.created)), row.state)

    def stands(self, clock: Clock | None) -> Stands:
        """How a clock stands now."""
        if clock is None or clock.stop is not None:
            return Stands("stopped", "")
        late, due = clock.late_at, clock.deadline
        if late is not None and late < self.now:
            return Stands("late", "late", self.how.at(to_instant(late)))
        if clock.run == PAUSED or due is None:
            return Stands("paused", "")
        left = Amount(max(to_instant(due) - self.instant, 0) // 60_000_000 * 60_000_000)
        return Stands("due", "amber", self.how.at(to_instant(due)), left)

    def _ahead(self, alert: Alert, clock: Clock | None, taken: list[StepTaken]) -> Ahead:
        ladder = self.ladders.get(alert.ladder)
        if ladder is None:
            return Ahead("The ladder is not there any more.")
        place = alert.chain_place
        steps = by_number(ladder.steps, taken, alert.chain_step, place)
        step = None if alert.chain_step is None else steps.get(alert.chain_step)
        if step is not None and alert.chain_next is not None and place < len(step.chain):
            at = max(alert.chain_next, alert.held_until or alert.chain_next)
            who = self._who(alert, step, step.chain[place])
            return Ahead(f"Then {who}", self.how.at(to_instant(at)), self._left(at))
        known, further = {row.step for row in taken}, list(steps)
        last = max((place for place, number in enumerate(further) if number in known), default=-1)
        then = next((steps[number] for number in further[last + 1 :]), None)
        return self._further(then, clock, taken[-1].ended_by if taken else "")

    def _further(self, step: Step | None, clock: Clock | None, ended: str) -> Ahead:
        """The next step, and when it is reached if the clock runs on; `ended`: what ended the last chain."""
        done = f"{_sentence(ended)} " if ended else ""
        if step is None:
            return Ahead(f"{done}The ladder ends here.")
        at = None
        if clock is not None and clock.run != PAUSED and step.percent in _EARLIER:
            at = getattr(clock, _EARLIER[step.percent])
        first = f", {in_words(step.chain[0])}" if step.chain else ""
        said = f"{done}Next step {say_at(step)}{first}"
        if at is None or at <= self.now:
            return Ahead(said)
        return Ahead(said, self.how.at(to_instant(at)), self._left(at))

    def _left(self, at: datetime) -> Amount | None:
        left = to_instant(at) - self.instant
        return None if left < 60_000_000 else Amount(left // 60_000_000 * 60_000_000)

    def _who(self, alert: Alert, step: Step, link: Link) -> str:
        """Those of a link by name, as they would be found now."""
        self._staff = self._staff or Staff(self.provider)
        self._places = self._places or Places(self.provider)
        found = resolve(link, step, alert.ticket, self._staff, self._places, self.instant)
        names: dict[str, list[str]] = defaultdict(list)
        for one in found:
            names[one.role].append(one.who.name)
        if not names:
            return f"{in_words(link)} (nobody now)"
        return " and ".join(f"{', '.join(some)} ({in_role(role)})" for role, some in names.items())


def in_role(role: str) -> str:
    """The role in which somebody is told, in words."""
    if role.startswith("person "):
        return "by name"
    return "channel" if role.startswith("channel ") else role


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."

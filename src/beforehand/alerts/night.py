"""What chains did since an instant: whom they told, who acted, what came of it, and of what nobody could be told."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from beforehand.engine.codes import METRICS
from beforehand.engine.instants import to_instant
from beforehand.people.models import Provider
from beforehand.promises.file.ladders import read_link
from beforehand.tickets.models import Ticket

from . import words
from .day_list import SHOWN, Item, Part
from .ladders import in_words
from .models import Alert, Delivery, StepTaken

_LED = {Alert.Outcome.SAVED: "saved", Alert.Outcome.LATE: "too late", Alert.Outcome.NOISE: "noise"}
_TOLD, _REHEARSED, _FAILED = Delivery.State.SENT, Delivery.State.REHEARSED, Delivery.State.FAILED


class Night:
    """The chains of a provider since an instant, said by the clocks of a zone; `url` gives the address of a ticket."""

    def __init__(self, provider: Provider, since: datetime, zone: str, url: Callable[[Ticket], str]) -> None:
        self.provider, self.since, self.zone, self._url = provider, since, zone, url
        self._deliveries = Delivery.objects.filter(provider=provider, created__gte=since)
        self._span = f"since {words.at_wall(to_instant(since), zone)}"

    def chains(self, url: str) -> Part:
        """Who was told, who acted, and what came of it."""
        told = self._by_alert(_TOLD)
        moved = self._alerts().filter(
            Q(pk__in=told) | Q(ended__gte=self.since, deliveries__state=_TOLD), rehearsal=False
        )
        keys = sorted(set(moved.values_list("pk", flat=True)))
        ended = self._ended(keys[:SHOWN])
        items = [
            self._item(alert, "; ".join([*self._told("told", told[alert.pk]), *ended[alert.pk], _led(alert)]))
            for alert in self._with_tickets(keys[:SHOWN])
        ]
        return Part(f"What chains did {self._span}", _named(keys, "chain"), len(keys), items, url)

    def nobody(self, url: str) -> Part:
        """Links that were nobody, and messages that could not be delivered."""
        open_or_new = self._alerts().filter(Q(ended=None) | Q(ended__gte=self.since), rehearsal=False)
        taken = StepTaken.objects.filter(
            provider=self.provider, alert__in=open_or_new, taken__gte=self.since
        ).exclude(nobody=[])
        said: dict[int, list[str]] = defaultdict(list)
        for step in taken.order_by("pk"):
            chain = [read_link(text) for text in step.links]
            links = [in_words(link) for place in step.nobody if (link := dict(enumerate(chain)).get(place))]
            said[step.alert_id].append(f"at {step.said} nobody was there as {', '.join(links) or 'asked'}")
        for row in self._deliveries.filter(state=_FAILED).order_by("pk"):
            said[row.alert_id].append(f"{row.name} ({row.role}) could not be told: {row.why}")
        items = [
            self._item(alert, "; ".join(said[alert.pk])) for alert in self._with_tickets(sorted(said)[:SHOWN])
        ]
        name = "with nobody to tell"
        return Part(f"Of what nobody could be told {self._span}", name, len(said), items, url)

    def rehearsed(self, url: str) -> Part:
        """What would have rung; without what was late when it was first looked at."""
        told = self._by_alert(_REHEARSED)
        keys = sorted(told)
        items = [
            self._item(alert, "; ".join(self._told("would have told", told[alert.pk])))
            for alert in self._with_tickets(keys[:SHOWN])
        ]
        heading = f"In rehearsal: what would have rung {self._span}"
        return Part(heading, _named(keys, "chain") + " in rehearsal", len(keys), items, url)

    def _alerts(self) -> QuerySet[Alert]:
        return Alert.objects.filter(provider=self.provider)

    def _with_tickets(self, keys: Sequence[int]) -> Iterable[Alert]:
        return self._alerts().filter(pk__in=keys).select_related("ticket").order_by("pk")

    def _by_alert(self, state: str) -> dict[int, list[Delivery]]:
        found: dict[int, list[Delivery]] = defaultdict(list)
        for row in self._deliveries.filter(state=state, summary=False).order_by("created", "pk"):
            found[row.alert_id].append(row)
        return found

    def _told(self, how: str, rows: Sequence[Delivery]) -> list[str]:
        names = [f"{row.name} ({row.role}) {self._at(row.sent or row.created)}" for row in rows]
        return [f"{how} {', '.join(names)}"] if names else []

    def _ended(self, keys: Sequence[int]) -> dict[int, list[str]]:
        """What ended the chains of these alerts, by alert: what was done."""
        found: dict[int, list[str]] = defaultdict(list)
        rows = StepTaken.objects.filter(provider=self.provider, alert__in=keys, ended__gte=self.since)
        for row in rows.order_by("ended", "pk"):
            if row.ended is not None:
                said = f"{row.ended_by} {self._at(row.ended)}"
                if said not in found[row.alert_id]:
                    found[row.alert_id].append(said)
        return found

    def _item(self, alert: Alert, then: str) -> Item:
        how = f"{words.DUE[METRICS[alert.metric]]} at {alert.reached}"
        return Item(words.about(alert.ticket, how, self.provider.mail_bare), self._url(alert.ticket), then)

    def _at(self, at: datetime) -> str:
        return words.at_wall(to_instant(at), self.zone)


def _led(alert: Alert) -> str:
    """What a chain came to."""
    if alert.ended is None:
        return f"held by {alert.held_by}" if alert.held_by else "it goes on"
    return _LED.get(Alert.Outcome(alert.outcome), "over") if alert.outcome else "over"


def _named(keys: Sequence[int], what: str) -> str:
    return what if len(keys) == 1 else f"{what}s"

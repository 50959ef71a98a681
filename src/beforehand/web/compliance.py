"""Compliance of clients over periods: what roll-ups have, and open clocks that ran out with nothing written.

A clock that stopped, or whose breach an event found, stands in the roll-ups. One that has run out since its last event
is breached all the same (clock.md 5.4): it is added here, in the month in which it became late.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from django.db.models import BigIntegerField, F, Q, QuerySet, Sum
from django.db.models.functions import Cast

from beforehand.engine.codes import BESIDE, BREACHED, METRICS, RESOLUTION, RESPONSE
from beforehand.engine.instants import to_instant
from beforehand.people.models import Provider
from beforehand.promises.models import Client
from beforehand.tickets.figures import NONE, Counts
from beforehand.tickets.models import ClientRollup, Clock, Rollup
from beforehand.tickets.open_clocks import literally_open
from beforehand.tickets.rollups import EXCLUDED

from .periods import Period

SHOWN = (RESPONSE, RESOLUTION)


class Periods(NamedTuple):
    """The three that the clients page shows."""

    month: Period
    before: Period
    quarter: Period

    @classmethod
    def at(cls, now: datetime, zone: str) -> "Periods":
        """This month there, the last, and the last quarter that is over."""
        month = Period.of(now, zone)
        return cls(month, month.before, month.quarter.before)


class Kept(NamedTuple):
    """How a client's promises were kept: counts by period (as in Periods) and metric (as in SHOWN)."""

    client: Client | None
    periods: Periods
    counts: list[list[Counts]]
    excluded: int
    """Verdicts of this month that are counted apart, since their tickets are excluded (3.10)."""
    late: int
    """Open clocks that are late now."""

    @property
    def rank(self) -> tuple[object, ...]:
        """For an order with the worst first: by promises broken this month, then by compliance, then by the last."""
        this, last = (Counts(*map(sum, zip(*some, strict=True))) for some in self.counts[:2])
        return -this.breached, this.permille if this.total else 1001, -self.late, -last.breached


def kept_by_client(provider: Provider, now: datetime) -> list[Kept]:
    """Each client's figures as of now, in no order."""
    clients = list(Client.objects.filter(provider=provider))
    zones = {client.zone for client in clients}
    periods = {zone: Periods.at(now, zone) for zone in zones}
    wanted = {month for some in periods.values() for period in some for month in period.keys}
    counted = _counted(provider, wanted)
    late = _add_late(provider, now, counted, {client.pk: client.zone for client in clients})
    return [_kept(client, periods[client.zone], counted, late) for client in clients]


def over_all(some: Iterable[Kept], periods: Periods) -> Kept:
    """The figures of several clients together, each with its own months."""
    counts = [[NONE] * len(SHOWN) for _ in periods]
    excluded = late = 0
    for kept in some:
        for row, add in zip(counts, kept.counts, strict=True):
            row[:] = [one.plus(*more) for one, more in zip(row, add, strict=True)]
        excluded += kept.excluded
        late += kept.late
    return Kept(None, periods, counts, excluded, late)


_Key = tuple[int, int, int, bool]
"""Client, month, metric, excluded."""


def _counted(provider: Provider, months: Iterable[int]) -> dict[_Key, Counts]:
    found = ClientRollup.objects.filter(provider=provider, month__in=sorted(months), metric__in=SHOWN)
    columns = ("client_id", "month", "metric", "excluded", "met", "breached")
    return {
        (client, month, metric, bool(excluded)): Counts(met, breached)
        for client, month, metric, excluded, met, breached in found.values_list(*columns)
    }


def _add_late(
    provider: Provider, now: datetime, counted: dict[_Key, Counts], zones: Mapping[int, str]
) -> dict[int, int]:
    """Add what has run out with nothing written; gives how many clocks of each client are late now."""
    found = late_clocks(provider, now).filter(metric__lt=BESIDE[0], ticket__client__isnull=False)
    # As the numbers that they are in the database: there may be tens of thousands.
    found = found.annotate(at=Cast("late_at", BigIntegerField()))
    months = {zone: _Months(now, zone) for zone in set(zones.values())}
    late: dict[int, int] = defaultdict(int)
    for client, metric, at, tally, excluded in found.values_list(
        "ticket__client_id", "metric", "at", "tally", "ticket__excluded"
    ):
        late[client] += 1
        if tally is None and metric in SHOWN:
            key = client, months[zones[client]].of(at), metric, excluded == EXCLUDED
            counted[key] = counted.get(key, NONE).plus(0, 1)
    return late


class _Months:
    """The months of a zone that the page can show, to find that of an instant among; all before them are one."""

    def __init__(self, now: datetime, zone: str) -> None:
        first, period = Periods.at(now, zone).quarter, Period.of(now, zone)
        self._starts: list[int] = []
        self._names: list[int] = [0]
        while period.keys[0] >= first.keys[0]:
            self._starts.insert(0, to_instant(period.ends(zone)[0]))
            self._names.insert(1, period.keys[0])
            period = period.before

    def of(self, instant: int) -> int:
        """The month of an instant before the end of this one, as roll-ups have it; 0 for one long ago."""
        return self._names[bisect_right(self._starts, instant)]


def _kept(client: Client, periods: Periods, counted: Mapping[_Key, Counts], late: Mapping[int, int]) -> Kept:
    def count(period: Period, metric: int, excluded: bool = False) -> Counts:
        some = [counted.get((client.pk, month, metric, excluded), NONE) for month in period.keys]
        return Counts(sum(one.met for one in some), sum(one.breached for one in some))

    counts = [[count(period, metric) for metric in SHOWN] for period in periods]
    excluded = sum(count(periods.month, metric, excluded=True).total for metric in SHOWN)
    return Kept(client, periods, counts, excluded, late.get(client.pk, 0))


def late_clocks(provider: Provider, now: datetime) -> QuerySet[Clock]:
    """The open clocks that are late now."""
    return Clock.objects.filter(literally_open(), provider=provider, late_at__lt=now)


class Behind:
    """The clocks behind one figure: of a client, a period and a metric; of excluded tickets, or of all others."""

    def __init__(self, client: Client, period: Period, metric: int, excluded: bool, now: datetime) -> None:
        self.client, self.period, self.metric, self.excluded, self.now = client, period, metric, excluded, now

    @property
    def _rollups(self) -> QuerySet[Rollup]:
        return Rollup.objects.filter(
            provider=self.client.provider_id, client=self.client, month__in=self.period.keys,
            metric=self.metric, excluded=self.excluded,
        )  # fmt: skip

    @property
    def judged(self) -> QuerySet[Clock]:
        """Those with a verdict, the breached first, the latest first."""
        found = Clock.objects.filter(provider=self.client.provider_id, tally__in=self._rollups.values("pk"))
        when = (F("breached_at").desc(nulls_last=True), F("stop").desc(nulls_last=True))
        return found.select_related("ticket__client").order_by("-verdict", *when, "pk")

    @property
    def ran_out(self) -> QuerySet[Clock]:
        """The open ones that became late in the period and of which nothing was written since, the latest first."""
        first, end = self.period.ends(self.client.zone)
        found = late_clocks(self.client.provider, self.now).filter(
            ~Q(verdict=BREACHED), metric=self.metric, tally=None, late_at__gte=first, late_at__lt=end,
            ticket__client=self.client,
        )  # fmt: skip
        found = (
            found.filter(ticket__excluded=EXCLUDED)
            if self.excluded
            else found.exclude(ticket__excluded=EXCLUDED)
        )
        return found.select_related("ticket__client").order_by("-late_at", "pk")

    @property
    def counts(self) -> Counts:
        """The figure."""
        sums = self._rollups.aggregate(met=Sum("met"), breached=Sum("breached"))
        return Counts(sums["met"] or 0, (sums["breached"] or 0) + self.ran_out.count())


def metric_named(name: str) -> int:
    """One of SHOWN by its name; RESPONSE where the name is none of theirs."""
    return METRICS.index(name) if name in {METRICS[metric] for metric in SHOWN} else RESPONSE

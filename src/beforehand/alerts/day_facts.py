"""What the day's list tells of: clocks by the rows that the board shows, and what the chains of the night did."""

from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db.models import F, OrderBy, QuerySet
from django.urls import reverse

from beforehand.engine.codes import BESIDE, BREACHED, METRICS, PAUSED
from beforehand.engine.instants import DAY, to_instant
from beforehand.engine.zones import local_datetime
from beforehand.kernel.fields import from_micros
from beforehand.people.days import WorkingDay, midnight_of
from beforehand.people.models import Provider
from beforehand.tickets.models import Clock, Ticket
from beforehand.tickets.open_clocks import literally_open

from . import words
from .day_list import SHOWN, Item, Part
from .night import Night


class Asked(NamedTuple):
    """Whose clocks a list is by, the day it is of, and the working day before that, whose end begins the night."""

    zone: str
    day: WorkingDay
    before: WorkingDay | None
    now: datetime

    @property
    def night(self) -> datetime:
        """Since when chains are told of."""
        return from_micros(self.day.starts - DAY if self.before is None else self.before.ends)


def parts_of(provider: Provider, asked: Asked) -> list[Part]:
    """The parts of a list, worst first; some of them of nothing."""
    clocks = _Clocks(provider, asked)
    night = Night(provider, asked.night, asked.zone, _ticket_url)
    return [
        clocks.late(),
        clocks.due(),
        clocks.at_risk(),
        clocks.breached(),
        night.chains(_url("alert-history")),
        night.nobody(_url("alerts")),
        night.rehearsed(_url("rehearsal")),
    ]


class _Clocks:
    """The clocks of promises of a provider, as a day's list asks for them."""

    def __init__(self, provider: Provider, asked: Asked) -> None:
        self.asked, self.now, self._bare = asked, asked.now, provider.mail_bare
        self.over = from_micros(asked.day.over)
        every = Clock.objects.filter(provider=provider, metric__lt=BESIDE[0])
        self._every = every.select_related("ticket")
        self._open = self._every.filter(literally_open())

    def late(self) -> Part:
        """Open and late, for the longest first."""
        found = self._open.filter(late_at__lt=self.now).order_by("late_at", "pk")
        return self._part("Already late", "late", found, "late since", "late_at", _url("board", "state=late"))

    def due(self) -> Part:
        """Due until midnight, in the order in which they are."""
        found = self._open.filter(late_at__gte=self.now, deadline__lt=self.over).order_by("deadline", "pk")
        found = found.exclude(run=PAUSED)
        return self._part("Due today", "due today", found, "due", "deadline", _url("board", "state=due"))

    def at_risk(self) -> Part:
        """Due later, and three quarters of the target are used."""
        found = self._open.filter(late_at__gte=self.now, deadline__gte=self.over, at_75__lte=self.now)
        found = found.exclude(run=PAUSED).order_by(OrderBy(F("deadline"), nulls_last=True), "pk")
        heading = "At risk: three quarters are used, and it is due after today"
        return self._part(heading, "at risk", found, "due", "deadline", _url("board", "state=due"))

    def breached(self) -> Part:
        """What broke since the last working day began, whether it stopped since or not; but for excluded tickets."""
        zone, day, before = self.asked.zone, self.asked.day.date, self.asked.before
        last = day if before is None else before.date
        since, until = (from_micros(midnight_of(zone, one)) for one in (last, day))
        # Each by itself: of several conditions at once no index is used.
        open_ones = self._open.filter(late_at__gte=since, late_at__lt=until)
        stopped = self._every.filter(
            stop__gte=since, verdict=BREACHED, breached_at__gte=since, breached_at__lt=until
        )
        both = [one.filter(ticket__excluded=0) for one in (open_ones, stopped)]
        count = sum(one.count() for one in both)
        items = [
            (at, self._item(clock, f"{_due(clock)} late since {self._at(at)}"))
            for found, column in zip(both, ("late_at", "breached_at"), strict=True)
            for clock in found.order_by(column, "pk")[:SHOWN]
            if (at := getattr(clock, column))
        ]
        name = "broken yesterday" if (day - last).days == 1 else f"broken since {last:%a %d %b}"
        shown = [item for _, item in sorted(items, key=lambda one: one[0])][:SHOWN]
        return Part(f"{name.capitalize()}: what was the reason?", name, count, shown, _url("clients"))

    def _part(self, heading: str, name: str, found: QuerySet[Clock], how: str, column: str, url: str) -> Part:
        items = [
            self._item(clock, f"{_due(clock)} {how} {self._at(getattr(clock, column))}")
            for clock in found[:SHOWN]
        ]
        return Part(heading, name, found.count(), items, url)

    def _item(self, clock: Clock, how: str) -> Item:
        return Item(words.about(clock.ticket, how, self._bare), _ticket_url(clock.ticket))

    def _at(self, at: datetime) -> str:
        """A time of the day of the list, or of another with its date."""
        instant, zone = to_instant(at), self.asked.zone
        local = local_datetime(zone, instant)
        return f"{local:%H:%M}" if local.date() == self.asked.day.date else words.at_wall(instant, zone)


def _due(clock: Clock) -> str:
    return words.DUE[METRICS[clock.metric]]


def _ticket_url(ticket: Ticket) -> str:
    return settings.PUBLIC_URL + reverse("ticket", args=[ticket.pk])


def _url(name: str, query: str = "") -> str:
    address: str = settings.PUBLIC_URL + reverse(name)
    return f"{address}?{query}" if query else address

"""The board's questions to the database: which open clocks, in which order, how many, and the four figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from urllib.parse import urlencode

from django.db.models import Count, Exists, F, Func, OrderBy, OuterRef, Q, QuerySet

from beforehand.engine.codes import BESIDE, BREACHED, MET, METRICS, PAUSED, RESOLVED
from beforehand.people.models import Provider
from beforehand.promises.models import Client
from beforehand.tickets.models import Clock, Ticket
from beforehand.tickets.open_clocks import literally, literally_open

PAGE = 50
HOUR = timedelta(hours=1)
NOBODY = "-"
"""In the address: tickets without an assignee, a team, a priority or a known client."""
STATES = {"late": "late", "hour": "due within the hour", "due": "not late yet", "paused": "paused"}
SORTS = {
    "due": ["deadline"],
    "ticket": ["ticket__number", "ticket__external_id"],
    "client": ["ticket__client__name", "ticket__client_name"],
    "priority": ["ticket__priority"],
    "promise": ["metric", "number"],
    "who": ["ticket__assignee"],
}
_TEXTS = {"team": "ticket__team", "priority": "ticket__priority", "assignee": "ticket__assignee"}


@dataclass(frozen=True)
class Asked:
    """What the address asks for. Anything in it that means nothing is left out."""

    client: str = ""
    team: str = ""
    priority: str = ""
    metric: str = ""
    assignee: str = ""
    state: str = ""
    covered: str = ""
    """"no" for tickets that no agreement covers alone."""
    q: str = ""
    sort: str = "due"
    page: int = 1

    @classmethod
    def read(cls, address: Mapping[str, str]) -> "Asked":
        """The query part of an address."""
        text = {name: address.get(name, "").replace("\x00", "").strip()[:200] for name in (*_TEXTS, "q")}
        client, page = address.get("client", ""), address.get("page", "")
        return cls(
            **text,
            client=client if client == NOBODY or _is_id(client) else "",
            metric=address.get("metric", "") if address.get("metric") in METRICS[:6] else "",
            state=address.get("state", "") if address.get("state") in STATES else "",
            covered="no" if address.get("covered") == "no" else "",
            sort=address.get("sort", "") if address.get("sort", "").removeprefix("-") in SORTS else "due",
            page=max(int(page), 1) if _is_id(page) else 1,
        )

    @classmethod
    def left_out(cls, address: Mapping[str, str]) -> list[str]:
        """What the address asks for that means nothing here, "name=value" each."""
        asked = cls.read(address)
        return [
            f"{name}={address[name][:40]}"
            for name in ("client", "metric", "state", "covered", "sort", "page")
            if address.get(name) and str(getattr(asked, name)) != address[name]
        ]

    @property
    def narrowed(self) -> bool:
        """Whether anything is filtered out."""
        return bool(self.filters)

    @property
    def filters(self) -> dict[str, str]:
        """The filters that are set, for an address."""
        names = ("client", "team", "priority", "metric", "assignee", "state", "covered", "q")
        return {name: getattr(self, name) for name in names if getattr(self, name)}

    def address(self, **other: str | int) -> str:
        """The address of the same board with something else asked for; the first page unless told."""
        asked = {**self.filters, "sort": "" if self.sort == "due" else self.sort, **other}
        query = urlencode({name: value for name, value in asked.items() if value not in ("", 1)})
        return f"?{query}" if query else "?"


@dataclass(frozen=True)
class Figures:
    """The four figures on top. Clocks are counted, but for `unassigned`, which counts tickets."""

    late: int
    hour: int
    unassigned: int
    met: int
    breached: int


class Board:
    """The open clocks of a provider as of `now`, as the address asks for them. `today` is the viewer's midnight."""

    def __init__(self, provider: Provider, asked: Asked, now: datetime, today: datetime) -> None:
        self.provider, self.asked, self.now, self.today = provider, asked, now, today

    @property
    def _clocks(self) -> QuerySet[Clock]:
        """Clocks of promises, with every filter but those that the figures themselves stand for."""
        asked = self.asked
        found = Clock.objects.filter(provider=self.provider).filter(metric__lt=BESIDE[0])
        if asked.metric:
            found = found.filter(metric=METRICS.index(asked.metric))
        found = found.filter(**self._ticket_filters())
        for word in asked.q.split():
            found = found.filter(
                Q(ticket__number__icontains=word)
                | Q(ticket__external_id__icontains=word)
                | Q(ticket__subject__icontains=word)
                | Q(ticket__client_name__icontains=word)
            )
        return found

    def _ticket_filters(self) -> dict[str, str | int | None]:
        """Client, cover, team and priority asked for, as conditions on a clock's ticket."""
        asked, found = self.asked, dict[str, str | int | None]()
        if asked.client:
            found["ticket__client"] = None if asked.client == NOBODY else int(asked.client)
        if asked.covered:
            found["ticket__covered"] = False
        for name in ("team", "priority"):
            if value := getattr(asked, name):
                found[_TEXTS[name]] = "" if value == NOBODY else value
        return found

    @property
    def _open(self) -> QuerySet[Clock]:
        return self._clocks.filter(literally_open())

    @property
    def _asked_for(self) -> QuerySet[Clock]:
        found = self._open
        if self.asked.assignee:
            nobody = self.asked.assignee == NOBODY
            found = found.filter(ticket__assignee="" if nobody else self.asked.assignee)
        if self.asked.state:
            found = found.filter(self._in_state(self.asked.state))
        return found

    def _in_state(self, state: str) -> Q:
        """Late is what has used more than its target, though nothing was written (1.5, 5.4).

        What has used all of it while its coverage is closed is late when that opens: until then it is due.
        """
        if state == "late":
            return Q(late_at__lt=self.now)
        if state == "hour":
            return Q(deadline__lt=self.now + HOUR, late_at__gte=self.now)
        return Q(run=PAUSED) if state == "paused" else Q(late_at__gte=self.now)

    @cached_property
    def count(self) -> int:
        """How many open clocks are asked for."""
        narrowed = self.asked.assignee or self.asked.state
        return self._asked_for.count() if narrowed else self._counted["all"]

    @property
    def pages(self) -> int:
        """How many pages they fill; 1 when there are none."""
        return max(-(-self.count // PAGE), 1)

    @property
    def page(self) -> int:
        """The page that is shown: the last one where a later one is asked for."""
        return min(self.asked.page, self.pages)

    def clocks(self, *also: str) -> list[Clock]:
        """The clocks of the page, with their tickets and clients, and what else is to be at hand."""
        first = (self.page - 1) * PAGE
        # First the ids alone: what is skipped on the way to a late page is then skipped in the index.
        ids = list(
            self._asked_for.order_by(*self._order()).values_list("id", flat=True)[first : first + PAGE]
        )
        rows = Clock.objects.select_related("ticket", "ticket__client", *also).in_bulk(ids)
        return [rows[clock] for clock in ids if clock in rows]

    def _order(self) -> list[OrderBy]:
        name = self.asked.sort.removeprefix("-")
        down = self.asked.sort.startswith("-")
        # What has no deadline comes last either way; clocks that agree stand by deadline, then in one order.
        columns = [OrderBy(F(column), descending=down, nulls_last=True) for column in SORTS[name]]
        more = [] if name == "due" else [OrderBy(F("deadline"), nulls_last=True)]
        return [*columns, *more, OrderBy(F("id"))]

    def figures(self) -> Figures:
        """The four figures over everything that client, team, priority, metric and text leave."""
        stopped = self._clocks.filter(stop__gte=self.today, stop__lte=self.now).aggregate(
            met=Count("metric", filter=Q(verdict=MET)),
            breached=Count("metric", filter=Q(verdict=BREACHED, breached_at__gte=self.today)),
        )
        found = self._counted
        return Figures(
            found["late"],
            found["hour"],
            self._unassigned(),
            stopped["met"],
            stopped["breached"] + found["broken"],
        )

    @cached_property
    def _counted(self) -> dict[str, int]:
        """How many open clocks there are, whatever assignee and state are asked for: one walk over the index."""
        # Of `metric`, which the index holds, and every clock has.
        return self._open.aggregate(
            all=Count("*"),
            late=Count("metric", filter=self._in_state("late")),
            hour=Count("metric", filter=self._in_state("hour")),
            broken=Count("metric", filter=Q(late_at__gte=self.today, late_at__lt=self.now)),
        )

    def _unassigned(self) -> int:
        """Tickets with an open clock of those that are left, and nobody on them."""
        tickets = Ticket.objects.filter(_unresolved(), provider=self.provider, assignee="")
        if not self.asked.q:
            tickets = tickets.filter(
                **{name.removeprefix("ticket__"): value for name, value in self._ticket_filters().items()}
            )
        if not (self.asked.q or self.asked.metric or self.asked.covered):
            return tickets.filter(runs__gt=0).count()
        # A clock's id begins with its ticket's, so that the clocks of a ticket are a stretch of the primary key.
        low, high = OuterRef("pk") * (1 << 19), (OuterRef("pk") + 1) * (1 << 19)
        return tickets.filter(Exists(self._open.filter(id__gte=low, id__lt=high))).count()

    def choices(self) -> dict[str, list[str]]:
        """The teams, priorities and assignees that open tickets have, to choose from; a minute old at most."""
        return _choices(self.provider.pk, int(self.now.timestamp()) // 60)

    def clients(self) -> list[Client]:
        """The clients to choose from."""
        return list(Client.objects.filter(provider=self.provider).order_by("name"))


@lru_cache(maxsize=64)
def _choices(provider: int, _minute: int) -> dict[str, list[str]]:
    rows = Ticket.objects.filter(_unresolved(), provider=provider)
    found = {name: set[str]() for name in _TEXTS}
    for row in rows.values_list(*_TEXTS).distinct():
        for name, value in zip(_TEXTS, row, strict=True):
            found[name].add(value)
    return {name: sorted(values - {""}) for name, values in found.items()}


def passed(provider: int, since: datetime, now: datetime) -> set[int]:
    """The tickets of which a clock became late from `since` on, or came within the hour, by nothing but time."""
    opens = Clock.objects.filter(literally_open(), provider=provider)
    found: set[int] = set()
    # Each by itself: of several ranges at once no index is used.
    for column, ahead in (("late_at", timedelta()), ("deadline", timedelta()), ("deadline", HOUR)):
        passing = opens.filter(**{f"{column}__gte": since + ahead, f"{column}__lt": now + ahead})
        found.update(passing.values_list("ticket", flat=True)[:1_000])
    return found


def _unresolved() -> Func:
    return literally("state", f"{{}} < {RESOLVED}")


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16

"""The clients: whom are we failing? And the clocks behind each figure."""

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from beforehand.engine.codes import BREACHED, METRICS, STOPPED
from beforehand.engine.english import city
from beforehand.engine.instants import to_instant
from beforehand.engine.saying import Amount, Moment, Saying
from beforehand.engine.zones import load
from beforehand.promises.book import Book, current
from beforehand.promises.models import Client
from beforehand.tickets.figures import Counts
from beforehand.tickets.models import Clock

from . import moment
from .access import provider_of, zone_of
from .compliance import SHOWN, Behind, Kept, Periods, kept_by_client, metric_named, over_all
from .hours_words import hours_of
from .periods import Period
from .standing import coverage_of, stand

PAGE = 100
TICKETS = 50
_PERIODS = ("month", "before", "quarter")
_FIGURES = {
    f"{METRICS[metric]}-{name}": (place, number)
    for place, name in enumerate(_PERIODS)
    for number, metric in enumerate(SHOWN)
}
"""In the address: the figure by which clients are ordered, by its place in Kept.counts."""


class Cell(NamedTuple):
    """A figure and the address of the clocks behind it."""

    counts: Counts
    link: str
    starts: bool
    """Whether a new period begins with it."""


class Line(NamedTuple):
    """A client on the page; without one it is all of them."""

    kept: Kept
    cells: list[Cell]


def clients(request: HttpRequest) -> HttpResponse:
    """Each client's compliance of this month, the last and the last quarter, the worst first unless asked otherwise."""
    now, provider, zone = moment.now(), provider_of(request), zone_of(request)
    sort = request.GET.get("sort", "")
    sort = sort if sort in _FIGURES or sort in {"client", "late"} else ""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    periods = Periods.at(now, provider.zone)
    every = kept_by_client(provider, now)
    found = [kept for kept in every if kept.client and words.casefold() in kept.client.name.casefold()]
    pages = Paginator(sorted(found, key=_order(sort)), PAGE)
    page = pages.get_page(request.GET.get("page"))
    return render(
        request,
        "web/clients.html",
        {
            "all": _line(over_all(found, periods)) if len(found) > 1 else None,
            "lines": [_line(kept) for kept in page],
            "page": page,
            "count": len(found),
            "any": bool(every),
            "q": words,
            "sort": sort,
            "asked": "".join(
                f"{urlencode(one)}&" for one in ({"q": words}, {"sort": sort}) if any(one.values())
            ),
            "metrics": [METRICS[metric] for metric in SHOWN],
            "headings": [
                (
                    title,
                    getattr(periods, name),
                    [(METRICS[metric], f"{METRICS[metric]}-{name}") for metric in SHOWN],
                )
                for name, title in zip(_PERIODS, ("This month", "Last month", "Last quarter"), strict=True)
            ],
            "as_of": Saying(to_instant(now), zone, 0, 1).at(to_instant(now)),
            "today": now.astimezone(load(zone)).date(),
            "zone": city(zone),
            "page_name": "clients",
        },
    )


def _order(sort: str) -> Callable[[Kept], tuple[object, ...]]:
    def key(kept: Kept) -> tuple[object, ...]:
        assert kept.client is not None
        name = kept.client.name.casefold()
        if sort == "client":
            return (name,)
        if sort == "late":
            return -kept.late, name
        if sort in _FIGURES:
            place, number = _FIGURES[sort]
            counts = kept.counts[place][number]
            return counts.permille if counts.total else 1001, -counts.breached, name
        return *kept.rank, name

    return key


def _line(kept: Kept) -> Line:
    cells = []
    for period, row in zip(kept.periods, kept.counts, strict=True):
        for number, counts in enumerate(row):
            link = ""
            if kept.client is not None and counts.total:
                link = f"{reverse('client', args=[kept.client.pk])}?{_query(period, SHOWN[number])}"
            cells.append(Cell(counts, link, number == 0))
    return Line(kept, cells)


def _query(period: Period, metric: int, excluded: bool = False) -> str:
    more = "&excluded=1" if excluded else ""
    return f"period={period.name}&metric={METRICS[metric]}{more}"


class Judged(NamedTuple):
    """A clock behind a figure."""

    clock: Clock
    verdict: str
    """met, broken, or late (broken, and still open)."""
    used: Amount
    target: Amount
    over: Amount | None
    at: Moment | None
    """When it stopped or was broken."""


def client(request: HttpRequest, pk: int) -> HttpResponse:
    """The clocks behind a figure of one client; period and metric are in the address."""
    provider, now, zone = provider_of(request), moment.now(), zone_of(request)
    one = get_object_or_404(Client.objects.select_related("provider"), provider=provider, pk=pk)
    asked = request.GET.get("period", "")
    this = Period.of(now, one.zone)
    period = Period.read(asked) or this
    metric, excluded = metric_named(request.GET.get("metric", "")), request.GET.get("excluded") == "1"
    behind = Behind(one, period, metric, excluded, now)
    pages = Paginator(behind.judged, TICKETS)
    page = pages.get_page(request.GET.get("page"))
    book = current(provider)
    ran_out = behind.ran_out if page.number == 1 else ()
    apart = Behind(one, period, metric, not excluded, now).counts
    return render(
        request,
        "web/client.html",
        {
            "client": one,
            "period": period,
            "metric": METRICS[metric],
            "counts": behind.counts,
            "hours": hours_of(book, one.pk, to_instant(now)),
            "clocks": [_judged(clock, book, to_instant(now), zone) for clock in (*ran_out, *page)],
            "page": page,
            "query": _query(period, metric, excluded),
            "excluded": excluded,
            "apart": apart,
            "apart_query": _query(period, metric, not excluded),
            "metrics": [(METRICS[other], _query(period, other, excluded)) for other in SHOWN],
            "periods": _periods(this, period, metric),
            "left_out": asked if asked and Period.read(asked) is None else "",
            "today": now.astimezone(load(zone)).date(),
            "zone": city(zone),
            "their_zone": city(one.zone),
            "page_name": "clients",
        },
    )


def _periods(this: Period, shown: Period, metric: int) -> list[tuple[str, str, bool]]:
    """The periods to choose from: words, query, whether it is the one that is shown."""
    some = [this, this.before, this.quarter, this.quarter.before]
    if shown not in some:
        some.append(shown)
    return [(period.words, _query(period, metric), period == shown) for period in some]


def _judged(clock: Clock, book: Book, now: int, zone: str) -> Judged:
    used = clock.used if clock.run == STOPPED else stand(clock, coverage_of(clock, book), now).used
    how = Saying(now, zone, used, clock.target)
    broken = clock.verdict == BREACHED or clock.tally is None
    at = (clock.breached_at or clock.late_at) if broken else clock.stop
    return Judged(
        clock=clock,
        verdict="met" if not broken else "broken" if clock.run == STOPPED else "late",
        used=how.used(used),
        target=how.left(clock.target),
        over=how.used(used - clock.target) if broken and used > clock.target else None,
        at=None if at is None else how.at(to_instant(at)),
    )

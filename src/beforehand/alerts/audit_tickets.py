"""Which tickets can have had a step in a time: found without reading each. Part of audit.py.

That is sound for these reasons. A ticket of which events arrived is taken, unless no clock of it is open and all that
ever happened to it lies before the time: a first import brings such by the ten thousand. (So an end that is told more
than a day late hides what was missed before it, though not what was told.) Of any other ticket nothing has changed, so
that its clocks' rows, which the ledger wrote with its last event (`beforehand check` proves them), tell when an open
clock reaches 50, 75, 90 and 100%; a clock that has stopped, or waits, reaches nothing. A step at another percentage
lies between its neighbours of these four, and one before the deadline somewhere before 100%. A ticket that somebody
was told of is taken in any case.
"""

from django.db.models import Q

from beforehand.engine.codes import BESIDE, PAUSED, STOPPED
from beforehand.engine.instants import DAY, HOUR
from beforehand.kernel.fields import from_micros
from beforehand.people.models import Provider
from beforehand.promises.book import Book
from beforehand.promises.ladders import BUILT_IN
from beforehand.tickets.models import Clock, Event

from .models import Delivery

_KEPT = {50: "at_50", 75: "at_75", 90: "at_90", 100: "at_100"}
LONGEST = 3 * DAY
"""How long a chain in provider hours may last, over a weekend; one that lasts longer is not judged to its end."""
SLACK = HOUR
"""By how much events may have come to lie in another order than that of their arrival."""


def reach_of(book: Book) -> int:
    """For how long the chains of a provider's ladders may go on, in microseconds."""
    ladders = (*BUILT_IN, *book.ladders.own)
    if any(ladder.in_hours for ladder in book.ladders.own):
        return LONGEST
    most = max(step.every * len(step.chain) for ladder in ladders for step in ladder.steps)
    return min(LONGEST, most + 2 * HOUR)


def candidates(provider: Provider, book: Book, base: int, since: int, now: int) -> list[int]:
    """The ids of the tickets of which a step can have been reached, or somebody was told, in order."""
    events = Event.objects.filter(pk__gte=_first_event(base - SLACK), provider=provider)
    lives = Q(ticket__runs__gt=0) | Q(ticket__last_at__gte=from_micros(base))
    found = set(events.filter(lives).values_list("ticket", flat=True).distinct())
    told = Delivery.objects.filter(provider=provider, created__gt=from_micros(since))
    found |= set(told.values_list("alert__ticket", flat=True).distinct())
    clocks = (
        Clock.objects.filter(provider=provider, metric__lt=BESIDE[0]).exclude(run=STOPPED).exclude(run=PAUSED)
    )
    found |= set(clocks.filter(_can_reach(book, base, now)).values_list("ticket", flat=True).distinct())
    return sorted(found)


def _can_reach(book: Book, since: int, until: int) -> Q:
    """Of an open clock to which nothing happens: that some step of some ladder may lie between two instants."""
    steps = [step for ladder in (*BUILT_IN, *book.ladders.own) for step in ladder.steps]
    spans = set()
    for step in steps:
        if step.percent is None:
            spans.add(("start", "at_100"))
        else:
            below = max((p for p in _KEPT if p <= step.percent), default=None)
            above = min((p for p in _KEPT if p >= step.percent), default=None)
            spans.add(("start" if below is None else _KEPT[below], "" if above is None else _KEPT[above]))
    first, last = from_micros(since), from_micros(until)
    found = Q(pk__in=())
    for lower, upper in sorted(spans):
        found |= Q(**{f"{lower}__lte": last}) & (Q(**{f"{upper}__gte": first}) if upper else Q())
    return found


def _first_event(since: int) -> int:
    """The id of about the first event that arrived after an instant: ids grow as events arrive."""
    ends = Event.objects.order_by("-pk").values_list("pk", flat=True).first()
    begins = Event.objects.order_by("pk").values_list("pk", flat=True).first()
    if ends is None or begins is None:
        return 0
    low, high, at = begins, ends + 1, from_micros(since)
    while low < high:
        middle = (low + high) // 2
        row = Event.objects.filter(pk__gte=middle).order_by("pk").values_list("pk", "received").first()
        if row is None or row[1] > at:
            high = middle
        else:
            low = row[0] + 1
    return low

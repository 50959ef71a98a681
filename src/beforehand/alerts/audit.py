"""The second check: what should have been told in the last day, worked out anew, against what was.

It knows nothing of the decision (decide.py, climb.py, monitor.py, facts.py), of due rows, or of an alert's chain: what
should have been comes from events with the instants of their arrival, the agreements and the clock engine. A linter's
contract holds that. What people gave besides is taken from where it is kept: "I have it", "it is noise", switches.

What could not be known is not judged, and said. A check looks back no further than the agreements have been what they
are, and calls nothing missing until a later check has shown that a worker was there.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from beforehand.engine.instants import DAY, MINUTE, to_instant
from beforehand.kernel.fields import from_micros
from beforehand.people.models import Provider
from beforehand.promises.book import Book, current
from beforehand.tickets.models import Ticket
from beforehand.tickets.store import heard_of

from .audit_compare import Difference, Scope, compare
from .audit_due import FRESH
from .audit_known import Known
from .audit_rings import Rings
from .audit_tickets import candidates, reach_of
from .audit_waits import Waits
from .audit_was import was_of
from .models import Audit

log = logging.getLogger("beforehand.audit")
GRACE = MINUTE
"""What may pass between the instant of a step and that at which it is told."""
AT_ONCE = 50
REST = 2
"""After some tickets it rests for so many times as long as they took: sending goes first."""


class Came(NamedTuple):
    """What a check came to."""

    since: int
    until: int
    judged: int
    explained: int
    reasons: Counter[str]
    differences: list[tuple[int, Difference]]
    failed: int
    revision: str
    agreed: int | None


def check(
    provider: Provider, now: datetime, grace: int = GRACE, rest: Callable[[float], None] = lambda _: None
) -> Came:
    """Judge the steps of the day before `now`. Reads alone, some tickets at a time, and rests in between."""
    book, instant = current(provider), to_instant(now)
    agreed = _agreed(provider, book, instant)
    since, until = instant - DAY, instant - 2 * grace
    base = since - reach_of(book)
    if agreed is not None:
        # Tickets are read again a while after; until then nobody knows who went by which agreement.
        base = min(max(base, agreed + FRESH), until)
    awake = Audit.objects.filter(provider=provider, at__gt=from_micros(base)).order_by("at")
    seen = [to_instant(at) for at in awake.values_list("at", flat=True)]
    scope = Scope(base, since, until, grace, seen, Rings(provider), Waits(provider))
    came = Came(since, until, 0, 0, Counter(), [], 0, book.revision, agreed)
    tickets = candidates(provider, book, base, since, instant)
    for start in range(0, len(tickets), AT_ONCE):
        began = time.monotonic()
        came = _look(provider, book, tickets[start : start + AT_ONCE], scope, came)
        if start + AT_ONCE < len(tickets):
            rest((time.monotonic() - began) * REST)
    return came


def _look(provider: Provider, book: Book, tickets: Sequence[int], scope: Scope, came: Came) -> Came:
    heard = heard_of(tickets, provider.pk)
    was = was_of(provider, tickets)
    rows = Ticket.objects.filter(provider=provider, pk__in=tickets).select_related("source")
    for ticket in rows.order_by("pk"):
        try:
            found = compare(Known(ticket, heard[ticket.pk], book), was[ticket.pk], scope)
        except Exception:
            log.exception("ticket %d could not be checked", ticket.pk)
            came = came._replace(failed=came.failed + 1)
            continue
        came = came._replace(
            judged=came.judged + found.steps,
            explained=came.explained + found.explained,
            reasons=came.reasons + found.reasons,
            differences=came.differences + [(ticket.pk, one) for one in found.differences],
        )
    return came


def _agreed(provider: Provider, book: Book, now: int) -> int | None:
    """Since when the agreements are known to be what they are: when they were changed, or since that was noticed."""
    terms = book.rows.terms
    changed = None if terms is None else to_instant(terms.changed)
    last = Audit.latest(provider)
    if last is None:
        return changed
    if last.revision == book.revision:
        return None if last.agreed is None else to_instant(last.agreed)
    return changed if changed is not None and to_instant(last.at) < changed <= now else now

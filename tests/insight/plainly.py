"""Both sides' verdicts counted the plain way, ticket by ticket: what the database counts is held against this."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from beforehand.engine.codes import BREACHED, MET, STOPPED
from beforehand.engine.instants import to_instant
from beforehand.insight.verdicts import JUDGED, OF_WHOLE, WHOLE, kept, latest
from beforehand.tickets.mending import BY_STATUS
from beforehand.tickets.models import Clock, PsaView, Source, Ticket
from beforehand.tickets.rollups import EXCLUDED


class Plainly(NamedTuple):
    """By metric how often they say (theirs, ours), None where one says nothing; the tickets that differ and that
    agree, the newest first; how many the source judges at all."""

    said: Mapping[int, Mapping[tuple[bool | None, bool | None], int]]
    differing: list[int]
    agreeing: list[int]
    judged_there: int


def plainly(source: Source, now: int) -> Plainly:
    """All of it, without a thought for how long it takes."""
    said, differing, agreeing, there = {metric: Counter() for metric in JUDGED}, [], [], 0
    tickets = sorted(
        Ticket.objects.filter(source=source),
        key=lambda one: (one.created is not None, one.created and one.created.timestamp(), one.pk),
        reverse=True,
    )
    for ticket in tickets:
        theirs, ours = _theirs(ticket), _ours(ticket, now)
        there += bool(theirs)
        both = set()
        for metric in JUDGED:
            here = kept(metric, ours)
            if metric not in theirs:
                is_counted = not (metric == WHOLE and theirs) and not _is_out(ticket) and here is not None
                said[metric][None, here] += is_counted
                continue
            here = None if _is_out(ticket) or ticket.client_id is None else here
            said[metric][theirs[metric], here] += 1
            both |= {here == theirs[metric]} if here is not None else set()
        if both:
            (differing if False in both else agreeing).append(ticket.pk)
    return Plainly(said, differing, agreeing, there)


def _is_out(ticket: Ticket) -> bool:
    return ticket.excluded == EXCLUDED or ticket.unmapped in BY_STATUS


def _theirs(ticket: Ticket) -> dict[int, bool]:
    view = PsaView.objects.filter(ticket=ticket).first()
    if view is None:
        return {}
    columns = zip(JUDGED, (view.response_kept, view.resolution_kept, view.kept), strict=True)
    said = {metric: one for metric, one in columns if one is not None}
    return {metric: one for metric, one in said.items() if metric != WHOLE or len(said) == 1}


def _ours(ticket: Ticket, now: int) -> Mapping[int, int]:
    found = []
    for clock in Clock.objects.filter(ticket=ticket, metric__in=OF_WHOLE):
        verdict = clock.verdict
        if clock.tally is None and clock.run != STOPPED and clock.late_at and to_instant(clock.late_at) < now:
            verdict = BREACHED
        elif clock.tally is None and verdict in (MET, BREACHED):
            continue
        found.append((clock.metric, clock.number, verdict))
    return latest(found)

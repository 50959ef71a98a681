"""The calls of an Autotask: how many there are for everybody, and how many a backfill takes."""

from beforehand.engine.instants import HOUR

LIMIT, SHARE = (10_000, HOUR), 10
"""All integrations of a database together, in a rolling hour; and the percentage that is ours."""
ROWS = 500
"""Rows of a page, the most that there can be."""
TOGETHER = 50
"""Tickets of a step: what is asked for all of them together is then small beside their histories."""
BESIDE = 100
"""Calls an hour that go on beside: a poll a minute, and looks at the threshold, at work and at appointments."""
_STEP = 6
"""The tickets themselves, notes, work, results, appointments and their service calls."""
_PAGE = 3
"""Tickets, and the contacts and sites that they name."""


def calls(tickets: int) -> int:
    """The calls of a backfill with histories: one a ticket, and what comes by the step and by the page."""
    return tickets + -(-tickets // TOGETHER) * _STEP + -(-tickets // ROWS) * _PAGE

"""Tests of pages, each with a clock of its own and nothing kept of the one before."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from django.core.cache import cache

from beforehand.web import board, moment

WEDNESDAY = datetime(2026, 11, 25, 13, 47, 12, 345_678, tzinfo=UTC)


@contextmanager
def pages(simulated: bool = True) -> Iterator[None]:
    """Pages go by a clock that begins in the middle of a week, a month and a day, so that no test meets another day,
    month or year on its way, whenever it is run; or else by the machine's.
    """
    if simulated:
        moment.simulate(moment.Clock(WEDNESDAY, time.monotonic(), 1.0))
    # Kept for a minute by the provider's number, which another test's provider may have had in that minute.
    board._choices.cache_clear()
    # Who tried to sign in, and how often.
    cache.clear()
    yield
    moment.simulate(None)

"""Which tier a contact has in a ticket (clock.md 2.2): pure.

A ticket keeps the tier that its contact had when it was created, as it keeps the agreement of that day (2.1): who
becomes a VIP today changes no verdict of last month. What was wrong all along is corrected from the beginning.
"""

from collections.abc import Iterable
from typing import NamedTuple

PERSON = ""
"""In the place of a source's slug: somebody here says it."""


class Tiered(NamedTuple):
    """From an instant on, in microseconds, a source says this tier; "" for none."""

    source: str
    since: int
    tier: str


def tier_at(said: Iterable[Tiered], source: str, at: int) -> str:
    """The tier in tickets of a source that were created at an instant.

    Somebody here is right; else the source itself; else another one that knows the same contact.
    """
    now: dict[str, str] = {}
    for one in sorted(said, key=lambda one: one.since):
        if one.since <= at:
            now[one.source] = one.tier
    if PERSON in now:
        return now[PERSON]
    return now.get(source) or next((now[other] for other in sorted(now) if now[other]), "")

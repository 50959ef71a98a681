"""What a ticket's clocks say of it in the terms in which a ticket system judges: kept, broken, or neither."""

from collections.abc import Iterable, Mapping

from beforehand.engine.codes import (
    BREACHED,
    CANNOT_BE_JUDGED,
    MET,
    METRICS,
    OPEN,
    PLAN_METRIC,
    RESOLUTION,
    RESPONSE,
)

WHOLE = -1
"""Of the ticket as a whole, where the ticket system has only one verdict."""
JUDGED = (RESPONSE, RESOLUTION, WHOLE)
OF_WHOLE = (RESPONSE, PLAN_METRIC, RESOLUTION)
"""The clocks that ticket systems have too: a ticket is kept as a whole where all of these are (6.1)."""

Latest = Mapping[int, int]
"""Of each metric the code of its verdict."""


def name_of(metric: int) -> str:
    """What is judged, in a word."""
    return "ticket" if metric == WHOLE else METRICS[metric]


def latest(clocks: Iterable[tuple[int, int, int]]) -> dict[int, int]:
    """Of clocks (metric, number, verdict) the verdict that holds for each metric: of its last clock that has one, since
    a later clock is begun by a reopening (3.7); where none has, why the last has none."""
    found: dict[int, int] = {}
    for metric, _, verdict in sorted(clocks):
        if verdict in (MET, BREACHED) or found.get(metric) not in (MET, BREACHED):
            found[metric] = verdict
    return found


def kept(metric: int, said: Latest) -> bool | None:
    """Whether it was kept; None where there is no verdict, or not yet."""
    if metric != WHOLE:
        verdict = said.get(metric)
        return verdict == MET if verdict in (MET, BREACHED) else None
    all_of_it = [said[one] for one in OF_WHOLE if one in said]
    if BREACHED in all_of_it:
        return False
    return None if MET not in all_of_it or OPEN in all_of_it or CANNOT_BE_JUDGED in all_of_it else True

"""How long a backfill takes where a source counts its calls: worked out before it starts, and shown."""

from beforehand.engine.instants import HOUR

from .limits import SPARED


def estimate(calls: int, limit: tuple[int, int] | None, share: int, beside: int = 0) -> float | None:
    """Hours that so many calls take under our share, in percent, of a limit (contract.Connector.limit).

    What is kept for urgent calls is left out, and `beside` are those that go on meanwhile in each window. None where no
    limit is known, or nothing of it is left. A source that is slow, or that others use up, takes longer.
    """
    if limit is None:
        return None
    most, window = limit
    ours = most * share // 100
    ours -= ours * SPARED // 100 + beside
    return calls / ours * window / HOUR if ours > 0 else None

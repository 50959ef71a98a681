"""Since when something rings: what people switched on, read apart from rehearsal.py. Part of audit.py."""

from collections.abc import Sequence

from beforehand.engine.instants import to_instant
from beforehand.kernel.names import fold
from beforehand.people.models import Provider

from .models import Switch


class Rings:
    """The switches of one provider, as they are now."""

    def __init__(self, provider: Provider) -> None:
        self._rows = {(row.kind, row.key): row for row in Switch.objects.filter(provider=provider)}

    def rang(self, source: int, client: int | None, ladder: str, priority: str, kind: str) -> int | None:
        """Since when all that a ticket's alert needs is switched on; None where something is not."""
        needed = [(Switch.Kind.SOURCE, str(source)), (Switch.Kind.LADDER, ladder)]
        if client is not None:
            needed.append((Switch.Kind.CLIENT, str(client)))
        rows = [self._rows.get((str(what), key)) for what, key in needed]
        since = [
            to_instant(row.since)
            for row in rows
            if row is not None and _names(row.priorities, priority) and _names(row.types, kind)
        ]
        return max(since) if len(since) == len(needed) else None


def _names(some: Sequence[str], one: str) -> bool:
    return not some or fold(one) in {fold(name) for name in some}

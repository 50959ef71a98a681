"""What every page says where its figures are old: a source that is asked has not been reached for a while."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from beforehand.connectors.models import Connection
from beforehand.connectors.registry import connectors
from beforehand.engine.instants import SECOND, to_instant
from beforehand.engine.saying import Amount
from beforehand.people.models import Provider

LEAST = timedelta(minutes=5)
LOOKS = 3
"""So many looks that should have been and were not make figures old."""


class Stale(NamedTuple):
    """A source whose figures are old. `age` is None where it was never reached; `fault` says what keeps us from it."""

    connection: int
    name: str
    age: Amount | None
    fault: str


def stale(provider: Provider, now: datetime) -> Iterator[Stale]:
    """The sources of a provider whose figures are old, by name; one query. What tells by itself is never looked at."""
    alone = [kind.slug for kind in connectors().values() if kind.tells_itself]
    asked = Connection.objects.filter(provider=provider, active=True).exclude(connector__in=alone)
    rows = asked.values_list(
        "pk", "source__name", "interval", "source__state__reached", "source__state__failing", "source__state__fault"
    )  # fmt: skip
    for pk, name, interval, reached, failing, fault in rows.order_by("source__name"):
        if reached is None:
            if failing is not None:
                yield Stale(pk, name, None, fault)
        elif now - reached > max(LEAST, LOOKS * timedelta(seconds=interval)):
            age = (to_instant(now) - to_instant(reached)) // (60 * SECOND) * 60 * SECOND
            yield Stale(pk, name, Amount(age), fault if failing is not None else "")

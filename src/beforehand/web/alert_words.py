"""What stands of alerts on other pages: a word in a row of the board."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import OuterRef, Subquery

from beforehand.alerts.models import Alert, Delivery
from beforehand.engine.zones import load
from beforehand.people.models import Provider

TOLD = (Delivery.State.WAITING, Delivery.State.SENDING, Delivery.State.SENT)
Key = tuple[int, int, int]


def board_words(
    provider: Provider, tickets: Collection[int], now: datetime, zone: str
) -> dict[Key, tuple[str, ...]]:
    """Of open alerts of these tickets, by ticket, metric and number: who has it, or the last step and who was told."""
    last = Delivery.objects.filter(provider=provider, alert=OuterRef("pk"), state__in=TOLD).order_by("-pk")
    rows = Alert.objects.filter(provider=provider, ticket__in=tickets, ended=None).annotate(
        told=Subquery(last.values("name")[:1])
    )
    names = ("ticket", "metric", "number", "reached", "rehearsal", "held_until", "held_by", "told")
    found: dict[Key, tuple[str, ...]] = {}
    for ticket, metric, number, reached, rehearsal, until, by, told in rows.order_by("pk").values_list(
        *names
    ):
        if until is not None and until > now:
            local = until.astimezone(load(zone))
            words: tuple[str, ...] = (f"{by} has it until {local.hour}:{local:%M}",)
        elif told:
            words = (reached, f"{told} told")
        else:
            words = (reached, "rehearsal") if rehearsal else (reached,)
        found[ticket, metric, number] = words
    return found

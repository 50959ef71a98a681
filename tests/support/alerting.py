"""Tickets of an MSP of its own that reach a step in the seconds to come.

    python -m tests.support.alerting COUNT OVER [LEAD [HOOK]]

The first step of COUNT first-priority tickets falls due within OVER seconds, LEAD (3) from now on, each ticket of one of
eight people; they are more where there are some already. With HOOK, the address of a webhook, that is told of each as well.
"""

import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from beforehand.people.models import Provider
    from beforehand.tickets.models import Source

PEOPLE = 8
DEFAULT = "Default for the first priority"


def main(count: int, over: float, lead: float, hook: str) -> None:
    from beforehand.config import start

    start.open_database()
    from beforehand.engine import history as h
    from beforehand.engine.instants import to_instant
    from beforehand.tickets.events import TicketEvent
    from beforehand.tickets.ledger import append
    from beforehand.tickets.models import Source, Ticket

    now = datetime.now(UTC)
    source = Source.objects.select_related("provider").first() or _make(now, hook)
    first = Ticket.objects.count()
    told = []
    for number in range(first, first + count):
        born = now - timedelta(minutes=30) + timedelta(seconds=lead + over * (number - first) / count)
        at = to_instant(born)
        fields = {"client": "Contoso", "priority": "P1", "subject": f"Ticket {number}", "number": str(number)}
        events = [h.created(at), *(h.changed(at, *field) for field in fields.items()), h.status(at, "New")]
        events.append(h.assigned(at, f"Tech {number % PEOPLE}"))
        told += [
            TicketEvent(str(number), event._replace(id=f"e{n}", seq=n)) for n, event in enumerate(events)
        ]
    append(source, told, now, at_once=200)


def _make(now: datetime, hook: str) -> "Source":
    from beforehand.alerts.models import Switch
    from beforehand.people.models import Technician
    from beforehand.promises.models import Client, Coverage
    from beforehand.promises.revisions import renew
    from beforehand.tickets.models import Source
    from tests.tickets.conftest import make_provider

    provider = make_provider("northwind")
    week = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    Coverage.objects.filter(name="Office").update(hours={day: [["00:00", "24:00"]] for day in week})
    renew("default")
    source = Source.objects.create(provider=provider, slug="psa", name="PSA")
    for number in range(PEOPLE):
        name = f"Tech {number}"
        Technician.objects.create(provider=provider, name=name, email=f"t{number}@northwind.test")
    Technician.objects.create(provider=provider, name="Mo", email="mo@northwind.test", is_manager=True)
    keys = [("source", str(source.pk)), ("ladder", _tell(provider, hook) if hook else DEFAULT)]
    keys += [("client", str(pk)) for pk in Client.objects.values_list("pk", flat=True)]
    for kind, key in keys:
        Switch.objects.create(provider=provider, kind=kind, key=key, since=now)
    return source


def _tell(provider: "Provider", hook: str) -> str:
    """A ladder whose one step tells the assignee and a webhook; its name."""
    from beforehand.alerts.channel_changes import save_channel
    from beforehand.alerts.models import Channel
    from beforehand.promises.ladders import Ladder, Link, Match, Step, stored
    from beforehand.promises.models import Ladder as Row
    from beforehand.promises.revisions import renew

    save_channel(
        Channel(provider=provider, name="Hook", kind="webhook", allow_private=True), hook, "secret-" * 5
    )
    steps = (Step(50, None, (Link((("assignee",), ("channel Hook",))),), "urgent"),)
    Row.objects.create(provider=provider, name="Ours", said=stored(Ladder("Ours", steps, (Match(),))))
    renew("default")
    return "Ours"


if __name__ == "__main__":
    count, over, lead, hook = [*sys.argv[1:], *("", "", "3", "")[len(sys.argv) - 1 :]]
    main(int(count), float(over), float(lead), hook)

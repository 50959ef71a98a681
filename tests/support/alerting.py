"""Tickets of an MSP of its own that reach a step in the seconds to come: `python -m tests.support.alerting COUNT OVER`.

The first step of COUNT first-priority tickets falls due within OVER seconds from now, each ticket of one of eight people.
"""

import sys
from datetime import UTC, datetime, timedelta

PEOPLE = 8


def main(count: int, over: float) -> None:
    from beforehand.config import start

    start.open_database()
    from beforehand.alerts.models import Switch
    from beforehand.engine import history as h
    from beforehand.engine.instants import to_instant
    from beforehand.people.models import Technician
    from beforehand.promises.models import Client, Coverage
    from beforehand.promises.revisions import renew
    from beforehand.tickets.events import TicketEvent
    from beforehand.tickets.ledger import append
    from beforehand.tickets.models import Source
    from tests.tickets.conftest import make_provider

    now = datetime.now(UTC)
    provider = make_provider("northwind")
    week = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    Coverage.objects.filter(name="Office").update(hours={day: [["00:00", "24:00"]] for day in week})
    renew("default")
    source = Source.objects.create(provider=provider, slug="psa", name="PSA")
    for number in range(PEOPLE):
        name = f"Tech {number}"
        Technician.objects.create(provider=provider, name=name, email=f"t{number}@northwind.test")
    keys = [("source", str(source.pk)), ("ladder", "Default for the first priority")]
    keys += [("client", str(pk)) for pk in Client.objects.values_list("pk", flat=True)]
    for kind, key in keys:
        Switch.objects.create(provider=provider, kind=kind, key=key, since=now)
    told = []
    for number in range(count):
        born = now - timedelta(minutes=30) + timedelta(seconds=3 + over * number / count)
        at = to_instant(born)
        fields = {"client": "Contoso", "priority": "P1", "subject": f"Ticket {number}", "number": str(number)}
        events = [h.created(at), *(h.changed(at, *field) for field in fields.items()), h.status(at, "New")]
        events.append(h.assigned(at, f"Tech {number % PEOPLE}"))
        told += [
            TicketEvent(str(number), event._replace(id=f"e{n}", seq=n)) for n, event in enumerate(events)
        ]
    append(source, told, now, at_once=200)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))

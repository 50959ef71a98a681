"""An installation made and lived in from a process of its own: `python -m tests.support.living fill|go-on`.

`go-on` tells one ticket after the other, each in one transaction, and says its number once it is kept, until it is
ended: whoever sees ticket n must see all before it, whole.
"""

import sys
from datetime import UTC, datetime
from itertools import count


def main(what: str) -> None:
    from beforehand.config import start

    start.open_database()
    from beforehand.engine import history as h
    from beforehand.engine.instants import MINUTE, to_instant
    from beforehand.people.models import Provider
    from beforehand.tickets.events import TicketEvent
    from beforehand.tickets.ledger import append
    from beforehand.tickets.models import Source
    from tests.support import msp

    now = datetime.now(UTC)
    if what == "fill":
        provider = msp.make_promises(now)
        msp.make_user(provider)
        msp.make_tickets(provider, now)
        return
    source = Source.objects.get(provider=Provider.objects.get())
    at = to_instant(now) - MINUTE
    for number in count(1):
        life = [
            h.created(at, id="1"),
            h.changed(at, "client", "Ashcombe Dental", id="2"),
            h.changed(at, "subject", "Zwölf Anfragen – „dringend“ \\ \"5'", id="3"),
            h.status(at, "New", id="4"),
        ]
        append(source, [TicketEvent(f"N{number}", event) for event in life], now)
        print(number, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])

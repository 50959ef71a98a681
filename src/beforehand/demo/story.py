"""What a log has still to tell, in a file: an event a line, by the instant at which it happens."""

import json
from collections.abc import Iterable
from pathlib import Path

from beforehand.connectors.plain.reading import read_event
from beforehand.connectors.plain.writing import told
from beforehand.tickets.events import TicketEvent


class Story:
    """Tells the lines of such a file, each once; only what is told next is held in memory."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._events = map(_event, lines)
        self._next = next(self._events, None)

    def until(self, now: int) -> list[TicketEvent]:
        """What happened up to and at `now` and was not told before."""
        found = []
        while self._next is not None and self._next.event.at <= now:
            found.append(self._next)
            self._next = next(self._events, None)
        return found


def write(events: Iterable[TicketEvent], file: Path) -> None:
    """Puts events, in the order in which they happened, into a file that Story reads."""
    with file.open("w", encoding="utf-8") as out:
        for event in events:
            out.write(json.dumps(told(event)) + "\n")


def _event(line: str) -> TicketEvent:
    event = read_event(json.loads(line), "event")
    assert isinstance(event, TicketEvent), event
    return event

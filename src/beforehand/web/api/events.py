"""POST /api/events: events told in our own words, kept before they are answered.

It stands beside Django, in a lane of its own (config/asgi.py), so that what one event costs is the ledger and little
else.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from beforehand.connectors.plain.reading import read_event, read_events
from beforehand.kernel.faults import Fault
from beforehand.people.tokens import EVENTS_WRITE
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.ledger import CONFLICT, KNOWN, TAKEN, Batch
from beforehand.tickets.models import Source
from beforehand.web import moment

from .answers import Answer, Problem, refusal
from .body import Gone, Receive, parse, read_body
from .callers import Caller, Callers, allow
from .writer import Writer

MOST = 10_000
"""Events that one request may tell."""
_LARGE = 20_000
"""Bytes from which a body is read in a thread: the others must not wait."""

log = logging.getLogger(__name__)
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class EventsLane:
    """The ASGI application of this one address."""

    def __init__(self) -> None:
        self._callers = Callers(moment.now)
        self.writer = Writer(moment.now)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        try:
            answer = await self._answer(scope, receive)
        except Problem as problem:
            answer = problem.answer()
        except Gone:
            return
        except Exception:
            log.exception("POST /api/events")
            answer = Answer(500, refusal("our_fault", "Something went wrong here. Nothing was kept."))
        body = answer.encoded()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
            *((name.lower().encode(), value.encode()) for name, value in answer.headers),
        ]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def close(self) -> None:
        """Ends the threads behind it; what they were handed is kept first."""
        self.writer.close()
        self._callers.close()

    async def _answer(self, scope: MutableMapping[str, Any], receive: Receive) -> Answer:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        caller = await self._callers.find(headers.get("authorization", ""))
        if scope["method"] != "POST":
            raise Problem(405, "wrong_method", "This address takes POST alone.", headers=(("Allow", "POST"),))
        source = _source_of(caller)
        body = await read_body(receive, headers.get("content-length", ""))
        events = await read(body)
        return came(events, await self.writer.keep(Batch(source, events)))


def _source_of(caller: Caller) -> Source:
    allow(caller, EVENTS_WRITE)
    if caller.source is None:
        raise Problem(403, "source_gone", "The source that this token tells events of is not there any more.")
    return caller.source


async def read(body: bytes) -> list[TicketEvent]:
    """`events_in`, in a thread where the body is long."""
    return events_in(body) if len(body) < _LARGE else await asyncio.to_thread(events_in, body)


def events_in(body: bytes) -> list[TicketEvent]:
    """The events in a body: one, a list of them, or an object with such a list under `events`.

    Raises Problem 400 where it is no JSON and 422 with everything that is wrong with any event.
    """
    told = parse(body)
    if isinstance(told, dict) and "events" in told:
        extra = sorted(set(told) - {"events"})
        if extra:
            fault = Fault(extra[0][:60], "a part that a request has not", "`events` alone")
            raise Problem(422, "bad_events", "Nothing was kept.", [fault])
        told = told["events"]
    elif isinstance(told, dict):
        one = read_event(told, "event")
        if isinstance(one, TicketEvent):
            return [one]
        raise Problem(422, "bad_events", "The event cannot be kept. Nothing was kept.", one)
    if not isinstance(told, list):
        fault = Fault(
            "events", "something else", "a list of events", '{"events": [{"ticket": "48213", ...}]}'
        )
        raise Problem(422, "bad_events", "Nothing was kept.", [fault])
    if len(told) > MOST:
        message = f"A request may tell at most {MOST:,} events; this one has {len(told):,}. Nothing was kept."
        raise Problem(413, "too_many", message)
    events, faults = read_events(told)
    if faults:
        bad = len(told) - len(events)
        message = f"{bad:,} of {len(told):,} events cannot be kept. Nothing was kept, the others neither."
        raise Problem(422, "bad_events", message, faults)
    return events


def came(events: list[TicketEvent], outcomes: list[int]) -> Answer:
    """What is answered of events, given what came of each."""
    body: dict[str, Any] = {
        "taken": outcomes.count(TAKEN),
        "known": outcomes.count(KNOWN),
        "conflicts": outcomes.count(CONFLICT),
        "tickets": len({ticket for ticket, _ in events}),
    }
    if not body["conflicts"]:
        return Answer(200, body)
    faults = [
        Fault(
            f"events[{place}]",
            f"ticket {ticket!r}, event {event.id!r} with other content",
            "what was told first",
        )
        for place, ((ticket, event), outcome) in enumerate(zip(events, outcomes, strict=True))
        if outcome == CONFLICT
    ]
    message = (
        "Of these events others are kept under the same ids. The first stay, these are listed as conflicts."
    )
    return Answer(409, {**refusal("conflict", message, faults), **body})
